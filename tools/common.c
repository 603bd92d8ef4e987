/*
 * common: what several subcommands do: options, files, programs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/conf.h"
#include "lib/arena.h"
#include "lib/fs.h"
#include "lib/io.h"
#include "lib/log.h"
#include "sieve/program.h"
#include "tools/tamis.h"

enum { MAX_FILE = 256 << 20, READ_SIZE = 64 << 10 };

int
tamis_usage(const struct tamis_cmd *cmd, const char *problem)
{
	if (problem != NULL)
		fprintf(stderr, "tamis %s: %s\n", cmd->name, problem);
	fprintf(stderr, "usage: tamis %s %s\n", cmd->name, cmd->usage);
	return EXIT_USAGE;
}

static const struct tamis_option *
find_option(const struct tamis_option *opt, const char *arg)
{
	while (opt->name != NULL && strcmp(opt->name, arg) != 0)
		opt++;
	return opt->name != NULL ? opt : NULL;
}

int
tamis_options(const struct tamis_cmd *cmd, int argc, char **argv,
    const struct tamis_option *opts)
{
	int n = 0, i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const struct tamis_option *opt = find_option(opts, argv[i]);

		if (opt == NULL && argv[i][0] == '-' && argv[i][1] != '\0') {
			tamis_usage(cmd, "unknown option");
			return -1;
		}
		if (opt == NULL) {
			argv[++n] = argv[i];
		} else if (opt->value == NULL) {
			*opt->set = true;
		} else if (i + 1 < argc) {
			*opt->value = argv[++i];
		} else {
			tamis_usage(cmd, "an option lacks its argument");
			return -1;
		}
	}
	while (++i < argc)
		argv[++n] = argv[i];
	return n;
}

/* Standard input may be a pipe, which has no size to begin with. */
static bool
read_stdin(struct arena *arena, struct str *out)
{
	struct buf b;
	ssize_t n = 1;
	int saved;

	buf_init(&b, MAX_FILE);
	while (n > 0) {
		char *to = buf_reserve(&b, READ_SIZE);

		errno = EFBIG;
		n = to != NULL ? io_read(STDIN_FILENO, to, READ_SIZE) : -1;
		if (n > 0)
			buf_commit(&b, (size_t)n);
	}
	saved = errno;
	*out = str_dup(arena, buf_str(&b));
	buf_free(&b);
	errno = saved;
	return n == 0;
}

struct strlist
tamis_words(struct arena *arena, const char *s)
{
	struct str rest = str_c(s), word;
	struct strlist words = { 0 };

	while (str_cut(&rest, ',', &word))
		if (word.len > 0)
			strlist_add(arena, &words, word);
	return words;
}

bool
tamis_slurp(struct arena *arena, const char *path, struct str *out)
{
	bool stdin_wanted = strcmp(path, "-") == 0, ok;
	int fd = STDIN_FILENO, err;

	if (!stdin_wanted)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	ok = stdin_wanted
	         ? read_stdin(arena, out)
	         : fd >= 0 && fs_read_fd(fd, MAX_FILE, arena, out, NULL);
	err = errno;
	if (fd > STDIN_FILENO)
		close(fd);
	errno = err;
	return ok;
}

bool
tamis_read(struct arena *arena, const char *path, struct str *out)
{
	bool ok = tamis_slurp(arena, path, out);

	if (!ok)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return ok;
}

bool
tamis_write(int fd, struct str s)
{
	if (io_write_all(fd, s.p, s.len))
		return true;
	fprintf(stderr, "tamis: cannot write: %s\n", strerror(errno));
	return false;
}

static void
print_errors(
    const struct sieve_errors *errors, const char *path, struct str text)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	sieve_errors_print(errors, str_c(path), text, &out);
	tamis_write(STDERR_FILENO, buf_str(&out));
	buf_free(&out);
}

struct str
tamis_script_name(const char *path)
{
	static const char *const endings[] = { ".sieve", ".script", ".bc" };
	struct str s = str_c(path);

	s = str_from_offset(s, (size_t)(str_rchr(s, '/') + 1));
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_ends(s, str_c(endings[i])))
			return str_sub(s, 0, s.len - strlen(endings[i]));
	return s;
}

static struct str
directory_of(struct arena *arena, const char *path)
{
	struct str s = str_c(path);
	ssize_t slash = str_rchr(s, '/');

	return slash < 0 ? S("")
	                 : str_dup(arena, str_sub(s, 0, (size_t)slash + 1));
}

/* The first of the names such a script may have; "" when there is none. */
static const char *
script_path(struct arena *arena, const char *path, bool global, struct str name)
{
	static const char *const endings[] = { ".sieve", ".script", "" };
	struct str dir = directory_of(arena, path);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		struct str s[] = { dir, global ? S("global/") : S(""), name,
			str_c(endings[i]) };
		const char *p = str_cstr(arena, str_join(arena, s, 4));

		if (access(p, F_OK) == 0)
			return p;
	}
	return NULL;
}

enum sieve_found
tamis_include(struct arena *arena, const char *path, bool global,
    struct str name, const struct sieve_program **prog, struct str *why)
{
	const char *p = script_path(arena, path, global, name);
	struct sieve_errors errors;
	struct str bytes;

	if (p == NULL)
		return SIEVE_MISSING;
	*why = S("it cannot be read");
	if (!tamis_read(arena, p, &bytes))
		return SIEVE_BROKEN;
	*prog = sieve_compile(arena, bytes, NULL, &errors);
	if (*prog != NULL)
		return SIEVE_FOUND;
	*why = str_printf(arena, "line %u: %.*s", errors.v[0].line,
	    STR_ARG(errors.v[0].text));
	return SIEVE_BROKEN;
}

struct sieve_program *
tamis_program(struct arena *arena, const char *path)
{
	struct sieve_program *prog;
	struct sieve_errors errors;
	struct fail why;
	struct str bytes;

	if (!tamis_read(arena, path, &bytes))
		return NULL;
	if (sieve_is_saved(bytes)) {
		prog = sieve_load(arena, bytes, NULL, &why);
		if (prog == NULL)
			fprintf(stderr, "%s: %s\n", path, why.text);
		return prog;
	}
	prog = sieve_compile(arena, bytes, NULL, &errors);
	if (prog == NULL)
		print_errors(&errors, path, bytes);
	return prog;
}

bool
tamis_compiles(struct arena *arena, const char *name, struct str text,
    const struct sieve_limits *limits)
{
	struct sieve_errors errors;

	if (sieve_compile(arena, text, limits, &errors) != NULL)
		return true;
	print_errors(&errors, name, text);
	return false;
}

const struct conf *
tamis_conf(struct arena *arena, const char *file)
{
	struct conf_messages messages;
	const struct conf *conf =
	    conf_load(arena, file != NULL ? file : SYSCONFDIR "/imapd.conf",
		getenv("CYRUS_SERVICE"), &messages);
	struct buf text;

	/* What a server tells its log while it starts is of no interest. */
	log_set_level(LOG_LEVEL_WARNING);
	if (conf != NULL)
		return conf;
	buf_init(&text, 1 << 20);
	conf_messages_print(&messages, &text);
	tamis_write(STDERR_FILENO, buf_str(&text));
	buf_free(&text);
	return NULL;
}
