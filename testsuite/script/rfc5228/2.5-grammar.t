# RFC 5228 s. 2.5, 2.6, 2.8, 2.9, 8.2: tests, arguments, blocks, commands.
=== test lists
--- script
if anyof (not exists ["From", "Date"],
		header :contains "from" "fool@example.com") {
	discard;
}
--- message
Subject: x

body
--- plan
discard line 3
=== missing semicolon
--- script
keep
discard;
--- errors
script:2:1: error: the keep command takes no test (missing semicolon after keep?)
=== missing semicolon at the end of a block and of the script
--- script
if true { keep }
stop
--- errors
script:1:15: error: missing semicolon: expected ';' or a block after "keep", found '}'
script:2:5: error: missing semicolon: expected ';' or a block after "stop", found the end of the script
=== arguments after a test
--- script
if not header "a" "b" true { stop; }
if true "x" { stop; }
--- errors
script:1:23: error: the header test takes no test (missing semicolon after header?)
script:2:9: error: the true test requires 0 positional arguments, found 1 (write: true)
=== empty command, stray braces and parentheses
--- script
;
keep;;
)
stop;
}
"string";
:tag;
12;
--- errors
script:1:1: error: expected a command, found ';'
script:2:6: error: expected a command, found ';'
script:3:1: error: expected a command, found ')'
script:5:1: error: '}' without a '{' before it
script:6:1: error: expected a command, found a string
script:7:1: error: expected a command, found the tag "tag"
script:8:1: error: expected a command, found a number
=== block is not closed
--- script
if true {
	if true { keep; }
--- errors
script:1:9: error: block is not closed: '}' is missing (add '}' where it ends)
=== no block where one is needed, a block where none may be
--- script
if true;
keep { stop; }
else;
--- errors
script:1:1: error: the if command needs a block: { ... } (put what is to be done between { and })
script:2:1: error: the keep command takes no block (it ends with ';')
script:3:1: error: the else command needs a block: { ... } (put what is to be done between { and })
=== bad test lists
--- script
if anyof () { stop; }
if anyof (true,) { stop; }
if anyof (true true) { stop; }
if allof true { stop; }
if anyof { stop; }
if not (true) { stop; }
if (true) { stop; }
if { stop; }
if not { stop; }
if anyof (true { stop; }
--- errors
script:1:11: error: expected a test, found ')'
script:2:16: error: expected a test, found ')'
script:3:16: error: the true test takes no test (missing semicolon after true?)
script:4:4: error: the allof test needs a list of tests in parentheses (write: (test, test))
script:5:4: error: the anyof test needs a list of tests in parentheses (write: (test, test))
script:6:4: error: the not test takes one test, not a list in parentheses (use anyof or allof for a list)
script:7:1: error: the if command takes one test, not a list in parentheses (use anyof or allof for a list)
script:8:1: error: the if command needs a test (such as: exists "X-Spam")
script:9:4: error: the not test needs a test (such as: exists "X-Spam")
script:10:16: error: expected ',' or ')' in the test list, found '{'
=== tags must come first, and once
--- script
if header "subject" :contains "a" { stop; }
if header :is :is "subject" "a" { stop; }
if header :is :contains "subject" "a" { stop; }
if header :comparator "i;octet" :comparator "i;octet" "subject" "a" { stop; }
if address :localpart :domain "from" "a" { stop; }
if address :all :all "from" "a" { stop; }
--- errors
script:1:21: error: tag ":contains" must stand before the positional arguments (move it right behind "header")
script:2:15: error: tag ":is" is given more than once (remove one of them)
script:3:15: error: tag ":contains" cannot be used together with ":is" (remove one of them)
script:4:33: error: tag ":comparator" is given more than once (remove one of them)
script:5:23: error: tag ":domain" cannot be used together with ":localpart" (remove one of them)
script:6:17: error: tag ":all" is given more than once (remove one of them)
=== tags in any order
--- script
require ["fileinto"];
if address :contains :comparator "i;octet" :domain "from" "example" { fileinto "1"; }
if address :domain :comparator "i;octet" :contains "from" "example" { fileinto "2"; }
--- message
From: a@example.org

--- plan
store "1" line 2
store "2" line 3
=== unknown and misplaced tags
--- script
if header :contain "subject" "a" { stop; }
if header :localpart "subject" "a" { stop; }
keep :is;
if exists :is "a" { stop; }
if true :is { stop; }
--- errors
script:1:11: error: unknown tagged argument ":contain" for the header test (did you mean :contains?)
script:2:11: error: unknown tagged argument ":localpart" for the header test
script:3:6: error: unknown tagged argument ":is" for the keep command
script:4:11: error: unknown tagged argument ":is" for the exists test
script:5:9: error: unknown tagged argument ":is" for the true test
=== a tag needs its value
--- script
if header :comparator "subject" "a" { stop; }
if header :comparator { stop; }
if header :comparator 5 "subject" "a" { stop; }
if header :comparator ["i;octet"] "subject" "a" { stop; }
if header :comparator :is "subject" "a" { stop; }
--- errors
script:1:23: error: unknown comparator "subject"
script:2:11: error: tag ":comparator" must be followed by a string, found nothing (write: :comparator "text")
script:3:23: error: tag ":comparator" must be followed by a string, found a number (write: :comparator "text")
script:4:23: error: tag ":comparator" must be followed by a string, found a string list (write: :comparator "text")
script:5:23: error: tag ":comparator" must be followed by a string, found a tag (write: :comparator "text")
=== positional arguments: how many and of what type
--- script
if header { stop; }
if header "a" { stop; }
if header "a" "b" "c" { stop; }
if header 1 "b" { stop; }
if header "a" 2 { stop; }
if exists 1 { stop; }
if size :over "1" { stop; }
redirect;
redirect 5;
redirect "a@example.org" "b@example.org";
keep "x";
discard 5;
stop "x";
--- errors
script:1:4: error: the header test requires 2 positional arguments, found 0 (write: header <header-names> <key-list>)
script:2:4: error: the header test requires 2 positional arguments, found 1 (write: header <header-names> <key-list>)
script:3:19: error: the header test requires 2 positional arguments, found 3 (write: header <header-names> <key-list>)
script:4:11: error: the header test expects a string list as argument 1 (header-names), found a number (write: header <header-names> <key-list>)
script:5:15: error: the header test expects a string list as argument 2 (key-list), found a number (write: header <header-names> <key-list>)
script:6:11: error: the exists test expects a string list as argument 1 (header-names), found a number (write: exists <header-names>)
script:7:15: error: the size test expects a number as argument 1 (limit), found a string (write: size <limit>)
script:8:1: error: the redirect command requires 1 positional argument, found 0 (write: redirect <address>)
script:9:10: error: the redirect command expects a string as argument 1 (address), found a number (write: redirect <address>)
script:10:26: error: the redirect command requires 1 positional argument, found 2 (write: redirect <address>)
script:11:6: error: the keep command requires 0 positional arguments, found 1 (write: keep)
script:12:9: error: the discard command requires 0 positional arguments, found 1 (write: discard)
script:13:6: error: the stop command requires 0 positional arguments, found 1 (write: stop)
=== unknown names, once each, with hints
--- script
kepe;
kepe;
discrad;
vacation "x";
if headr "a" "b" { stop; }
if fileinto "x" { stop; }
header "a" "b";
--- errors
script:1:1: error: unknown command "kepe" (did you mean keep?)
script:3:1: error: unknown command "discrad" (did you mean discard?)
script:4:1: error: unknown command "vacation" (add require "vacation";)
script:5:4: error: unknown test "headr" (did you mean header?)
script:6:4: error: unknown test "fileinto"
script:7:1: error: unknown command "header" ("header" is a test)
=== the inside of a broken command is checked
--- script
if heder "a" "b" { fileinto "x"; kepe; }
elsif header [ { keepp; }
else { stop }
--- errors
script:1:4: error: unknown test "heder" (did you mean header?)
script:1:20: error: unknown command "fileinto" (add require "fileinto";)
script:1:34: error: unknown command "kepe" (did you mean keep?)
script:2:16: error: expected a string in the string list, found '{'
script:2:18: error: unknown command "keepp" (did you mean keep?)
script:3:12: error: missing semicolon: expected ';' or a block after "stop", found '}'
=== fifteen levels of nested blocks
--- script
if true { if true { if true { if true { if true {
if true { if true { if true { if true { if true {
if true { if true { if true { if true { if true { discard;
}}}}} }}}}} }}}}}
--- plan
discard line 3
=== fifteen levels of nested test lists
--- script
if anyof(allof(anyof(allof(anyof(allof(anyof(allof(
anyof(allof(anyof(allof(anyof(allof(anyof(
not not true, false))))))))))))))) { discard; }
--- plan
discard line 3
=== blocks nested too deep
--- script
if true{if true{if true{if true{if true{if true{if true{if true{if true{if true{
if true{if true{if true{if true{if true{if true{if true{if true{if true{if true{
if true{if true{if true{if true{if true{if true{if true{if true{if true{if true{
if true{if true{if true{ {{}} kepe }
}}}}}}}}}} }}}}}}}}}} }}}}}}}}}} }}
kepe;
--- errors
script:4:24: error: blocks are nested deeper than the limit of 32
script:6:1: error: unknown command "kepe" (did you mean keep?)
=== tests nested too deep
--- script
if not not not not not not not not not not not not not not not not
 not not not not not not not not not not not not not not not not true { stop; }
kepe;
--- errors
script:2:66: error: tests are nested deeper than the limit of 32
script:3:1: error: unknown command "kepe" (did you mean keep?)
=== one mistake is one error: missing semicolons and colons
--- script
require "fileinto";
fileinto "x"
if true { stop; }
keep
if not true { kepe; }
if header contains "subject" "a" { stop; }
if size over 5 { stop; }
--- errors
script:3:1: error: the fileinto command takes no test (missing semicolon after fileinto?)
script:5:1: error: the keep command takes no test (missing semicolon after keep?)
script:5:15: error: unknown command "kepe" (did you mean keep?)
script:6:11: error: the header test takes no test (missing colon: write :contains)
script:7:9: error: the size test takes no test (missing colon: write :over)
=== one mistake is one error: an unknown tag with a value
--- script
if header :frop "x" :contains "subject" "a" { stop; }
--- errors
script:1:11: error: unknown tagged argument ":frop" for the header test
=== one mistake is one error: how many arguments before their types
--- script
if header 1 { stop; }
if header 1 2 3 { stop; }
if header 1 2 { stop; }
--- errors
script:1:4: error: the header test requires 2 positional arguments, found 1 (write: header <header-names> <key-list>)
script:2:15: error: the header test requires 2 positional arguments, found 3 (write: header <header-names> <key-list>)
script:3:11: error: the header test expects a string list as argument 1 (header-names), found a number (write: header <header-names> <key-list>)
script:3:13: error: the header test expects a string list as argument 2 (key-list), found a number (write: header <header-names> <key-list>)
=== one mistake is one error: a late require enables
--- script
keep;
require "fileinto";
fileinto "x";
if true { require ["envelope", "frop"]; }
if envelope "from" "a" { stop; }
--- errors
script:2:1: error: "require" must stand before all other commands (move it to the top of the script)
script:4:11: error: "require" must stand before all other commands (move it to the top of the script)
script:4:32: error: unknown capability "frop"
=== one mistake is one error: a block without a command
--- script
if true { keep; } { keepp; ; }
{ { keep; } }
kepe;
{ keep;
--- errors
script:1:19: error: expected a command, found '{'
script:1:28: error: expected a command, found ';'
script:2:1: error: expected a command, found '{'
script:2:3: error: expected a command, found '{'
script:3:1: error: unknown command "kepe" (did you mean keep?)
script:4:1: error: expected a command, found '{' (remove the ';' in front of it)
