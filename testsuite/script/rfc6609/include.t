# RFC 6609 s. 3.2, 3.3: include and return.
=== example of section 3.2
--- script
require ["include"];

include :personal "always_allow";
include :global "spam_tests";
include :personal "spam_tests";
include :personal "mailing_lists";
--- file always_allow
if address :is "from" "boss@example.com"
{
    keep;
}
elsif address :is "from" "ceo@example.com"
{
    keep;
}
--- file global/spam_tests
if anyof (header :contains "Subject" "$$",
          header :contains "Subject" "Make money")
{
    discard;
}
--- file spam_tests.sieve
if header :contains "Subject" "XXXX"
{
    discard;
}
elsif address :is "from" "money@example.com"
{
    discard;
}
--- file mailing_lists.script
require ["fileinto"];

if header :is "List-ID" "sieve.ietf.org"
{
    fileinto "lists.sieve";
}
elsif header :is "List-ID" "ietf-imapext.imc.org"
{
    fileinto "lists.imapext";
}
--- message
From: boss@example.com
Subject: hello
List-ID: sieve.ietf.org

--- plan
store "INBOX" line 3
store "lists.sieve" line 5
=== keep stays cancelled
--- script
require "include";
include "a";
--- file a
discard;
--- plan
discard line 1
=== return
--- script
require "include";
include "a";
redirect "b@example.com";
--- file a
require "include";
redirect "a@example.com";
if true { return; }
redirect "c@example.com";
--- plan
redirect "a@example.com" line 2
redirect "b@example.com" line 3
=== return in the active script is stop
--- script
require "include";
if true { return; }
discard;
--- plan
store "INBOX" implicit
=== stop ends all
--- script
require "include";
include "a";
redirect "b@example.com";
--- file a
redirect "a@example.com";
stop;
--- plan
redirect "a@example.com" line 1
=== a script that is missing
--- script
require "include";
discard;
include "nosuch";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: include: there is no script "nosuch"
=== only when it is reached
--- script
require "include";
if false { include "nosuch"; }
discard;
--- plan
discard line 3
=== optional
--- script
require "include";
include :optional "nosuch";
include :optional :global "nosuch";
include :optional "a";
--- file a
discard;
--- plan
discard line 1
=== optional is not for broken ones
--- script
require "include";
include :optional "a";
--- file a
keep
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: include: script "a": line 1: missing semicolon: expected ';' or a block after "keep", found the end of the script
=== personal is not global
--- script
require "include";
include :global "a";
--- file a
discard;
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: include: there is no script "a"
=== recursion
--- script
require "include";
include "a";
--- file a
require "include";
include "b";
--- file b
require "include";
include "a";
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: script "a", line 2: script "b", line 2: include: script "a" includes itself
=== direct recursion
--- script
require "include";
include "a";
--- file a
require "include";
include "a";
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: script "a", line 2: include: script "a" includes itself
=== recursion to the active script
--- script
require "include";
include "script";
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: include: script "script" includes itself
=== recursion that is not reached
--- script
require "include";
include "a";
--- file a
require "include";
if false { include "a"; }
discard;
--- plan
discard line 3
=== the same name in both places is no recursion
--- script
require ["include"];
include "a";
--- file a
require "include";
include :global "a";
--- file global/a
discard;
--- plan
discard line 1
=== once
--- script
require "include";
include :once "a";
include :once "a";
include :once :global "a";
include "a";
--- file a
require ["include", "variables", "fileinto"];
set "global.n" "${global.n}x";
fileinto "${global.n}";
--- file global/a
require ["include", "variables", "fileinto"];
set "global.n" "${global.n}y";
fileinto "${global.n}";
--- plan
store "x" line 3
store "xy" line 3
store "xyx" line 3
=== once is no recursion
--- script
require "include";
include "a";
redirect "b@example.com";
--- file a
require "include";
include :once "a";
include :once "script";
redirect "a@example.com";
--- plan
redirect "a@example.com" line 4
redirect "b@example.com" line 3
=== require is for one script
--- script
require ["include", "fileinto"];
include "a";
--- file a
fileinto "x";
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: include: script "a": line 1: unknown command "fileinto"
=== and is not passed on
--- script
require ["include"];
include "a";
fileinto "x";
--- file a
require "fileinto";
--- errors
script:3:1: error: unknown command "fileinto" (add require "fileinto";)
=== an error inside
--- script
require ["include"];
discard;

