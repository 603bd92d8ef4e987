# RFC 5051: the comparator i;unicode-casemap.
# needs: comparator-i;unicode-casemap
=== example: DZ with caron
--- script
require ["comparator-i;unicode-casemap", "variables", "encoded-character", "fileinto"];
if string :comparator "i;unicode-casemap" "${unicode:01c4}" "${unicode:44 7a 30c}" { fileinto "1"; }
if string :comparator "i;unicode-casemap" "${unicode:01c4}" "${unicode:01c6}" { fileinto "2"; }
if string :comparator "i;unicode-casemap" "${unicode:01c5}" "${unicode:44 17e}" { fileinto "3"; }
--- message
Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_=D0=9C=D0=BE=D1=81=D0=BA=D0=B2=D0=B0?=
X-Ascii: Hello World

--- plan
store "2" line 3
=== case of all letters
--- script
require ["comparator-i;unicode-casemap", "fileinto"];
if header :comparator "i;unicode-casemap" "subject" "GRÜßE AUS МОСКВА" { fileinto "1"; }
if header "subject" "GRÜßE AUS МОСКВА" { fileinto "2 no"; }
if header :comparator "i;unicode-casemap" :contains "subject" "МОСК" { fileinto "3"; }
if header :comparator "i;unicode-casemap" :contains "subject" "moskau" { fileinto "4 no"; }
if header :comparator "i;unicode-casemap" :is "x-ascii" "hELLO wORLD" { fileinto "5"; }
if header :comparator "i;unicode-casemap" :is "x-ascii" ["a", "b", "c", "d", "e", "f", "g", "HELLO WORLD"] { fileinto "6"; }
--- plan
store "1" line 2
store "3" line 4
store "5" line 6
store "6" line 7
=== forms of one character
--- script
require ["comparator-i;unicode-casemap", "variables", "encoded-character", "fileinto"];
if string :comparator "i;unicode-casemap" "é" "${unicode:65 301}" { fileinto "1"; }
if string :comparator "i;unicode-casemap" "É" "${unicode:65 301}" { fileinto "2"; }
if string :comparator "i;unicode-casemap" "Ⅷ" "VIII" { fileinto "3"; }
if string :comparator "i;unicode-casemap" "ａ" "A" { fileinto "4"; }
if string :comparator "i;unicode-casemap" "가" "${unicode:1100 1161}" { fileinto "5"; }
if string :comparator "i;unicode-casemap" "σς" "ΣΣ" { fileinto "6"; }
if string :comparator "i;unicode-casemap" "ß" "SS" { fileinto "7 no"; }
if string :comparator "i;unicode-casemap" "${unicode:fdfa}" "${unicode:fdfa}" { fileinto "8"; }
if string :comparator "i;unicode-casemap" "e" "é" { fileinto "9 no"; }
if string :comparator "i;unicode-casemap" "" "" { fileinto "10"; }
if string :comparator "i;unicode-casemap" "𐐨" "𐐀" { fileinto "11"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
store "5" line 6
store "6" line 7
store "8" line 9
store "10" line 11
store "11" line 12
=== wildcards give the value as it was
--- script
require ["comparator-i;unicode-casemap", "variables", "fileinto"];
if header :comparator "i;unicode-casemap" :matches "subject" "grÜ* AUS *" { fileinto "${1}|${2}|${0}"; }
if string :comparator "i;unicode-casemap" :matches "äÖÜéx" "*öü*X" { fileinto "${1}|${2}"; }
--- plan
store "ße|Москва|Grüße aus Москва" line 2
store "ä|é" line 3
=== order
--- script
require ["comparator-i;unicode-casemap", "relational", "variables", "fileinto"];
if string :comparator "i;unicode-casemap" :value "lt" "ä" "B" { fileinto "1"; }
if string :value "lt" "ä" "B" { fileinto "2 no"; }
if string :comparator "i;unicode-casemap" :value "eq" "ä" "Ä" { fileinto "3"; }
--- plan
store "1" line 2
store "3" line 4
=== what is no UTF-8 is compared as it is
--- script raw
require ["comparator-i;unicode-casemap", "fileinto"];\n
if header :comparator "i;unicode-casemap" "x-a" "a\xff" { fileinto "1"; }\n
if header :comparator "i;unicode-casemap" "x-a" "A\xff" { fileinto "2 no"; }\n
--- message raw
X-A: a\xff\n\n
--- plan
store "1" line 2
=== it must be required
--- script
if header :comparator "i;unicode-casemap" "subject" "x" { }
--- errors
script:1:23: error: unknown comparator "i;unicode-casemap" (add require "comparator-i;unicode-casemap";)
