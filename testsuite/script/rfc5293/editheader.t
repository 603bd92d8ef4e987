# RFC 5293: editheader. --header shows what a script made of the header.
=== s. 4: the example
--- script
require "editheader";
/* Don't redirect if we already redirected */
if not header :contains "X-Sieve-Filtered"
        ["<kim@job.example.com>", "<kim@home.example.com>"]
{
        addheader "X-Sieve-Filtered" "<kim@job.example.com>";
        redirect "kim@home.example.com";
}
--- message
Return-Path: <x@example.org>
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com

body
--- options
--header
--- plan
redirect "kim@home.example.com" line 7 edited
header line 7
Return-Path: <x@example.org>
X-Sieve-Filtered: <kim@job.example.com>
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
=== s. 4: in front, and last
--- script
require "editheader";
addheader "X-First" "1";
addheader :last "X-Last" "2";
addheader "X-Before" "0";
--- options
--header
--- plan
store "INBOX" implicit edited
header line 0
Return-Path: <x@example.org>
X-Before: 0
X-First: 1
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
X-Last: 2
.
--- code
require "editheader"
0000  2:1  addheader "X-First" "1"
0001  3:1  addheader :last "X-Last" "2"
0002  4:1  addheader "X-Before" "0"
=== s. 5: all of a name
--- script
require "editheader";
deleteheader "x-hello";
--- options
--header
--- plan
store "INBOX" implicit edited
header line 0
Return-Path: <x@example.org>
Received: from a
Subject: x
 folded
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
=== s. 5: the first, if it matches: the example
--- script
require ["editheader", "fileinto"];
deleteheader :index 1 :contains "Delivered-To"
                        "bob@example.com";
if header "delivered-to" "bob@example.com" { fileinto "still there"; }
deleteheader :index 1 :last :contains "Delivered-To" "bob@example.com";
if header "delivered-to" "bob@example.com" { fileinto "no"; }
if header "delivered-to" "alice@example.com" { fileinto "alice"; }
--- plan
store "still there" line 4
store "alice" line 7 edited
--- code
require "editheader" "fileinto"
0000  2:1  deleteheader-if 1 "Delivered-To" :contains i;ascii-casemap ["bob@example.com"]
0001  4:4  header ["delivered-to"] :is i;ascii-casemap ["bob@example.com"]
0002  4:1  jfalse -> 0004
0003  4:46  fileinto "still there"
0004  5:1  deleteheader-if :last 1 "Delivered-To" :contains i;ascii-casemap ["bob@example.com"]
0005  6:4  header ["delivered-to"] :is i;ascii-casemap ["bob@example.com"]
0006  6:1  jfalse -> 0008
0007  6:46  fileinto "no"
0008  7:4  header ["delivered-to"] :is i;ascii-casemap ["alice@example.com"]
0009  7:1  jfalse -> 0011
0010  7:48  fileinto "alice"
=== s. 5: patterns
--- script
require "editheader";
deleteheader "X-Hello" ["ONE", "three and a half"];
deleteheader :matches "Delivered-To" "b*";
--- options
--header
--- plan
store "INBOX" implicit edited
header line 0
Return-Path: <x@example.org>
Received: from a
Subject: x
 folded
X-Hello: two
Delivered-To: alice@example.com
.
=== s. 5: comparator and match type without patterns are ignored
--- script
require ["editheader", "relational", "comparator-i;ascii-numeric"];
deleteheader :matches :comparator "i;octet" "X-Hello";
deleteheader :value "gt" :comparator "i;ascii-numeric" "Delivered-To";
--- options
--header
--- plan
store "INBOX" implicit edited
header line 0
Return-Path: <x@example.org>
Received: from a
Subject: x
 folded
.
=== s. 5: no such field, no such number
--- script
require "editheader";
deleteheader "X-None";
deleteheader :index 4 "X-Hello";
deleteheader :index 4 :last "X-Hello";
deleteheader "X-Hello" "none";
--- options
--header
--- plan
store "INBOX" implicit
=== s. 6: Received and Auto-Submitted cannot be deleted, Subject can
--- script
require ["editheader", "fileinto"];
addheader "Auto-Submitted" "no";
deleteheader "Received";
deleteheader "auto-submitted";
deleteheader "Return-Path";
addheader "Return-Path" "<evil@example.org>";
addheader "X-Sieve-Redirected-From" "x";
deleteheader "Subject";
addheader "Subject" "new";
if header :is "subject" "new" { fileinto "subject"; }
--- options
--header
--- plan
store "subject" line 10 edited
header line 10
Return-Path: <x@example.org>
Subject: new
Auto-Submitted: no
Received: from a
X-Hello: one
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
=== s. 7: leaves the message unchanged
--- script
require "editheader";
addheader "X-Hello" "World";
deleteheader :index 1 "X-Hello";
--- options
--header
--- plan
store "INBOX" implicit edited
header line 0
Return-Path: <x@example.org>
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
=== s. 7: the first and third, not the first and second
--- script
require "editheader";
deleteheader :index 1 "X-Hello";
deleteheader :index 2 "X-Hello";
--- options
--header
--- plan
store "INBOX" implicit edited
header line 0
Return-Path: <x@example.org>
Received: from a
Subject: x
 folded
