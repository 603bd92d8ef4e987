# draft-murchison-sieve-regex, draft-ietf-sieve-regex: the match type :regex.
# needs: regex
=== example of the draft
--- script
require "regex";

# Try to catch unsolicited email.
if anyof (
  # if a message is not to me (with optional +detail),
  not address :regex ["to", "cc", "bcc"]
    "me(\\+.*)?@company\\.com",

  # or the subject is all uppercase (no lowercase)
  header :regex :comparator "i;octet" "subject"
    "^[^[:lower:]]+$" ) {

  discard;     # junk it
}
--- message
From: a@example.com
To: me+work@company.com
Subject: MAKE MONEY

--- plan
discard line 13
=== the same with a good message
--- script
require "regex";
if anyof (not address :regex ["to", "cc", "bcc"] "me(\\+.*)?@company\\.com",
  header :regex :comparator "i;octet" "subject" "^[^[:lower:]]+$" ) {
  discard;
}
--- message
From: a@example.com
To: me@company.com
Subject: Lunch at [12:30] a.b a-b a\b xaab aaa{2} caab

--- plan
store "INBOX" implicit
=== the elements of the table
--- script
require ["regex", "fileinto", "variables"];
if string :regex "abc" "a.c" { fileinto "1"; }
if string :regex "abc" "^a[xb]c$" { fileinto "2"; }
if string :regex "abc" "^a[^xb]c$" { fileinto "3 no"; }
if string :regex "abc" "[a-c]{3}" { fileinto "4"; }
if string :regex "a.c" "a\\.c" { fileinto "5"; }
if string :regex "abc" "a\\.c" { fileinto "6 no"; }
if string :regex "ac" "ab?c" { fileinto "7"; }
if string :regex "abbbc" "ab*c" { fileinto "8"; }
if string :regex "ac" "ab+c" { fileinto "9 no"; }
if string :regex "abbc" "^ab{2}c$" { fileinto "10"; }
if string :regex "abbbc" "^ab{2,}c$" { fileinto "11"; }
if string :regex "abbbc" "^ab{1,2}c$" { fileinto "12 no"; }
if string :regex "xby" "a|b" { fileinto "13"; }
if string :regex "abab" "^(ab)+$" { fileinto "14"; }
if string :regex "" "^$" { fileinto "15"; }
if string :regex "aXb" "x" { fileinto "16"; }
if string :regex :comparator "i;octet" "aXb" "x" { fileinto "17 no"; }
if string :regex "xyz" ["a", "b", "z"] { fileinto "18"; }
if string :regex "a" "" { fileinto "19"; }
--- plan
store "1" line 2
store "2" line 3
store "4" line 5
store "5" line 6
store "7" line 8
store "8" line 9
store "10" line 11
store "11" line 12
store "13" line 14
store "14" line 15
store "15" line 16
store "16" line 17
store "18" line 19
store "19" line 20
=== brackets
--- script
require ["regex", "fileinto", "variables"];
if string :regex "]" "^[]]$" { fileinto "1"; }
if string :regex "a]" "^a[^]]$" { fileinto "2 no"; }
if string :regex "-" "^[a-]$" { fileinto "3"; }
if string :regex "-" "^[-a]$" { fileinto "4"; }
if string :regex "\\" "^[\\]$" { fileinto "5"; }
if string :regex "d" "^[\\d]$" { fileinto "6"; }
if string :regex "5" "^[\\d]$" { fileinto "7 no"; }
if string :regex "^" "^[a^]$" { fileinto "8"; }
if string :regex "[" "^[[]$" { fileinto "9"; }
if string :regex "-" "^[[.-.]]$" { fileinto "11"; }
if string :regex "a" "^[[=a=]]$" { fileinto "12"; }
if string :regex "b" "^[[.a.]-c]$" { fileinto "13"; }
if string :regex "/" "^[--/]$" { fileinto "14"; }
if string :regex "ä" "^[äöü]$" { fileinto "15"; }
if string :regex "ö" "^[ä-ü]$" { fileinto "16"; }
if string :regex "a*b" "^a[*]b$" { fileinto "17"; }
--- plan
store "1" line 2
store "3" line 4
store "4" line 5
store "5" line 6
store "6" line 7
store "8" line 9
store "9" line 10
store "11" line 11
store "12" line 12
store "13" line 13
store "14" line 14
store "15" line 15
store "16" line 16
store "17" line 17
=== brackets: collating elements with names are not known
--- script
require ["regex"];
if header :regex "subject" "^[[.hyphen.]]$" { }
--- errors
script:2:28: error: "^[[.hyphen.]]$" is no key for :regex: unknown collating element in brackets
=== character classes
--- script
require ["regex", "fileinto", "variables"];
if string :regex :comparator "i;octet" "a1" "^[[:alnum:]]{2}$" { fileinto "alnum"; }
if string :regex :comparator "i;octet" "aZ" "^[[:alpha:]]{2}$" { fileinto "alpha"; }
if string :regex :comparator "i;octet" " 	" "^[[:blank:]]{2}$" { fileinto "blank"; }
if string :regex :comparator "i;octet" "	" "^[[:cntrl:]]$" { fileinto "cntrl"; }
if string :regex :comparator "i;octet" "7" "^[[:digit:]]$" { fileinto "digit"; }
if string :regex :comparator "i;octet" "!" "^[[:graph:]]$" { fileinto "graph"; }
if string :regex :comparator "i;octet" "a" "^[[:lower:]]$" { fileinto "lower"; }
if string :regex :comparator "i;octet" " " "^[[:print:]]$" { fileinto "print"; }
if string :regex :comparator "i;octet" "!" "^[[:punct:]]$" { fileinto "punct"; }
if string :regex :comparator "i;octet" " " "^[[:space:]]$" { fileinto "space"; }
if string :regex :comparator "i;octet" "A" "^[[:upper:]]$" { fileinto "upper"; }
if string :regex :comparator "i;octet" "f" "^[[:xdigit:]]$" { fileinto "xdigit"; }
if string :regex :comparator "i;octet" "A" "^[[:lower:]]$" { fileinto "no"; }
if string :regex "x_1-" "^[x_[:digit:]-]+$" { fileinto "mixed"; }
--- plan
store "alnum" line 2
store "alpha" line 3
store "blank" line 4
store "cntrl" line 5
store "digit" line 6
store "graph" line 7
store "lower" line 8
store "print" line 9
store "punct" line 10
store "space" line 11
store "upper" line 12
store "xdigit" line 13
store "mixed" line 15
=== what PCRE2 reads in another way
--- script
require ["regex", "fileinto", "variables"];
if string :regex "aaa" "^(a+?)(a*)$" { fileinto "1 ${1}|${2}"; }
if string :regex "aaa" "^a**$" { fileinto "2"; }
if string :regex "a#b c" "^a#b c$" { fileinto "3"; }
if string :regex "a)" "^a)$" { fileinto "4"; }
if string :regex "a}" "^a}$" { fileinto "5"; }
if string :regex "a]" "^a]$" { fileinto "6"; }
if string :regex "aaaaaa" "^(a{2}){3}$" { fileinto "7"; }
if string :regex "aaaaaa" "^a{2}{3}$" { fileinto "8"; }
if string :regex "aa" "^a{,2}$" { fileinto "9"; }
if string :regex "a-b" "^a-b$" { fileinto "10"; }
if string :regex "\\Qa" "^\\\\Qa$" { fileinto "11"; }
if string :regex "ab" "^(a|)(|b)$" { fileinto "12"; }
if string :regex "a" "^()a$" { fileinto "13"; }
--- plan
store "1 aaa|" line 2
store "2" line 3
store "3" line 4
store "4" line 5
store "5" line 6
store "6" line 7
store "7" line 8
store "8" line 9
store "9" line 10
store "10" line 11
store "11" line 12
store "12" line 13
store "13" line 14
=== what is none
--- script
require "regex";
if header :regex "subject" "(" { }
if header :regex "subject" "a(b" { }
if header :regex "subject" "[a" { }
if header :regex "subject" "[" { }
if header :regex "subject" "[]" { }
if header :regex "subject" "a\\" { }
if header :regex "subject" "*a" { }
if header :regex "subject" "+" { }
if header :regex "subject" "?" { }
if header :regex "subject" "a|*" { }
if header :regex "subject" "(?:a)" { }
if header :regex "subject" "(*UTF)a" { }
if header :regex "subject" "^*" { }
if header :regex "subject" "a{" { }
if header :regex "subject" "a{x}" { }
if header :regex "subject" "a{2,1}" { }
if header :regex "subject" "a{256}" { }
if header :regex "subject" "{1}" { }
if header :regex "subject" "(a)\\1" { }
if header :regex "subject" "\\w" { }
if header :regex "subject" "\\<a" { }
if header :regex "subject" "[[:foo:]]" { }
if header :regex "subject" "[z-a]" { }
if header :regex "subject" "[a-[:digit:]]" { }
if header :regex "subject" "((((a{100}){100}){100}){100})" { }
if header :regex "subject" ["good", "(", "good", ")", "["] { }
--- errors
script:2:28: error: "(" is no key for :regex: "(" without ")"
script:3:28: error: "a(b" is no key for :regex: "(" without ")"
script:4:28: error: "[a" is no key for :regex: "[" without "]"
script:5:28: error: "[" is no key for :regex: "[" without "]"
script:6:28: error: "[]" is no key for :regex: "[" without "]"
script:7:28: error: "a\" is no key for :regex: backslash at the end
script:8:28: error: "*a" is no key for :regex: there is nothing to repeat
script:9:28: error: "+" is no key for :regex: there is nothing to repeat
script:10:28: error: "?" is no key for :regex: there is nothing to repeat
script:11:28: error: "a|*" is no key for :regex: there is nothing to repeat
script:12:28: error: "(?:a)" is no key for :regex: there is nothing to repeat
script:13:28: error: "(*UTF)a" is no key for :regex: there is nothing to repeat
script:14:28: error: "^*" is no key for :regex: there is nothing to repeat
script:15:28: error: "a{" is no key for :regex: a repetition is like {1}, {1,} or {1,2}
script:16:28: error: "a{x}" is no key for :regex: a repetition is like {1}, {1,} or {1,2}
script:17:28: error: "a{2,1}" is no key for :regex: a repetition from more to less
script:18:28: error: "a{256}" is no key for :regex: more than 255 repetitions
script:19:28: error: "{1}" is no key for :regex: there is nothing to repeat
script:20:28: error: "(a)\1" is no key for :regex: there are no back references
script:21:28: error: "\w" is no key for :regex: a backslash stands before special characters only
script:22:28: error: "\<a" is no key for :regex: a backslash stands before special characters only
script:23:28: error: "[[:foo:]]" is no key for :regex: unknown character class in brackets
script:24:28: error: "[z-a]" is no key for :regex: it is not a regular expression
script:25:28: error: "[a-[:digit:]]" is no key for :regex: a character class cannot end a range
script:26:28: error: "((((a{100}){100}){100}){100})" is no key for :regex: it is too large
script:27:37: error: "(" is no key for :regex: "(" without ")"
script:27:55: error: "[" is no key for :regex: "[" without "]"
=== comparators
--- script
require ["regex", "comparator-i;ascii-numeric"];
if header :regex :comparator "i;ascii-numeric" "subject" "a" { }
if header :regex :is "subject" "a" { }
if exists :regex "subject" { }
--- errors
script:2:11: error: match type ":regex" cannot be used with comparator "i;ascii-numeric" (i;ascii-casemap can do it)
script:3:18: error: tag ":is" cannot be used together with ":regex" (remove one of them)
script:4:11: error: unknown tagged argument ":regex" for the exists test
=== it must be required
--- script
if header :regex "subject" "a" { }
--- errors
script:1:11: error: unknown tagged argument ":regex" for the header test (add require "regex";)
=== lines
--- script
require ["regex", "fileinto", "variables"];
set "t" text:
one
two
.
;
if string :regex "${t}" "^two$" { fileinto "1"; }
if string :regex "${t}" "one.*two" { fileinto "2 no"; }
if string :regex "${t}" "one[^x]*two" { fileinto "3"; }
--- plan
store "1" line 7
store "3" line 9
=== hostile expressions end the run
--- script
require ["regex", "variables"];
if string :regex "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" "^((a+)+)+[bc]$" { discard; }
--- plan
store "INBOX" implicit
--- errors
script:2:4: error: the script needs more than its limit of work
=== octets that are no UTF-8
--- script
require ["regex", "fileinto"];
if header :regex "x-a" "n.*e$" { fileinto "1"; }
if header :regex "x-a" "^[^e]+$" { fileinto "2 no"; }
--- message raw
X-A: na\xefve\n\n
--- plan
store "INBOX" implicit
