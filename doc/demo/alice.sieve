require ["fileinto"];

# Mailing lists say so themselves.
if header :contains "list-id" "<dev.tamis.example.org>" {
	fileinto "Lists/tamis";
}

# The boss goes to a folder of her own.
elsif address :is "from" "boss@example.org" {
	fileinto "VIP";
}

# What the scanner in front of us marked.
elsif header :is "x-spam-flag" "yes" {
	fileinto "Junk";
}

# RFC 2047 subjects are decoded before they are compared.
elsif header :contains "subject" "Übersicht" {
	fileinto "Anhänge/Übersicht";
}

# A mistake that shows only when such a message comes: no mailbox can have
# that name. The message is kept in INBOX and marked $SieveFailed.
elsif header :contains "subject" "invoice" {
	fileinto "Money//Invoices";
}