X-Hello: two
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
=== s. 7: tests see the header as it is now
--- script
require ["editheader", "fileinto", "date", "variables", "index"];
if exists "x-new" { fileinto "no"; }
addheader "X-New" "World";
if header :contains "X-New" "World" { fileinto "1"; }
if exists "x-new" { fileinto "2"; }
deleteheader "x-new";
if exists "x-new" { fileinto "no"; }
addheader "To" "Someone <to@example.org>";
if address :localpart "to" "to" { fileinto "3"; }
addheader "Date" "Mon, 1 Jan 2007 00:00:00 +0000";
if date :zone "+0000" "date" "year" "2007" { fileinto "4"; }
addheader "X-Hello" "zero";
if header :index 1 "x-hello" "zero" { fileinto "5"; }
if header :matches "x-hello" "t*" { addheader "X-Var" "${0}/${1}"; }
if header "x-var" "two/wo" { fileinto "6"; }
--- plan
store "1" line 4 edited
store "2" line 5 edited
store "3" line 9 edited
store "4" line 11 edited
store "5" line 13 edited
store "6" line 15 edited
=== s. 7: each action has the header of its time; the implicit keep the last
--- script
require ["editheader", "fileinto", "copy"];
fileinto :copy "before";
addheader "X-New" "1";
fileinto :copy "one";
redirect :copy "a@example.org";
addheader "X-New" "2";
--- options
--header
--- plan
store "before" line 2 copy
store "one" line 4 copy edited
redirect "a@example.org" line 5 copy edited
store "INBOX" implicit edited
header line 4
Return-Path: <x@example.org>
X-New: 1
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
header line 0
Return-Path: <x@example.org>
X-New: 2
X-New: 1
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
=== s. 7: no duplicates because of an edit
--- script
require ["editheader"];
keep;
addheader "X-Flavor" "vanilla";
keep;
--- plan
store "INBOX" line 2
=== s. 7: after an error the original header counts
--- script
require ["editheader", "variables"];
addheader "X-New" "1";
redirect "${x}";
--- options
--header
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: redirect: this is not an address
=== s. 4: what cannot stand in a header is encoded, and read back
--- script
require ["editheader", "fileinto"];
addheader "X-Utf8" "see: Käse und Brötchen, a rather long text so that there is more than one word of it";
if header "x-utf8" "see: Käse und Brötchen, a rather long text so that there is more than one word of it" { fileinto "1"; }
addheader "X-Longer" "日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語";
if header "x-longer" "日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語" { fileinto "2"; }
addheader "X-Long" "These are words that are folded at blanks when a line is too long for the recommended length of a line.";
if header "x-long" "These are words that are folded at blanks when a line is too long for the recommended length of a line." { fileinto "3"; }
--- options
--header
--- plan
store "1" line 3 edited
store "2" line 5 edited
store "3" line 7 edited
header line 3
Return-Path: <x@example.org>
X-Utf8: see: =?utf-8?B?S8Okc2UgdW5kIEJyw7Z0Y2hlbiw=?= a rather long text so
 that there is more than one word of it
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
header line 5
Return-Path: <x@example.org>
X-Longer: =?utf-8?B?5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe?=
 =?utf-8?B?5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe?=
 =?utf-8?B?5pel5pys6Kqe5pel5pys6Kqe?=
X-Utf8: see: =?utf-8?B?S8Okc2UgdW5kIEJyw7Z0Y2hlbiw=?= a rather long text so
 that there is more than one word of it
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
header line 7
Return-Path: <x@example.org>
X-Long: These are words that are folded at blanks when a line is too long for
 the recommended length of a line.
X-Longer: =?utf-8?B?5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe?=
 =?utf-8?B?5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe5pel5pys6Kqe?=
 =?utf-8?B?5pel5pys6Kqe5pel5pys6Kqe?=
X-Utf8: see: =?utf-8?B?S8Okc2UgdW5kIEJyw7Z0Y2hlbiw=?= a rather long text so
 that there is more than one word of it
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
=== s. 4: line ends become folds
--- script
require ["editheader", "fileinto"];
addheader "X-Lines" text:
 one
two

	three
