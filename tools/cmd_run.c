/*
 * tamis run: run a script over a message and print the plan. Nothing is
 * delivered.
 */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "sieve/vm.h"
#include "tools/tamis.h"

struct options {
	const char *from, *to, *now, *mailboxes, *metadata, *seen;
	bool trace, header;
	const char *host, *remote_ip;
	const char *notify, *orcpt, *ret, *envid, *by;
	struct arena *arena; /* of the run */
	const char *script;  /* its path */
};

static void
print_quoted(FILE *to, struct str s)
{
	fputc('"', to);
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			fprintf(to, "\\x%02x", (unsigned char)s.p[i]);
		else
			fputc(s.p[i], to);
	fputc('"', to);
}

static void
trace_step(const struct sieve_event *e)
{
	printf("%04u  line %-4u %.*s %.*s  T=%d\n", e->pc, e->line,
	    STR_ARG(e->op), STR_ARG(e->detail), e->truth);
}

static void
trace_match(const struct sieve_event *e)
{
	printf("      value ");
	print_quoted(stdout, e->value);
	printf(" key ");
	print_quoted(stdout, e->key);
	printf(" %s\n", e->truth ? "matches" : "does not match");
}

static void
trace_intent(const struct sieve_event *e)
{
	struct buf line;

	buf_init(&line, 1 << 20);
	plan_print_intent(e->intent, &line);
	printf("      added to the plan: %.*s", STR_ARG(buf_str(&line)));
	buf_free(&line);
}

static void
trace_keep(const struct sieve_event *e)
{
	printf("      line %u cancels the implicit keep\n", e->line);
}

static void
trace_error(const struct sieve_event *e)
{
	printf("      error: %s\n", e->why->text);
}

static void
trace(void *ctx, const struct sieve_event *e)
{
	static void (*const print[])(const struct sieve_event *) = {
		[SIEVE_EVENT_STEP] = trace_step,
		[SIEVE_EVENT_MATCH] = trace_match,
		[SIEVE_EVENT_INTENT] = trace_intent,
		[SIEVE_EVENT_KEEP] = trace_keep,
		[SIEVE_EVENT_ERROR] = trace_error,
	};

	(void)ctx;
	print[e->kind](e);
}

/* "NAME[=\\USE][#ID]" of --mailboxes. */
struct box {
	struct str name, use, id;
};

static bool
next_box(struct str *rest, struct box *box)
{
	struct str item;

	if (!str_cut(rest, ',', &item))
		return false;
	*box = (struct box){ .id = item };
	if (!str_cut(&box->id, '#', &item))
		return true;
	box->use = item;
	str_cut(&box->use, '=', &box->name);
	return true;
}

/* Those of --mailboxes, and INBOX. */
static bool
mailbox_exists(void *ctx, struct str mailbox)
{
	const struct options *o = ctx;
	struct str rest = str_c(o->mailboxes);
	struct box box;

	while (next_box(&rest, &box))
		if (str_eq(box.name, mailbox))
			return true;
	return str_caseeq(mailbox, S("INBOX"));
}

static bool
special_use(void *ctx, struct str mailbox, struct str use, struct str *out)
{
	const struct options *o = ctx;
	struct str rest = str_c(o->mailboxes);
	struct box box;

	while (next_box(&rest, &box)) {
		*out = box.name;
		if (str_caseeq(box.use, use) &&
		    (mailbox.len == 0 || str_eq(box.name, mailbox)))
			return true;
	}
	return false;
}

static bool
mailbox_by_id(void *ctx, struct str id, struct str *out)
{
	const struct options *o = ctx;
	struct str rest = str_c(o->mailboxes);
	struct box box;

	while (next_box(&rest, &box)) {
		*out = box.name;
		if (id.len > 0 && str_eq(box.id, id))
			return true;
	}
	return false;
}

/* "MAILBOX:/NAME=VALUE" of --metadata; of the server without a mailbox. */
static bool
metadata(void *ctx, struct str mailbox, struct str name, struct str *value)
{
	const struct options *o = ctx;
	struct str rest = str_c(o->metadata), item, box, entry;

	while (str_cut(&rest, ',', &item)) {
		if (!str_cut(&item, ':', &box) || !str_cut(&item, '=', &entry))
			continue;
		*value = item;
		if (str_eq(box, mailbox) && str_caseeq(entry, name))
			return true;
	}
	return false;
}

static enum sieve_found
included_script(void *ctx, bool global, struct str name,
    const struct sieve_program **prog, struct str *why)
{
	const struct options *o = ctx;

	return tamis_include(o->arena, o->script, global, name, prog, why);
}

/* Those of --seen: "ID" or "HANDLE/ID". */
static bool
seen(void *ctx, const struct plan_mark *mark)
{
	const struct options *o = ctx;
	struct str rest = str_c(o->seen), id;

	while (str_cut(&rest, ',', &id)) {
		struct str tail = id, handle = STR("");
		bool has_handle = str_chr(id, '/') >= 0;

		if (has_handle)
			str_cut(&tail, '/', &handle);
		if (has_handle == mark->has_handle && str_eq(tail, mark->id) &&
		    str_eq(handle, mark->handle))
			return true;
	}
	return false;
}

static bool
print_plan(const struct plan *plan)
{
	struct buf b;
	bool ok;

	buf_init(&b, SIZE_MAX);
	plan_print(plan, &b);
	fflush(stdout);
	ok = tamis_write(STDOUT_FILENO, buf_str(&b));
	buf_free(&b);
	return ok;
}

