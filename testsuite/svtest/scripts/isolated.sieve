require "variables";
if string "${secret}" "" {
	discard;
}
set "secret" "y";
