/*
 * imapflags: knows what a flag looks like and what a set is; not who has
 * one.
 *   RFC 5232 s. 2, RFC 3501 s. 9
 */
#include "sieve/imapflags.h"

#include "lib/arena.h"

enum { COMPARE_COST = 16 }; /* octets charged for comparing two flags */

/* \Recent and what servers invent cannot be set: RFC 3501 s. 2.3.2. */
static bool
is_system_flag(struct str flag)
{
	static const struct str settable[] = {
		STR("\\Answered"),
		STR("\\Deleted"),
		STR("\\Draft"),
		STR("\\Flagged"),
		STR("\\Seen"),
	};

	for (size_t i = 0; i < sizeof(settable) / sizeof(settable[0]); i++)
		if (str_caseeq(settable[i], flag))
			return true;
	return false;
}

/* RFC 3501 s. 9: atom */
static bool
is_keyword(struct str flag)
{
	for (size_t i = 0; i < flag.len; i++) {
		unsigned char c = (unsigned char)flag.p[i];

		if (c <= 0x20 || c >= 0x7f || strchr("(){%*\"\\]", c) != NULL)
			return false;
	}
	return flag.len > 0;
}

bool
imapflags_word(struct str *rest, struct str *word)
{
	while (str_cut(rest, ' ', word))
		if (word->len > 0)
			return true;
	return false;
}

static bool
add_flag(struct sieve_vm *vm, struct strlist *set, struct str flag)
{
	if (!is_system_flag(flag) && !is_keyword(flag))
		return true;
	if (!vm_spend(vm, set->n * COMPARE_COST))
		return false;
	if (!strlist_casehas(set, flag))
		strlist_add(vm->arena, set, str_dup(vm->arena, flag));
	return true;
}

bool
imapflags_add(struct sieve_vm *vm, struct strlist *set, struct str words)
{
	struct str word;

	if (!vm_spend(vm, words.len))
		return false;
	while (imapflags_word(&words, &word))
		if (!add_flag(vm, set, word))
			return false;
	return true;
}

static void
remove_flag(struct strlist *set, struct str flag)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		if (!str_caseeq(set->v[i], flag))
			set->v[n++] = set->v[i];
	set->n = n;
}

bool
imapflags_remove(struct sieve_vm *vm, struct strlist *set, struct str words)
{
	struct str word;

	if (!vm_spend(vm, words.len))
		return false;
	while (imapflags_word(&words, &word)) {
		if (!vm_spend(vm, set->n * COMPARE_COST))
			return false;
		remove_flag(set, word);
	}
	return true;
}

bool
imapflags_copy(
    struct sieve_vm *vm, struct strlist *set, const struct strlist *from)
{
	if (!vm_spend(vm, from->n * COMPARE_COST))
		return false;
	*set = (struct strlist){ 0 };
	for (size_t i = 0; i < from->n; i++)
		strlist_add(vm->arena, set, from->v[i]);
	return true;
}
