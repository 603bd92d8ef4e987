=== redirect to the owner
--- script
redirect "Me <me@Example.org>";
redirect "you@example.org";
redirect "alias@example.net";
--- check
--to me@example.org,Alias@Example.NET
--- warnings
script:1:10: warning: the message is redirected to where it came to (use keep) [redirect-to-self]
script:3:10: warning: the message is redirected to where it came to (use keep) [redirect-to-self]
=== the owner is not known
--- script
redirect "me@example.org";
--- check
=== names of mailboxes, separator /
--- script
require ["fileinto", "mailbox"];
fileinto "a/b";
fileinto "a.b";
fileinto "INBOX.a";
fileinto "a//b";
if mailboxexists ["x", "x.y"] { stop; }
--- check
--- warnings
script:3:10: warning: mailbox name "a.b": "." separates levels on disk (the separator is "/": a/b) [mailbox-name]
script:5:10: warning: mailbox name "a//b": empty level [mailbox-name]
script:6:24: warning: mailbox name "x.y": "." separates levels on disk (the separator is "/": x/y) [mailbox-name]
=== names of mailboxes, separator .
--- script
require ["fileinto", "variables"];
set "x" "/";
fileinto "a.b";
fileinto "a/b";
fileinto "${x}";
--- check
--separator .
--- warnings
script:4:10: warning: mailbox name "a/b": "/" in a level (the separator is ".": a.b) [mailbox-name]
=== vacation without :addresses
--- script
require "vacation";
if exists "x" { vacation "away"; }
vacation :addresses "me@example.net" "away";
--- check
--- warnings
script:2:17: warning: mail to an alias of yours is not answered (add :addresses with your other addresses) [vacation-addresses]
=== :fcc and metadata name mailboxes, too
--- script
require ["vacation", "vacation-seconds", "fcc", "fileinto", "mboxmetadata"];
if metadata "a.b" "/private/x" "y" { stop; }
vacation :seconds 60 :addresses "me@example.net" :fcc "x.y" "away";
--- check
--no-warn unused-require
--- warnings
script:2:13: warning: mailbox name "a.b": "." separates levels on disk (the separator is "/": a/b) [mailbox-name]
script:3:55: warning: mailbox name "x.y": "." separates levels on disk (the separator is "/": x/y) [mailbox-name]
=== vacation-seconds is enough, and is enough to be used
--- script
require ["vacation-seconds"];
vacation :days 1 :addresses "me@example.net" "away";
--- check
