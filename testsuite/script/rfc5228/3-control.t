# RFC 5228 s. 3: if, elsif, else, require, stop.
=== if, elsif, else: message A
--- script
if header :contains ["From"] ["coyote"] {
	redirect "acm@example.com";
} elsif header :contains "Subject" "$$$" {
	redirect "postmaster@example.com";
} else {
	redirect "field@example.com";
}
--- message
Date: Tue, 1 Apr 1997 09:06:31 -0800 (PST)
From: coyote@desert.example.org
To: roadrunner@acme.example.com
Subject: I have a present for you

Look, I'm sorry about the whole anvil thing, and I really
--- plan
redirect "acm@example.com" line 2
--- code
0000  1:4  header ["From"] :contains i;ascii-casemap ["coyote"]
0001  1:1  jfalse -> 0004
0002  2:2  redirect "acm@example.com"
0003  1:1  jump -> 0009
0004  3:9  header ["Subject"] :contains i;ascii-casemap ["$$$"]
0005  3:3  jfalse -> 0008
0006  4:2  redirect "postmaster@example.com"
0007  3:3  jump -> 0009
0008  6:2  redirect "field@example.com"
=== if, elsif, else: message B
--- script
if header :contains ["From"] ["coyote"] {
	redirect "acm@example.com";
} elsif header :contains "Subject" "$$$" {
	redirect "postmaster@example.com";
} else {
	redirect "field@example.com";
}
--- message
From: youcouldberich!@reply-by-postal-mail.invalid
Sender: b1ff@de.res.example.com
To: rube@landru.example.com
Date:  Mon, 31 Mar 1997 18:26:10 -0800
Subject: $$$ YOU, TOO, CAN BE A MILLIONAIRE! $$$

YOU MAY HAVE ALREADY WON TEN MILLION DOLLARS, BUT I DOUBT
--- plan
redirect "postmaster@example.com" line 4
=== if, elsif, else: any other message
--- script
if header :contains ["From"] ["coyote"] {
	redirect "acm@example.com";
} elsif header :contains "Subject" "$$$" {
	redirect "postmaster@example.com";
} else {
	redirect "field@example.com";
}
--- message
Subject: hello

--- plan
redirect "field@example.com" line 6
=== exactly one block of a chain is run
--- script
require "fileinto";
if false { fileinto "1"; } elsif true { fileinto "2"; } elsif true { fileinto "3"; } else { fileinto "4"; }
if true { if false { fileinto "5"; } else { fileinto "6"; } } else { fileinto "7"; }
if true { } else { fileinto "8"; }
if false { } elsif false { }
if false { fileinto "9"; } else { }
--- plan
store "2" line 2
store "6" line 3
=== elsif and else must follow
--- script
else { stop; }
elsif true { stop; }
if true { keep; }
keep;
else { stop; }
if true { keep; } else { keep; } else { keep; }
if true { keep; } else { keep; } elsif true { keep; }
if true { else { keep; } }
--- errors
script:1:1: error: "else" must follow "if" or "elsif" at once
script:2:1: error: "elsif" must follow "if" or "elsif" at once
script:5:1: error: "else" must follow "if" or "elsif" at once
script:6:34: error: "else" must follow "if" or "elsif" at once
script:7:34: error: "elsif" must follow "if" or "elsif" at once
script:8:11: error: "else" must follow "if" or "elsif" at once
=== else if is prohibited
--- script
if true { keep; } else if true { stop; }
--- errors
script:1:24: error: the else command takes no test (missing semicolon after else?)
=== require in all its forms
--- script
require "fileinto";
require ["envelope", "fileinto"]; # again
require ["comparator-i;octet"];
fileinto "x";
--- plan
store "x" line 4
--- code
require "fileinto" "envelope" "comparator-i;octet"
0000  4:1  fileinto "x"
=== require comes first
--- script
keep;
require "fileinto";
if true { require "envelope"; }
--- errors
script:2:1: error: "require" must stand before all other commands (move it to the top of the script)
script:3:11: error: "require" must stand before all other commands (move it to the top of the script)
=== unknown capabilities; capabilities have case
--- script
require ["fileinto", "FILEINTO", "filento", "no-such-thing", ""];
--- errors
script:1:22: error: unknown capability "FILEINTO" (did you mean fileinto?)
script:1:34: error: unknown capability "filento" (did you mean fileinto?)
script:1:45: error: unknown capability "no-such-thing"
script:1:62: error: unknown capability ""
=== require without what it needs
--- script
require;
require 5;
require "fileinto" "envelope";
require :is "fileinto";
--- errors
script:1:1: error: the require command requires 1 positional argument, found 0 (write: require <capabilities>)
script:2:9: error: the require command expects a string list as argument 1 (capabilities), found a number (write: require <capabilities>)
script:3:20: error: the require command requires 1 positional argument, found 2 (write: require <capabilities>)
script:4:9: error: unknown tagged argument ":is" for the require command
=== stop ends all processing and keeps
--- script
if true { stop; }
discard;
--- plan
store "INBOX" implicit
=== stop after an action
--- script
require "fileinto";
fileinto "x";
stop;
fileinto "y";
--- plan
store "x" line 2
