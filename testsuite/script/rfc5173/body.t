# RFC 5173: body.
=== s. 5.1: raw, the example
--- script
require "body";
if body :raw :contains "MAKE MONEY FAST" {
        discard;
}
--- message
Subject: x

Now: make money fast!
--- plan
discard line 3
=== s. 4: the header and the empty line are not part of the body
--- script
require ["body", "fileinto"];
if body :raw :contains "subject" { fileinto "no"; }
if body :raw :matches "Now*" { fileinto "1"; }
if body :raw :is "Now: make money fast!
" { fileinto "2"; }
if body :raw :matches "*fast!??" { fileinto "3"; }
if body "Now: make money fast!
" { fileinto "4"; }
if body :contains "" { fileinto "5"; }
--- plan
store "1" line 3
store "2" line 5
store "3" line 6
store "4" line 8
store "5" line 9
=== a CRLF message is the same
--- script
require ["body", "fileinto"];
if body :raw :is "Now: make money fast!
" { fileinto "1"; }
if body :raw :matches "*fast!??" { fileinto "2"; }
if body :text :is "Now: make money fast!
" { fileinto "3"; }
--- message crlf
Subject: x

Now: make money fast!
--- plan
store "1" line 3
store "2" line 4
store "3" line 6
=== s. 4: a header without an empty line has no body
--- script
require ["body", "fileinto"];
if body :raw :contains "" { fileinto "no"; }
if body :raw :is "" { fileinto "no"; }
if body :text :contains "" { fileinto "no"; }
if body :content "" :matches "*" { fileinto "no"; }
if not body :contains "" { fileinto "yes"; }
--- message
Subject: x
--- plan
store "yes" line 6
=== an empty body is one
--- script
require ["body", "fileinto"];
if body :raw :is "" { fileinto "1"; }
if body :text :is "" { fileinto "2"; }
if body :content "text/plain" :matches "" { fileinto "3"; }
--- message
Subject: x

--- plan
store "1" line 2
store "2" line 3
store "3" line 4
=== only an empty line
--- script
require ["body", "fileinto"];
if body :raw :is "" { fileinto "1"; }
--- message raw
\n
--- plan
store "1" line 2
=== s. 5.2: the example
--- script
require ["body", "fileinto"];
if body :content "multipart" :contains "MIME" { fileinto "1"; }
if body :content "text/plain" :contains "Hello" { fileinto "2"; }
if body :content "text/html" :contains "Hello" { fileinto "3"; }
if body :content "text" :contains "Hello" { fileinto "4"; }
if body :content "message/rfc822" :contains "Hello" { fileinto "5"; }

if body :content "multipart" :contains ["hello", "Content-Type", "--"] { fileinto "no 1"; }
if body :content "text/plain" :contains ["html", "MIME", "subject"] { fileinto "no 2"; }
if body :content "text/html" :contains ["please", "MIME"] { fileinto "no 3"; }
if body :content "message/rfc822" :contains ["please", "Whomever"] { fileinto "no 5"; }

if body :content "multipart/mixed" :is "This is a multi-part message in MIME format.
" { fileinto "outer prologue"; }
if body :content "multipart/alternative" :is "This is a nested multi-part message in MIME format.
" { fileinto "inner prologue"; }
if body :content "multipart/alternative" :is "
This is the end of the inner MIME multipart.
" { fileinto "inner epilogue"; }
if body :content "multipart/mixed" :is "
This is the end of the outer MIME multipart.
" { fileinto "outer epilogue"; }
if body :content "text/plain" :is "Hello
" { fileinto "first text"; }
if body :content "text/html" :is "<html><body>Hello</body></html>
" { fileinto "html"; }
if body :content "message/rfc822" :is "From: Someone Else
Subject: hello request
" { fileinto "header"; }
if body :content "text/plain" :is "Please say Hello
" { fileinto "text in the message"; }
--- message
From: Whomever
To: Someone
Date: Whenever
Subject: whatever
Content-Type: multipart/mixed; boundary=outer

