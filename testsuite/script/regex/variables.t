# draft-ietf-sieve-regex s. 5: match variables and :quoteregex.
# needs: regex
=== groups
--- script
require ["regex", "variables", "fileinto"];
if header :regex "subject" "^\\[([^]]+)\\] (.*)$" {
	fileinto "${1}";
	fileinto "2 ${2}";
	fileinto "0 ${0}";
}
--- message
Subject: [Tamis] Hello World

--- plan
store "Tamis" line 3
store "2 Hello World" line 4
store "0 [Tamis] Hello World" line 5
=== the part that matched
--- script
require ["regex", "variables", "fileinto"];
if header :regex "subject" "he(l+)o" { fileinto "${0} ${1}"; }
--- plan
store "Hello ll" line 2
=== groups that took no part are empty
--- script
require ["regex", "variables", "fileinto"];
if string :regex "b" "(a)|(b)|(c)" { fileinto "<${1}${2}${3}${4}>"; }
if string :regex "ab" "(a(x)?)(b)" { fileinto "<${1}|${2}|${3}>"; }
--- plan
store "<b>" line 2
store "<a||b>" line 3
=== a match that fails leaves them
--- script
require ["regex", "variables", "fileinto"];
if string :regex "abc" "(b)" { }
if string :regex "abc" "(x)" { }
fileinto "${1}";
--- plan
store "b" line 4
=== in turn with :matches
--- script
require ["regex", "variables", "fileinto"];
if string :regex "abc" "(a)(b)(c)" { }
if string :matches "x-y" "*-*" { }
fileinto "${1} ${2} ${3}";
--- plan
store "x y " line 4
=== more groups than variables
--- script
require ["regex", "variables", "fileinto"];
if string :regex "abcdefghijklmnopqrstuvwxyz0123456789" "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)(m)(n)(o)(p)(q)(r)(s)(t)(u)(v)(w)(x)(y)(z)(0)(1)(2)(3)(4)(5)(6)(7)" {
	fileinto "${1}${9}${26}${32}";
}
--- plan
store "aiz5" line 3
=== quoteregex
--- script
require ["regex", "variables", "fileinto"];
set :quoteregex "a" "a.b[c]{1}(d)\\*+?^$|e-f";
fileinto "${a}";
if string :regex "a.b[c]{1}(d)\\*+?^$|e-f" "^${a}$" { fileinto "same"; }
if string :regex "axb[c]{1}(d)\\*+?^$|e-f" "^${a}$" { fileinto "no"; }
--- plan
store "a\\.b\\[c\\]\\{1\\}\\(d\\)\\\\\\*\\+\\?\\^\\$\\|e-f" line 3
store "same" line 4
=== quoteregex has the precedence of quotewildcard
--- script
require ["regex", "variables", "fileinto"];
set :quoteregex :upper "a" "a.b";
fileinto "${a}";
set :length :quoteregex "a" "a.b";
fileinto "${a}";
--- plan
store "A\\.B" line 3
store "4" line 5
=== and cannot stand beside it
--- script
require ["regex", "variables"];
set :quoteregex :quotewildcard "a" "a.b";
--- errors
script:2:17: error: tag ":quotewildcard" cannot be used together with ":quoteregex" (remove one of them)
=== quoteregex needs both extensions
--- script
require ["variables"];
set :quoteregex "a" "a.b";
--- errors
script:2:5: error: unknown tagged argument ":quoteregex" for the set command (add require "regex";)
=== keys with variables
--- script
require ["regex", "variables", "fileinto"];
set "x" "l+";
if header :regex "subject" ["nothing", "he(${x})o"] { fileinto "${1}"; }
if header :regex :comparator "i;octet" "subject" ["he(${x})o"] { fileinto "no"; }
--- plan
store "ll" line 3
=== a key with variables that is none
--- script
require ["regex", "variables", "fileinto"];
set "x" "(";
if header :regex "subject" "a${x}" { fileinto "no"; }
--- plan
store "INBOX" implicit
--- errors
script:3:4: error: :regex: this is not a key for it
