require ["special-use", "fileinto", "mailboxid"];
fileinto :specialuse "\\Junk" :mailboxid "a" "x";
fileinto :mailboxid 1 "x";
if mailboxidexists { }
