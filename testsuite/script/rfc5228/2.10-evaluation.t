# RFC 5228 s. 2.10: implicit keep, uniqueness, limits, extensions, errors.
=== implicit keep
--- script
if size :over 500K { discard; }
--- message
Subject: x

body
--- plan
store "INBOX" implicit
=== the same mailbox twice is no error and one copy
--- script
require "fileinto";
fileinto "a"; fileinto "b";
fileinto "a";
--- plan
store "a" line 2
store "b" line 2
=== keep and fileinto INBOX are the same mailbox
--- script
require "fileinto";
keep;
fileinto "INBOX";
fileinto "inbox";
fileinto "Inbox/x";
--- plan
store "INBOX" line 2
store "Inbox/x" line 5
=== the same redirect twice; domains have no case
--- script
redirect "a@example.org";
redirect "a@EXAMPLE.org";
redirect "A@example.org";
redirect "Name <a@example.org>";
redirect "<a@example.org>";
--- plan
redirect "a@example.org" line 1
redirect "A@example.org" line 3
=== at most four redirects
--- script
redirect "a@example.org"; redirect "b@example.org"; redirect "c@example.org";
redirect "d@example.org"; redirect "d@example.org";
redirect "e@example.org";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: more than 4 redirects
=== at most 32 actions
--- script
require "fileinto";
fileinto "1"; fileinto "2"; fileinto "3"; fileinto "4"; fileinto "5"; fileinto "6";
fileinto "1"; fileinto "2"; fileinto "3"; fileinto "4"; fileinto "5"; fileinto "6";
fileinto "1"; fileinto "2"; fileinto "3"; fileinto "4"; fileinto "5"; fileinto "6";
fileinto "1"; fileinto "2"; fileinto "3"; fileinto "4"; fileinto "5"; fileinto "6";
fileinto "1"; fileinto "2"; fileinto "3"; fileinto "4"; fileinto "5"; fileinto "6";
fileinto "1"; fileinto "2"; fileinto "3";
--- plan
store "INBOX" implicit
--- errors
script:7:29: error: more than 32 actions
=== what is not required does not exist
--- script
fileinto "x";
if envelope "from" "x" { stop; }
--- errors
script:1:1: error: unknown command "fileinto" (add require "fileinto";)
script:2:4: error: unknown test "envelope" (add require "envelope";)
=== errors in code that is not reached
--- script
stop;
if false { nonsense; }
--- errors
script:2:12: error: unknown command "nonsense"
