# RFC 6609 s. 3.4: variables of all scripts.
=== example of section 3.4.1
--- script
require ["fileinto", "include", "variables", "relational"];
global "test";
global "test_mailbox";

set "test" "$$";
include "subject_tests";

set "test" "Make money";
include "subject_tests";

if string :count "eq" "${test_mailbox}" "1"
{
    fileinto "${test_mailbox}";
    stop;
}
--- file subject_tests
require ["include", "variables"];
global ["test", "test_mailbox"];

if header :contains "Subject" "${test}"
{
    set "test_mailbox" "spam-${test}";
}
--- message
Subject: Make money fast

--- plan
store "spam-Make money" line 13
=== examples of section 3.4.2
--- script
require ["variables", "include", "fileinto"];
global "i_am_on_vacation";
set "global.i_am_on_vacation" "1";
if string :is "${i_am_on_vacation}" "1" { fileinto "true"; }
set "i_am_on_vacation" "2";
fileinto "${global.I_AM_on_vacation}";
--- plan
store "true" line 4
store "2" line 6
=== a script's own variables are its own
--- script
require ["variables", "include", "fileinto"];
set "a" "outer";
set "global.a" "global";
include "a";
fileinto "${a}";
fileinto "${global.a}";
--- file a
require ["variables", "fileinto", "include"];
fileinto "in <${a}>";
set "a" "inner";
set "global.a" "${global.a} changed";
--- plan
store "in <>" line 2
store "outer" line 5
store "global changed" line 6
=== match variables, too
--- script
require ["variables", "include", "fileinto"];
if string :matches "a-b" "*-*" {
	include "a";
	fileinto "${1}";
}
--- file a
require ["variables", "fileinto"];
fileinto "in <${1}>";
if string :matches "c-d" "*-*" { fileinto "${1}"; }
--- plan
store "in <>" line 2
store "c" line 3
store "a" line 4
=== a second run begins anew
--- script
require ["variables", "include", "fileinto"];
include "a";
include "a";
--- file a
require ["variables", "fileinto"];
fileinto "<${n}>";
set "n" "${n}x";
fileinto "${n}";
--- plan
store "<>" line 2
store "x" line 4
=== not declared, not shared
--- script
require ["variables", "include", "fileinto"];
global "x";
set "x" "1";
include "a";
fileinto "${x}";
--- file a
require ["variables", "fileinto"];
fileinto "<${x}>";
set "x" "2";
--- plan
store "<>" line 2
store "1" line 5
=== set before global
--- script
require ["variables", "include"];
set "a" "1";
global ["b", "A"];
--- errors
script:3:14: error: variable "A" is set before it is declared global (move it up)
=== twice global
--- script
require ["variables", "include", "fileinto"];
global "a";
set "a" "1";
global "a";
fileinto "${a}";
--- plan
store "1" line 5
=== never set is empty
--- script
require ["variables", "include", "fileinto"];
global "a";
fileinto "<${a}${global.a}>";
--- plan
store "<>" line 3
=== names
--- script
require ["variables", "include"];
global "";
global "1";
global "global.a";
global "a.b";
global ["ok", "not ok"];
global "${a}";
global;
global 5;
--- errors
script:2:8: error: invalid variable name "" (letters, digits and "_", no digit first)
script:3:8: error: invalid variable name "1" (letters, digits and "_", no digit first)
script:4:8: error: invalid variable name "global.a" (letters, digits and "_", no digit first)
script:5:8: error: invalid variable name "a.b" (letters, digits and "_", no digit first)
script:6:15: error: invalid variable name "not ok" (letters, digits and "_", no digit first)
script:7:8: error: invalid variable name "${a}" (letters, digits and "_", no digit first)
script:8:1: error: the global command requires 1 positional argument, found 0 (write: global <names>)
script:9:8: error: the global command expects a string list as argument 1 (names), found a number (write: global <names>)
=== namespaces
--- script
require ["variables", "include"];
set "global.data.from" "me@example.com";
set "global.12" "value";
set "global." "value";
set "include.a" "value";
keep;
--- errors
script:2:5: error: cannot set variable "global.data.from": there is only one identifier after "global."
script:3:5: error: cannot set variable "global.12": there is only one identifier after "global."
script:4:5: error: cannot set variable "global.": there is only one identifier after "global."
script:5:5: error: cannot set variable "include.a": nothing that is required has this namespace
=== references
--- script
require ["variables", "include", "fileinto"];
fileinto "${global.data.from}";
fileinto "${global.12}";
--- errors
script:2:10: error: variable "global.data.from": there is only one identifier after "global."
script:3:10: error: variable "global.12": there is only one identifier after "global."
=== global needs variables
--- script
require "include";
global "a";
--- errors
script:2:1: error: the global command needs the extension variables, too (add require "variables";)
=== global needs include
--- script
require "variables";
global "a";
set "global.a" "b";
--- errors
script:2:1: error: unknown command "global" (add require "include";)
script:3:5: error: cannot set variable "global.a": nothing that is required has this namespace
