# RFC 5260 s. 6: index.
=== the n-th field from the front
--- script
require ["index", "fileinto"];
if header :index 1 "x-hop" "one" { fileinto "1"; }
if header :index 2 "x-hop" "two" { fileinto "2"; }
if header :index 3 "X-HOP" "three" { fileinto "3"; }
if header :index 1 :matches "x-hop" ["two", "three"] { fileinto "no"; }
if header :index 4 :matches "x-hop" "*" { fileinto "no"; }
if header :index 1 :matches "x-none" "*" { fileinto "no"; }
--- message
X-Hop: one
To: a@example.org, b@example.org
X-Hop: two
Cc: c@example.org
To: d@example.org
X-Hop: three

body
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
=== :last counts backwards
--- script
require ["index", "fileinto"];
if header :index 1 :last "x-hop" "three" { fileinto "1"; }
if header :last :index 2 "x-hop" "two" { fileinto "2"; }
if header :index 3 :last "x-hop" "one" { fileinto "3"; }
if header :index 4 :last :matches "x-hop" "*" { fileinto "no"; }
if header :index 1 :last :matches "x-hop" ["one", "two"] { fileinto "no"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
--- code
require "index" "fileinto"
0000  2:4  header :last 1 ["x-hop"] :is i;ascii-casemap ["three"]
0001  2:1  jfalse -> 0003
0002  2:44  fileinto "1"
0003  3:4  header :last 2 ["x-hop"] :is i;ascii-casemap ["two"]
0004  3:1  jfalse -> 0006
0005  3:42  fileinto "2"
0006  4:4  header :last 3 ["x-hop"] :is i;ascii-casemap ["one"]
0007  4:1  jfalse -> 0009
0008  4:42  fileinto "3"
0009  5:4  header :last 4 ["x-hop"] :matches i;ascii-casemap ["*"]
0010  5:1  jfalse -> 0012
0011  5:49  fileinto "no"
0012  6:4  header :last 1 ["x-hop"] :matches i;ascii-casemap ["one", "two"]
0013  6:1  jfalse -> 0015
0014  6:60  fileinto "no"
=== addresses: fields are counted, not addresses
--- script
require ["index", "fileinto"];
if address :index 1 "to" "b@example.org" { fileinto "1"; }
if address :index 2 "to" "d@example.org" { fileinto "2"; }
if address :index 2 "to" "b@example.org" { fileinto "no"; }
if address :index 1 :last :localpart "to" "d" { fileinto "3"; }
if address :index 3 :matches "to" "*" { fileinto "no"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 5
--- code
require "index" "fileinto"
0000  2:4  address 1 :all ["to"] :is i;ascii-casemap ["b@example.org"]
0001  2:1  jfalse -> 0003
0002  2:44  fileinto "1"
0003  3:4  address 2 :all ["to"] :is i;ascii-casemap ["d@example.org"]
0004  3:1  jfalse -> 0006
0005  3:44  fileinto "2"
0006  4:4  address 2 :all ["to"] :is i;ascii-casemap ["b@example.org"]
0007  4:1  jfalse -> 0009
0008  4:44  fileinto "no"
0009  5:4  address :last 1 :localpart ["to"] :is i;ascii-casemap ["d"]
0010  5:1  jfalse -> 0012
0011  5:49  fileinto "3"
0012  6:4  address 3 :all ["to"] :matches i;ascii-casemap ["*"]
0013  6:1  jfalse -> 0015
0014  6:41  fileinto "no"
=== several names are counted in the order of the list
--- script
require ["index", "fileinto"];
if address :index 1 ["cc", "to"] "c@example.org" { fileinto "1"; }
if address :index 2 ["cc", "to"] "a@example.org" { fileinto "2"; }
if address :index 3 ["cc", "bcc", "to"] "d@example.org" { fileinto "3"; }
if address :index 1 :last ["cc", "to"] "d@example.org" { fileinto "4"; }
if address :index 3 :last ["cc", "to"] "c@example.org" { fileinto "5"; }
if header :index 4 ["x-none", "x-hop", "cc"] "c@example.org" { fileinto "6"; }
if header :index 5 :matches ["x-none", "x-hop", "cc"] "*" { fileinto "no"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
store "5" line 6
store "6" line 7
=== large numbers
--- script
require ["index", "fileinto"];
if header :index 18446744073709551615 :matches "to" "*" { fileinto "no"; }
if header :index 4G :last :matches "to" "*" { fileinto "no"; }
--- plan
store "INBOX" implicit
=== :last without :index is an error; there is no field 0
--- script
require "index";
if header :last "to" "a" { stop; }
if address :last "to" "a" { stop; }
if header :index 0 "to" "a" { stop; }
if header :index "1" "to" "a" { stop; }
if header :index :last "to" "a" { stop; }
if header :index 1 :index 2 "to" "a" { stop; }
if exists :index 1 "to" { stop; }
--- errors
script:2:11: error: tag ":last" cannot be used without ":index" (add :index)
script:3:12: error: tag ":last" cannot be used without ":index" (add :index)
script:4:18: error: there is no header field number 0 (the first field is 1)
script:5:18: error: tag ":index" must be followed by a number, found a string (write: :index 7)
script:6:18: error: tag ":index" must be followed by a number, found a tag (write: :index 7)
script:7:20: error: tag ":index" is given more than once (remove one of them)
script:8:11: error: unknown tagged argument ":index" for the exists test (it is a tag of: header address date)
=== not required
--- script
if header :index 1 "to" "a" { stop; }
--- errors
script:1:11: error: unknown tagged argument ":index" for the header test (add require "index";)
