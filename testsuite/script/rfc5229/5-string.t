# RFC 5229 s. 5: the test string.
=== example
--- script
require ["variables", "fileinto"];
set "state" "${state} pending";
if string :matches " ${state} " "* pending *" { fileinto "yes"; }
--- message
Subject: x

--- plan
store "yes" line 3
=== match types and comparators
--- script
require ["variables", "fileinto"];
if string "Abc" "aBC" { fileinto "1"; }
if string :is "Abc" "aBC" { fileinto "2"; }
if string :contains "xAbcx" "aBC" { fileinto "3"; }
if string :comparator "i;octet" "Abc" "aBC" { fileinto "4"; }
if string :comparator "i;octet" "Abc" "Abc" { fileinto "5"; }
if string :matches "Abc" "a?c" { fileinto "6"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "5" line 6
store "6" line 7
=== lists
--- script
require ["variables", "fileinto"];
if string ["a", "b"] ["c", "b"] { fileinto "1"; }
if string ["a", "b"] ["c", "d"] { fileinto "2"; }
--- plan
store "1" line 2
=== blanks are not stripped
--- script
require ["variables", "fileinto"];
if string " a " "a" { fileinto "1"; }
if string " a " " a " { fileinto "2"; }
set "b" " a ";
if string "${b}" " a " { fileinto "3"; }
--- plan
store "2" line 3
store "3" line 5
=== arguments
--- script
require "variables";
if string "a" { }
if string "a" "b" "c" { }
if string 1 "b" { }
if string :all "a" "b" { }
--- errors
script:2:4: error: the string test requires 2 positional arguments, found 1 (write: string <source> <key-list>)
script:3:19: error: the string test requires 2 positional arguments, found 3 (write: string <source> <key-list>)
script:4:11: error: the string test expects a string list as argument 1 (source), found a number (write: string <source> <key-list>)
script:5:11: error: unknown tagged argument ":all" for the string test
=== many keys
--- script
require ["variables", "fileinto"];
set "v" "i";
if string "I" ["a", "b", "c", "d", "e", "f", "g", "h", "${v}", "j", "k"] { fileinto "1"; }
if string "j" ["a", "b", "c", "d", "e", "f", "g", "h", "${v}", "j", "k"] { fileinto "2"; }
if string "x" ["a", "b", "c", "d", "e", "f", "g", "h", "${v}", "j", "k"] { fileinto "3"; }
--- plan
store "1" line 3
store "2" line 4
=== string needs require
--- script
if string "a" "a" { keep; }
--- errors
script:1:4: error: unknown test "string" (add require "variables";)
