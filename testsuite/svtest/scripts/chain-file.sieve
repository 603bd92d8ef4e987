require ["fileinto", "mailbox"];
if header "x-chain" "edited" { fileinto :create "Chain"; }
