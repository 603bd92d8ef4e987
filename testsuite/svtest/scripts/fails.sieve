require "vnd.dovecot.testsuite";
if true {
	test_fail "this one is expected";
}
keep;
