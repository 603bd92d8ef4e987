require "vnd.dovecot.testsuite";
test_set "message" text:
Subject: set by a script

x
.
;
