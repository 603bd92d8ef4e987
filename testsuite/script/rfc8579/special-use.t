# RFC 8579: special-use
=== s. 3: without a mailbox: one for each
--- script
require ["special-use", "fileinto", "variables"];
set "j" "\\junk";
if specialuse_exists "\\Junk" { fileinto "1"; }
if specialuse_exists ["\\Junk", "\\Sent"] { fileinto "2"; }
if specialuse_exists "${j}" { fileinto "3"; }
if specialuse_exists ["\\Junk", "\\Trash"] { fileinto "no"; }
if specialuse_exists "Junk" { fileinto "no"; }
if specialuse_exists "" { fileinto "no"; }
--- message
Subject: x

body
--- options
--mailboxes "Spam=\Junk,Out=\Sent,Other"
--- plan
store "1" line 3
store "2" line 4
store "3" line 5
--- code
require "special-use" "fileinto" "variables"
0000  2:1  set "j" "\\junk"
0001  3:4  specialuse_exists ["\\Junk"]
0002  3:1  jfalse -> 0004
0003  3:33  fileinto "1"
0004  4:4  specialuse_exists ["\\Junk", "\\Sent"]
0005  4:1  jfalse -> 0007
0006  4:45  fileinto "2"
0007  5:4  specialuse_exists ["${j}"]
0008  5:1  jfalse -> 0010
0009  5:31  fileinto "3"
0010  6:4  specialuse_exists ["\\Junk", "\\Trash"]
0011  6:1  jfalse -> 0013
0012  6:46  fileinto "no"
0013  7:4  specialuse_exists ["Junk"]
0014  7:1  jfalse -> 0016
0015  7:31  fileinto "no"
0016  8:4  specialuse_exists [""]
0017  8:1  jfalse -> 0019
0018  8:27  fileinto "no"
=== s. 3: with a mailbox: that one has all
--- script
require ["special-use", "fileinto"];
if specialuse_exists "Spam" "\\Junk" { fileinto "1"; }
if specialuse_exists "Spam" ["\\Junk", "\\Sent"] { fileinto "no"; }
if specialuse_exists "Other" "\\Junk" { fileinto "no"; }
if specialuse_exists "None" "\\Junk" { fileinto "no"; }
if specialuse_exists "" "\\Junk" { fileinto "no"; }
--- options
--mailboxes "Spam=\Junk,Out=\Sent,Other"
--- plan
store "1" line 2
=== s. 4.2 and s. 6: there is one
--- script
require "fileinto";
require "special-use";
require "mailbox";
fileinto :specialuse "\\Archive" "INBOX/Archive";
fileinto :specialuse "\\Junk" :create "Junk";
--- options
--mailboxes "Spam=\Junk,Old=\Archive"
--- plan
store "Old" line 4
store "Spam" line 5 create
=== s. 4: there is none; s. 4.1: it is made with its use
--- script
require "fileinto";
require "special-use";
require "mailbox";
fileinto :specialuse "\\Archive" "INBOX/Archive";
fileinto :specialuse "\\Junk" :create "Spam";
--- options
--mailboxes "Other"
--- plan
store "INBOX/Archive" line 4 specialuse "\\Archive"
store "Spam" line 5 create specialuse "\\Junk"
=== s. 4: the default mailbox when it is one of several
--- script
require ["fileinto", "special-use"];
fileinto :specialuse "\\Junk" "B";
fileinto :specialuse "\\Junk" "None";
--- options
--mailboxes "A=\Junk,B=\Junk"
--- plan
store "B" line 2
store "A" line 3
=== s. 4: verified at run time when it holds a variable
--- script
require ["fileinto", "special-use", "variables"];
set "a" "Junk";
fileinto :specialuse "\\${a}" "B";
fileinto :specialuse "${a}" "B";
--- plan
store "INBOX" implicit
--- errors
script:4:1: error: fileinto: this is not a special-use attribute
=== errors
--- script
require ["fileinto", "special-use"];
fileinto :specialuse "Junk" "a";
fileinto :specialuse "" "a";
fileinto :specialuse "\\" "a";
fileinto :specialuse "\\a b" "a";
fileinto :specialuse ["\\a"] "a";
fileinto :specialuse "\\Junk";
fileinto :specialuse "\\Junk" :specialuse "\\Sent" "a";
if specialuse_exists { stop; }
if specialuse_exists "a" "b" "c" { stop; }
if specialuse_exists ["a"] "b" { stop; }
keep :specialuse "\\Junk";
--- errors
script:2:22: error: "Junk" is not a special-use attribute (write it like "\\Junk")
script:3:22: error: "" is not a special-use attribute (write it like "\\Junk")
script:4:22: error: "\" is not a special-use attribute (write it like "\\Junk")
script:5:22: error: "\a b" is not a special-use attribute (write it like "\\Junk")
script:6:22: error: tag ":specialuse" must be followed by a string, found a string list (write: :specialuse "text")
script:7:1: error: the fileinto command requires 1 positional argument, found 0 (write: fileinto <mailbox>)
script:8:31: error: tag ":specialuse" is given more than once (remove one of them)
script:9:4: error: the specialuse_exists test requires 1 positional argument, found 0 (write: specialuse_exists <special-use-attrs>)
script:10:26: error: the specialuse_exists test requires 1 positional argument, found 3 (write: specialuse_exists <special-use-attrs>)
script:11:22: error: the specialuse_exists test expects a string as argument 1 (mailbox), found a string list (write: specialuse_exists <mailbox> <special-use-attrs>)
script:12:6: error: unknown tagged argument ":specialuse" for the keep command (it is a tag of: fileinto)