This is a multi-part message in MIME format.

--outer
Content-Type: multipart/alternative; boundary=inner

This is a nested multi-part message in MIME format.

--inner
Content-Type: text/plain; charset="us-ascii"

Hello

--inner
Content-Type: text/html; charset="us-ascii"

<html><body>Hello</body></html>

--inner--

This is the end of the inner MIME multipart.

--outer
Content-Type: message/rfc822

From: Someone Else
Subject: hello request

Please say Hello

--outer--

This is the end of the outer MIME multipart.
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
store "4" line 5
store "5" line 6
store "outer prologue" line 14
store "inner prologue" line 16
store "inner epilogue" line 19
store "outer epilogue" line 22
store "first text" line 24
store "html" line 26
store "header" line 29
store "text in the message" line 31
=== s. 5.2: types: empty, a slash too many, case
--- script
require ["body", "fileinto"];
if body :content "" :contains "Whomever" { fileinto "no header"; }
if body :content "" :contains "<html>" { fileinto "all"; }
if body :content "" :contains "end of the outer" { fileinto "all containers"; }
if body :content "/plain" :contains "" { fileinto "no"; }
if body :content "text/" :contains "" { fileinto "no"; }
if body :content "/" :contains "" { fileinto "no"; }
if body :content "text/plain/" :contains "" { fileinto "no"; }
if body :content "text/plain/x" :contains "" { fileinto "no"; }
if body :content "//" :contains "" { fileinto "no"; }
if body :content "TEXT/Html" :contains "" { fileinto "case"; }
if body :content "plain" :contains "" { fileinto "no"; }
if body :content ["audio", "message"] :contains "" { fileinto "container"; }
if body :content ["audio/mp3", "image"] :contains "" { fileinto "no"; }
--- plan
store "all" line 3
store "all containers" line 4
store "case" line 11
store "container" line 13
=== s. 5.2: each part is matched on its own
--- script
require ["body", "fileinto"];
if body :content "text" :matches "Hello*html*" { fileinto "no"; }
if body :text :matches "*Hello*Please*" { fileinto "no"; }
if body :raw :matches "*Hello*html*Please*--outer--*" { fileinto "raw"; }
--- plan
store "raw" line 4
=== s. 5.3: text
--- script
require ["body", "fileinto"];
if body :text :contains "please say" { fileinto "1"; }
if body :contains "please say" { fileinto "2"; }
if body :contains "MIME" { fileinto "no"; }
--- plan
store "1" line 2
store "2" line 3
--- code
require "body" "fileinto"
0000  2:4  body :text :contains i;ascii-casemap ["please say"]
0001  2:1  jfalse -> 0003
0002  2:40  fileinto "1"
0003  3:4  body :contains i;ascii-casemap ["please say"]
0004  3:1  jfalse -> 0006
0005  3:34  fileinto "2"
0006  4:4  body :contains i;ascii-casemap ["MIME"]
0007  4:1  jfalse -> 0009
0008  4:28  fileinto "no"
=== s. 5.2: transfer encodings and charsets
--- script
require ["body", "fileinto"];
if body :content "text" :contains "Käse äöü" { fileinto "latin1 quoted-printable"; }
if body :content "text" :is "Grüße
" { fileinto "utf-8 base64"; }
if body :content "text" :contains "8 bit: é" { fileinto "latin1 8bit"; }
if body :content "application" :contains "a" { fileinto "octets"; }
if body :content "application" :contains "AGEA" { fileinto "no"; }
if body :content "text/csv" :matches "one;two??three*" { fileinto "soft break"; }
if body :content "text/enriched" :contains "unknown charset" { fileinto "unknown"; }
if body :raw :contains "R3LDvMOfZQ0K" { fileinto "raw"; }
if body :raw :contains "Grüße" { fileinto "no"; }
--- message raw
Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nK=E4se=20=\n=E4=F6=FC\n--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nR3LDvMOfZQ0K\n--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n8 bit: \xe9\n--b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\nAGEA\n--b\nContent-Type: text/csv\nContent-Transfer-Encoding: quoted-printable\n\none;=\ntwo\nthree\n--b\nContent-Type: text/enriched; charset=x-none\n\nunknown charset\n--b--\n
--- plan
store "latin1 quoted-printable" line 2
store "utf-8 base64" line 4
store "latin1 8bit" line 5
store "octets" line 6
store "soft break" line 8
store "unknown" line 9
store "raw" line 10
=== s. 5.2: NUL does not end the content
--- script
require ["body", "fileinto"];
if body :raw :contains "behind" { fileinto "1"; }
if body :text :contains "behind" { fileinto "2"; }
--- message raw
Subject: x\n\na\x00behind\n
--- plan
store "1" line 2
store "2" line 3
=== a multipart without delimiters or boundary is all prologue
--- script
require ["body", "fileinto"];
if body :content "multipart" :contains "all of it" { fileinto "1"; }
if body :text :contains "all of it" { fileinto "no"; }
--- message
Content-Type: multipart/mixed; boundary=never

