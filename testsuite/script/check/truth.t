=== words
--- script
if true { keep; }
if not true { keep; }
if not exists "x" { keep; }
--- check
--- warnings
script:1:4: warning: this test is always true [constant-test]
script:2:4: warning: this test is always false [constant-test]
=== lists
--- script
if anyof (false, false) { keep; }
if anyof (exists "x", true) { keep; }
if anyof (exists "x", false) { keep; }
if allof (true, true) { keep; }
if allof (exists "x", false) { keep; }
if allof (exists "x", true) { keep; }
--- check
--- warnings
script:1:4: warning: this test is always false [constant-test]
script:2:4: warning: this test is always true [constant-test]
script:3:23: warning: this test is always false [constant-test]
script:4:4: warning: this test is always true [constant-test]
script:5:4: warning: this test is always false [constant-test]
script:6:23: warning: this test is always true [constant-test]
=== nested
--- script
if not anyof (allof (true, false), false) { keep; }
elsif anyof (exists "x", not false) { keep; }
--- check
--- warnings
script:1:4: warning: this test is always true [constant-test]
script:2:1: warning: this is never reached: the test on line 1 is always true [unreachable]
script:2:7: warning: this test is always true [constant-test]
=== size
--- script
if size :under 0 { keep; }
if size :under 1 { keep; }
if size :over 0 { keep; }
--- check
--- warnings
script:1:4: warning: this test is always false [constant-test]
=== string
--- script
require "variables";
if string "a" ["b", "A"] { keep; }
if string "a" "b" { keep; }
if string "a" ["b", "${1}"] { keep; }
if string "${1}" "b" { keep; }
if string ["a", "b"] "b" { keep; }
if string :contains "a" "b" { keep; }
if string :comparator "i;octet" "a" "A" { keep; }
--- check
--- warnings
script:2:4: warning: this test is always true [constant-test]
script:3:4: warning: this test is always false [constant-test]