include "a";
--- file a
require "include";
include "b";
--- file b
require "variables";

redirect "${x}";
--- plan
store "INBOX" implicit
--- errors
script:4:1: error: script "a", line 2: script "b", line 3: redirect: this is not an address
=== three levels and more
--- script
require ["include"];
include "l1";
--- file l1
require ["include"];
include "l2";
--- file l2
require ["include"];
include "l3";
--- file l3
require ["include"];
include "l4";
--- file l4
discard;
--- plan
discard line 1
=== too deep
--- script
require ["include"];
include "l1";
--- file l1
require "include"; include "l2";
--- file l2
require "include"; include "l3";
--- file l3
require "include"; include "l4";
--- file l4
require "include"; include "l5";
--- file l5
require "include"; include "l6";
--- file l6
require "include"; include "l7";
--- file l7
require "include"; include "l8";
--- file l8
require "include"; include "l9";
--- file l9
require "include"; include "l10";
--- file l10
discard;
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: script "l1", line 1: script "l2", line 1: script "l3", line 1: script "l4", line 1: script "l5", line 1: script "l6", line 1: script "l7", line 1: script "l8", line 1: script "l9", line 1: include: scripts are nested deeper than 10
=== in a block
--- script
require ["include"];
if true { if not false { include "a"; } } else { include "b"; }
--- file a
discard;
--- plan
discard line 1
=== names
--- script
require ["include", "variables"];
include "";
include "../a";
include "a/b";
include ".";
include "..";
include "/etc/passwd";
include "${a}";
include "ok with blanks ä";
include "a
b";
include "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678";
include "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
--- errors
script:2:9: error: invalid script name ""
script:3:9: error: invalid script name "../a"
script:4:9: error: invalid script name "a/b"
script:5:9: error: invalid script name "."
script:6:9: error: invalid script name ".."
script:7:9: error: invalid script name "/etc/passwd"
script:8:9: error: the name of a script must be constant: no variables
script:10:9: error: invalid script name "a??b"
script:13:9: error: invalid script name "123456789012345678901234567890123456789012345678901234567..."
=== names with odd characters
--- script
require ["include", "encoded-character"];
include "a${unicode:7f}";
include "a${unicode:80}";
include "a${unicode:9f}";
include "a${unicode:2028}";
include "a${unicode:2029}";
--- errors
script:2:9: error: invalid script name "a?"
script:3:9: error: invalid script name "a"
script:4:9: error: invalid script name "a"
script:5:9: error: invalid script name "a "
script:6:9: error: invalid script name "a "
=== arguments
--- script
require ["include"];
include;
include ["a", "b"];
include 5;
include "a" "b";
include :personal :global "a";
include :once :once "a";
include :nosuch "a";
return "a";
include :personal :personal "a";
--- errors
script:2:1: error: the include command requires 1 positional argument, found 0 (write: include <name>)
script:3:9: error: the include command expects a string as argument 1 (name), found a string list (write: include <name>)
script:4:9: error: the include command expects a string as argument 1 (name), found a number (write: include <name>)
script:5:13: error: the include command requires 1 positional argument, found 2 (write: include <name>)
script:6:19: error: tag ":global" cannot be used together with ":personal" (remove one of them)
script:7:15: error: tag ":once" is given more than once (remove one of them)
script:8:9: error: unknown tagged argument ":nosuch" for the include command
script:9:8: error: the return command requires 0 positional arguments, found 1 (write: return)
script:10:19: error: tag ":personal" is given more than once (remove one of them)
=== it must be required
--- script
include "a";
return;
global "a";
--- errors
script:1:1: error: unknown command "include" (add require "include";)
script:2:1: error: unknown command "return" (add require "include";)
script:3:1: error: unknown command "global" (add require "include";)
=== the compiled form
--- script
require "include";
include :global :once :optional "a";
return;
--- plan
store "INBOX" implicit
--- code
require "include"
0000  2:1  include :global :once :optional "a"
0001  3:1  return
