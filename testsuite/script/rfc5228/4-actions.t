# RFC 5228 s. 4: fileinto, redirect, keep, discard.
=== fileinto
--- script
require "fileinto";
if header :contains ["from"] "coyote" {
	fileinto "INBOX.harassment";
}
--- message
From: coyote@desert.example.org

--- plan
store "INBOX.harassment" line 3
=== fileinto with names outside ASCII
--- script
require "fileinto";
fileinto "odds & ends";
fileinto "Entwürfe/日本";
--- plan
store "odds & ends" line 2
store "Entwürfe/日本" line 3
=== mailbox names that are none
--- script raw
require "fileinto";\nfileinto "";\nfileinto "a\xff";\nfileinto "a\x01b";\nfileinto "a\nb";
--- errors
script:2:10: error: invalid mailbox name "" (a mailbox name is UTF-8 text without control characters)
script:3:10: error: invalid mailbox name "a?" (a mailbox name is UTF-8 text without control characters)
script:4:10: error: invalid mailbox name "a?b" (a mailbox name is UTF-8 text without control characters)
script:5:10: error: invalid mailbox name "a??b" (a mailbox name is UTF-8 text without control characters)
=== fileinto: arguments
--- script
require "fileinto";
fileinto;
fileinto 1;
fileinto ["a", "b"];
fileinto "a" "b";
fileinto :copy "a";
--- errors
script:2:1: error: the fileinto command requires 1 positional argument, found 0 (write: fileinto <mailbox>)
script:3:10: error: the fileinto command expects a string as argument 1 (mailbox), found a number (write: fileinto <mailbox>)
script:4:10: error: the fileinto command expects a string as argument 1 (mailbox), found a string list (write: fileinto <mailbox>)
script:5:14: error: the fileinto command requires 1 positional argument, found 2 (write: fileinto <mailbox>)
script:6:10: error: unknown tagged argument ":copy" for the fileinto command (add require "copy";)
=== redirect
--- script
redirect "bart@example.com";
--- plan
redirect "bart@example.com" line 1
=== addresses that are good
--- script
redirect "Bart Simpson <bart@example.com>";
redirect "\"Bart S.\" <b@example.com>";
redirect "\"quoted local\"@example.com";
redirect "user@[192.0.2.1]";
--- plan
redirect "bart@example.com" line 1
redirect "b@example.com" line 2
redirect "\"quoted local\"@example.com" line 3
redirect "user@[192.0.2.1]" line 4
=== addresses that are none
--- script
redirect "";
redirect "bart";
redirect "@example.com";
redirect "bart@";
redirect "a@example.com, b@example.com";
redirect "group: a@example.com;";
redirect "<@route.example:a@example.com>";
redirect "a b@example.com";
redirect "<a@example.com";
redirect "a@example.com>";
redirect "a@example..com";
redirect "<>";
--- errors
script:1:10: error: "" is not a valid address (write it like "user@example.org")
script:2:10: error: "bart" is not a valid address (write it like "user@example.org")
script:3:10: error: "@example.com" is not a valid address (write it like "user@example.org")
script:4:10: error: "bart@" is not a valid address (write it like "user@example.org")
script:5:10: error: "a@example.com, b@example.com" is not a valid address (write it like "user@example.org")
script:6:10: error: "group: a@example.com;" is not a valid address (write it like "user@example.org")
script:7:10: error: "<@route.example:a@example.com>" is not a valid address (write it like "user@example.org")
script:8:10: error: "a b@example.com" is not a valid address (write it like "user@example.org")
script:9:10: error: "<a@example.com" is not a valid address (write it like "user@example.org")
script:10:10: error: "a@example.com>" is not a valid address (write it like "user@example.org")
script:11:10: error: "a@example..com" is not a valid address (write it like "user@example.org")
script:12:10: error: "<>" is not a valid address (write it like "user@example.org")
=== keep
--- script
if size :under 1M { keep; } else { discard; }
--- plan
store "INBOX" line 1
=== the same without keep
--- script
if not size :under 1M { discard; }
--- plan
store "INBOX" implicit
=== keep twice is one
--- script
keep; keep;
--- plan
store "INBOX" line 1
=== discard
--- script
if header :contains ["from"] ["idiot@example.com"] {
	discard;
}
--- message
From: Some Idiot <idiot@example.com>

--- plan
discard line 2
=== discard with other actions
--- script
require "fileinto";
discard;
fileinto "x";
redirect "a@example.org";
discard;
--- plan
store "x" line 3
redirect "a@example.org" line 4
=== discard and keep
--- script
discard;
keep;
--- plan
store "INBOX" line 2
=== redirect cancels the implicit keep, keep keeps
--- script
redirect "a@example.org";
keep;
--- plan
redirect "a@example.org" line 1
store "INBOX" line 2
