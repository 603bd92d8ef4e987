=== keep or fileinto beside it
--- script
require "fileinto";
if exists "a" { keep; discard; }
if exists "b" { discard; fileinto "x"; }
if exists "c" { discard; discard; keep; keep; }
--- check
--- warnings
script:2:23: warning: discard has no effect: "keep" on line 2 stores the message (discard undoes nothing that others ask for) [undone-discard]
script:3:17: warning: discard has no effect: "fileinto" on line 3 stores the message (discard undoes nothing that others ask for) [undone-discard]
script:4:17: warning: discard has no effect: "keep" on line 4 stores the message (discard undoes nothing that others ask for) [undone-discard]
=== one in another block
--- script
if exists "a" { keep; }
discard;
--- check
=== :copy leaves something to discard
--- script
require ["fileinto", "copy"];
fileinto :copy "x";
discard;
--- check