all of it
--- plan
store "1" line 2
=== an encoded message/rfc822 is not taken apart, but has a header
--- script
require ["body", "fileinto"];
if body :content "message/rfc822" :contains "Subject: inner" { fileinto "1"; }
if body :content "message/rfc822" :contains "body" { fileinto "no"; }
--- message
Content-Type: message/rfc822
Content-Transfer-Encoding: base64

U3ViamVjdDogaW5uZXINCg0KYm9keQ0K
--- plan
store "1" line 2
=== many tests of one body
--- script
require ["body", "fileinto"];
if body :comparator "i;octet" :contains "BODY" { fileinto "no"; }
if body :contains "BODY" { fileinto "1"; }
if body :contains "BODY" { fileinto "2"; }
if body :raw :comparator "i;octet" :contains "body" { fileinto "3"; }
if body :raw :contains "BODY" { fileinto "4"; }
--- message
Subject: x

The body.
--- plan
store "1" line 3
store "2" line 4
store "3" line 5
store "4" line 6
=== errors
--- script
require "body";
if body :raw :text "a" { stop; }
if body :content "a" :raw "a" { stop; }
if body :content 1 "a" { stop; }
if body :content { stop; }
if body { stop; }
if body "a" "b" { stop; }
if body :raw :is :contains "a" { stop; }
if body :all "a" { stop; }
--- errors
script:2:14: error: tag ":text" cannot be used together with ":raw" (remove one of them)
script:3:22: error: tag ":raw" cannot be used together with ":content" (remove one of them)
script:4:18: error: tag ":content" must be followed by a string list, found a number (write: :content ["text", "text"])
script:5:9: error: tag ":content" must be followed by a string list, found nothing (write: :content ["text", "text"])
script:6:4: error: the body test requires 1 positional argument, found 0 (write: body <key-list>)
script:7:13: error: the body test requires 1 positional argument, found 2 (write: body <key-list>)
script:8:18: error: tag ":contains" cannot be used together with ":is" (remove one of them)
script:9:9: error: unknown tagged argument ":all" for the body test
=== not required
--- script
if body "a" { stop; }
--- errors
script:1:4: error: unknown test "body" (add require "body";)
=== s. 6: wildcards leave match variables alone, references are expanded
--- script
require ["body", "variables", "fileinto"];
if header :matches "subject" "*" { }
if body :raw :matches "*b?dy*" { fileinto "${0}"; }
set "t" "text"; set "k" "BODY";
if body :content "${t}" :contains "${k}" { fileinto "${1}-2"; }
if body :content "${none}" :contains "the" { fileinto "3"; }
if header :matches "subject" "?" { fileinto "${0}-4"; }
--- message
Subject: x

The body.
--- plan
store "x" line 3
store "x-2" line 5
store "3" line 6
store "x-4" line 7
