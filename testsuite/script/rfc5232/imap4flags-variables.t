# RFC 5232 with RFC 5229 (variables) and RFC 5231 (relational).
=== s. 3.1: the example
--- script
require ["imap4flags", "variables", "fileinto"];
if header :contains "from" "boss@frobnitzm.example.edu" {
    setflag "flagvar" "\\Flagged";
    fileinto :flags "${flagvar}" "INBOX.From Boss";
}
--- message
From: boss@frobnitzm.example.edu
Disposition-Notification-To: mel@example.com

--- plan
store "INBOX.From Boss" line 4 flags "\\Flagged"
=== s. 3.2: ways to say the same; the internal variable is another one
--- script
require ["imap4flags", "variables", "fileinto"];
addflag "flagvar" "\\Deleted";
addflag "flagvar" "\\Answered";
fileinto :flags "${flagvar}" "1";
setflag "flagvar" "";
addflag "flagvar" ["\\Deleted", "\\Answered"];
fileinto :flags "${flagvar}" "2";
--- plan
store "1" line 4 flags "\\Deleted" "\\Answered"
store "2" line 7 flags "\\Deleted" "\\Answered"
=== s. 3.2, continued
--- script
require ["imap4flags", "variables", "fileinto"];
addflag "flagvar" ["\\Deleted", "\\Answered"];
fileinto :flags "${flagvar}" "2";
setflag "flagvar" "";
addflag "flagvar" "\\Deleted \\Answered";
fileinto :flags "${flagvar}" "3";
setflag "flagvar" "";
addflag "flagvar" "\\Answered \\Deleted";
fileinto :flags "${flagvar}" "4";
fileinto "internal";
fileinto :flags "x ${flagvar} y" "5";
fileinto :flags ["x", "${FLAGVAR}", "\\answered"] "6";
--- plan
store "2" line 3 flags "\\Deleted" "\\Answered"
store "3" line 6 flags "\\Deleted" "\\Answered"
store "4" line 9 flags "\\Answered" "\\Deleted"
store "internal" line 10
store "5" line 11 flags "x" "\\Answered" "\\Deleted" "y"
store "6" line 12 flags "x" "\\Answered" "\\Deleted"
--- code
require "imap4flags" "variables" "fileinto"
0000  2:1  addflag-in "flagvar" ["\\Deleted", "\\Answered"]
0001  3:1  fileinto ["${flagvar}"] "2"
0002  4:1  setflag-in "flagvar" [""]
0003  5:1  addflag-in "flagvar" ["\\Deleted \\Answered"]
0004  6:1  fileinto ["${flagvar}"] "3"
0005  7:1  setflag-in "flagvar" [""]
0006  8:1  addflag-in "flagvar" ["\\Answered \\Deleted"]
0007  9:1  fileinto ["${flagvar}"] "4"
0008  10:1  fileinto "internal"
0009  11:1  fileinto ["x ${flagvar} y"] "5"
0010  12:1  fileinto ["x", "${FLAGVAR}", "\\answered"] "6"
=== s. 3.3: the example
--- script
require ["imap4flags", "variables", "fileinto"];
if header :contains "Disposition-Notification-To"
   "mel@example.com" {
    addflag "flagvar" "$MDNRequired";
}
addflag "flagvar" ["a", "b"];
if header :contains "from" "boss" {
    removeflag "flagvar" "$MDNRequired  B";
    fileinto :flags "${flagvar}" "INBOX.imap-list";
}
--- plan
store "INBOX.imap-list" line 9 flags "a"
=== s. 3: set may fill a variable with anything; actions make it a set
--- script
require ["imap4flags", "variables", "fileinto"];
set "f" "  a  A \\Recent b(  c ";
fileinto :flags "${f}" "1";
addflag "f" "d";
if string "${f}" "a c d" { fileinto :flags "" "2"; }
removeflag "f" "A D";
if string "${f}" "c" { fileinto :flags "" "3"; }
--- plan
store "1" line 3 flags "a" "c"
store "2" line 5
store "3" line 7
=== s. 4: a variable that was never set
--- script
require ["imap4flags", "variables", "relational", "comparator-i;ascii-numeric", "fileinto"];
if hasflag :matches "none" "*" { fileinto "no"; }
if hasflag :count "eq" :comparator "i;ascii-numeric" "none" "0" { fileinto "1"; }
fileinto :flags "${none}" "2";
removeflag "none" "a";
--- plan
store "1" line 3
store "2" line 4
=== s. 4: examples
--- script
require ["imap4flags", "variables", "relational", "comparator-i;ascii-numeric", "fileinto"];
set "MyVar" "NonJunk Junk gnus-forward $Forwarded NotJunk JunkRecorded $Junk $NotJunk";
if hasflag :contains "MyVar" "Junk" { fileinto "1"; }
if hasflag :contains "MyVar" "forward" { fileinto "2"; }
if hasflag :contains "MyVar" ["label", "forward"] { fileinto "3"; }
if hasflag :contains "MyVar" ["junk", "forward"] { fileinto "4"; }
if hasflag :contains "MyVar" "junk forward" { fileinto "5"; }
if hasflag :contains "MyVar" "forward junk" { fileinto "6"; }
if hasflag :contains "MyVar" "label" { fileinto "no"; }
if hasflag :contains "MyVar" ["label1", "label2"] { fileinto "no"; }
setflag "MyFlags" "A B";
if hasflag :count "ge" :comparator "i;ascii-numeric" "MyFlags" "2" { fileinto "7"; }
if hasflag :count "ge" :comparator "i;ascii-numeric" "MyFlags" "3" { fileinto "no"; }
set "dup" "A b a B";
if hasflag :count "eq" :comparator "i;ascii-numeric" "dup" "2" { fileinto "8"; }
if hasflag :count "eq" :comparator "i;ascii-numeric" ["MyFlags", "dup"] "4" { fileinto "9"; }
if hasflag :count "eq" :comparator "i;ascii-numeric" "0" { fileinto "10"; }
addflag "x y z";
if hasflag :count "eq" :comparator "i;ascii-numeric" "3" { fileinto :flags "" "11"; }
if hasflag ["none", "MyFlags"] "b" { fileinto :flags "" "12"; }
--- plan
store "1" line 3
store "2" line 4
store "3" line 5
store "4" line 6
store "5" line 7
store "6" line 8
store "7" line 12
store "8" line 15
store "9" line 16
store "10" line 17
store "11" line 19
store "12" line 20
=== keys may hold variables, and be lists
--- script
require ["imap4flags", "variables", "fileinto"];
set "want" "x b";
setflag "A B";
if hasflag "${want}" { fileinto :flags "" "1"; }
if hasflag "${none}" { fileinto "no"; }
if hasflag :contains ["${none}", ""] { fileinto "no"; }
if hasflag :matches "?" { fileinto :flags "${0}" "2"; }
--- plan
store "1" line 4
store "2" line 7 flags "A"
=== namespaces and names
--- script
require ["imap4flags", "variables"];
setflag "1" "a";
addflag "a.b" "a";
removeflag "${x}" "a";
if hasflag ["ok", "not ok"] "a" { stop; }
setflag "a" "b" "c";
setflag ["a", "b"] "c";
--- errors
script:2:9: error: invalid variable name "1" (letters, digits and "_", no digit first)
script:3:9: error: cannot set variable "a.b": nothing that is required has this namespace
script:4:12: error: invalid variable name "${x}" (letters, digits and "_", no digit first)
script:5:19: error: invalid variable name "not ok" (letters, digits and "_", no digit first)
script:6:13: error: the setflag command requires 1 positional argument, found 3 (write: setflag <list-of-flags>)
script:7:9: error: the setflag command expects a string as argument 1 (variablename), found a string list (write: setflag <variablename> <list-of-flags>)
=== s. 1: without variables a name is an error
--- script
require ["imap4flags"];
setflag "name" "\\Flagged";
addflag "name" "\\Flagged";
removeflag "name" "\\Flagged";
if hasflag "name" "\\Flagged" { stop; }
--- errors
script:2:9: error: the setflag command takes no variable without "variables" (add require "variables";)
script:3:9: error: the addflag command takes no variable without "variables" (add require "variables";)
script:4:12: error: the removeflag command takes no variable without "variables" (add require "variables";)
script:5:12: error: the hasflag test takes no variable without "variables" (add require "variables";)
=== s. 9: the example
--- script
require ["fileinto", "imap4flags", "variables"];
if size :over 1M
        {
        addflag "MyFlags" "Big";
        if header :is "From" "boss@company.example.com"
                   {
                   addflag "MyFlags" "\\Flagged";
                   }
        fileinto :flags "${MyFlags}" "Big messages";
        }

