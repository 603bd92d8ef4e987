# RFC 5229 s. 3: references in strings.
=== examples of section 3
--- script
require ["variables", "fileinto"];
set "company" "ACME";
fileinto "1&%${}!";
fileinto "2${doh!}";
fileinto "3${full}";
fileinto "4${company}";
fileinto "5${BAD${Company}";
fileinto "6${President, ${Company} Inc.}";
--- message
From: coyote@desert.example.org
To: coyote@ACME.Example.COM
Subject: [acme-users] [fwd] version 1.0 is out
List-ID: Sieve <ietf-mta-filters@imc.org>

body
--- plan
store "1&%${}!" line 3
store "2${doh!}" line 4
store "3" line 5
store "4ACME" line 6
store "5${BADACME" line 7
store "6${President, ACME Inc.}" line 8
=== examples of section 3.1
--- script
require ["variables", "fileinto"];
set "foo" "X";
fileinto "1${fo\o}";
fileinto "2${fo\\o}";
fileinto "3\${foo}";
fileinto "4\\${foo}";
set "dollar" "$";
set "text" "regarding ${dollar}{beep}";
fileinto "${text}";
--- plan
store "1X" line 3
store "2${fo\\o}" line 4
store "3X" line 5
store "4\\X" line 6
store "regarding ${beep}" line 9
=== encoded characters come first
--- script
require ["encoded-character", "variables", "fileinto"];
set "name" "Ethelbert";
fileinto "dear${hex:20 24 7b 4e}ame}";
fileinto "${hex:24}{name} ${name} ${hex: 24 7b}name}";
--- plan
store "dear Ethelbert" line 3
store "Ethelbert Ethelbert Ethelbert" line 4
=== encoded characters made by a variable stay
--- script
require ["encoded-character", "variables", "fileinto"];
set "x" "hex";
set "d" "$";
fileinto "${${x}:40}";
fileinto "${d}{hex:40}";
--- plan
store "${hex:40}" line 4
=== only one pass
--- script
require ["variables", "fileinto"];
set "a" "${b}";
set "d" "$";
set "b" "B";
set "c" "${d}{b}";
fileinto "${c}";
fileinto "x${a}x";
--- plan
store "${b}" line 6
store "xx" line 7
=== names have no case
--- script
require ["variables", "fileinto"];
set "Some_Name_1" "v";
fileinto "${some_name_1}${SOME_NAME_1}";
--- plan
store "vv" line 3
=== what is no reference stays as it is
--- script
require ["variables", "fileinto"];
set "a" "A";
fileinto "$";
fileinto "${";
fileinto "${a";
fileinto "$a";
fileinto "{a}";
fileinto "$ {a}";
fileinto "${ a}";
fileinto "${a }";
fileinto "${1a}";
fileinto "${a-b}";
fileinto "${1.a}";
fileinto "${a.}";
fileinto "${.a}";
fileinto "${ä}";
fileinto "$${a}";
fileinto "${a}}";
fileinto "${${a}}";
--- plan
store "$" line 3
store "${" line 4
store "${a" line 5
store "$a" line 6
store "{a}" line 7
store "$ {a}" line 8
store "${ a}" line 9
store "${a }" line 10
store "${1a}" line 11
store "${a-b}" line 12
store "${1.a}" line 13
store "${a.}" line 14
store "${.a}" line 15
store "${ä}" line 16
store "$A" line 17
store "A}" line 18
store "${A}" line 19
=== without require nothing changes
--- script
require "fileinto";
fileinto "${a}";
fileinto "${1}";
fileinto "${unknown.name}";
--- plan
store "${a}" line 2
store "${1}" line 3
store "${unknown.name}" line 4
=== a namespace must be required
--- script
require ["variables", "fileinto"];
fileinto "${global.x}";
fileinto "${nosuch.x}";
fileinto "${nosuch.1.x}";
keep;
--- errors
script:2:10: error: unknown namespace "global" in a variable (add require "include";)
script:3:10: error: unknown namespace "nosuch" in a variable
script:4:10: error: unknown namespace "nosuch" in a variable
=== multi-line strings
--- script
require ["variables", "fileinto"];
set "honorific"  "Mr";
set "first_name" "Wile";
set "last_name"  "Coyote";
set "vacation" text:
Dear ${HONORIFIC} ${last_name},
I'm out, please leave a message after the meep.
.
;
if string :is "${vacation}" text:
Dear Mr Coyote,
I'm out, please leave a message after the meep.
.
{
	fileinto "same";
}
--- plan
store "same" line 15
=== in every kind of argument
--- script
require ["variables", "fileinto", "envelope", "copy"];
set "h" "subject";
set "k" "version";
set "f" "from";
set "a" "coyote";
set "m" "box";
set "none" "no such header";
if header :contains ["x", "${h}"] ["nothing", "${k}"] { fileinto "1"; }
if exists "${h}" { fileinto "2"; }
if not exists ["${h}", "${none}"] { fileinto "3"; }
if address :localpart "${f}" "${a}" { fileinto "4"; }
if envelope :localpart "${f}" "${a}" { fileinto "5"; }
if header :matches "${h}" "*${k}*" { fileinto "6"; }
redirect :copy "${a}@example.com";
fileinto "${m}/${m}";
--- options
--from coyote@desert.example.org
--- plan
store "1" line 8
store "2" line 9
store "3" line 10
store "4" line 11
store "5" line 12
store "6" line 13
redirect "coyote@example.com" line 14 copy
store "box/box" line 15
=== checks of constants happen at run time
--- script
require ["variables"];
set "a" "not an address";
redirect "${a}";
--- plan
store "INBOX" implicit
--- errors
script:3:1: error: redirect: this is not an address
=== a mailbox name that is none
--- script
require ["variables", "fileinto"];
fileinto "${none}";
--- plan
store "INBOX" implicit
--- errors
script:2:1: error: fileinto: this is not a mailbox name
=== an envelope part that is none
--- script
require ["variables", "envelope"];
set "a" "both";
if envelope "${a}" "x" { discard; }
--- plan
store "INBOX" implicit
--- errors
script:3:4: error: envelope: unknown envelope part
=== a header that holds no addresses
--- script
require ["variables", "fileinto"];
set "h" "subject";
if address :matches "${h}" "*" { fileinto "yes"; }
--- plan
store "yes" line 3
=== the comparator is constant
--- script
require ["variables"];
if header :comparator "${x}" :is "subject" "x" { discard; }
--- errors
script:2:23: error: unknown comparator "${x}"
=== require is not affected
--- script
require ["variables", "${x}"];
keep;
--- errors
script:1:23: error: unknown capability "${x}"
=== the value that is current
--- script
require ["variables", "fileinto"];
set "a" "1";
if string "${a}" "1" {
	set "a" "2";
	fileinto "${a}";
}
set "a" "${a}3";
set "a" "${a}${a}";
fileinto "${a}";
--- plan
store "2" line 5
store "2323" line 9
