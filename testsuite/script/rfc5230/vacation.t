# RFC 5230, RFC 6131: vacation and vacation-seconds: what is asked for. The
# site's limits are one day and ninety days.
=== s. 4.8: the first example
--- script
require "vacation";
vacation :days 23 :addresses ["tjs@example.edu",
                              "ts4z@landru.example.edu"]
"I'm away until October 19.
If it's an emergency, call 911, I guess." ;
--- message
From: boss@example.edu
Subject: x

body
--- options
--from sender@example.org --to tjs@example.edu
--- plan
reply "sender@example.org" line 2 seconds 1987200 id "text 29bda0ab34ab5e05c363ca7e47b11f8581bacbcb3c286433b6ad56f97da7d95a" addresses "tjs@example.edu" "ts4z@landru.example.edu" reason "I'm away until October 19.\r\nIf it's an emergency, call 911, I guess."
store "INBOX" implicit
--- code
require "vacation"
0000  2:1  vacation :days 23 ["tjs@example.edu", "ts4z@landru.example.edu"] "I'm away until October 19.\r\nIf it's an emergency, call 911, I guess."
=== s. 4.8: the second, to the boss, and to others
--- script
require "vacation";
if header :contains "from" "boss@example.edu" {
    redirect "pleeb@isp.example.org";
} else {
    vacation "Sorry, I'm away, I'll read your
message when I get around to it.";
}
if not header :contains "from" "boss@example.edu" { stop; }
vacation "Sorry, I'm away, I'll read your
message when I get around to it.";
--- options
--from sender@example.org
--- plan
redirect "pleeb@isp.example.org" line 3
reply "sender@example.org" line 9 seconds 604800 id "text a296d29a884313bf1a856752eead7b15f52153584fd2dd29bf411f48b723e339" reason "Sorry, I'm away, I'll read your\r\nmessage when I get around to it."
=== all tags, in any order
--- script
require "vacation";
vacation :handle "ran-away" :mime :addresses "a@b" :from "\"T. J.\" <tjs@example.edu>, x@y"
  :subject "Away: ä" :days 7 text:
Content-Type: text/plain; charset=utf-8

Grüße
.
;
--- options
--from sender@example.org
--- plan
reply "sender@example.org" line 2 seconds 604800 id "handle ran-away" subject "Away: ä" from "\"T. J.\" <tjs@example.edu>, x@y" addresses "a@b" mime reason "Content-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n"
store "INBOX" implicit
=== s. 4.2: equal ones have one id, others another; what they say counts as written
--- script
require ["vacation", "variables", "include"];
set "x" "one";
vacation :subject "${x}" "reason";
--- options
--from sender@example.org
--- plan
reply "sender@example.org" line 3 seconds 604800 id "text 1d9128e7b25a77965cda4b967dd5c219a74cf46297e651ecd21b8231921f1cb8" subject "one" reason "reason"
store "INBOX" implicit
=== the same with another value
--- script
require ["vacation", "variables"];
set "x" "two";
vacation :subject "${x}" :days 9 :addresses "other@example.org" "reason";
--- options
--from sender@example.org
--- plan
reply "sender@example.org" line 3 seconds 777600 id "text 1d9128e7b25a77965cda4b967dd5c219a74cf46297e651ecd21b8231921f1cb8" subject "two" addresses "other@example.org" reason "reason"
store "INBOX" implicit
=== no subject and an empty one are not the same
--- script
require ["vacation"];
vacation :subject "" "reason";
--- plan
reply "" line 2 seconds 604800 id "text d2dbee287f98d1d6534d21f82b7adf55deba17cb9c98896f7d635132dc3930c5" subject "" reason "reason"
store "INBOX" implicit
=== the subject of one is not the sender of another
--- script
require ["vacation"];
vacation :from "a@b" "reason";
--- plan
reply "" line 2 seconds 604800 id "text 752d4caab71a9098d29e1941a622480393cc26cc62be61766dc4007482c27ce7" from "a@b" reason "reason"
store "INBOX" implicit
=== a handle is expanded, the rest does not count
--- script
require ["vacation", "variables"];
set "x" "one";
vacation :handle "h ${x}" :subject "${x}" "${x} ${x}";
--- plan
reply "" line 3 seconds 604800 id "handle h one" subject "one" reason "one one"
store "INBOX" implicit
=== s. 4.1: days under the minimum, above the maximum, none
--- script
require ["vacation"];
vacation :days 0 "x";
--- plan
reply "" line 2 seconds 86400 id "text edf9243630c50fe146db8f234773c9481a8c3edc8bb8ea1090f2040c581afbc8" reason "x"
store "INBOX" implicit
=== days without end
--- script
require ["vacation"];
vacation :days 2G "x";
--- plan
reply "" line 2 seconds 7776000 id "text edf9243630c50fe146db8f234773c9481a8c3edc8bb8ea1090f2040c581afbc8" reason "x"
store "INBOX" implicit
=== RFC 6131: seconds; vacation is implied
--- script
require "vacation-seconds";
vacation :addresses ["tjs@example.edu", "ts4z@landru.example.edu"]
         :seconds 180000
         "I am in a meeting, and do not have access to email.";