if header :is "From" "grandma@example.net"
        {
        addflag "MyFlags" ["\\Answered", "$MDNSent"];
        fileinto :flags "${MyFlags}" "GrandMa";
        }

if header :is "Sender" "owner-ietf-mta-filters@example.org"
        {
        set "MyFlags" "\\Flagged $Work";
        keep :flags "${MyFlags}";
        }
elsif anyof (address :domain :is ["From", "To"] "company.example.com")
        {
        keep :flags "${MyFlags}"; # keep in "Inbox" folder
        }
elsif anyof (not address :all :contains
               ["To", "Cc"] "me@company.example.com",
             header :matches "subject"
               ["*make*money*fast*", "*university*dipl*mas*"])
        {
        removeflag "MyFlags" "\\Flagged";
        fileinto :flags "${MyFlags}" "spam";
        }
else
        {
        fileinto :flags "${MyFlags}" "personal";
        }
--- message
From: grandma@example.net
To: me@company.example.com
Sender: owner-ietf-mta-filters@example.org

--- plan
store "GrandMa" line 15 flags "\\Answered" "$MDNSent"
store "INBOX" line 21 flags "\\Flagged" "$Work"
=== s. 9: the example, spam
--- script
require ["fileinto", "imap4flags", "variables"];
addflag "MyFlags" "\\Flagged Big";
if anyof (not address :all :contains
               ["To", "Cc"] "me@company.example.com",
             header :matches "subject"
               ["*make*money*fast*", "*university*dipl*mas*"])
        {
        removeflag "MyFlags" "\\Flagged";
        fileinto :flags "${MyFlags}" "spam";
        }
--- message
To: me@company.example.com
Subject: make more money very fast

--- plan
store "spam" line 9 flags "Big"
