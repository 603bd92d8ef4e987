=== blanks at the ends
--- script
if header "Subject" [" a", "a ", "a b", "	a", ""] { keep; }
if header :contains "Subject" " a " { keep; }
if header :matches "Subject" " a" { keep; }
if header :comparator "i;octet" "Subject" "a " { keep; }
--- check
--- warnings
script:1:22: warning: nothing is equal to this key: values have no blanks at their ends (remove the blanks, or use :contains) [odd-key]
script:1:28: warning: nothing is equal to this key: values have no blanks at their ends (remove the blanks, or use :contains) [odd-key]
script:1:41: warning: nothing is equal to this key: values have no blanks at their ends (remove the blanks, or use :contains) [odd-key]
script:4:43: warning: nothing is equal to this key: values have no blanks at their ends (remove the blanks, or use :contains) [odd-key]
=== numbers are read without them
--- script
require "comparator-i;ascii-numeric";
if header :comparator "i;ascii-numeric" "Subject" " 1" { keep; }
--- check
=== addresses
--- script
require "envelope";
if address :domain "From" ["@a.org", "a.org"] { keep; }
if address :domain :contains "From" "@a.org" { keep; }
if address "From" ["a.org", "a@a.org", "root"] { keep; }
if address :localpart "From" "a.org" { keep; }
if envelope :domain "from" "a@b.org" { keep; }
if envelope "from" "" { keep; }
--- check
--- warnings
script:2:28: warning: no domain is equal to this key (write what is behind the "@") [odd-key]
script:4:20: warning: a whole address is compared with this key, which has no "@" (use :domain to look at the domain) [odd-key]
script:6:28: warning: no domain is equal to this key (write what is behind the "@") [odd-key]
=== variables are not known
--- script
require "variables";
set "x" "y";
if header "Subject" " ${x}" { keep; }
if exists "${x}:" { keep; }
--- check
=== names of header fields
--- script
if header ["Subject:", "X Y", "X-Y", ""] "a" { keep; }
if exists "From:" { keep; }
if address "To:" "a" { keep; }
--- check
--- warnings
script:1:12: warning: no header field has the name "Subject:" (write it without the colon) [odd-header]
script:1:24: warning: no header field has the name "X Y" [odd-header]
script:1:38: warning: no header field has the name "" [odd-header]
script:2:11: warning: no header field has the name "From:" (write it without the colon) [odd-header]
script:3:12: warning: no header field has the name "To:" (write it without the colon) [odd-header]