--- plan
reply "" line 2 seconds 180000 id "text 7b2f153930dc9da2cf011cbc8310c73df2d31d3feba6bdd6d6be59c1129e7a5a" addresses "tjs@example.edu" "ts4z@landru.example.edu" reason "I am in a meeting, and do not have access to email."
store "INBOX" implicit
=== RFC 6131: 0, raised to the minimum of the site
--- script
require ["vacation-seconds"];
vacation :handle "auto-resp" :seconds 0
    "Your request has been received.";
--- plan
reply "" line 2 seconds 86400 id "handle auto-resp" reason "Your request has been received."
store "INBOX" implicit
=== s. 4.7: no other action minds; the implicit keep stays
--- script
require ["vacation", "fileinto", "copy"];
vacation "x";
fileinto :copy "a";
redirect :copy "b@c";
--- plan
reply "" line 2 seconds 604800 id "text edf9243630c50fe146db8f234773c9481a8c3edc8bb8ea1090f2040c581afbc8" reason "x"
store "a" line 3 copy
redirect "b@c" line 4 copy
store "INBOX" implicit
=== s. 4.7: discard beside it
--- script
require "vacation";
discard;
vacation "x";
--- plan
reply "" line 3 seconds 604800 id "text edf9243630c50fe146db8f234773c9481a8c3edc8bb8ea1090f2040c581afbc8" reason "x"
=== s. 4.7: once
--- script
require "vacation";
vacation "x";
vacation "x";
--- plan
store "INBOX" implicit
--- errors
script:0:0: error: conflicting actions: the message is answered twice (lines 2 and 3)
=== s. 4.7: no refusal beside it
--- script
require ["vacation", "reject"];
vacation "x";
reject "y";
--- plan
store "INBOX" implicit
--- errors
script:0:0: error: conflicting actions: the message is refused and answered (lines 3 and 2)
=== with variables: what is no address fails, or is left out
--- script
require ["vacation", "variables"];
set "a" "no address";
vacation :addresses ["${a}", "c@d"] "x";
vacation :from "${a}" "x";
--- plan
store "INBOX" implicit
--- errors
script:4:1: error: vacation: :from is not a valid address
=== the MIME header comes from a variable
--- script
require ["vacation", "variables"];
set "a" "Subject: ä";
vacation :mime "${a}

text";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: vacation: the MIME header is not ASCII
=== errors
--- script
require "vacation";
vacation;
vacation "a" "b";
vacation ["a"];
vacation :days "7" "x";
vacation :days 7 :days 8 "x";
vacation :seconds 7 "x";
vacation :from "nobody" "x";
vacation :from "" "x";
vacation :addresses ["a@b", "nowhere", "@x"] "x";
vacation :subject ["a"] "x";
vacation :handle 1 "x";
vacation :mime "Content-Type: text/plain
Subject: ä

x";
vacation :fcc "Sent" "x";
if vacation "x" { stop; }
--- errors
script:2:1: error: the vacation command requires 1 positional argument, found 0 (write: vacation <reason>)
script:3:14: error: the vacation command requires 1 positional argument, found 2 (write: vacation <reason>)
script:4:10: error: the vacation command expects a string as argument 1 (reason), found a string list (write: vacation <reason>)
script:5:16: error: tag ":days" must be followed by a number, found a string (write: :days 7)
script:6:18: error: tag ":days" is given more than once (remove one of them)
script:7:10: error: unknown tagged argument ":seconds" for the vacation command (add require "vacation-seconds";)
script:8:16: error: "nobody" is not a valid address for :from (write it like "user@example.org")
script:9:16: error: "" is not a valid address for :from (write it like "user@example.org")
script:10:29: error: "nowhere" is not a valid address for :addresses (write it like "user@example.org")
script:10:40: error: "@x" is not a valid address for :addresses (write it like "user@example.org")
script:11:19: error: tag ":subject" must be followed by a string, found a string list (write: :subject "text")
script:12:18: error: tag ":handle" must be followed by a string, found a number (write: :handle "text")
script:13:16: error: the header of the MIME entity holds characters that are not ASCII (encode the words as RFC 2047 says)
script:17:10: error: unknown tagged argument ":fcc" for the vacation command (add require "fcc";)
script:18:4: error: unknown test "vacation" ("vacation" is a command)
=== RFC 6131 s. 2: one period only
--- script
require "vacation-seconds";
vacation :days 7 :seconds 3 "x";
vacation :seconds "3" "x";
--- errors
script:2:18: error: tag ":seconds" cannot be used together with ":days" (remove one of them)
script:3:19: error: tag ":seconds" must be followed by a number, found a string (write: :seconds 7)
=== found by ihave
--- script
require ["ihave"];
if ihave "vacation-seconds" { vacation :seconds 100000 "x"; }
if ihave "vacation-minutes" { vacation "y"; }
--- plan
reply "" line 2 seconds 100000 id "text edf9243630c50fe146db8f234773c9481a8c3edc8bb8ea1090f2040c581afbc8" reason "x"
store "INBOX" implicit
