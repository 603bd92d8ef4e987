=== the same rule
--- script
if header "Subject" "x" { discard; }
keep;
IF header "subject" "x" { discard; }
if header "Subject" "x" { discard; }
--- check
--- warnings
script:4:1: warning: the same rule as on line 1 (remove one of them) [duplicate-rule]
=== another key, another action, another tag, another number
--- script
if header "Subject" "x" { discard; }
if header "Subject" "y" { discard; }
if header "Subject" "x" { keep; }
if header :contains "Subject" "x" { discard; }
if size :over 1 { stop; }
if size :over 2 { stop; }
if header "Subject" ["x", "x"] { discard; }
if allof (header "Subject" "x", exists "z") { discard; }
if allof (header "Subject" "x") { discard; }
if header "Subject" "x" { discard; discard; }
--- check
=== blocks are looked at one by one
--- script
if exists "a" { if exists "x" { keep; } }
if exists "b" { if exists "x" { keep; } if exists "x" { keep; } }
if exists "x" { keep; }
--- check
--- warnings
script:2:41: warning: the same rule as on line 2 (remove one of them) [duplicate-rule]
=== what changes something may come twice
--- script
require ["variables", "editheader", "fileinto"];
if exists "x" { addheader "X" "y"; }
if exists "x" { addheader "X" "y"; }
if exists "y" { set "a" "${a}x"; }
if exists "y" { set "a" "${a}x"; }
if string "${a}" "x" { keep; }
if string "${a}" "x" { keep; }
--- check
--- warnings
script:1:37: warning: "fileinto" is required and not used (remove it) [unused-require]
=== with branches
--- script
if exists "x" { keep; } else { discard; }
if exists "x" { keep; } else { stop; }
--- check
=== the same test in a chain
--- script
if header "a" "b" { keep; }
elsif exists "x" { keep; }
elsif header "A" "b" { discard; }
elsif exists "x" { stop; }
else { keep; }
--- check
--- warnings
script:4:1: warning: this is never reached: the same test stands on line 2 [repeated-test]
