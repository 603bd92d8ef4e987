# RFC 5232: imap4flags, on the internal variable. Variables by name: see
# imap4flags-variables.t.
=== s. 3: the implicit keep carries the internal variable
--- script
require "imap4flags";
setflag "\\Deleted";
--- message
From: boss@frobnitzm.example.edu
Subject: x

body
--- plan
store "INBOX" implicit flags "\\Deleted"
=== s. 3.1: setflag replaces
--- script
require "imap4flags";
setflag "\\Deleted";
setflag ["\\Flagged", "$Work"];
keep;
--- plan
store "INBOX" line 4 flags "\\Flagged" "$Work"
--- code
require "imap4flags"
0000  2:1  setflag ["\\Deleted"]
0001  3:1  setflag ["\\Flagged", "$Work"]
0002  4:1  keep
=== s. 3.2: addflag adds; three ways to say the same
--- script
require ["imap4flags", "fileinto"];
addflag "\\Deleted";
addflag "\\Answered";
fileinto "1";
setflag "";
addflag ["\\Deleted", "\\Answered"];
fileinto "2";
setflag "";
addflag "\\Deleted \\Answered";
fileinto "3";
setflag "";
addflag "\\Answered \\Deleted";
fileinto "4";
--- plan
store "1" line 4 flags "\\Deleted" "\\Answered"
store "2" line 7 flags "\\Deleted" "\\Answered"
store "3" line 10 flags "\\Deleted" "\\Answered"
store "4" line 13 flags "\\Answered" "\\Deleted"
=== s. 3.3: removeflag; what was not set is no error; case does not matter
--- script
require ["imap4flags", "fileinto"];
setflag "A B C D";
removeflag ["b", "", "X"];
removeflag "d  A";
fileinto "1";
removeflag "C";
fileinto "2";
addflag "A";
fileinto "3";
--- plan
store "1" line 5 flags "C"
store "2" line 7
store "3" line 9 flags "A"
=== s. 2: blanks, empty strings, duplicates without regard to case
--- script
require ["imap4flags", "fileinto"];
fileinto :flags ["  a   b ", "", " ", "A c", "\\SEEN", "\\Seen"] "x";
--- plan
store "x" line 2 flags "a" "b" "c" "\\SEEN"
=== s. 2: what is not valid or cannot be set is ignored
--- script
require ["imap4flags", "fileinto"];
fileinto :flags ["\\Recent", "\\*", "\\Foo", "\\", "a*b", "a%b", "a(b", "a)b",
	"a{b", "a\"b", "a\\b", "a]b", "ünicode", "tab	inside", "good"] "x";
