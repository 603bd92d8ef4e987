/*
 * example: run a script over a message and print what it wants done, with
 * libtamis-sieve(3).
 *   cc example.c $(pkg-config --cflags --libs tamis-sieve)
 *   ./a.out SCRIPT MESSAGE
 */
#include <stdio.h>
#include <tamis/sieve.h>
#include <time.h>

static size_t
slurp(const char *path, char *to, size_t size)
{
	FILE *f = fopen(path, "rb");
	size_t n = f != NULL ? fread(to, 1, size, f) : 0;

	if (f != NULL)
		fclose(f);
	return n;
}

static void
complain(void *ctx, const struct tamis_sieve_diag *d)
{
	fprintf(stderr, "%s:%u:%u: %.*s\n", (const char *)ctx, d->line,
	    d->column, (int)d->message.len, d->message.p);
}

int
main(int argc, char **argv)
{
	static const char *const verbs[] = { "store", "redirect", "reply",
		"refuse", "notify", "calendar" };
	static char script[65536], message[1 << 20];
	const struct tamis_sieve_action *a;
	struct tamis_sieve_host host = { .size = sizeof(host) };
	struct tamis_sieve_result *result;
	struct tamis_sieve *sieve;

	if (argc != 3)
		return 64;
	sieve = tamis_sieve_compile(script,
	    slurp(argv[1], script, sizeof(script)), NULL, complain, argv[1]);
	if (sieve == NULL)
		return 1;
	host.now = time(NULL);
	result = tamis_sieve_run(sieve, message,
	    slurp(argv[2], message, sizeof(message)), &host, NULL);
	if (tamis_sieve_result_error(result, NULL, NULL) != NULL)
		puts(tamis_sieve_result_error(result, NULL, NULL));
	for (size_t i = 0; (a = tamis_sieve_result_action(result, i)); i++)
		printf("%s %.*s\n", verbs[a->verb], (int)a->target.len,
		    a->target.p);
	tamis_sieve_result_free(result);
	tamis_sieve_free(sieve);
	return 0;
}
