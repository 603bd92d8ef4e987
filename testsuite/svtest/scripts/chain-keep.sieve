require ["imap4flags", "editheader"];
addheader "X-Chain" "edited";
keep;
