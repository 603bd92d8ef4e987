# RFC 8580: fcc
=== s. 5: the example
--- script
require ["vacation", "fcc", "mailbox", "special-use", "imap4flags"];

vacation :days 7
         :from "hemingway@example.com"
         :specialuse "\\Sent" :create
         :fcc "INBOX.Sent" :flags ["\\Seen"]
         "Gone Fishin'";
--- message
Subject: x

body
--- plan
reply "" line 3 seconds 604800 id "text c8baf108e3e7b1812304997b287401cf6767e92496ea21949b81177b0243ac97" from "hemingway@example.com" reason "Gone Fishin'" fcc "INBOX.Sent" create specialuse "\\Sent" flags "\\Seen"
store "INBOX" implicit
--- code
require "vacation" "fcc" "mailbox" "special-use" "imap4flags"
0000  3:1  vacation :fcc :create :specialuse :days :from ["\\Seen"] "INBOX.Sent" "\\Sent" 7 "hemingway@example.com" "Gone Fishin'"
=== s. 3.1.3: the mailbox that is for it
--- script
require ["vacation", "fcc", "mailbox", "special-use", "imap4flags"];
vacation :specialuse "\\sent" :create :fcc "INBOX.Sent" "Gone Fishin'";
--- options
--mailboxes "Out=\Sent"
--- plan
reply "" line 2 seconds 604800 id "text a9ea7dffbf02355f0d8ebd2f92aae0789badcfe7ccce569c9822a4a64365e378" reason "Gone Fishin'" fcc "Out" create
store "INBOX" implicit
=== s. 6.1: the example
--- script
require ["enotify", "fcc"];
if notify_method_capability "xmpp:" "fcc" "yes" {
    notify :fcc "INBOX.Sent"
           :message "You got mail"
           "xmpp:ken@example.com?message;subject=SIEVE";
} else {
    notify :fcc "INBOX.Sent"
           :message "You got mail!"
           "mailto:ken@example.com";
}
--- plan
notify "mailto:ken@example.com" line 7 importance 2 message "You got mail!" fcc "INBOX.Sent"
store "INBOX" implicit
=== the internal variable is not for copies
--- script
require ["enotify", "fcc", "imap4flags"];
setflag "\\Flagged";
notify :fcc "Sent" "mailto:ken@example.com";
--- plan
notify "mailto:ken@example.com" line 3 importance 2 fcc "Sent"
store "INBOX" implicit flags "\\Flagged"
=== s. 3: a name that is none
--- script
require ["enotify", "fcc", "variables"];
set "a" "";
notify :fcc "${a}" "mailto:ken@example.com";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: notify: this is not a mailbox name
=== errors: s. 3.1, 7, 8
--- script
require ["enotify", "fcc", "reject", "vacation", "fileinto"];
vacation :fcc "" "x";
vacation :fcc ["a"] "x";
vacation :fcc "a" :create "x";
vacation :fcc "a" :flags "b" "x";
vacation :fcc "a" :specialuse "\\Sent" "x";
vacation :fcc "a" :mailboxid "b" "x";
reject :fcc "a" "x";
fileinto :fcc "a" "b";
keep :fcc "a";
notify :fcc "a" :fcc "b" "mailto:a@b";
--- errors
script:2:15: error: invalid mailbox name "" (a mailbox name is UTF-8 text without control characters)
script:3:15: error: tag ":fcc" must be followed by a string, found a string list (write: :fcc "text")
script:4:19: error: unknown tagged argument ":create" for the vacation command (add require "mailbox";)
script:5:19: error: unknown tagged argument ":flags" for the vacation command (add require "imap4flags";)
script:6:19: error: unknown tagged argument ":specialuse" for the vacation command (add require "special-use";)
script:7:19: error: unknown tagged argument ":mailboxid" for the vacation command (add require "mailboxid";)
script:8:8: error: unknown tagged argument ":fcc" for the reject command (it is a tag of: vacation notify)
script:9:10: error: unknown tagged argument ":fcc" for the fileinto command (it is a tag of: vacation notify)
script:10:6: error: unknown tagged argument ":fcc" for the keep command (it is a tag of: vacation notify)
script:11:17: error: tag ":fcc" is given more than once (remove one of them)
=== errors: tags that need :fcc
--- script
require ["enotify", "fcc", "vacation", "special-use", "imap4flags", "mailbox", "mailboxid"];
vacation :create "x";
vacation :flags "b" "x";
notify :specialuse "\\Sent" "mailto:a@b";
notify :mailboxid "b" "mailto:a@b";
notify :fcc "a" :mailboxid "b" :specialuse "\\Sent" "mailto:a@b";
--- errors
script:2:10: error: tag ":create" cannot be used without ":fcc" (add :fcc)
script:3:10: error: tag ":flags" cannot be used without ":fcc" (add :fcc)
script:4:8: error: tag ":specialuse" cannot be used without ":fcc" (add :fcc)
script:5:8: error: tag ":mailboxid" cannot be used without ":fcc" (add :fcc)
script:6:32: error: tag ":specialuse" cannot be used together with ":mailboxid" (remove one of them)
