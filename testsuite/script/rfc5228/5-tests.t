# RFC 5228 s. 5: the tests.
=== address: is, all
--- script
if address :is :all "from" "tim@example.com" {
	discard;
}
--- message
From: "Tim, the Enchanter" <tim@example.com> (comment)

--- plan
discard line 2
=== address: parts, groups, comments, several headers
--- script
require "fileinto";
if address :localpart "to" "one" { fileinto "1"; }
if address :domain "to" "B.EXAMPLE" { fileinto "2"; }
if address :contains "to" "Name" { fileinto "no, a phrase"; }
if address :contains "to" "comment" { fileinto "no, a comment"; }
if address :contains "cc" "friends" { fileinto "no, a group name"; }
if address :all "cc" "three@c.example" { fileinto "3"; }
if address :all ["from", "cc"] ["x", "four@d.example"] { fileinto "4"; }
if address "bcc" "" { fileinto "no, absent"; }
if address :domain :matches "to" "?.example" { fileinto "5"; }
if address "to" "ONE@A.EXAMPLE" { fileinto "6"; }
if address :comparator "i;octet" "to" "ONE@A.EXAMPLE" { fileinto "no"; }
if address :localpart "to" "quoted local" { fileinto "7"; }
if address "to" "five@e.example" { fileinto "second To"; }
--- message
To: Name <one@a.example> (comment), (x) two@b.example (y),
 "quoted local"@q.example
Cc: friends: three@c.example, Vier <four@d.example>;
To: five@e.example

--- plan
store "1" line 2
store "2" line 3
store "3" line 7
store "4" line 8
store "5" line 10
store "6" line 11
store "7" line 13
store "second To" line 14
=== address: what is not valid has no parts
--- script
require "fileinto";
if address :localpart :contains "from" "" { fileinto "no"; }
if address :domain :contains "from" "" { fileinto "no"; }
if address :all :contains "from" "not an" { fileinto "whole"; }
--- message
From: not an @ddress at <all

--- plan
store "whole" line 4
=== address: only headers that hold addresses
--- script
if address "subject" "x" { stop; }
if address ["from", "X-Frop", "received"] "x" { stop; }
if address ["From", "To", "Cc", "Bcc", "Sender", "Resent-From", "Resent-To", "Reply-To"] "x" { stop; }
--- errors
script:1:12: error: header "subject" holds no addresses (use the header test for it)
script:2:21: error: header "X-Frop" holds no addresses (use the header test for it)
script:2:31: error: header "received" holds no addresses (use the header test for it)
=== allof
--- script
require "fileinto";
if allof (false, false) { fileinto "1"; }
if allof (false, true) { fileinto "2"; }
if allof (true, false) { fileinto "3"; }
if allof (true, true) { fileinto "4"; }
if allof (true) { fileinto "5"; }
if not allof (true, not true, true) { fileinto "6"; }
--- plan
store "4" line 5
store "5" line 6
store "6" line 7
=== anyof
--- script
require "fileinto";
if anyof (false, false) { fileinto "1"; }
if anyof (false, true) { fileinto "2"; }
if anyof (true, false) { fileinto "3"; }
if anyof (true, true) { fileinto "4"; }
if anyof (false) { fileinto "5"; }
if not anyof (false, not true, allof (true, false)) { fileinto "6"; }
--- plan
store "2" line 3
store "3" line 4
store "4" line 5
store "6" line 7
=== anyof and allof compile to jumps
--- script
if anyof (allof (true, false), not true, exists "a") { stop; }
--- plan
store "INBOX" implicit
--- code
0000  1:18  true
0001  1:11  jfalse -> 0003
0002  1:24  false
0003  1:4  jtrue -> 0008
0004  1:36  true
0005  1:32  not
0006  1:4  jtrue -> 0008
0007  1:42  exists ["a"]
0008  1:1  jfalse -> 0010
0009  1:56  stop
=== envelope
--- script
require ["envelope", "fileinto"];
if envelope :all :is "from" "tim@example.com" { fileinto "1"; }
if envelope :localpart "FROM" "TIM" { fileinto "2"; }
if envelope :domain "to" "example.org" { fileinto "3"; }
if envelope ["from", "to"] "me+box@example.org" { fileinto "4"; }
if envelope :comparator "i;octet" "from" "TIM@example.com" { fileinto "no"; }
if envelope :contains "from" "nobody" { fileinto "no"; }
--- options
--from tim@example.com --to me+box@example.org
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
=== envelope: the null sender
--- script
require ["envelope", "fileinto"];
if envelope "from" "" { fileinto "1"; }
if envelope :localpart "from" "" { fileinto "2"; }
if envelope :domain "from" "" { fileinto "3"; }
if envelope :matches "from" "?*" { fileinto "no"; }
if envelope :contains ["from"] "" { fileinto "4"; }
--- options
--from "" --to me@example.org
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 6
=== envelope: source routes are dropped
--- script
require ["envelope", "fileinto"];
if envelope "from" "tim@example.com" { fileinto "1"; }
if envelope :contains "from" "relay" { fileinto "no"; }
--- options
--from "@relay.example,@b.example:tim@example.com"
--- plan
store "1" line 2
=== envelope: a bare local part
--- script
require ["envelope", "fileinto"];
if envelope :localpart "to" "postmaster" { fileinto "1"; }
if envelope :all "to" "postmaster" { fileinto "2"; }
if envelope :domain :contains "to" "" { fileinto "no"; }
--- options
--to postmaster
--- plan
store "1" line 2
store "2" line 3
=== envelope: unknown parts and missing arguments
--- script
require "envelope";
if envelope "sender" "x" { stop; }
if envelope ["from", "size"] "x" { stop; }
if envelope "from" { stop; }
if envelope :over "from" "x" { stop; }
--- errors
script:2:13: error: unknown envelope part "sender" (use "from" or "to")
script:3:22: error: unknown envelope part "size" (use "from" or "to")
script:4:4: error: the envelope test requires 2 positional arguments, found 1 (write: envelope <envelope-part> <key-list>)
script:5:13: error: unknown tagged argument ":over" for the envelope test (it is a tag of: size)
=== exists
--- script
require "fileinto";
if not exists ["From","Date"] { fileinto "1"; }
if exists ["From", "To"] { fileinto "2"; }
if exists "x-empty" { fileinto "3"; }
if exists ["From", "x-none"] { fileinto "no"; }
--- message
From: a@example.org
To: b@example.org
X-Empty:

