require "fileinto";
if header "a" { }
if header "a" "b" "c" { }
fileinto 1;
