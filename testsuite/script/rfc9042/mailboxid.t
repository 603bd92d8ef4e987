# RFC 9042: mailboxid
=== s. 4: the example, the mailbox exists
--- script
require "fileinto";
require "mailboxid";
if header :contains ["from"] "coyote" {
    fileinto :mailboxid "F6352ae03-b7f5-463c-896f-d8b48ee3"
             "INBOX.harassment";
}
--- message
From: coyote@desert.example.org

body
--- options
--mailboxes "Bad#F6352ae03-b7f5-463c-896f-d8b48ee3"
--- plan
store "Bad" line 4
--- code
require "fileinto" "mailboxid"
0000  3:4  header ["from"] :contains i;ascii-casemap ["coyote"]
0001  3:1  jfalse -> 0003
0002  4:5  fileinto :mailboxid "INBOX.harassment" "F6352ae03-b7f5-463c-896f-d8b48ee3"
=== s. 4: it does not
--- script
require ["fileinto", "mailboxid"];
fileinto :mailboxid "F6352ae03-b7f5-463c-896f-d8b48ee3" "INBOX.harassment";
--- options
--mailboxes "Bad#f6352ae03-b7f5-463c-896f-d8b48ee3"
--- plan
store "INBOX.harassment" line 2
=== s. 4.1: the example
--- script
require "fileinto";
require "mailboxid";
require "mailbox";
fileinto :mailboxid "Fnosuch"
         :create
         "INBOX.no-such-folder";
--- plan
store "INBOX.no-such-folder" line 4 create
=== s. 5: the example
--- script
require ["enotify", "fcc", "mailboxid"];
notify :fcc "INBOX.Sent"
       :mailboxid "F6352ae03-b7f5-463c-896f-d8b48ee3"
       :message "You got mail!"
       "mailto:ken@example.com";
--- options
--mailboxes "Out#F6352ae03-b7f5-463c-896f-d8b48ee3"
--- plan
notify "mailto:ken@example.com" line 2 importance 2 message "You got mail!" fcc "Out"
store "INBOX" implicit
=== s. 6: the test; s. 7: with variables
--- script
require ["fileinto", "mailboxid", "variables"];
set "i" "F1";
if mailboxidexists "F1" { fileinto "1"; }
if mailboxidexists ["${i}", "F2"] { fileinto "2"; }
if mailboxidexists ["F1", "F3"] { fileinto "no"; }
if mailboxidexists "" { fileinto "no"; }
fileinto :mailboxid "${i}" "x";
--- options
--mailboxes "A#F1,B#F2"
--- plan
store "1" line 3
store "2" line 4
store "A" line 7
=== errors; s. 4.2
--- script
require ["fileinto", "mailboxid", "special-use"];
fileinto :mailboxid "a" :specialuse "\\Junk" "b";
fileinto :mailboxid 1 "b";
keep :mailboxid "a";
if mailboxidexists { stop; }
--- errors
script:2:25: error: tag ":specialuse" cannot be used together with ":mailboxid" (remove one of them)
script:3:21: error: tag ":mailboxid" must be followed by a string, found a number (write: :mailboxid "text")
script:4:6: error: unknown tagged argument ":mailboxid" for the keep command (it is a tag of: fileinto)
script:5:4: error: the mailboxidexists test requires 1 positional argument, found 0 (write: mailboxidexists <mailbox-objectids>)