--- plan
store "1" line 2
store "2" line 3
store "3" line 4
=== header: the empty key
--- script
require "fileinto";
if header :is ["X-Caffeine"] [""] { fileinto "no"; }
if header :contains ["X-Caffeine"] [""] { fileinto "1"; }
if not header :matches "Cc" "?*" { fileinto "2"; }
if not header :matches "X-Blank" "?*" { fileinto "3"; }
if header :is "X-Blank" "" { fileinto "4"; }
if header :contains "Cc" "" { fileinto "no"; }
--- message
X-Caffeine: C8H10N4O2
X-Blank:  	 

--- plan
store "1" line 3
store "2" line 4
store "3" line 5
store "4" line 6
=== size: the octets with CRLF, exactly is neither
--- script
require "fileinto";
if size :over 14 { fileinto "no"; }
if size :under 14 { fileinto "no"; }
if size :over 13 { fileinto "over 13"; }
if size :under 15 { fileinto "under 15"; }
--- message
A: b

body
--- plan
store "over 13" line 4
store "under 15" line 5
=== size: one of over and under
--- script
if size 5 { stop; }
if size :over { stop; }
if size :over :under 5 { stop; }
if size :over :over 5 { stop; }
if size :over 5 :under 6 { stop; }
if size :over [ "1" ] { stop; }
if size :is 5 { stop; }
--- errors
script:1:4: error: the size test needs one of the tags for its limit (write :over or :under)
script:2:4: error: the size test requires 1 positional argument, found 0 (write: size <limit>)
script:3:15: error: tag ":under" cannot be used together with ":over" (remove one of them)
script:4:15: error: tag ":over" is given more than once (remove one of them)
script:5:17: error: tag ":under" must stand before the positional arguments (move it right behind "size")
script:5:24: error: the size test requires 1 positional argument, found 2 (write: size <limit>)
script:6:15: error: the size test expects a number as argument 1 (limit), found a string list (write: size <limit>)
script:7:9: error: unknown tagged argument ":is" for the size test
=== true, false, not
--- script
require "fileinto";
if true { fileinto "1"; }
if false { fileinto "2"; }
if not false { fileinto "3"; }
if not not true { fileinto "4"; }
if not not not true { fileinto "5"; }
--- plan
store "1" line 2
store "3" line 4
store "4" line 5
