# RFC 3894: copying without side effects.
=== the implicit keep stays
--- script
require ["fileinto", "copy"];
fileinto :copy "Lists";
redirect :COPY "a@example.org";
--- message
Subject: x

body
--- plan
store "Lists" line 2 copy
redirect "a@example.org" line 3 copy
store "INBOX" implicit
--- code
require "fileinto" "copy"
0000  2:1  fileinto :copy "Lists"
0001  3:1  redirect :copy "a@example.org"
=== other actions cancel it as ever
--- script
require ["fileinto", "copy"];
fileinto :copy "a";
fileinto "b";
--- plan
store "a" line 2 copy
store "b" line 3
=== discard after a copy
--- script
require "copy";
redirect :copy "a@example.org";
discard;
--- plan
redirect "a@example.org" line 2 copy
=== a copy into INBOX and the implicit keep are one message
--- script
require ["fileinto", "copy"];
fileinto :copy "INBOX";
--- plan
store "INBOX" line 2
=== with and without copy to the same place
--- script
require ["fileinto", "copy"];
fileinto :copy "a";
fileinto "a";
--- plan
store "a" line 2
=== only on fileinto and redirect, once, and only when required
--- script
require ["fileinto", "copy"];
keep :copy;
fileinto :copy :copy "a";
discard :copy;
--- errors
script:2:6: error: unknown tagged argument ":copy" for the keep command (it is a tag of: fileinto redirect)
script:3:16: error: tag ":copy" is given more than once (remove one of them)
script:4:9: error: unknown tagged argument ":copy" for the discard command (it is a tag of: fileinto redirect)
=== not required
--- script
redirect :copy "a@example.org";
--- errors
script:1:10: error: unknown tagged argument ":copy" for the redirect command (add require "copy";)
