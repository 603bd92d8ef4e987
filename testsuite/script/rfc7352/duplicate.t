# RFC 7352: duplicate. What earlier runs have seen is --seen.
=== s. 3: the first time
--- script
require "duplicate";
if duplicate {
  discard;
}
--- message
Message-ID: <a@example.org>
Message-ID: <second@example.org>
X-Event: =?utf-8?q?caf=C3=A9?=
 folded
X-Empty:
Subject: x

body
--- plan
store "INBOX" implicit
remember "<a@example.org>" line 2 seconds 604800
=== s. 3: seen before
--- script
require "duplicate";
if duplicate {
  discard;
}
--- options
--seen "<a@example.org>"
--- plan
discard line 3
remember "<a@example.org>" line 2 seconds 604800
=== s. 3.2: three ways to say the same
--- script
require ["duplicate", "variables", "fileinto"];
if duplicate { fileinto "1"; }
if duplicate :header "message-id" { fileinto "2"; }
if header :matches "message-id" "*" {
  if duplicate :uniqueid "${0}" { fileinto "3"; }
}
--- options
--seen "<a@example.org>"
--- plan
store "1" line 2
store "2" line 3
store "3" line 5
remember "<a@example.org>" line 2 seconds 604800
=== s. 3.1: another header, decoded, unfolded, trimmed
--- script
require ["duplicate", "fileinto"];
if duplicate :header "X-Event" { fileinto "1"; }
--- options
--seen "café folded"
--- plan
store "1" line 2
remember "café folded" line 2 seconds 604800
=== s. 3.1: no such header, an empty one, an invalid name: false, not tracked
--- script
require ["duplicate"];
if anyof (duplicate :header "X-None", duplicate :header "X-Empty",
    duplicate :header "not a name", duplicate :header "") { discard; }
--- options
--seen ","
--- plan
store "INBOX" implicit
=== s. 3.1: ids are compared with case
--- script
require ["duplicate"];
if duplicate :uniqueid "Id" { discard; }
--- options
--seen id
--- plan
store "INBOX" implicit
remember "Id" line 2 seconds 604800
=== s. 3.2: handles keep tests apart
--- script
require ["duplicate", "fileinto"];
if duplicate :uniqueid "id" { fileinto "no handle"; }
if duplicate :handle "" :uniqueid "id" { fileinto "empty handle"; }
if duplicate :handle "h" :uniqueid "id" { fileinto "h"; }
if duplicate :handle "H" :uniqueid "id" { fileinto "H"; }
--- options
--seen h/id
--- plan
store "h" line 4
remember "id" line 2 seconds 604800
remember "id" line 3 seconds 604800 handle ""
remember "id" line 4 seconds 604800 handle "h"
remember "id" line 5 seconds 604800 handle "H"
=== s. 3.3: seconds; over the limit is no error, zero is never
--- script
require ["duplicate"];
if duplicate :uniqueid "1" :seconds 1800 { }
if duplicate :uniqueid "2" :seconds 999999999999 :last { }
if duplicate :uniqueid "3" :seconds 0 { discard; }
if duplicate :uniqueid "4" { }
--- options
--seen 3
--- plan
store "INBOX" implicit
remember "1" line 2 seconds 1800
remember "2" line 3 seconds 7776000 last
remember "4" line 5 seconds 604800
--- code
require "duplicate"
0000  2:4  duplicate :uniqueid :seconds "1" 1800
0001  2:1  jfalse -> 0002
0002  3:4  duplicate :uniqueid :seconds :last "2" 999999999999
0003  3:1  jfalse -> 0004
0004  4:4  duplicate :uniqueid :seconds "3"
0005  4:1  jfalse -> 0007
0006  4:41  discard
0007  5:4  duplicate :uniqueid "4"
0008  5:1  jfalse -> 0009
=== s. 3: only what is evaluated; the same result for the same arguments
--- script
require ["duplicate", "fileinto"];
if allof (false, duplicate :uniqueid "1") { }
if duplicate :uniqueid "2" { fileinto "no"; }
if duplicate :uniqueid "2" { fileinto "no"; }
--- plan
store "INBOX" implicit
remember "2" line 3 seconds 604800
=== s. 3: nothing is tracked when the run fails
--- script
require ["duplicate", "fileinto", "variables"];
if duplicate { }
redirect "${x}";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: redirect: this is not an address
=== s. 5.2: the second example, shortened
--- script
require ["duplicate", "variables", "imap4flags", "fileinto"];
if header :matches "subject" "*" {
  if not duplicate :handle "alert" :uniqueid "${1}" :seconds 900 {
    setflag "\\Flagged";
  }
  fileinto "Alerts";
}
--- plan
store "Alerts" line 6 flags "\\Flagged"
remember "x" line 3 seconds 900 handle "alert"
=== errors
--- script
require "duplicate";
if duplicate :header "a" :uniqueid "b" { stop; }
if duplicate :uniqueid "b" :header "a" { stop; }
if duplicate "a" { stop; }
if duplicate :seconds "1" { stop; }
if duplicate :handle ["a"] { stop; }
if duplicate :handle { stop; }
if duplicate :last :last { stop; }
if duplicate :is { stop; }
duplicate;
--- errors
script:2:26: error: tag ":uniqueid" cannot be used together with ":header" (remove one of them)
script:3:28: error: tag ":header" cannot be used together with ":uniqueid" (remove one of them)
script:4:14: error: the duplicate test requires 0 positional arguments, found 1 (write: duplicate)
script:5:23: error: tag ":seconds" must be followed by a number, found a string (write: :seconds 7)
script:6:22: error: tag ":handle" must be followed by a string, found a string list (write: :handle "text")
script:7:14: error: tag ":handle" must be followed by a string, found nothing (write: :handle "text")
script:8:20: error: tag ":last" is given more than once (remove one of them)
script:9:14: error: unknown tagged argument ":is" for the duplicate test
script:10:1: error: unknown command "duplicate" ("duplicate" is a test)
=== not required
--- script
if duplicate { stop; }
--- errors
script:1:4: error: unknown test "duplicate" (add require "duplicate";)
