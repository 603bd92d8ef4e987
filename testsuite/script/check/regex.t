# needs: regex
=== nothing in front of the beginning, nothing behind the end
--- script
require "regex";
if header :regex "Subject" ["a^", "a^b", "$a", "a$b", "[ab]^", ".^", "\\.^",
    "(a)^", "(a|b)^", "(ab)$c", "$(a)", "$(a|b)c", "a{2}^", "a+^", "(a$)b",
    "[]^]^", "[^]]$x", "[[:alpha:]]^", "[[.a.]]^", "a^|b^", "(a^|$b)", "((a))^"]
    { keep; }
--- check
--- warnings
script:2:29: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:2:35: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:2:42: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:2:48: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:2:55: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:2:64: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:2:70: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:3:5: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:3:13: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:3:23: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:3:33: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:3:41: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:3:52: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:3:61: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:3:68: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:4:5: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:4:14: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:4:24: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:4:40: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:4:52: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:4:61: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
script:4:72: warning: nothing matches this regular expression ("^" is the beginning, "$" the end of the value; write \\^ or \\$ for themselves) [never-matches]
=== these may match
--- script
require "regex";
if header :regex "Subject" ["^a", "a$", "^$", "$^", "a*^", "a?^b", "$a*",
    "a^|b", "x|$y", "(^a|b)$", "(a^|b)", "(a|)^", "(a)*^", "a{0,2}^", "(a^)*b",
    "[a^]", "[$]a", "\\^a", "a\\^b", "a\\$b", "(^a)", "(^|x)a", "a($|x)",
    "(a^)?b", "a(^b)"] { keep; }
--- check
=== other match types do not look
--- script
if header :matches "Subject" "a^b" { keep; }
--- check
