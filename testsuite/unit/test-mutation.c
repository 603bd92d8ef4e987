/*
 * Every prefix and every changed octet of a small corpus, through every
 * parser that reads mail. Says nothing of results: ASan and UBSan do.
 */
#include "testsuite/unit/lib-check.h"

#define FUZZ_WITHOUT_MAIN
#include "testsuite/fuzz/fuzz-mail.c"

#define MIXED "Content-Type: multipart/mixed; boundary=\"b\"\n"

static const struct str corpus[] = {
	STR("From: \"J. Doe\" <j@example.org>, k@example.net\r\n\r\nbody\r\n"),
	STR("To: g: a@b, \"c\\\"d\" <e@f> (x(y)z);, <@r,@s:t@u>\n\n"),
	STR("Cc: undisclosed-recipients:;\n \nBcc: <>\n\n"),
	STR("Subject: =?utf-8?q?a=C3?=\n =?utf-8?b?pGI=?= x\n\n"),
	STR("Subject: =?iso-2022-jp?b?GyRCRnwbKEI=?= =?x?q?y?=\n\n"),
	STR("Subject: =?gb2312?q?=D6=D0?= =?euc-kr?b?x9E=?=\n\n"),
	STR("From x@y Mon 10:00\n>From z\n cont\nA : b\nno colon\nC:d"),
	STR("A: 1\na: 2\nA: 3\n\t4\n\n"),
	STR(MIXED "\npre\n--b\n\none\n--b\nA: b\n\ntwo\n--b--\npost\n"),
	STR(MIXED "\n--b\nContent-Type: message/rfc822\n\n" MIXED
		  "\n--b\n\nx\n--b--\n--b--\n"),
	STR("Content-Type: multipart/digest; boundary=b\n\n--b\n\nA:b\n\nx\n"
	    "--b--"),
	STR("Content-Type: text/plain; charset=utf-16\n"
	    "Content-Transfer-Encoding: base64\n\nAGEAYg==\n"),
	STR("Content-Type: text/html; charset=iso-8859-1\n"
	    "Content-Transfer-Encoding: quoted-printable\n\na=E4 =\n b "
	    "\n=\r\n"),
	STR("Content-Disposition: attachment; filename*0*=utf-8''%C3;\n"
	    " filename*1*=%A4; filename*2=\"c\\\"\"; x*=a'b'c\n\n"),
	STR("a@b"),
	STR("\"a\\\"b c\"@d.example."),
	STR("@r.example,@s:a.b@[192.0.2.1]"),
	STR("a@[IPv6:2001:db8::1]"),
	STR("\xc3\xa4.b@\xc3\xb6_x.example"),
	STR("\"\"@example.org"),
	STR("J\xc3\xb6rg (c\\)(d)) <a . b @ c . d>"),
	STR("\"A, B\" <a@b>;c:d@e;,f"),
	STR("a@b, c@[1.2.3.4], \"unclosed <d@e>, f@g (open"),
	STR("=?utf-8*en?Q?a_b=20?= (=?us-ascii?b?YQ==?=)"),
	STR("text/plain (c); (d) charset = \"utf-8\" ; x=y/z; w"),
	STR("utf-8\na\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
	STR("utf-16\n\xff\xfe"
	    "a\0\x3d\xd8\0\xde"),
	STR("utf-32\n\0\0\xfe\xff\0\0\0a"),
	STR("iso-2022-jp\n\x1b$BF|K\\\x1b(Bx"),
	STR("iso-2022-kr\n\x1b$)C\x0eGQ\x0f"),
	STR("shift_jis\n\x93\xfa\x96\x7b\xb1"),
	STR("euc-jp\n\xc6\xfc\x8f\xb0\xa1"),
	STR("gb18030\n\xd6\xd0\x81\x30\x81\x30"),
	STR("big5-hkscs\n\xa4\xa4\x88\x62"),
	STR("hz-gb-2312\na~{VP~}~~~\nb"),
	STR("windows-1255\n\xe0\xc8\xf9\xd1"),
	STR("windows-1258\n\x61\xcc\xe2\xd2"),
	STR("koi8-r\n\xf2\xd5"),
	STR("euc-tw\n\x8e\xa2\xa1\xa1\xc4\xe3"),
	STR("viscii\n\x02\x05\xff"),
};

/* Octets that mean something to one parser or another. */
static const char special[] = "\0\n\r \t\"\\()<>[]@:;,.=?*'%-/~\x80\xff\x1b";

static void
test_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(corpus); i++)
		for (size_t n = 0; n <= corpus[i].len; n++)
			LLVMFuzzerTestOneInput((const uint8_t *)corpus[i].p, n);
}

static void
test_mutations(void **state)
{
	struct arena *a = arena_new("test", 0);

	(void)state;
	for (size_t i = 0; i < COUNT(corpus); i++) {
		struct str s = exact(a, corpus[i]);
		uint8_t *octet = (uint8_t *)(uintptr_t)s.p;

		for (size_t k = 0; k < s.len; k++) {
			uint8_t was = octet[k];

			for (size_t c = 0; c < sizeof(special) - 1; c++) {
				octet[k] = (uint8_t)special[c];
				LLVMFuzzerTestOneInput(octet, s.len);
			}
			octet[k] = was;
		}
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests_name("mutation", tests, NULL, NULL);
}
