# RFC 5231: relational.
=== examples of section 6
--- script
require ["relational", "comparator-i;ascii-numeric", "fileinto"];
if address :count "ge" :comparator "i;ascii-numeric" ["to", "cc"] ["3"] {
	fileinto "1";
}
if anyof (address :count "ge" :comparator "i;ascii-numeric" ["to"] ["3"],
	address :count "ge" :comparator "i;ascii-numeric" ["cc"] ["3"]) {
	fileinto "2";
}
if header :count "ge" :comparator "i;ascii-numeric" ["received"] ["3"] {
	fileinto "3";
}
if header :count "ge" :comparator "i;ascii-numeric" ["received", "subject"] ["3"] {
	fileinto "4";
}
if header :count "ge" :comparator "i;ascii-numeric" ["to", "cc"] ["3"] {
	fileinto "5";
}
--- message
Received: by one
Received: by two
Subject: example
From: Nancy <nancy@example.org>
To: foo@example.com, baz@example.com
Cc: qux@example.com
X-Priority: 2
X-Empty:
X-Ten: 10
X-Text: high
Bcc: friends: a@example.com, b@example.com;, not an address, undisclosed:;

--- plan
store "1" line 3
store "4" line 13
=== example of section 7
--- script
require ["relational", "comparator-i;ascii-numeric", "fileinto"];

if header :value "lt" :comparator "i;ascii-numeric"
          ["x-priority"] ["3"]
{
   fileinto "Priority";
}

elsif address :count "gt" :comparator "i;ascii-numeric"
           ["to"] ["5"]
{
   # everything with more than 5 recipients in the "to" field
   # is considered SPAM
   fileinto "SPAM";
}

elsif address :value "gt" :all :comparator "i;ascii-casemap"
           ["from"] ["M"]
{
   fileinto "From N-Z";
} else {
   fileinto "From A-M";
}

