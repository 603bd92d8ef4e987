require "envelope";
if allof (header "subject" "three", envelope "to" "three@example.org") {
	redirect "yes@example.org";
}
