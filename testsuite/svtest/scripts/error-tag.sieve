if header :frop "a" "b" { keep; }
keep :friep;
