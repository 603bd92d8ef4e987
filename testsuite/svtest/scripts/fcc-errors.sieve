require ["vacation", "fcc", "imap4flags", "reject", "fileinto", "mailbox"];
vacation :create "x";
vacation :flags "a" "x";
vacation :fcc "a" :specialuse "\\Sent" "x";
reject :fcc "a" "x";
fileinto :fcc "a" "x";
vacation :fcc "a" :fcc "b" "x";
