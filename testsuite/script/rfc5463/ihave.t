# RFC 5463: ihave and error.
=== an extension that is there
--- script
require "ihave";
if ihave "fileinto" {
	fileinto "there";
}
--- message
Subject: x

--- plan
store "there" line 3
=== one that is not
--- script
require "ihave";
if ihave "vnd.example.nosuch" {
	frobnicate :loud ["a", "b"] 5 { keep; }
	if frobnicated "x" { discard; }
} else {
	discard;
}
--- plan
discard line 6
=== all or nothing
--- script
require "ihave";
if ihave ["fileinto", "vnd.example.nosuch"] {
	discard;
}
fileinto "x";
--- plan
store "INBOX" implicit
--- errors
script:5:1: error: extension "fileinto" is neither required nor found by ihave
=== to the end of the script
--- script
require "ihave";
if not ihave ["fileinto", "copy"] { stop; }
fileinto :copy "x";
--- plan
store "x" line 3 copy
store "INBOX" implicit
=== not before the test
--- script
require "ihave";
if false { fileinto "x"; }
if true { discard; }
fileinto "x";
if ihave "fileinto" { keep; }
--- plan
store "INBOX" implicit
--- errors
script:4:1: error: extension "fileinto" is neither required nor found by ihave
=== a test that was not evaluated
--- script
require "ihave";
if anyof (true, ihave "fileinto") {
	fileinto "x";
}
--- plan
store "INBOX" implicit
--- errors
script:3:2: error: extension "fileinto" is neither required nor found by ihave
=== in allof, anyof, not
--- script
require "ihave";
if allof (ihave "fileinto", not ihave "vnd.example.nosuch") { fileinto "1"; }
if anyof (ihave "vnd.example.nosuch", ihave "copy") { fileinto :copy "2"; }
--- plan
store "1" line 2
store "2" line 3 copy
=== tests, tags, comparators and match types
--- script
require "ihave";
if allof (ihave ["envelope", "relational", "comparator-i;ascii-numeric"],
	envelope :count "eq" :comparator "i;ascii-numeric" "to" "1") {
	discard;
}
--- options
--to a@example.com
--- plan
discard line 4
=== tags that were not asked for
--- script
require ["ihave", "fileinto"];
if header :count "eq" "subject" "1" { discard; }
--- plan
store "INBOX" implicit
--- errors
script:2:4: error: extension "relational" is neither required nor found by ihave
=== unknown tags
--- script
require ["ihave", "fileinto"];
if ihave "vnd.example.nosuch" { fileinto :nosuch "a" "b"; }
fileinto :nosuch "a" "b";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: unknown tagged argument ":nosuch"
=== unknown tests
--- script
require ["ihave"];
if allof (ihave "vnd.example.nosuch", nosuch "a") { keep; }
if not nosuch "a" { keep; }
--- plan
store "INBOX" implicit
--- errors
script:3:8: error: unknown test "nosuch"
=== unknown comparators
--- script
require ["ihave"];
if allof (ihave "comparator-elbonia", header :comparator "elbonia" "subject" "x") { discard; }
if header :comparator "elbonia" "subject" "x" { discard; }
--- plan
store "INBOX" implicit
--- errors
script:3:4: error: unknown comparator "elbonia"
=== comparators that are always there
--- script
require ["ihave"];
if ihave ["comparator-i;octet", "comparator-i;ascii-casemap"] { discard; }
--- plan
discard line 2
=== required as well
--- script
require ["ihave", "fileinto"];
fileinto "1";
if ihave "fileinto" { fileinto "2"; }
--- plan
store "1" line 2
store "2" line 3
=== extensions that change how a script is read
--- script
require ["ihave", "fileinto"];
if ihave "variables" { discard; }
if ihave "encoded-character" { discard; }
fileinto "${hex:41}${a}";
if true { set "a" "b"; }
--- plan
store "INBOX" implicit
--- errors
script:5:11: error: unknown command "set"
=== unless they are required
--- script
require ["ihave", "fileinto", "variables"];
if ihave "variables" { set "a" "b"; fileinto "${a}"; }
--- plan
store "b" line 2
=== names have case
--- script
require ["ihave"];
if ihave "FileInto" { discard; }
--- plan
store "INBOX" implicit
=== names are constant
--- script
require ["ihave", "variables"];
if ihave "${a}" { discard; }
if ihave ["fileinto", "x${a}"] { discard; }
--- errors
script:2:10: error: the name of an extension must be constant: no variables
script:3:23: error: the name of an extension must be constant: no variables
=== no match type, no comparator
--- script
require ["ihave"];
if ihave { }
if ihave 1 { }
if ihave "a" "b" { }
--- errors
script:2:4: error: the ihave test requires 1 positional argument, found 0 (write: ihave <capabilities>)
script:3:10: error: the ihave test expects a string list as argument 1 (capabilities), found a number (write: ihave <capabilities>)
script:4:14: error: the ihave test requires 1 positional argument, found 2 (write: ihave <capabilities>)
=== they are unknown tags, and that is found when it is reached
--- script
require ["ihave"];
if ihave :is "fileinto" { discard; }
--- plan
store "INBOX" implicit
--- errors
script:2:4: error: unknown tagged argument ":is"
=== error
--- script
require ["ihave"];
discard;
error "Ärger: no such extension";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: Ärger: no such extension
=== error with variables
--- script
require ["ihave", "variables"];
set "a" "x";
error "about ${a}";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: about x
=== error, not reached
--- script
require ["ihave"];
if not ihave "fileinto" { error "no fileinto"; }
discard;
--- plan
discard line 3
=== error: arguments
--- script
require ["ihave"];
error;
error ["a"];
error "a" "b";
--- errors
script:2:1: error: the error command requires 1 positional argument, found 0 (write: error <message>)
script:3:7: error: the error command expects a string as argument 1 (message), found a string list (write: error <message>)
script:4:11: error: the error command requires 1 positional argument, found 2 (write: error <message>)
=== error needs ihave
--- script
error "x";
--- errors
script:1:1: error: unknown command "error" (add require "ihave";)
=== ihave needs ihave
--- script
if ihave "fileinto" { keep; }
--- errors
script:1:4: error: unknown test "ihave" (add require "ihave";)
=== other mistakes are found at once
--- script
require ["ihave"];
if ihave "fileinto" { fileinto; redirect "x"; }
if ihave "fileinto" { fileinto "a" }
require "fileinto";
--- errors
script:2:23: error: the fileinto command requires 1 positional argument, found 0 (write: fileinto <mailbox>)
script:2:42: error: "x" is not a valid address (write it like "user@example.org")
script:3:35: error: missing semicolon: expected ';' or a block after "fileinto", found '}'
script:4:1: error: "require" must stand before all other commands (move it to the top of the script)
=== else without if
--- script
require ["ihave"];
nosuch "x";
else { keep; }
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: unknown command "nosuch"
=== if with an unknown test, and else
--- script
require ["ihave"];
if nosuch "x" { keep; }
elsif ihave "y" { discard; }
else { discard; }
--- plan
store "INBOX" implicit
--- errors
script:2:4: error: unknown test "nosuch"
=== the compiled form
--- script
require ["ihave"];
if ihave "fileinto" { fileinto :copy "a"; }
nosuch "x";
--- plan
store "INBOX" implicit
--- errors
script:2:23: error: extension "copy" is neither required nor found by ihave
--- code
require "ihave"
0000  2:4  ihave ["fileinto"]
0001  2:1  jfalse -> 0005
0002  2:23  need "fileinto"
0003  2:23  need "copy"
0004  2:23  fileinto :copy "a"
0005  3:1  unavailable "unknown command \"nosuch\""
