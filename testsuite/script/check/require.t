=== used by a command, a test, a tag, a match type
--- script
require ["fileinto", "envelope", "copy", "relational"];
if envelope :count "ge" "from" "1" { fileinto :copy "x"; }
--- check
=== one is not used
--- script
require ["fileinto", "copy"];
fileinto "x";
--- check
--- warnings
script:1:22: warning: "copy" is required and not used (remove it) [unused-require]
=== one alone
--- script
require "envelope";
keep;
--- check
--- warnings
script:1:9: warning: "envelope" is required and not used (remove it) [unused-require]
=== variables: used by a reference alone
--- script
require "variables";
if header :is "Subject" "${1}" { stop; }
--- check
=== variables: no reference
--- script
require "variables";
if header :is "Subject" "$1 {1}" { stop; }
--- check
--- warnings
script:1:9: warning: "variables" is required and not used (remove it) [unused-require]
=== encoded-character: used when it changes a string
--- script
require "encoded-character";
if header :is "Subject" "${hex:40}" { stop; }
--- check
=== encoded-character: not used
--- script
require "encoded-character";
if header :is "Subject" "${hex:zz}" { stop; }
--- check
--- warnings
script:1:9: warning: "encoded-character" is required and not used (remove it) [unused-require]
=== comparators
--- script
require ["comparator-i;octet", "comparator-i;ascii-casemap",
    "comparator-i;ascii-numeric", "relational"];
if header :value "gt" :comparator "i;ascii-numeric" "X-Score" "5" { stop; }
--- check
=== a comparator that is not used
--- script
require ["comparator-i;ascii-numeric"];
if header "X-Score" "5" { stop; }
--- check
--- warnings
script:1:10: warning: "comparator-i;ascii-numeric" is required and not used (remove it) [unused-require]
=== ihave uses what it finds
--- script
require "ihave";
if ihave "fileinto" { fileinto "x"; }
--- check
=== required twice
--- script
require ["fileinto", "fileinto"];
require "fileinto";
fileinto "x";
--- check
--- warnings
script:1:22: warning: "fileinto" is required already (once is enough) [repeated-require]
script:2:9: warning: "fileinto" is required already (once is enough) [repeated-require]
=== switched off
--- script
require ["fileinto", "fileinto"];
keep;
--- check
--no-warn unused-require
--- warnings
script:1:22: warning: "fileinto" is required already (once is enough) [repeated-require]
=== all switched off
--- script
require ["fileinto", "fileinto"];
keep;
--- check
--no-warnings
=== warnings as errors
--- script
require "fileinto";
keep;
--- check
--werror
--- warnings
script:1:9: warning: "fileinto" is required and not used (remove it) [unused-require]
exit 1
=== a script with errors has no warnings
--- script
require "fileinto";
frop;
--- check
--- warnings
script:2:1: error: unknown command "frop" (did you mean stop?)
exit 1
