# RFC 5228 s. 2.7: match types, comparators, character sets, address parts.
=== contains
--- script
require "fileinto";
if header :contains "x" "frob" { fileinto "frob"; }
if header :contains "x" "nit" { fileinto "nit"; }
if header :contains "x" "fbm" { fileinto "fbm"; }
if header :contains "x" "" { fileinto "empty"; }
if header :contains "x" "FROBNITZM" { fileinto "all"; }
if header :contains "x" "frobnitzmm" { fileinto "longer"; }
if header :contains "y" "" { fileinto "absent"; }
if header :contains "z" "" { fileinto "empty in empty"; }
--- message
X: frobnitzm
Z:

body
--- plan
store "frob" line 2
store "nit" line 3
store "empty" line 5
store "all" line 6
store "empty in empty" line 9
=== is
--- script
require "fileinto";
if header :is "x" "frobnitzm" { fileinto "same"; }
if header "x" "frobnitzm" { fileinto "default"; }
if header :is "x" "frobnitz" { fileinto "shorter"; }
if header :is "x" "" { fileinto "empty"; }
if header :is "z" "" { fileinto "empty is empty"; }
if header :is "y" "" { fileinto "absent"; }
if header :is "x" "frob*" { fileinto "no wildcard"; }
--- plan
store "same" line 2
store "default" line 3
store "empty is empty" line 6
=== matches
--- script
require "fileinto";
if header :matches "x" "frob*" { fileinto "1"; }
if header :matches "x" "*nit*" { fileinto "2"; }
if header :matches "x" "?rob?it??" { fileinto "3"; }
if header :matches "x" "frobnitzm?" { fileinto "no"; }
if header :matches "x" "frobnitzm*" { fileinto "4"; }
if header :matches "x" "frob" { fileinto "no, all of it"; }
if header :matches "x" "" { fileinto "no"; }
if header :matches "z" "" { fileinto "5"; }
if header :matches "z" "*" { fileinto "6"; }
if header :matches "z" "?*" { fileinto "no"; }
if header :matches "y" "*" { fileinto "no, absent"; }
if header :matches "x" "*b*i*m" { fileinto "7"; }
if header :matches "x" "*b*i*x*" { fileinto "no"; }
if header :matches "x" "***????*****" { fileinto "8"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 6
store "5" line 9
store "6" line 10
store "7" line 13
store "8" line 15
=== matches: a star takes more when what follows does not fit
--- script
require "fileinto";
if header :matches "a" "*ab?d" { fileinto "1"; }
if header :matches "a" "*a?x*b?d" { fileinto "2"; }
if header :matches "a" "*?bcd" { fileinto "3"; }
if header :matches "a" "*ab?e*" { fileinto "no"; }
if header :matches "a" "*x?x*" { fileinto "no"; }
--- message
A: abxxabxabcd

--- plan
store "1" line 2
store "2" line 3
store "3" line 4
=== matches: quoting
--- script
require "fileinto";
if header :matches "a" "2 \\* 2 = 4\\?" { fileinto "star and question mark"; }
if header :matches "a" "2 \\? 2*" { fileinto "no"; }
if header :matches "b" "2 \\* 2" { fileinto "no"; }
if header :matches "b" "2 ? 2" { fileinto "any"; }
if header :matches "c" "a\\\\b" { fileinto "backslash"; }
if header :matches "c" "a\\b" { fileinto "no"; }
if header :matches "d" "\\a\\b" { fileinto "letters"; }
if header :matches "e" "x\\" { fileinto "at the end"; }
if header :matches "c" "a\*b" { fileinto "one backslash is none"; }
--- message
A: 2 * 2 = 4?
B: 2 x 2
C: a\b
D: ab
E: x\

--- plan
store "star and question mark" line 2
store "any" line 5
store "backslash" line 6
store "letters" line 8
store "at the end" line 9
store "one backslash is none" line 10
=== matches: a question mark is one octet
--- script
require "fileinto";
if header :matches "a" "?" { fileinto "one"; }
if header :matches "a" "??" { fileinto "two"; }
--- message raw
A: \xc3\xa9\n\n
--- plan
store "two" line 3
=== every header with every key
--- script
require "fileinto";
if header :contains ["To", "Cc"] ["me@example.com", "me00@landru.example.com"] { fileinto "1"; }
if header :contains ["Cc", "To"] ["x", "ME00"] { fileinto "2"; }
if header :contains ["To", "Cc"] ["nobody", "noone"] { fileinto "no"; }
if header :is "received" "two" { fileinto "second field"; }
--- message
To: you@example.com
Received: one
Cc: me00@landru.example.com
Received: two

--- plan
store "1" line 2
store "2" line 3
store "second field" line 5
=== the default comparator ignores the case of ASCII letters
--- script
require "fileinto";
if header :is "subject" "make MONEY fast{}" { fileinto "casemap"; }
if header :is "subject" "make MONEY fast[]" { fileinto "no, braces are no letters"; }
if header :comparator "i;ascii-casemap" "subject" "MAKE money FAST{}" { fileinto "named"; }
if header :comparator "i;octet" "subject" "MAKE money FAST{}" { fileinto "no"; }
if header :comparator "i;octet" "subject" "Make Money Fast{}" { fileinto "octet"; }
if header :contains :comparator "i;octet" "subject" "MONEY" { fileinto "no"; }
if header :matches :comparator "i;octet" "subject" "M*M*F*" { fileinto "matches"; }
--- message
Subject: Make Money Fast{}

--- plan
store "casemap" line 2
store "named" line 4
store "octet" line 6
store "matches" line 8
=== casemap knows no letters outside ASCII
--- script
require "fileinto";
if header :is "subject" "É" { fileinto "no"; }
if header :is "subject" "é" { fileinto "yes"; }
--- message
Subject: =?iso-8859-1?q?=E9?=

--- plan
store "yes" line 3
=== headers are decoded before they are compared
--- script
require "fileinto";
if header :is "a" "ÄÖ ü" { fileinto "utf-8 b, words joined"; }
if header :is "b" "café noir" { fileinto "latin-1 q"; }
if header :contains "c" "=?unknown-8?q?x?=" { fileinto "unknown stays"; }
if header :contains "d" "=?us-ascii?q?broken" { fileinto "malformed stays"; }
--- message
A: =?utf-8?B?w4TDlg==?=
 =?utf-8?q?_=C3=BC?=
B: =?ISO-8859-1?Q?caf=E9?= noir
C: =?unknown-8?q?x?=
D: =?us-ascii?q?broken

--- plan
store "utf-8 b, words joined" line 2
store "latin-1 q" line 3
store "unknown stays" line 4
store "malformed stays" line 5
=== an encoded NUL does not end a value
--- script
if header :contains "subject" "behind" { discard; }
--- message
Subject: =?us-ascii?q?before=00behind?=

--- plan
discard line 1
=== octets that are no UTF-8 are compared as octets
--- script raw
if header :is "subject" "a\xff\xfeb" { discard; }
--- message raw
Subject: A\xff\xfeB\n\n
--- plan
discard line 1
=== headers are unfolded, white space at the ends is cut
--- script
require "fileinto";
if header :is "subject" "one two	three" { fileinto "yes"; }
--- message crlf
Subject:   one
 two
	three  	

--- plan
store "yes" line 2
=== comparators must be known and required
--- script
if header :comparator "i;ascii-numeric" "a" "1" { stop; }
if header :comparator "i;nothing" "a" "1" { stop; }
--- errors
script:1:23: error: unknown comparator "i;ascii-numeric" (add require "comparator-i;ascii-numeric";)
script:2:23: error: unknown comparator "i;nothing"
=== comparators that are always there may be required
--- script
require ["comparator-i;octet", "comparator-i;ascii-casemap"];
require "comparator-elbonia";
--- errors
script:2:9: error: unknown capability "comparator-elbonia"
=== i;ascii-numeric has no substrings
--- script
require "comparator-i;ascii-numeric";
if header :contains :comparator "i;ascii-numeric" "a" "1" { stop; }
if header :comparator "i;ascii-numeric" :matches "a" "1" { stop; }
--- errors
script:2:11: error: match type ":contains" cannot be used with comparator "i;ascii-numeric" (i;ascii-casemap can do it)
script:3:41: error: match type ":matches" cannot be used with comparator "i;ascii-numeric" (i;ascii-casemap can do it)
=== i;ascii-numeric compares numbers
--- script
require ["comparator-i;ascii-numeric", "fileinto"];
if header :comparator "i;ascii-numeric" "a" "4294967298" { fileinto "a"; }
if header :comparator "i;ascii-numeric" :is "b" "4294967298b" { fileinto "b"; }
if header :comparator "i;ascii-numeric" :is "a" "4294967299" { fileinto "no"; }
if header :comparator "i;ascii-numeric" :is "c" "" { fileinto "infinite"; }
if header :comparator "i;ascii-numeric" :is "c" ["0", "1"] { fileinto "no"; }
if header :comparator "i;ascii-numeric" :is "d" "000" { fileinto "zero"; }
if header :comparator "i;ascii-numeric" :is "e" "x" { fileinto "a sign is no digit"; }
if header :comparator "i;ascii-numeric" :is "f"
	"123456789012345678901234567890123456789012345678901234567890" { fileinto "long"; }
--- message
A: 04294967298
B: 4294967298
C: y
D: 0
E: -1
F: 00123456789012345678901234567890123456789012345678901234567890 and more

--- plan
store "a" line 2
store "b" line 3
store "infinite" line 5
store "zero" line 7
store "a sign is no digit" line 8
store "long" line 10
=== many keys
--- script
require "fileinto";
if header :is "subject" ["a", "b", "c", "d", "e", "f", "g", "h", "i", "J", "k", "k"] { fileinto "yes"; }
if header :is "x" ["a", "b", "c", "d", "e", "f", "g", "h", "i", "J", "k", "k"] { fileinto "no"; }
if header :is "empty" ["a", "b", "c", "d", "e", "f", "g", "h", "i", "J", "k", ""] { fileinto "empty"; }
--- message
X: jj
Subject: j
Empty:

--- plan
store "yes" line 2
store "empty" line 4
