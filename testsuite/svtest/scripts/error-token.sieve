keep;
if header "a" "b" { keep; @ }
keep 1x;
