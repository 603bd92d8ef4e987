/*
 * config_scanner: where a test suite says that scanners put their results:
 * settings that begin with sieve_spamtest_ or sieve_virustest_.
 */
#include "lib/arena.h"
#include "tools/svtest/svtest.h"

static bool
set_header(struct sieve_scanner *s, struct str value)
{
	return value.len == 0 || scanner_field(value, &s->header, &s->pattern);
}

static bool
set_max_header(struct sieve_scanner *s, struct str value)
{
	return value.len == 0 ||
	       scanner_field(value, &s->max_header, &s->max_pattern);
}

static bool
set_max_value(struct sieve_scanner *s, struct str value)
{
	s->max_value = value;
	return true;
}

static bool
set_type(struct sieve_scanner *s, struct str value)
{
	static const struct str names[] = {
		[SCANNER_SCORE] = STR("score"),
		[SCANNER_STRLEN] = STR("strlen"),
		[SCANNER_TEXT] = STR("text"),
	};

	for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++)
		if (str_caseeq(names[i], value)) {
			s->type = (enum scanner_type)i;
			return true;
		}
	return value.len == 0;
}

static const struct {
	struct str name;
	bool (*set)(struct sieve_scanner *, struct str value);
} settings[] = {
	{ STR("status_header"), set_header },
	{ STR("status_type"), set_type },
	{ STR("score_max_header"), set_max_header },
	{ STR("max_header"), set_max_header },
	{ STR("score_max_value"), set_max_value },
	{ STR("max_value"), set_max_value },
};

/* "text_value/3", and "text_value3" as it was once called */
static bool
set_text(struct sieve_scanner *s, struct str name, struct str value)
{
	uint64_t n;

	name = str_from_offset(name, S("text_value").len);
	if (str_starts(name, S("/")))
		name = str_from_offset(name, 1);
	if (!str_to_u64(name, &n) || n >= SCANNER_TEXTS)
		return false;
	s->text[n] = value;
	return true;
}

static bool
set(struct sieve_scanner *s, struct str name, struct str value)
{
	if (str_starts(name, S("text_value")))
		return set_text(s, name, value);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (str_eq(settings[i].name, name))
			return settings[i].set(s, str_trim(value));
	return true;
}

bool
svtest_config_scanners(struct svtest *t, const struct svtest_pair **bad)
{
	static const struct str spam = STR("sieve_spamtest_");
	static const struct str virus = STR("sieve_virustest_");

	t->spam = t->virus = (struct sieve_scanner){ .type = SCANNER_SCORE };
	t->env.spam_scanner = &t->spam;
	t->env.virus_scanner = &t->virus;
	for (*bad = t->config; *bad != NULL; *bad = (*bad)->next) {
		struct str name = (*bad)->name, value = (*bad)->value;

		if (str_starts(name, spam) &&
		    !set(&t->spam, str_from_offset(name, spam.len), value))
			return false;
		if (str_starts(name, virus) &&
		    !set(&t->virus, str_from_offset(name, virus.len), value))
			return false;
	}
	return true;
}
