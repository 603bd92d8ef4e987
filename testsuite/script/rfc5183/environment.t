# RFC 5183: environment.
=== the items
--- script
require ["environment", "fileinto", "variables"];
if environment "domain" "example.com" { fileinto "domain"; }
if environment :matches "host" "*" { fileinto "host ${1}"; }
if environment "location" "MDA" { fileinto "location"; }
if environment "name" "Tamis" { fileinto "name"; }
if environment "phase" "during" { fileinto "phase"; }
if environment :is "remote-host" "" { fileinto "remote-host"; }
if environment :contains "remote-ip" "192.0.2." { fileinto "remote-ip"; }
if environment :matches "version" "?*.?*" { fileinto "version"; }
--- message
Subject: x

--- options
--host mail.example.com --remote-ip 192.0.2.1
--- plan
store "domain" line 2
store "host mail.example.com" line 3
store "location" line 4
store "name" line 5
store "phase" line 6
store "remote-host" line 7
store "remote-ip" line 8
store "version" line 9
=== what does not exist matches nothing
--- script
require ["environment", "fileinto", "relational", "comparator-i;ascii-numeric"];
if environment :contains "item" "" { fileinto "1"; }
if environment "item" "" { fileinto "2"; }
if environment :matches "vnd.example.item" "*" { fileinto "3"; }
if environment :value "ge" "item" "" { fileinto "4"; }
if environment :count "eq" :comparator "i;ascii-numeric" "item" "0" { fileinto "5"; }
if environment :count "lt" :comparator "i;ascii-numeric" "item" "9" { fileinto "6"; }
if environment :contains "" "" { fileinto "7"; }
--- plan
store "INBOX" implicit
=== what exists contains the empty string
--- script
require ["environment", "fileinto"];
if environment :contains "domain" "" { fileinto "domain"; }
if environment :contains "host" "" { fileinto "host"; }
if environment :contains "location" "" { fileinto "location"; }
if environment :contains "name" "" { fileinto "name"; }
if environment :contains "phase" "" { fileinto "phase"; }
if environment :contains "remote-host" "" { fileinto "remote-host"; }
if environment :contains "remote-ip" "" { fileinto "remote-ip"; }
if environment :contains "version" "" { fileinto "version"; }
--- plan
store "domain" line 2
store "host" line 3
store "location" line 4
store "name" line 5
store "phase" line 6
store "remote-host" line 7
store "remote-ip" line 8
store "version" line 9
=== count
--- script
require ["environment", "fileinto", "relational", "comparator-i;ascii-numeric"];
if environment :count "eq" :comparator "i;ascii-numeric" "name" "1" { fileinto "1"; }
if environment :count "eq" :comparator "i;ascii-numeric" "host" "0" { fileinto "2"; }
--- plan
store "1" line 2
store "2" line 3
=== variables and lists
--- script
require ["environment", "fileinto", "variables"];
set "i" "name";
set "v" "tamis";
if environment "${i}" ["x", "${v}"] { fileinto "1"; }
if environment :comparator "i;octet" "NAME" ["TAMIS"] { fileinto "2"; }
--- plan
store "1" line 4
=== arguments
--- script
require "environment";
if environment "name" { }
if environment ["name"] "x" { }
if environment "name" "x" "y" { }
if environment :all "name" "x" { }
if environment 1 "x" { }
--- errors
script:2:4: error: the environment test requires 2 positional arguments, found 1 (write: environment <name> <key-list>)
script:3:16: error: the environment test expects a string as argument 1 (name), found a string list (write: environment <name> <key-list>)
script:4:27: error: the environment test requires 2 positional arguments, found 3 (write: environment <name> <key-list>)
script:5:16: error: unknown tagged argument ":all" for the environment test
script:6:16: error: the environment test expects a string as argument 1 (name), found a number (write: environment <name> <key-list>)
=== it must be required
--- script
if environment "name" "x" { }
--- errors
script:1:4: error: unknown test "environment" (add require "environment";)
