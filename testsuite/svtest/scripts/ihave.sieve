require "ihave";
if ihave "no-such-extension" {
	no_such_command "x";
} else {
	keep;
}
