=== behind stop, once
--- script
stop;
keep;
discard;
--- check
--- warnings
script:2:1: warning: this is never reached: "stop" on line 1 ends the script [unreachable]
script:3:1: warning: discard has no effect: "keep" on line 2 stores the message (discard undoes nothing that others ask for) [undone-discard]
=== stop at the end
--- script
if exists "x" { stop; }
keep;
stop;
--- check
=== in a block
--- script
if exists "x" { stop; keep; }
keep;
--- check
--- warnings
script:1:23: warning: this is never reached: "stop" on line 1 ends the script [unreachable]
=== all branches end
--- script
if exists "x" { stop; } elsif exists "y" { stop; } else { stop; }
keep;
--- check
--- warnings
script:2:1: warning: this is never reached: "if" on line 1 ends the script [unreachable]
=== not all branches end
--- script
if exists "x" { stop; } elsif exists "y" { stop; } else { }
keep;
--- check
=== no else
--- script
if exists "x" { stop; } elsif exists "y" { stop; }
keep;
--- check
=== nested
--- script
if exists "x" { if exists "y" { stop; } else { stop; } } else { stop; }
keep;
--- check
--- warnings
script:2:1: warning: this is never reached: "if" on line 1 ends the script [unreachable]
=== return and error
--- script
require ["include", "ihave"];
if exists "x" { return; keep; }
if exists "y" { error "z"; keep; }
--- check
--- warnings
script:2:25: warning: this is never reached: "return" on line 2 ends the script [unreachable]
script:3:28: warning: this is never reached: "error" on line 3 ends the script [unreachable]
=== branches behind one that is always taken
--- script
if true { keep; } elsif exists "x" { discard; } else { discard; }
--- check
--no-warn constant-test
--- warnings
script:1:19: warning: this is never reached: the test on line 1 is always true [unreachable]
