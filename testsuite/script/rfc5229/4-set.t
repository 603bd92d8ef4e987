# RFC 5229 s. 4: set and its modifiers.
=== examples of section 4.1
--- script
require ["variables", "fileinto"];
set "a" "juMBlEd lETteRS";
fileinto "1 ${a}";
set :length "b" "${a}";
fileinto "2 ${b}";
set :lower "b" "${a}";
fileinto "3 ${b}";
set :upperfirst "b" "${a}";
fileinto "4 ${b}";
set :upperfirst :lower "b" "${a}";
fileinto "5 ${b}";
set :quotewildcard "b" "Rock*";
fileinto "6 ${b}";
--- message
Subject: x

--- plan
store "1 juMBlEd lETteRS" line 3
store "2 15" line 5
store "3 jumbled letters" line 7
store "4 JuMBlEd lETteRS" line 9
store "5 Jumbled letters" line 11
store "6 Rock\\*" line 13
=== modifiers
--- script
require ["variables", "fileinto"];
set :upper "a" "aBc Äß 1";
fileinto "1 ${a}";
set :lower "a" "aBc ÄSS 1";
fileinto "2 ${a}";
set :lowerfirst "a" "ABC";
fileinto "3 ${a}";
set :lowerfirst :upper "a" "abc";
fileinto "4 ${a}";
set :upperfirst "a" "äbc";
fileinto "5 ${a}";
set :upperfirst "a" "";
fileinto "6 ${a}";
set :quotewildcard "a" "*?\\a";
fileinto "7 ${a}";
set :length :quotewildcard "a" "*?\\a";
fileinto "8 ${a}";
set :length "a" "äöü日本";
fileinto "9 ${a}";
set :length "a" "";
fileinto "10 ${a}";
set :LOWER :UpperFirst :quoteWildcard :LENGTH "a" "ABC*";
fileinto "11 ${a}";
--- plan
store "1 ABC Äß 1" line 3
store "2 abc Äss 1" line 5
store "3 aBC" line 7
store "4 aBC" line 9
store "5 äbc" line 11
store "6 " line 13
store "7 \\*\\?\\\\a" line 15
store "8 7" line 17
store "9 5" line 19
store "10 0" line 21
store "11 5" line 23
=== modifiers of one precedence
--- script
require "variables";
set :lower :upper "a" "b";
set :upperfirst :lowerfirst "a" "b";
set :lower :lower "a" "b";
set :length :length "a" "b";
--- errors
script:2:12: error: tag ":upper" cannot be used together with ":lower" (remove one of them)
script:3:17: error: tag ":lowerfirst" cannot be used together with ":upperfirst" (remove one of them)
script:4:12: error: tag ":lower" is given more than once (remove one of them)
script:5:13: error: tag ":length" is given more than once (remove one of them)
=== unknown modifiers
--- script
require "variables";
set :loud "a" "b";
set :encodeurl "a" "b";
--- errors
script:2:5: error: unknown tagged argument ":loud" for the set command
script:3:5: error: unknown tagged argument ":encodeurl" for the set command (add require "enotify";)
=== names
--- script
require "variables";
set "" "v";
set "a b" "v";
set "1" "v";
set "1a" "v";
set "0" "v";
set "a-b" "v";
set "${a}" "v";
set "ä" "v";
set "_" "v";
set "A_1" "v";
--- errors
script:2:5: error: invalid variable name "" (letters, digits and "_", no digit first)
script:3:5: error: invalid variable name "a b" (letters, digits and "_", no digit first)
script:4:5: error: invalid variable name "1" (letters, digits and "_", no digit first)
script:5:5: error: invalid variable name "1a" (letters, digits and "_", no digit first)
script:6:5: error: invalid variable name "0" (letters, digits and "_", no digit first)
script:7:5: error: invalid variable name "a-b" (letters, digits and "_", no digit first)
script:8:5: error: invalid variable name "${a}" (letters, digits and "_", no digit first)
script:9:5: error: invalid variable name "ä" (letters, digits and "_", no digit first)
=== namespaces
--- script
require "variables";
set "global.a" "v";
set "nosuch.a" "v";
set ".a" "v";
set "a." "v";
--- errors
script:2:5: error: cannot set variable "global.a": nothing that is required has this namespace
script:3:5: error: cannot set variable "nosuch.a": nothing that is required has this namespace
script:4:5: error: invalid variable name ".a" (letters, digits and "_", no digit first)
script:5:5: error: cannot set variable "a.": nothing that is required has this namespace
=== arguments
--- script
require "variables";
set;
set "a";
set "a" "b" "c";
set ["a"] "b";
set "a" ["b"];
set 1 "b";
set "a" 1;
set :lower "a";
--- errors
script:2:1: error: the set command requires 2 positional arguments, found 0 (write: set <name> <value>)
script:3:1: error: the set command requires 2 positional arguments, found 1 (write: set <name> <value>)
script:4:13: error: the set command requires 2 positional arguments, found 3 (write: set <name> <value>)
script:5:5: error: the set command expects a string as argument 1 (name), found a string list (write: set <name> <value>)
script:6:9: error: the set command expects a string as argument 2 (value), found a string list (write: set <name> <value>)
script:7:5: error: the set command expects a string as argument 1 (name), found a number (write: set <name> <value>)
script:8:9: error: the set command expects a string as argument 2 (value), found a number (write: set <name> <value>)
script:9:1: error: the set command requires 2 positional arguments, found 1 (write: set <name> <value>)
=== set needs require
--- script
set "a" "b";
--- errors
script:1:1: error: unknown command "set" (add require "variables";)
=== set leaves the implicit keep
--- script
require "variables";
set "a" "b";
--- plan
store "INBOX" implicit
=== long values are cut off
--- script
require ["variables", "fileinto"];
set "a" "0123456789012345678901234567890123456789012345678901234567890123";
set "a" "${a}${a}${a}${a}";
set "b" "${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}";
set "c" "${b}${b}${b}${b}${b}";
set :length "n" "${b}";
fileinto "${n}";
set :length "n" "${c}";
fileinto "${n}";
--- plan
store "4096" line 7
store "16384" line 9
=== and not inside a character
--- script
require ["variables", "fileinto"];
set "a" "日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日";
set "a" "${a}${a}${a}${a}${a}${a}${a}${a}";
set "a" "${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}";
set :length "n" "${a}";
fileinto "${n}";
if string :matches "${a}" "*日" { fileinto "whole"; }
--- plan
store "5461" line 6
store "whole" line 7
