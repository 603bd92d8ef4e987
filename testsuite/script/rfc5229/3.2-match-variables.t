# RFC 5229 s. 3.2: match variables.
=== example: List-ID
--- script
require ["fileinto", "variables"];
if header :matches "List-ID" "*<*@*" {
	fileinto "INBOX.lists.${2}"; stop;
}
--- message
From: coyote@desert.example.org
To: coyote@ACME.Example.COM
Cc: other@example.net, Roadrunner <beep@ACME.example.com>
Subject: [acme-users] [fwd] version 1.0 is out
List-ID: Sieve <ietf-mta-filters@imc.org>
X-A: aXbXc

body
--- plan
store "INBOX.lists.ietf-mta-filters" line 3
=== example: Subject
--- script
require ["fileinto", "variables"];
if header :matches "Subject" "[*] *" {
	fileinto "INBOX.lists.${1}";
	fileinto "2 ${2}";
	fileinto "0 ${0}";
	stop;
}
--- plan
store "INBOX.lists.acme-users" line 3
store "2 [fwd] version 1.0 is out" line 4
store "0 [acme-users] [fwd] version 1.0 is out" line 5
=== example: addresses
--- script
require ["fileinto", "variables"];
if address :matches ["To", "Cc"] ["coyote@**.com", "wile@**.com"] {
	fileinto "0 ${0}";
	fileinto "1 ${1}";
	fileinto "INBOX.business.${2}"; stop;
} else {
	fileinto "none";
}
--- plan
store "0 coyote@ACME.Example.COM" line 3
store "1 " line 4
store "INBOX.business.ACME.Example" line 5
=== example: tests that are not evaluated
--- script
require ["fileinto", "variables"];
if anyof (true, address :domain :matches "To" "*.com") {
	fileinto "x${0}${1}";
	stop;
}
--- plan
store "x" line 3
=== out of range is empty
--- script
require ["fileinto", "variables"];
if header :matches "x-a" "a*" {
	fileinto "${1}|${2}|${32}|${01}|${000001}|${00}|${0000000000000000000000000000000000001}";
}
--- plan
store "XbXc|||XbXc|XbXc|aXbXc|XbXc" line 3
=== a reference that is too high
--- script
require ["fileinto", "variables"];
fileinto "${33}";
fileinto "${99999999999999999999999}";
--- errors
script:2:10: error: match variable is out of range: ${32} is the last
script:3:10: error: match variable is out of range: ${32} is the last
=== only the last match that succeeds counts
--- script
require ["fileinto", "variables"];
if header :matches "x-a" "a*" {
	if header :matches "x-a" "b*" { }
	if header :is "x-a" "aXbXc" { }
	if header :contains "x-a" "b" { }
	fileinto "${1}";
}
if not header :matches "x-a" "*c" { }
fileinto "${1}";
--- plan
store "XbXc" line 6
store "aXbX" line 9
=== the smallest match
--- script
require ["fileinto", "variables"];
if header :matches "x-a" "*X*" { fileinto "1 ${1} ${2}"; }
if header :matches "x-a" "*X*X*" { fileinto "2 ${1} ${2} ${3}"; }
if header :matches "x-a" "**" { fileinto "3 ${1}|${2}"; }
if header :matches "x-a" "*c" { fileinto "4 ${1}"; }
if header :matches "x-a" "?*?" { fileinto "5 ${1} ${2} ${3}"; }
if header :matches "x-a" "*?" { fileinto "6 ${1} ${2}"; }
if header :matches "x-a" "*?X*" { fileinto "7 ${1}|${2}|${3}"; }
if header :matches "x-a" "?X?X?" { fileinto "8 ${1} ${2} ${3}"; }
if header :matches "x-a" "*x?x*" { fileinto "9 ${1} ${2} ${3}"; }
if header :matches "x-a" "aXbXc" { fileinto "10 ${0}|${1}"; }
--- plan
store "1 a bXc" line 2
store "2 a b c" line 3
store "3 |aXbXc" line 4
store "4 aXbX" line 5
store "5 a XbX c" line 6
store "6 aXbX c" line 7
store "7 |a|bXc" line 8
store "8 a b c" line 9
store "9 a b c" line 10
store "10 aXbXc|" line 11
=== quoted wildcards are no wildcards
--- script
require ["fileinto", "variables"];
if string :matches "a*b?c\\d" "*\\*?\\?*\\\\d" { fileinto "${1} ${2} ${3} ${4}"; }
--- plan
store "a b c " line 2
=== a literal found twice before the end
--- script
require ["fileinto", "variables"];
if string :matches "abcabd" "*ab?d" { fileinto "x${1}|${2}"; }
if string :matches "a.b.c.d" "*.?.*" { fileinto "${1} ${2} ${3}"; }
if string :matches "xxabyyabzz" "*ab*zz" { fileinto "${1} ${2}"; }
if string :matches "aab" "*a*b" { fileinto "y${1}|${2}"; }
if string :matches "" "*" { fileinto "z${0}|${1}"; }
--- plan
store "a b c.d" line 3
store "xx yyab" line 4
store "y|a" line 5
store "z|" line 6
=== as many wildcards as you like
--- script
require ["fileinto", "variables"];
if string :matches "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN" "????????????????????????????????????????" {
	fileinto "${0}";
	fileinto "${9}${10}${26}${32}";
}
--- plan
store "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN" line 3
store "ijzF" line 4
=== case of the value, not of the key
--- script
require ["fileinto", "variables"];
if string :matches "MiXeD CaSe" "mixed *" { fileinto "${1}"; }
if string :comparator "i;octet" :matches "MiXeD CaSe" "Mi*" { fileinto "${1}"; }
--- plan
store "CaSe" line 2
store "XeD CaSe" line 3
=== keys made of variables
--- script
require ["fileinto", "variables"];
set "w" "*";
if string :matches "one two" "${w} ${w}" { fileinto "${2} ${1}"; }
set :quotewildcard "q" "*";
if string :matches "one * two" "* ${q} *" { fileinto "${2} ${1}"; }
if string :matches ["b1", "a1"] ["c${w}", "a${w}"] { fileinto "${0}"; }
--- plan
store "two one" line 3
store "a1" line 6
=== in one statement
--- script
require ["fileinto", "variables"];
if allof (string :matches "a-b" "*-*", string "${2}" "b") { fileinto "${1}"; }
--- plan
store "a" line 2
=== without variables nothing is remembered
--- script
require ["fileinto"];
if header :matches "x-a" "*" { fileinto "${0}"; }
--- plan
store "${0}" line 2
