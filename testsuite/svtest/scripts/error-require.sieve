require ["fileinto", "no-such-extension"];
keep;
require "envelope";
