/*
 * scanners: from settings to struct sieve_scanner. What a value means, the
 * interpreter knows.
 */
#include "actions/scanners.h"

#include "lib/arena.h"

/* The settings of one scanner. */
struct rows {
	enum setting header, type, max_header, max_value, texts;
};

/* "3=Yes": result 3 is written Yes. */
static void
set_text(struct sieve_scanner *s, struct arena *arena, struct str item)
{
	struct str digits;
	uint64_t n;

	if (str_cut(&item, '=', &digits) && str_to_u64(digits, &n) &&
	    n < SCANNER_TEXTS)
		s->text[n] = str_dup(arena, item);
}

static struct sieve_scanner
scanner_of(
    const struct conf *conf, struct arena *arena, const struct rows *rows)
{
	struct sieve_scanner s = {
		.type = (enum scanner_type)conf_enum(conf, rows->type),
		.max_value = conf_str(conf, rows->max_value),
	};
	const struct strlist *texts = conf_list(conf, rows->texts);

	if (!scanner_field(conf_str(conf, rows->header), &s.header, &s.pattern))
		s.header = S("");
	if (!scanner_field(conf_str(conf, rows->max_header), &s.max_header,
		&s.max_pattern))
		s.max_header = S("");
	for (size_t i = 0; i < texts->n; i++)
		set_text(&s, arena, texts->v[i]);
	return s;
}

struct scanners
scanners_of(const struct conf *conf, struct arena *arena)
{
	static const struct rows spam = {
		.header = SETTING_sieve_spamtest_status_header,
		.type = SETTING_sieve_spamtest_status_type,
		.max_header = SETTING_sieve_spamtest_score_max_header,
		.max_value = SETTING_sieve_spamtest_score_max_value,
		.texts = SETTING_sieve_spamtest_text_values,
	};
	static const struct rows virus = {
		.header = SETTING_sieve_virustest_status_header,
		.type = SETTING_sieve_virustest_status_type,
		.max_header = SETTING_sieve_virustest_score_max_header,
		.max_value = SETTING_sieve_virustest_score_max_value,
		.texts = SETTING_sieve_virustest_text_values,
	};

	return (struct scanners){ scanner_of(conf, arena, &spam),
		scanner_of(conf, arena, &virus) };
}
