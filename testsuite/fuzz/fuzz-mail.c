/*
 * One octet string through every parser of lib that reads mail. Built with
 * -fsanitize=fuzzer it is a libFuzzer target; else main() feeds it files, or
 * a few built-in inputs when there are none.
 */
#include <stdio.h>

#include "lib/address.h"
#include "lib/arena.h"
#include "lib/charset.h"
#include "lib/message.h"
#include "lib/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fields(struct arena *a, const struct message *m)
{
	for (uint32_t i = 0; i < message_nfields(m); i++) {
		const struct header_field *f = message_field(m, i);
		struct str value = header_decode(a, m, f);

		message_find(m, f->name);
		address_parse_list(a, value);
		mime_parse_value(a, f->value);
	}
}

static void
parts(struct arena *a, const struct message *m)
{
	const struct mime_part *p = mime_parts(a, m);

	for (; p != NULL; p = p->next) {
		mime_text(a, p, 1000);
		mime_header(p, S("content-id"));
	}
}

static void
strings(struct arena *a, struct str s)
{
	struct address out;
	struct str rest = s, name, utf8;
	const char *why;

	address_parse_list(a, s);
	address_parse_one(a, s, &out);
	address_parse_path(a, s, true, &out, &why);
	address_parse_path(a, s, false, &out, &why);
	mime_parse_value(a, s);
	charset_decode_words(a, s, 1000);
	for (int e = MIME_IDENTITY; e <= MIME_QUOTED_PRINTABLE; e++)
		mime_decode(a, s, (enum mime_encoding)e, 1000);
	if (str_cut(&rest, '\n', &name))
		charset_to_utf8(a, name, rest, 1000, &utf8);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new("fuzz", 0);
	struct message_limits limits = message_limits_default;
	char *copy = arena_alloc(a, size);
	struct str s = { copy, size };
	struct message *m;

	/* A block of exactly this size, so that ASan sees an over-read. */
	if (size > 0)
		memcpy(copy, data, size);
	m = message_open(a, s, 0, NULL);
	message_octets(m);
	fields(a, m);
	parts(a, m);
	limits.fields = limits.mime_depth = 3;
	limits.header_bytes = limits.value_bytes = 50;
	limits.mime_parts = 4;
	m = message_open(a, s, 0, &limits);
	fields(a, m);
	parts(a, m);
	strings(a, s);
	arena_free(a);
	return 0;
}

#ifndef FUZZ_WITHOUT_MAIN

static const struct str samples[] = {
	STR(""),
	STR("From: a@b\n\nx"),
	STR("\0"),
};

static int
one_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	static uint8_t bytes[1 << 20];
	size_t n;

	if (f == NULL) {
		perror(path);
		return 1;
	}
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return LLVMFuzzerTestOneInput(bytes, n);
}

int
main(int argc, char **argv)
{
	int rc = 0;

	for (int i = 1; i < argc; i++)
		rc |= one_file(argv[i]);
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		rc |= LLVMFuzzerTestOneInput(
		    (const uint8_t *)samples[i].p, samples[i].len);
	/* make check reads TAP */
	printf("1..1\n%sok 1 - nothing crashed\n", rc == 0 ? "" : "not ");
	return rc;
}

#endif
