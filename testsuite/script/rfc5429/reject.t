# RFC 5429: reject and ereject
=== s. 2.1: the example
--- script
require ["ereject"];
if address "from" "someone@example.com" {
    ereject "I no longer accept mail from this address";
}
--- message
From: someone@example.com, coyote@desert.example.org

body
--- options
--from coyote@desert.example.org
--- plan
refuse "coyote@desert.example.org" line 3 ereject "I no longer accept mail from this address"
--- code
require "ereject"
0000  2:4  address :all ["from"] :is i;ascii-casemap ["someone@example.com"]
0001  2:1  jfalse -> 0003
0002  3:5  ereject "I no longer accept mail from this address"
=== s. 2.2.1: the example
--- script
require ["reject"];
if header :contains "from" "coyote@desert.example.org" {
    reject text:
I am not taking mail from you, and I don't
want your birdseed, either!
.
    ;
}
--- options
--from coyote@desert.example.org
--- plan
refuse "coyote@desert.example.org" line 3 reject "I am not taking mail from you, and I don't\r\nwant your birdseed, either!\r\n"
=== s. 2.4: notify, addheader and variables beside it
--- script
require ["ereject", "enotify", "variables", "editheader"];
set "a" "no";
ereject "${a}";
notify "mailto:a@b";
addheader "X-A" "b";
--- plan
refuse "" line 3 ereject "no"
notify "mailto:a@b" line 4 importance 2
=== s. 2.4: not twice
--- script
require ["reject"];
reject "a";
reject "a";
--- plan
store "INBOX" implicit
--- errors
script:0:0: error: conflicting actions: the message is refused twice (lines 2 and 3)
=== s. 2.4: not both
--- script
require ["reject", "ereject"];
reject "a";
ereject "a";
--- plan
store "INBOX" implicit
--- errors
script:0:0: error: conflicting actions: the message is refused twice (lines 2 and 3)
=== s. 2.4: no delivery beside it
--- script
require ["reject"];
keep;
reject "a";
--- plan
store "INBOX" implicit
--- errors
script:0:0: error: conflicting actions: the message is refused and stored in a mailbox (lines 3 and 2)
=== s. 2.4: not even a copy
--- script
require ["reject", "fileinto", "copy"];
reject "a";
fileinto :copy "x";
--- plan
store "INBOX" implicit
--- errors
script:0:0: error: conflicting actions: the message is refused and stored in a mailbox (lines 2 and 3)
=== s. 2.4: no redirect
--- script
require ["ereject"];
ereject "a";
redirect "x@y";
--- plan
store "INBOX" implicit
--- errors
script:0:0: error: conflicting actions: the message is refused and redirected (lines 2 and 3)
=== discard beside it does nothing more
--- script
require ["ereject"];
discard;
ereject "a";
--- plan
refuse "" line 3 ereject "a"
=== errors
--- script
require ["reject", "ereject", "fcc"];
reject;
reject ["a"];
ereject 1;
reject :fcc "x" "a";
ereject "a" "b";
--- errors
script:2:1: error: the reject command requires 1 positional argument, found 0 (write: reject <reason>)
script:3:8: error: the reject command expects a string as argument 1 (reason), found a string list (write: reject <reason>)
script:4:9: error: the ereject command expects a string as argument 1 (reason), found a number (write: ereject <reason>)
script:5:8: error: unknown tagged argument ":fcc" for the reject command (it is a tag of: vacation notify)
script:6:13: error: the ereject command requires 1 positional argument, found 2 (write: ereject <reason>)
=== not required
--- script
require "reject";
ereject "a";
--- errors
script:2:1: error: unknown command "ereject" (add require "ereject";)