if allof ( address :count "eq" :comparator "i;ascii-numeric"
                   ["to", "cc"] ["1"] ,
           address :all :comparator "i;ascii-casemap"
                   ["to", "cc"] ["me@foo.example.com"] )
{
   fileinto "Only me";
}
--- plan
store "Priority" line 6
=== each relation of :value
--- script
require ["relational", "comparator-i;ascii-numeric", "fileinto"];
if header :value "gt" :comparator "i;ascii-numeric" "x-ten" "9" { fileinto "gt1"; }
if header :value "gt" :comparator "i;ascii-numeric" "x-ten" "10" { fileinto "gt2"; }
if header :value "ge" :comparator "i;ascii-numeric" "x-ten" "10" { fileinto "ge1"; }
if header :value "ge" :comparator "i;ascii-numeric" "x-ten" "11" { fileinto "ge2"; }
if header :value "lt" :comparator "i;ascii-numeric" "x-ten" "11" { fileinto "lt1"; }
if header :value "lt" :comparator "i;ascii-numeric" "x-ten" "10" { fileinto "lt2"; }
if header :value "le" :comparator "i;ascii-numeric" "x-ten" "10" { fileinto "le1"; }
if header :value "le" :comparator "i;ascii-numeric" "x-ten" "9" { fileinto "le2"; }
if header :value "eq" :comparator "i;ascii-numeric" "x-ten" "0010" { fileinto "eq1"; }
if header :value "eq" :comparator "i;ascii-numeric" "x-ten" "1" { fileinto "eq2"; }
if header :value "ne" :comparator "i;ascii-numeric" "x-ten" "1" { fileinto "ne1"; }
if header :value "ne" :comparator "i;ascii-numeric" "x-ten" "10" { fileinto "ne2"; }
--- plan
store "gt1" line 2
store "ge1" line 4
store "lt1" line 6
store "le1" line 8
store "eq1" line 10
store "ne1" line 12
=== each relation of :count
--- script
require ["relational", "comparator-i;ascii-numeric", "fileinto"];
if header :count "gt" :comparator "i;ascii-numeric" "received" "1" { fileinto "gt1"; }
if header :count "gt" :comparator "i;ascii-numeric" "received" "2" { fileinto "gt2"; }
if header :count "ge" :comparator "i;ascii-numeric" "received" "2" { fileinto "ge1"; }
if header :count "ge" :comparator "i;ascii-numeric" "received" "3" { fileinto "ge2"; }
if header :count "lt" :comparator "i;ascii-numeric" "received" "3" { fileinto "lt1"; }
if header :count "lt" :comparator "i;ascii-numeric" "received" "2" { fileinto "lt2"; }
if header :count "le" :comparator "i;ascii-numeric" "received" "2" { fileinto "le1"; }
if header :count "le" :comparator "i;ascii-numeric" "received" "1" { fileinto "le2"; }
if header :count "eq" :comparator "i;ascii-numeric" "received" "2" { fileinto "eq1"; }
if header :count "eq" :comparator "i;ascii-numeric" "received" "1" { fileinto "eq2"; }
if header :count "ne" :comparator "i;ascii-numeric" "received" "1" { fileinto "ne1"; }
if header :count "ne" :comparator "i;ascii-numeric" "received" "2" { fileinto "ne2"; }
--- plan
store "gt1" line 2
store "ge1" line 4
store "lt1" line 6
store "le1" line 8
store "eq1" line 10
store "ne1" line 12
=== any pair will do
--- script
require ["relational", "fileinto"];
if header :value "lt" ["subject", "x-ten"] ["0", "f"] { fileinto "1"; }
if header :value "lt" ["subject", "x-ten"] ["0", "1"] { fileinto "2"; }
if header :value "eq" ["subject", "x-ten"] ["EXAMPLE"] { fileinto "3"; }
if header :value "ne" ["received"] ["by one"] { fileinto "4"; }
if header :count "eq" "received" ["7", "2"] { fileinto "5"; }
--- plan
store "1" line 2
store "3" line 4
store "4" line 5
store "5" line 6
=== order of other comparators
--- script
require ["relational", "fileinto"];
if header :value "gt" "x-ten" "9" { fileinto "1"; }
if header :value "lt" "x-ten" "9" { fileinto "2"; }
if header :value "lt" :comparator "i;octet" "x-text" "HIGH" { fileinto "3"; }
if header :value "gt" :comparator "i;octet" "x-text" "HIGH" { fileinto "4"; }
if header :value "ge" :comparator "i;ascii-casemap" "x-text" "HIGH" { fileinto "5"; }
--- plan
store "2" line 3
store "4" line 5
store "5" line 6
=== no number is more than any number
--- script
require ["relational", "comparator-i;ascii-numeric", "fileinto"];
if header :value "gt" :comparator "i;ascii-numeric" "x-text" "99999999999999999999999" { fileinto "1"; }
if header :value "lt" :comparator "i;ascii-numeric" "x-ten" "-1" { fileinto "2"; }
if header :value "gt" :comparator "i;ascii-numeric" "x-ten" "4294967297" { fileinto "3"; }
if header :value "lt" :comparator "i;ascii-numeric" "x-ten" "4294967297" { fileinto "4"; }
--- plan
store "1" line 2
store "2" line 3
store "4" line 5
=== what is not there has no value and counts nothing
--- script
require ["relational", "comparator-i;ascii-numeric", "fileinto"];
if header :value "ne" "x-none" "x" { fileinto "1"; }
if header :count "eq" :comparator "i;ascii-numeric" "x-none" "0" { fileinto "2"; }
if address :count "eq" :comparator "i;ascii-numeric" "sender" "0" { fileinto "3"; }
if header :count "eq" :comparator "i;ascii-numeric" "x-empty" "1" { fileinto "4"; }
--- plan
store "2" line 3
store "3" line 4
store "4" line 5
=== mailboxes in groups count, groups and broken addresses do not
--- script
require ["relational", "comparator-i;ascii-numeric", "fileinto"];
if address :count "eq" :comparator "i;ascii-numeric" "bcc" "2" { fileinto "1"; }
if address :count "eq" :comparator "i;ascii-numeric" :domain "bcc" "2" { fileinto "2"; }
if header :count "eq" :comparator "i;ascii-numeric" "bcc" "1" { fileinto "3"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
=== envelope
--- script
require ["relational", "comparator-i;ascii-numeric", "fileinto", "envelope"];
if envelope :count "eq" :comparator "i;ascii-numeric" "from" "1" { fileinto "1"; }
if envelope :count "eq" :comparator "i;ascii-numeric" "to" "1" { fileinto "2"; }
if envelope :count "eq" :comparator "i;ascii-numeric" ["from", "to"] "2" { fileinto "3"; }
if envelope :value "gt" :localpart "from" "a" { fileinto "4"; }
--- options
--from b@example.com --to c@example.com
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
=== null sender
--- script
require ["relational", "comparator-i;ascii-numeric", "fileinto", "envelope"];
if envelope :count "eq" :comparator "i;ascii-numeric" "from" "0" { fileinto "1"; }
if envelope :count "eq" :comparator "i;ascii-numeric" ["from", "to"] "1" { fileinto "2"; }
--- options
--to c@example.com
--- plan
store "1" line 2
store "2" line 3
=== string and variables
--- script
require ["relational", "comparator-i;ascii-numeric", "fileinto", "variables"];
set "n" "2";
if string :count "eq" :comparator "i;ascii-numeric" ["a", "", "${none}", "${n}"] "${n}" { fileinto "1"; }
if string :count "eq" :comparator "i;ascii-numeric" "" "0" { fileinto "2"; }
if string :value "lt" :comparator "i;ascii-numeric" "${n}" "10" { fileinto "3"; }
if header :count "eq" :comparator "i;ascii-numeric" "received" ["5", "${n}"] { fileinto "4"; }
if not header :count "eq" "received" "${n}" { fileinto "5"; }
--- plan
store "1" line 3
store "2" line 4
store "3" line 5
store "4" line 6
=== relations have no case
--- script
require ["relational", "fileinto"];
if header :count "GE" "received" "2" { fileinto "1"; }
if header :VALUE "Eq" "subject" "example" { fileinto "2"; }
--- plan
store "1" line 2
store "2" line 3
=== relations that are none
--- script
require ["relational"];
if header :count "than" "received" "2" { }
if header :value "" "received" "2" { }
if header :value ["gt"] "received" "2" { }
if header :count "received" "2" { }
if header :count 1 "received" "2" { }
if header :count "gt" :value "gt" "received" "2" { }
if header :count "gt" :is "received" "2" { }
if exists :count "gt" "received" { }
--- errors
script:2:18: error: unknown relational match "than" (use gt, ge, lt, le, eq or ne)
script:3:18: error: unknown relational match "" (use gt, ge, lt, le, eq or ne)
script:4:18: error: tag ":value" must be followed by a string, found a string list (write: :value "text")
script:5:18: error: unknown relational match "received" (use gt, ge, lt, le, eq or ne)
script:6:18: error: tag ":count" must be followed by a string, found a number (write: :count "text")
script:7:23: error: tag ":value" cannot be used together with ":count" (remove one of them)
script:8:23: error: tag ":is" cannot be used together with ":count" (remove one of them)
script:9:11: error: unknown tagged argument ":count" for the exists test
=== it must be required
--- script
if header :count "ge" "received" "2" { }
--- errors
script:1:11: error: unknown tagged argument ":count" for the header test (add require "relational";)
=== the compiled form
--- script
require ["relational", "comparator-i;ascii-numeric"];
if header :count "ge" :comparator "i;ascii-numeric" "received" "3" { keep; }
if header :value "ne" "received" "3" { keep; }
--- plan
store "INBOX" line 3
--- code
require "relational" "comparator-i;ascii-numeric"
0000  2:4  header ["received"] :count "ge" i;ascii-numeric ["3"]
0001  2:1  jfalse -> 0003
0002  2:70  keep
0003  3:4  header ["received"] :value "ne" i;ascii-casemap ["3"]
0004  3:1  jfalse -> 0006
0005  3:40  keep
