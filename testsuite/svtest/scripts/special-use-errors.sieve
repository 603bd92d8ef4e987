require ["special-use", "fileinto"];
fileinto :specialuse "Junk" "x";
fileinto :specialuse "\\Junk";
keep :specialuse "\\Junk";
if specialuse_exists { }
