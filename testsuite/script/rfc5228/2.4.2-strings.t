# RFC 5228 s. 2.4.2: quoted strings, multi-line strings, string lists,
# header names, encoded characters.
=== quoted string escapes
--- script
require "fileinto";
fileinto "a\"b";
fileinto "c\\d";
fileinto "\e\f";
--- message
Subject: x

body
--- plan
store "a\"b" line 2
store "c\\d" line 3
store "ef" line 4
=== strings may span lines
--- script
if header :is "subject" "a
b" { stop; }
--- plan
store "INBOX" implicit
--- code
0000  1:4  header ["subject"] :is i;ascii-casemap ["a\r\nb"]
0001  1:1  jfalse -> 0003
0002  2:6  stop
=== string is not closed
--- script
require "fileinto";
fileinto "abc;
keep;
--- errors
script:2:10: error: string is not closed (end it with a double quote)
=== a backslash cannot end a string
--- script
redirect "abc\";
--- errors
script:1:10: error: string is not closed (end it with a double quote)
=== multi-line text: dots, comments, blanks
--- script
if header :is "a" [text: # a comment
..dotted
.x
 ...

text
.
, TEXT:	 
.
] { stop; }
--- plan
store "INBOX" implicit
--- code
0000  1:4  header ["a"] :is i;ascii-casemap [".dotted\r\n.x\r\n ...\r\n\r\ntext\r\n", ""]
0001  1:1  jfalse -> 0003
0002  10:5  stop
=== multi-line text in a CRLF script
--- script crlf
if header :is "a" text:
..
x
.
{ stop; }
--- plan
store "INBOX" implicit
--- code
0000  1:4  header ["a"] :is i;ascii-casemap [".\r\nx\r\n"]
0001  1:1  jfalse -> 0003
0002  5:3  stop
=== multi-line text must begin on the next line
--- script
redirect text: "a@example.org";
--- errors
script:1:10: error: "text:" must be followed by the end of the line (the text begins on the next line)
script:1:16: error: the redirect command requires 1 positional argument, found 2 (write: redirect <address>)
=== no bracket comment behind text:
--- script
redirect text: /* no */
a@example.org
.
;
--- errors
script:1:10: error: "text:" must be followed by the end of the line (the text begins on the next line)
script:2:1: error: the redirect command takes no test (missing semicolon after redirect?)
script:2:2: error: unexpected character '@' (text is written in double quotes)
script:2:10: error: unexpected character '.' (text is written in double quotes)
script:3:1: error: unexpected character '.' (text is written in double quotes)
=== multi-line text is not closed
--- script
redirect text:
a@example.org
. 
;
--- errors
script:1:10: error: multi-line text is not closed (end it with a line that holds a single dot)
=== an identifier named text is no string
--- script
if text { stop; }
--- errors
script:1:4: error: unknown test "text"
=== one string instead of a list
--- script
require "fileinto";
if exists "Subject" { fileinto "1"; }
if exists ["Subject"] { fileinto "2"; }
if header :is ["subject"] ["x"] { fileinto "3"; }
--- plan
store "1" line 2
store "2" line 3
store "3" line 4
=== no list instead of one string
--- script
redirect ["a@example.org"];
--- errors
script:1:10: error: the redirect command expects a string as argument 1 (address), found a string list (write: redirect <address>)
=== lists that are none
--- script
if exists [] { stop; }
if exists ["a",] { stop; }
if exists ["a" "b"] { stop; }
if exists ["a", 1] { stop; }
if exists ["a" { stop; }
keep;
--- errors
script:1:12: error: expected a string in the string list, found ']'
script:2:16: error: expected a string in the string list, found ']'
script:3:16: error: expected ',' or ']' in the string list, found a string
script:4:17: error: expected a string in the string list, found a number
script:5:16: error: expected ',' or ']' in the string list, found '{'
=== header names: blanks before the colon, any case, colons match nothing
--- script
require "fileinto";
if exists "from" { fileinto "blank before colon"; }
if exists "From:" { fileinto "colon"; }
if exists "From " { fileinto "blank in name"; }
if exists "" { fileinto "empty"; }
if header :contains "no such: header" "" { fileinto "never"; }
if address :contains ["no such: header", "from:"] "" { fileinto "never"; }
if header :contains "SUBJECT" "" { fileinto "case"; }
--- message
From  : a@example.org
Subject: x

body
--- plan
store "blank before colon" line 2
store "case" line 8
=== encoded characters: the table of s. 2.4.2.4
--- script
require ["encoded-character"];
if header :is "a" [
	"$${hex:40}", "${hex: 40 }", "${HEX: 40}", "${hex:40", "${hex:400}",
	"${hex:4${hex:30}}", "${unicode:40}", "${ unicode:40}",
	"${UNICODE:40}", "${UnICoDE:0000040}", "${Unicode:40}",
	"${Unicode:Cool}"] { stop; }
--- plan
store "INBOX" implicit
--- code
require "encoded-character"
0000  2:4  header ["a"] :is i;ascii-casemap ["$@", "@", "@", "${hex:40", "${hex:400}", "${hex:40}", "@", "${ unicode:40}", "@", "@", "@", "${Unicode:Cool}"]
0001  2:1  jfalse -> 0003
0002  6:23  stop
=== encoded characters: values that are errors
--- script
require ["encoded-character"];
if header :is "a" ["${unicode:200000}", "${Unicode:DF01}", "${unicode:110000}",
	"${unicode:fffffffffffffffffff}"] { stop; }
if header :is "a" ["${unicode:40 D800}", "${unicode:200000", "${unicode:200000g}",
	"${unicode:D7FF E000 10FFFF}"] { stop; }
--- errors
script:2:20: error: ${unicode:...} holds a number that is no character: 0 to D7FF and E000 to 10FFFF are
script:2:41: error: ${unicode:...} holds a number that is no character: 0 to D7FF and E000 to 10FFFF are
script:2:60: error: ${unicode:...} holds a number that is no character: 0 to D7FF and E000 to 10FFFF are
script:3:2: error: ${unicode:...} holds a number that is no character: 0 to D7FF and E000 to 10FFFF are
script:4:20: error: ${unicode:...} holds a number that is no character: 0 to D7FF and E000 to 10FFFF are
=== encoded characters: UTF-8 of each length, blanks, octets
--- script
require ["encoded-character", "fileinto"];
fileinto "${unicode:24 e9 20AC 1F600}";
fileinto "x${hex:	c3
 a9  79}y";
--- plan
store "$é€😀" line 2
store "xéyy" line 3
=== encoded characters: octets in the value
--- script
require ["encoded-character", "fileinto"];
fileinto "x${hex:	c3
 a9 4 }y";
--- errors
script:2:10: error: invalid mailbox name "xé?y" (a mailbox name is UTF-8 text without control characters)
=== encoded characters: message B is discarded
--- script
require "encoded-character";
if header :contains "Subject" "$${hex:24 24}" {
	discard;
}
--- message
Subject: $$$ YOU, TOO, CAN BE A MILLIONAIRE! $$$

body
--- plan
discard line 3
=== encoded characters need a require
--- script
require "fileinto";
fileinto "${hex:40}";
--- plan
store "${hex:40}" line 2
=== encoded characters do not reach require
--- script
require ["encoded-character", "${hex:66}ileinto"];
--- errors
script:1:31: error: unknown capability "${hex:66}ileinto"
=== encoded NUL in keys
--- script
require ["encoded-character", "fileinto"];
if header :matches "subject" "a${hex:00}?" { fileinto "yes"; }
fileinto "${hex:00}";
--- errors
script:3:10: error: invalid mailbox name "?" (a mailbox name is UTF-8 text without control characters)
