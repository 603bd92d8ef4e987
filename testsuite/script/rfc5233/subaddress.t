# RFC 5233: subaddress.
=== the RFC's example: postmaster with a detail
--- script
require ["envelope", "subaddress", "fileinto"];

# In this example the same user account receives mail for both
# "ken@example.com" and "postmaster@example.com"

# File all messages to postmaster into a single mailbox,
# ignoring the :detail part.
if envelope :user "to" "postmaster" {
    fileinto "inbox.postmaster";
    stop;
}

# File mailing list messages (subscribed as "ken+mta-filters").
if envelope :detail "to" "mta-filters" {
    fileinto "inbox.ietf-mta-filters";
}

# Redirect all mail sent to "ken+foo".
if envelope :detail "to" "foo" {
    redirect "ken@example.net";
}
--- message
From: "K" <ken+sent@example.com>
To: ken+a+b@example.org, other@example.org,
 "odd+de tail"@example.org, +only@example.org, empty+@example.org
Cc: not an address, @, (no@one)

body
--- options
--to postmaster+x@example.com
--- plan
store "inbox.postmaster" line 9
=== the RFC's example: a list
--- script
require ["envelope", "subaddress", "fileinto"];
if envelope :user "to" "postmaster" { fileinto "inbox.postmaster"; stop; }
if envelope :detail "to" "mta-filters" { fileinto "inbox.ietf-mta-filters"; }
if envelope :detail "to" "foo" { redirect "ken@example.net"; }
--- options
--to ken+mta-filters@example.com
--- plan
store "inbox.ietf-mta-filters" line 3
=== the RFC's example: redirect
--- script
require ["envelope", "subaddress", "fileinto"];
if envelope :user "to" "postmaster" { fileinto "inbox.postmaster"; stop; }
if envelope :detail "to" "mta-filters" { fileinto "inbox.ietf-mta-filters"; }
if envelope :detail "to" "foo" { redirect "ken@example.net"; }
--- options
--to ken+foo@example.com
--- plan
redirect "ken@example.net" line 4
=== without a separator :user is the localpart and :detail matches nothing
--- script
require ["envelope", "subaddress", "fileinto"];
if envelope :user "to" "ken" { fileinto "user"; }
if envelope :detail :matches "to" "*" { fileinto "no"; }
if envelope :detail :contains "to" "" { fileinto "no"; }
if not envelope :detail "to" "" { fileinto "none"; }
--- options
--to ken@example.com
--- plan
store "user" line 2
store "none" line 5
=== an empty detail is the empty string
--- script
require ["envelope", "subaddress", "fileinto"];
if envelope :detail "to" "" { fileinto "empty"; }
if envelope :user "to" "ken" { fileinto "user"; }
--- options
--to ken+@example.com
--- plan
store "empty" line 2
store "user" line 3
=== an empty user
--- script
require ["envelope", "subaddress", "fileinto"];
if envelope :user "to" "" { fileinto "empty"; }
if envelope :detail "to" "d" { fileinto "detail"; }
--- options
--to +d@example.com
--- plan
store "empty" line 2
store "detail" line 3
=== the null sender matches only the empty string
--- script
require ["envelope", "subaddress", "fileinto"];
if envelope :detail "from" "" { fileinto "a"; }
if envelope :user "from" "" { fileinto "b"; }
if envelope :user "from" "x" { fileinto "no"; }
--- plan
store "a" line 2
store "b" line 3
=== header addresses; the first separator counts; quotes are undone
--- script
require ["subaddress", "fileinto"];
if address :detail "to" "a+b" { fileinto "first"; }
if address :user "to" "ken" { fileinto "ken"; }
if address :detail "to" "de tail" { fileinto "quoted"; }
if address :detail "to" "only" { fileinto "only"; }
if address :user "to" "" { fileinto "nobody"; }
if address :detail "to" "" { fileinto "empty"; }
if address :user "to" "other" { fileinto "other"; }
if address :detail :contains "to" "@" { fileinto "no"; }
--- plan
store "first" line 2
store "ken" line 3
store "quoted" line 4
store "only" line 5
store "nobody" line 6
store "empty" line 7
store "other" line 8
=== what is no address has no parts
--- script
require ["subaddress", "fileinto"];
if address :user :matches "cc" "*" { fileinto "no"; }
if address :detail :matches "cc" "*" { fileinto "no"; }
--- plan
store "INBOX" implicit
=== the default comparator ignores case
--- script
require ["subaddress", "fileinto"];
if address :user "from" "KEN" { fileinto "a"; }
if address :user :comparator "i;octet" "from" "KEN" { fileinto "no"; }
--- plan
store "a" line 2
--- code
require "subaddress" "fileinto"
0000  2:4  address :user ["from"] :is i;ascii-casemap ["KEN"]
0001  2:1  jfalse -> 0003
0002  2:33  fileinto "a"
0003  3:4  address :user ["from"] :is i;octet ["KEN"]
0004  3:1  jfalse -> 0006
0005  3:55  fileinto "no"
=== one address part at most, and only when required
--- script
require ["subaddress"];
if address :user :detail "to" "a" { stop; }
if address :localpart :user "to" "a" { stop; }
if header :user "to" "a" { stop; }
--- errors
script:2:18: error: tag ":detail" cannot be used together with ":user" (remove one of them)
script:3:23: error: tag ":user" cannot be used together with ":localpart" (remove one of them)
script:4:11: error: unknown tagged argument ":user" for the header test
=== not required
--- script
if address :detail "to" "a" { stop; }
--- errors
script:1:12: error: unknown tagged argument ":detail" for the address test (add require "subaddress";)
