# RFC 5490 s. 3.1, 3.2: mailbox. The mailboxes that exist are those of
# --mailboxes, and INBOX.
=== s. 3.1: the example, the mailbox exists
--- script
require ["fileinto", "mailbox"];
if mailboxexists "Partners" {
   fileinto "Partners";
} else {
   discard;
}
--- message
Subject: x

body
--- options
--mailboxes Partners,Work,Lists/a
--- plan
store "Partners" line 3
=== the mailbox does not exist
--- script
require ["fileinto", "mailbox"];
if mailboxexists "Partners" {
   fileinto "Partners";
} else {
   discard;
}
--- options
--mailboxes partners
--- plan
discard line 5
=== all of a list must exist
--- script
require ["fileinto", "mailbox"];
if mailboxexists ["Partners", "Work", "INBOX", "inbox"] { fileinto "all"; }
if mailboxexists ["Partners", "None"] { fileinto "no"; }
if mailboxexists ["None", "Partners"] { fileinto "no"; }
if mailboxexists "" { fileinto "no"; }
if mailboxexists "/no/name/" { fileinto "no"; }
if not mailboxexists "Lists" { fileinto "parent"; }
--- options
--mailboxes Partners,Work,Lists/a
--- plan
store "all" line 2
store "parent" line 7
--- code
require "fileinto" "mailbox"
0000  2:4  mailboxexists ["Partners", "Work", "INBOX", "inbox"]
0001  2:1  jfalse -> 0003
0002  2:59  fileinto "all"
0003  3:4  mailboxexists ["Partners", "None"]
0004  3:1  jfalse -> 0006
0005  3:41  fileinto "no"
0006  4:4  mailboxexists ["None", "Partners"]
0007  4:1  jfalse -> 0009
0008  4:41  fileinto "no"
0009  5:4  mailboxexists [""]
0010  5:1  jfalse -> 0012
0011  5:23  fileinto "no"
0012  6:4  mailboxexists ["/no/name/"]
0013  6:1  jfalse -> 0015
0014  6:32  fileinto "no"
0015  7:8  mailboxexists ["Lists"]
0016  7:4  not
0017  7:1  jfalse -> 0019
0018  7:32  fileinto "parent"
=== s. 3.2: create, beside other tags
--- script
require ["fileinto", "mailbox", "copy", "imap4flags"];
fileinto :create "a";
fileinto :create :copy :flags "x" "b";
fileinto "c";
fileinto :create "c";
--- plan
store "a" line 2 create
store "b" line 3 copy create flags "x"
store "c" line 4 create
--- code
require "fileinto" "mailbox" "copy" "imap4flags"
0000  2:1  fileinto :create "a"
0001  3:1  fileinto :copy :create ["x"] "b"
0002  4:1  fileinto "c"
0003  5:1  fileinto :create "c"
=== only on fileinto, once
--- script
require ["fileinto", "mailbox"];
keep :create;
fileinto :create :create "a";
if mailboxexists { stop; }
if mailboxexists 1 { stop; }
if mailboxexists "a" "b" { stop; }
if mailboxexists :is "a" { stop; }
--- errors
script:2:6: error: unknown tagged argument ":create" for the keep command (it is a tag of: fileinto)
script:3:18: error: tag ":create" is given more than once (remove one of them)
script:4:4: error: the mailboxexists test requires 1 positional argument, found 0 (write: mailboxexists <mailbox-names>)
script:5:18: error: the mailboxexists test expects a string list as argument 1 (mailbox-names), found a number (write: mailboxexists <mailbox-names>)
script:6:22: error: the mailboxexists test requires 1 positional argument, found 2 (write: mailboxexists <mailbox-names>)
script:7:18: error: unknown tagged argument ":is" for the mailboxexists test
=== not required
--- script
require "fileinto";
fileinto :create "a";
if mailboxexists "a" { stop; }
--- errors
script:2:10: error: unknown tagged argument ":create" for the fileinto command (add require "mailbox";)
script:3:4: error: unknown test "mailboxexists" (add require "mailbox";)
