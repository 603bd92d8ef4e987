=== read and never set, once each
--- script
require ["variables", "fileinto"];
set "A" "x";
fileinto "${a}${b}";
fileinto "${B}${c}${1}";
--- check
--- warnings
script:3:10: warning: variable "b" is never set (it is empty) [unset-variable]
script:4:10: warning: variable "c" is never set (it is empty) [unset-variable]
=== set later, or by another command
--- script
require ["variables", "imap4flags", "fileinto"];
fileinto "${a}";
if exists "x" { set "a" "y"; }
addflag "f" "\\Seen";
fileinto :flags "${f}" "x";
--- check
=== with other scripts nobody knows
--- script
require ["variables", "include", "fileinto"];
include "x";
fileinto "${a}";
--- check
=== namespaces
--- script
require ["variables", "include", "fileinto"];
fileinto "${global.a}";
--- check