Evil: four
.
;
if header :is "x-lines" "one two	three Evil: four" { fileinto "1"; }
if exists "evil" { fileinto "no"; }
addheader "X-Empty" "";
if header :is "x-empty" "" { fileinto "2"; }
addheader "X-Blank" "   ";
if header :is "x-blank" "" { fileinto "3"; }
--- options
--header
--- plan
store "1" line 10 edited
store "2" line 13 edited
store "3" line 15 edited
header line 10
Return-Path: <x@example.org>
X-Lines: one
 two
	three
 Evil: four
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
header line 13
Return-Path: <x@example.org>
X-Empty: 
X-Lines: one
 two
	three
 Evil: four
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
header line 15
Return-Path: <x@example.org>
X-Blank: 
X-Empty: 
X-Lines: one
 two
	three
 Evil: four
Received: from a
X-Hello: one
Subject: x
 folded
X-Hello: two
X-hello : three
 and a half
Delivered-To: alice@example.com
Delivered-To: bob@example.com
.
=== an empty header
--- script
require ["editheader", "fileinto", "body"];
addheader "X-A" "1";
if header "x-a" "1" { fileinto "1"; }
if body :raw :contains "body" { fileinto "2"; }
--- message raw
\nbody\n
--- options
--header
--- plan
store "1" line 3 edited
store "2" line 4 edited
header line 3
X-A: 1
.
=== a header without a line end
--- script
require ["editheader", "fileinto"];
addheader :last "X-A" "1";
deleteheader "subject";
if header "x-a" "1" { fileinto "1"; }
--- message raw
Subject: x
--- options
--header
--- plan
store "1" line 4 edited
header line 4
X-A: 1
.
=== a message with CRLF
--- script
require ["editheader"];
addheader "X-A" "1";
deleteheader "X-B";
--- message crlf
X-B: b
Subject: x

body
--- options
--header
--- plan
store "INBOX" implicit edited
header line 0
X-A: 1
Subject: x
.
=== errors
--- script
require "editheader";
addheader "not a name" "x";
addheader "colon:" "x";
addheader "" "x";
addheader "ä" "x";
deleteheader "not a name";
deleteheader "not a name" "x";
deleteheader :last "x";
deleteheader :index 0 "x";
deleteheader ["a", "b"];
deleteheader;
deleteheader "a" "b" "c";
addheader "a";
addheader "a" ["b"];
addheader :index 1 "a" "b";
addheader :last :last "a" "b";
--- errors
script:2:11: error: addheader: field name "not a name" is invalid (printable ASCII, no blank, no colon)
script:3:11: error: addheader: field name "colon:" is invalid (printable ASCII, no blank, no colon)
script:4:11: error: addheader: field name "" is invalid (printable ASCII, no blank, no colon)
script:5:11: error: addheader: field name "ä" is invalid (printable ASCII, no blank, no colon)
script:6:14: error: deleteheader: field name "not a name" is invalid (printable ASCII, no blank, no colon)
script:7:14: error: deleteheader: field name "not a name" is invalid (printable ASCII, no blank, no colon)
script:8:14: error: tag ":last" cannot be used without ":index" (add :index)
script:9:21: error: there is no header field number 0 (the first field is 1)
script:10:14: error: the deleteheader command expects a string as argument 1 (field-name), found a string list (write: deleteheader <field-name>)
script:11:1: error: the deleteheader command requires 1 positional argument, found 0 (write: deleteheader <field-name>)
script:12:18: error: the deleteheader command requires 1 positional argument, found 3 (write: deleteheader <field-name>)
script:13:1: error: the addheader command requires 2 positional arguments, found 1 (write: addheader <field-name> <value>)
script:14:15: error: the addheader command expects a string as argument 2 (value), found a string list (write: addheader <field-name> <value>)
script:15:11: error: unknown tagged argument ":index" for the addheader command (it is a tag of: deleteheader deleteheader-if)
script:16:17: error: tag ":last" is given more than once (remove one of them)
=== with index required, too
--- script
require ["editheader", "index"];
deleteheader :last :index 1 "X-B";
addheader :last "X" "y";
if header :index 1 "x" "y" { discard; }
--- plan
discard line 4
=== names from variables
--- script
require ["editheader", "variables"];
set "n" "X-N";
addheader "${n}" "${n}${n}";
addheader "${none}" "x";
--- options
--header
--- plan
store "INBOX" implicit
--- errors
script:4:1: error: addheader: this is no header field name
=== not required
--- script
addheader "a" "b";
deleteheader "a";
--- errors
script:1:1: error: unknown command "addheader" (add require "editheader";)
script:2:1: error: unknown command "deleteheader" (add require "editheader";)
=== an included script edits the header of all
--- script
require ["editheader", "include", "fileinto"];
if exists ["x-b", "x-new"] { fileinto "no"; }
if header "x-b" "b" { fileinto "before"; }
include "edit";
if exists "x-b" { fileinto "no"; }
if header "x-new" "n" { fileinto "after"; }
--- file edit
require ["editheader"];
addheader "X-New" "n";
deleteheader "X-B";
--- message
X-A: a
X-B: b
Subject: x

body
--- plan
store "before" line 3
store "after" line 6 edited
