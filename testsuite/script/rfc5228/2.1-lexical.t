# RFC 5228 s. 2.1 to 2.4.1 and 8.1: characters, comments, numbers.
=== comments are white space
--- script
# a hash comment ; discard
if size :over 100k { # this is a comment
	discard;
}
if size :over 1 { /* this is a comment
	this is still a comment */ discard /* this is a comment
	*/ ;
}
/* stars ** and slashes // do * / not end it **/ /**/ keep;
--- message
Subject: x

body
--- plan
store "INBOX" line 9
=== bracket comments do not nest
--- script
/* outer /* inner */ keep; */
--- errors
script:1:28: error: unexpected character '*' (text is written in double quotes)
script:1:29: error: unexpected character '/' (text is written in double quotes)
=== comment is not closed
--- script
keep; /* and so on
--- errors
script:1:7: error: comment is not closed (end it with */)
=== a hash comment may end with the text
--- script raw
keep; # last line
--- plan
store "INBOX" line 1
=== lines end in CRLF
--- script crlf
# comment
if header :is "Subject" "x" {
	discard;
}
--- plan
discard line 3
=== carriage return alone
--- script raw
keep;\x0dstop;
--- errors
script:1:6: error: carriage return without a line feed (lines end in CRLF or LF)
=== NUL is never allowed
--- script raw
keep; # a\x00b
--- errors
script:1:10: error: a script must not contain NUL octets
=== tokens other than strings have no case
--- script
IF HEADER :CONTAINS :COMPARATOR "i;octet" "SUBJECT" "x" { DisCard; } ELSE { KEEP; }
--- plan
discard line 1
=== octets outside ASCII belong in strings and comments
--- script raw
# \xff\xfe\nif header :is "subject" "\xff" { stop; }\nkeep\xc3\xa9;
--- errors
script:3:5: error: unexpected octet 0xc3 outside a string (text is written in double quotes)
=== white space is not needed where tokens differ
--- script
if allof(true,not false){if size:over 0{discard;}}keep;
--- plan
store "INBOX" line 1
=== number suffixes
--- script
require "fileinto";
if size :under 1K { fileinto "1K"; }
if size :under 1m { fileinto "1m"; }
if size :under 2G { fileinto "2G"; }
if size :over 007 { fileinto "zeros"; }
--- plan
store "1K" line 2
store "1m" line 3
store "2G" line 4
store "zeros" line 5
=== code shows multiplied numbers
--- script
if size :over 2K { stop; }
if size :over 2M { stop; }
if size :over 2G { stop; }
if size :over 2147483647 { stop; }
if size :over 18446744073709551615 { stop; }
--- plan
store "INBOX" implicit
--- code
0000  1:4  size :over 2048
0001  1:1  jfalse -> 0003
0002  1:20  stop
0003  2:4  size :over 2097152
0004  2:1  jfalse -> 0006
0005  2:20  stop
0006  3:4  size :over 2147483648
0007  3:1  jfalse -> 0009
0008  3:20  stop
0009  4:4  size :over 2147483647
0010  4:1  jfalse -> 0012
0011  4:28  stop
0012  5:4  size :over 18446744073709551615
0013  5:1  jfalse -> 0015
0014  5:38  stop
=== numbers that are too large
--- script
if size :over 18446744073709551616 { stop; }
if size :over 17179869184G { stop; }
if size :over 999999999999999999999999999999 { stop; }
--- errors
script:1:15: error: number is too large (the limit is 2^64 - 1)
script:2:15: error: number is too large (the limit is 2^64 - 1)
script:3:15: error: number is too large (the limit is 2^64 - 1)
=== numbers that are none
--- script
if size :over 100kb { stop; }
if size :over 10T { stop; }
if size :over -1 { stop; }
--- errors
script:1:15: error: this is not a number (digits may be followed by one of K, M, G)
script:2:15: error: this is not a number (digits may be followed by one of K, M, G)
script:3:15: error: numbers must not be negative
=== a suffix must follow at once
--- script
if size :over 1 K { stop; }
--- errors
script:1:17: error: the size test takes no test (missing semicolon after size?)
=== a colon needs a tag
--- script
if header : contains "a" "b" { stop; }
--- errors
script:1:11: error: a colon must be followed by the name of a tag (a tag is written like :contains)
script:1:13: error: the header test takes no test (missing colon: write :contains)
=== the empty script keeps
--- script
--- plan
store "INBOX" implicit