fileinto :flags ["$Forwarded", "}a[", "a'b", "~!@#^&-_=+;:,.<>/?|`"] "y";
--- plan
store "x" line 2 flags "good"
store "y" line 4 flags "$Forwarded" "}a[" "a'b" "~!@#^&-_=+;:,.<>/?|`"
=== s. 2: the five that can be set
--- script
require "imap4flags";
keep :flags ["\\answered", "\\deleted", "\\draft", "\\flagged", "\\seen"];
--- plan
store "INBOX" line 2 flags "\\answered" "\\deleted" "\\draft" "\\flagged" "\\seen"
=== s. 5: only the flags of :flags; the internal variable otherwise
--- script
require ["imap4flags", "fileinto", "copy"];
setflag "internal";
fileinto :copy :flags "mine" "1";
fileinto :copy :flags "" "2";
fileinto :copy "3";
setflag "later";
--- plan
store "1" line 3 copy flags "mine"
store "2" line 4 copy
store "3" line 5 copy flags "internal"
store "INBOX" implicit flags "later"
=== s. 5: :flags may stand beside :copy in any order; on keep, too
--- script
require ["imap4flags", "fileinto", "copy"];
fileinto :flags "a" :copy "1";
keep :FLAGS ["a", "b"];
--- plan
store "1" line 2 copy flags "a"
store "INBOX" line 3 flags "a" "b"
--- code
require "imap4flags" "fileinto" "copy"
0000  2:1  fileinto :copy ["a"] "1"
0001  3:1  keep ["a", "b"]
=== s. 3: of duplicates the last flags win
--- script
require ["imap4flags", "fileinto"];
fileinto :flags "first" "x";
keep :flags "first";
fileinto :flags ["second", "third"] "x";
keep;
--- plan
store "x" line 2 flags "second" "third"
store "INBOX" line 3
=== s. 3: the implicit keep after a copy to INBOX
--- script
require ["imap4flags", "fileinto", "copy"];
fileinto :copy :flags "first" "INBOX";
setflag "internal";
--- plan
store "INBOX" line 2 flags "internal"
=== the implicit keep without flags takes away none
--- script
require ["imap4flags", "fileinto", "copy"];
fileinto :copy :flags "first" "INBOX";
--- plan
store "INBOX" line 2 flags "first"
=== s. 6: a redirect has no flags
--- script
require "imap4flags";
setflag "a";
redirect "a@example.org";
--- plan
redirect "a@example.org" line 3
=== s. 4: the internal variable is empty at first
--- script
require ["imap4flags", "fileinto"];
if hasflag "" { fileinto "no"; }
if hasflag :matches "*" { fileinto "no"; }
if hasflag :contains "" { fileinto "no"; }
--- plan
store "INBOX" implicit
=== s. 4: examples
--- script
require ["imap4flags", "fileinto"];
setflag "A B";
if hasflag :is "b A" { fileinto "1"; }
if hasflag ["b","A"] { fileinto "2"; }
if hasflag :is "c" { fileinto "no"; }
setflag "NonJunk Junk gnus-forward $Forwarded NotJunk JunkRecorded $Junk $NotJunk";
if hasflag :contains "Junk" { fileinto "3"; }
if hasflag :contains "forward" { fileinto "4"; }
if hasflag :contains ["label", "forward"] { fileinto "5"; }
if hasflag :contains ["junk", "forward"] { fileinto "6"; }
if hasflag :contains "junk forward" { fileinto "7"; }
if hasflag :contains "forward junk" { fileinto "8"; }
if hasflag :contains "label" { fileinto "no"; }
if hasflag :contains ["label1", "label2"] { fileinto "no"; }
--- plan
store "1" line 3 flags "A" "B"
store "2" line 4 flags "A" "B"
store "3" line 7 flags "NonJunk" "Junk" "gnus-forward" "$Forwarded" "NotJunk" "JunkRecorded" "$Junk" "$NotJunk"
store "4" line 8 flags "NonJunk" "Junk" "gnus-forward" "$Forwarded" "NotJunk" "JunkRecorded" "$Junk" "$NotJunk"
store "5" line 9 flags "NonJunk" "Junk" "gnus-forward" "$Forwarded" "NotJunk" "JunkRecorded" "$Junk" "$NotJunk"
store "6" line 10 flags "NonJunk" "Junk" "gnus-forward" "$Forwarded" "NotJunk" "JunkRecorded" "$Junk" "$NotJunk"
store "7" line 11 flags "NonJunk" "Junk" "gnus-forward" "$Forwarded" "NotJunk" "JunkRecorded" "$Junk" "$NotJunk"
store "8" line 12 flags "NonJunk" "Junk" "gnus-forward" "$Forwarded" "NotJunk" "JunkRecorded" "$Junk" "$NotJunk"
=== s. 4: an empty key is no key
--- script
require ["imap4flags", "fileinto"];
setflag "A B";
if hasflag "" { fileinto "no"; }
if hasflag :contains ["", " "] { fileinto "no"; }
--- plan
store "INBOX" implicit flags "A" "B"
=== s. 4: comparators and wildcards
--- script
require ["imap4flags", "fileinto"];
setflag "\\Flagged";
if hasflag "\\fLAGGED" { fileinto "1"; }
if hasflag :comparator "i;octet" "\\flagged" { fileinto "no"; }
if hasflag :comparator "i;octet" "\\Flagged" { fileinto "2"; }
if hasflag :matches "\\\\Fl*" { fileinto "3"; }
if hasflag :matches "?Flagged" { fileinto "4"; }
--- plan
store "1" line 3 flags "\\Flagged"
store "2" line 5 flags "\\Flagged"
store "3" line 6 flags "\\Flagged"
store "4" line 7 flags "\\Flagged"
--- code
require "imap4flags" "fileinto"
0000  2:1  setflag ["\\Flagged"]
0001  3:4  hasflag :is i;ascii-casemap ["\\fLAGGED"]
0002  3:1  jfalse -> 0004
0003  3:26  fileinto "1"
0004  4:4  hasflag :is i;octet ["\\flagged"]
0005  4:1  jfalse -> 0007
0006  4:48  fileinto "no"
0007  5:4  hasflag :is i;octet ["\\Flagged"]
0008  5:1  jfalse -> 0010
0009  5:48  fileinto "2"
0010  6:4  hasflag :matches i;ascii-casemap ["\\\\Fl*"]
0011  6:1  jfalse -> 0013
0012  6:33  fileinto "3"
0013  7:4  hasflag :matches i;ascii-casemap ["?Flagged"]
0014  7:1  jfalse -> 0016
0015  7:34  fileinto "4"
=== many keys
--- script
require ["imap4flags"];
setflag "k";
if hasflag ["a","b","c","d","e","f","g","h","i","j k l"] { discard; }
--- plan
discard line 3
=== s. 1: a variable by name needs the variables extension
--- script
require ["imap4flags"];
setflag "name" "\\Flagged";
addflag "name" "\\Flagged";
removeflag "name" "\\Flagged";
if hasflag "name" "\\Flagged" { stop; }
setflag;
setflag 1;
keep :flags;
keep :flags 1;
keep :flags "a" :flags "b";
discard :flags "a";
--- errors
script:2:9: error: the setflag command takes no variable without "variables" (add require "variables";)
script:3:9: error: the addflag command takes no variable without "variables" (add require "variables";)
script:4:12: error: the removeflag command takes no variable without "variables" (add require "variables";)
script:5:12: error: the hasflag test takes no variable without "variables" (add require "variables";)
script:6:1: error: the setflag command requires 1 positional argument, found 0 (write: setflag <list-of-flags>)
script:7:9: error: the setflag command expects a string list as argument 1 (list-of-flags), found a number (write: setflag <list-of-flags>)
script:8:6: error: tag ":flags" must be followed by a string list, found nothing (write: :flags ["text", "text"])
script:9:13: error: tag ":flags" must be followed by a string list, found a number (write: :flags ["text", "text"])
script:10:17: error: tag ":flags" is given more than once (remove one of them)
script:11:9: error: unknown tagged argument ":flags" for the discard command (it is a tag of: keep fileinto)
=== not required
--- script
keep :flags "a";
setflag "a";
if hasflag "a" { stop; }
--- errors
script:1:6: error: unknown tagged argument ":flags" for the keep command (add require "imap4flags";)
script:2:1: error: unknown command "setflag" (add require "imap4flags";)
script:3:4: error: unknown test "hasflag" (add require "imap4flags";)
=== s. 9: the example, with the internal variable
--- script
require ["fileinto", "imap4flags"];
if size :over 1M
        {
        addflag "Big";
        if header :is "From" "boss@company.example.com"
                   {
                   addflag "\\Flagged";
                   }
        fileinto "Big messages";
        }
if header :is "From" "grandma@example.net"
        {
        addflag ["\\Answered", "$MDNSent"];
        fileinto "GrandMa";
        }
if header :is "Sender" "owner-ietf-mta-filters@example.org"
        {
        setflag "\\Flagged $Work";
        keep;
        }
elsif anyof (address :domain :is ["From", "To"] "company.example.com")
        {
        keep;
        }
elsif anyof (not address :all :contains
               ["To", "Cc"] "me@company.example.com",
             header :matches "subject"
               ["*make*money*fast*", "*university*dipl*mas*"])
        {
        removeflag "\\Flagged";
        fileinto "spam";
        }
else
        {
        fileinto "personal";
        }
--- message
From: grandma@example.net
To: me@company.example.com
Sender: owner-ietf-mta-filters@example.org

--- options
--- plan
store "GrandMa" line 14 flags "\\Answered" "$MDNSent"
store "INBOX" line 19 flags "\\Flagged" "$Work"