/* Those that a script edited, each once. */
static void
print_headers(const struct plan *plan)
{
	const struct str *last = NULL;

	for (const struct intent *in = plan->first; in != NULL; in = in->next) {
		if (in->header == NULL || in->header == last)
			continue;
		last = in->header;
		printf("header line %u\n%.*s.\n", in->line, STR_ARG(*last));
	}
}

/* A script that fails leaves the implicit keep. RFC 5228 s. 2.10.6 */
static bool
run_script(struct arena *arena, const struct sieve_program *prog,
    const struct sieve_env *env, const char *path, const struct options *o)
{
	struct plan *plan;
	struct fail why;
	uint32_t line, column;
	bool ok =
	    sieve_run(prog, env, NULL, arena, &plan, &line, &column, &why);

	fflush(stdout);
	if (!ok) {
		fprintf(stderr, "%s:%u:%u: error: %s\n", path, line, column,
		    why.text);
		plan_keep_only(plan);
	}
	if (!print_plan(plan))
		return false;
	if (o->header)
		print_headers(plan);
	return ok;
}

/* What follows the first label. */
static struct str
domain_of(struct str host)
{
	return str_from_offset(host, (size_t)(str_chr(host, '.') + 1));
}

/* "TIME;N", "TIME;RT" of --by: seconds since 1970, and RFC 2852's letters */
static void
take_by(struct sieve_env *env, struct str by)
{
	struct str digits;
	uint64_t at;

	if (!str_cut(&by, ';', &digits) || !str_to_u64(digits, &at) ||
	    at > INT64_MAX || by.len == 0)
		return;
	env->by_time = (int64_t)at;
	env->by_mode = by.p[0];
	env->by_trace = str_ends(by, S("T"));
}

static int
run_files(struct arena *arena, const char *script, const char *message,
    struct options *o)
{
	const struct sieve_program *prog = tamis_program(arena, script);
	struct str bytes;
	uint64_t now;
	struct sieve_env env = {
		.sender = str_c(o->from),
		.rcpt = str_c(o->to),
		.now = clock_wall_us() / 1000000,
		.mailbox_exists = mailbox_exists,
		.special_use = special_use,
		.mailbox_by_id = mailbox_by_id,
		.metadata = metadata,
		.script = included_script,
		.seen = seen,
		.ctx = o,
		.event = o->trace ? trace : NULL,
		.host = str_c(o->host),
		.domain = domain_of(str_c(o->host)),
		.remote_ip = str_c(o->remote_ip),
		.dsn_notify = str_c(o->notify),
		.dsn_orcpt = str_c(o->orcpt),
		.dsn_ret = str_c(o->ret),
		.dsn_envid = str_c(o->envid),
	};

	if (prog == NULL || !tamis_read(arena, message, &bytes))
		return EXIT_BAD;
	if (o->now != NULL) {
		if (!str_to_u64(str_c(o->now), &now) || now > INT64_MAX)
			return tamis_usage(
			    &cmd_run, "--now takes seconds since 1970");
		env.now = (int64_t)now;
	}
	take_by(&env, str_c(o->by));
	o->arena = arena;
	o->script = script;
	env.script_name = tamis_script_name(script);
	env.msg = message_open(arena, bytes, 0, NULL);
	return run_script(arena, prog, &env, script, o) ? EXIT_OK : EXIT_BAD;
}

static int
run(const struct tamis_cmd *cmd, int argc, char **argv)
{
	struct options o = { .from = "", .to = "" };
	const struct tamis_option opts[] = {
		{ "--from", &o.from, NULL },
		{ "--to", &o.to, NULL },
		{ "--now", &o.now, NULL },
		{ "--host", &o.host, NULL },
		{ "--remote-ip", &o.remote_ip, NULL },
		{ "--mailboxes", &o.mailboxes, NULL },
		{ "--metadata", &o.metadata, NULL },
		{ "--notify", &o.notify, NULL },
		{ "--orcpt", &o.orcpt, NULL },
		{ "--ret", &o.ret, NULL },
		{ "--envid", &o.envid, NULL },
		{ "--by", &o.by, NULL },
		{ "--seen", &o.seen, NULL },
		{ "--trace", NULL, &o.trace },
		{ "--header", NULL, &o.header },
		{ 0 },
	};
	int n = tamis_options(cmd, argc, argv, opts), status;
	struct arena *arena;

	if (n < 0)
		return EXIT_USAGE;
	if (n != 2)
		return tamis_usage(cmd, "a script and a message, please");
	arena = arena_new("run", 0);
	status = run_files(arena, argv[1], argv[2], &o);
	arena_free(arena);
	return status;
}

const struct tamis_cmd cmd_run = {
	.name = "run",
	.usage = "SCRIPT MESSAGE [--from ADDRESS] [--to ADDRESS] "
		 "[--now SECONDS] [--host NAME] [--remote-ip ADDRESS] "
		 "[--mailboxes NAME[=\\USE][#ID],...] "
		 "[--metadata MAILBOX:/NAME=VALUE,...] "
		 "[--notify LIST] [--orcpt TYPE;ADDRESS] [--ret WHAT] "
		 "[--envid ID] [--by TIME;MODE] "
		 "[--seen ID,HANDLE/ID] [--trace] [--header]",
	.help = "print what a script would do with a message",
	.run = run,
};
