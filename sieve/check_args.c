/*
 * check_args: arguments against the rows of the tables: tags and their
 * values, positional arguments, keys; and what one could have meant.
 * RFC 5228 s. 2.6, 2.7
 */
#include "lib/arena.h"
#include "sieve/check_own.h"

const struct tree_arg *
tree_positional(const struct tree_node *node, size_t i)
{
	for (const struct tree_arg *a = node->args; a != NULL; a = a->next)
		if (a->kind != TREE_TAG && !a->is_value && i-- == 0)
			return a;
	return NULL;
}

static const char *
group_of(const struct sieve_tag *tag)
{
	return tag->group != NULL ? tag->group : tag->name;
}

const struct tree_arg *
tree_tag(const struct tree_node *node, const char *group)
{
	for (const struct tree_arg *a = node->args; a != NULL; a = a->next)
		if (a->tag != NULL && strcmp(group_of(a->tag), group) == 0)
			return a;
	return NULL;
}

const struct sieve_match_type *
tree_match_type(const struct tree_arg *tag)
{
	if (tag->tag->choose == NULL || tag->next == NULL || tag->next->n == 0)
		return tag->tag->match;
	return tag->tag->choose(tag->next->v[0].text);
}

/* --- hints ------------------------------------------------------------ */

struct str
check_hint_require(struct check *c, const struct sieve_ext *ext)
{
	return str_printf(c->arena, "add require \"%s\";", ext->name);
}

void
near_consider(struct near *near, const char *candidate)
{
	unsigned d;

	if (near->distance == 0)
		return;
	d = str_distance(near->wanted, str_c(candidate), near->distance - 1);
	if (d < near->distance) {
		near->best = candidate;
		near->distance = d;
	}
}

struct near
near_init(struct check *c, struct str wanted)
{
	struct str s = wanted.len > 40 ? S("") : wanted;

	/* two slips at most, one in a short word */
	return (struct near){ .wanted = str_lower(c->arena, s),
		.distance = s.len > 3 ? 3 : 2 };
}

struct str
near_hint(struct check *c, const struct near *near, const char *mark)
{
	if (near->best == NULL)
		return S("");
	return str_printf(c->arena, "did you mean %s%s?", mark, near->best);
}

/* --- tags ------------------------------------------------------------- */

static bool
applies(const struct sieve_tag *tag, const struct sieve_cmd *cmd)
{
	return word_in(tag->on, cmd->name) || words_meet(tag->on, cmd->classes);
}

const struct sieve_tag *
check_find_tag(struct check *c, const struct sieve_cmd *cmd, struct str name,
    bool enabled, const struct sieve_ext **ext)
{
	for (size_t i = 0; i < ext_count(); i++) {
		*ext = ext_at(i);
		if (c->enabled[i] != enabled)
			continue;
		for (const struct sieve_tag *t = (*ext)->tags;
		     t != NULL && t->name != NULL; t++)
			if (str_caseeq(str_c(t->name), name) && applies(t, cmd))
				return t;
	}
	return NULL;
}

/* The tag is one, but not here. */
static struct str
hint_other_cmd(struct check *c, struct str name)
{
	for (size_t i = 0; i < ext_count(); i++)
		for (const struct sieve_tag *t = ext_at(i)->tags;
		     t != NULL && t->name != NULL && c->enabled[i]; t++)
			if (str_caseeq(str_c(t->name), name) && t->on[0] != '@')
				return str_printf(
				    c->arena, "it is a tag of: %s", t->on);
	return S("");
}

static struct str
hint_tag(struct check *c, const struct sieve_cmd *cmd, struct str name)
{
	const struct sieve_ext *ext;
	struct near near = near_init(c, name);

	if (check_find_tag(c, cmd, name, false, &ext) != NULL)
		return check_hint_require(c, ext);
	for (size_t i = 0; i < ext_count(); i++)
		for (const struct sieve_tag *t = ext_at(i)->tags;
		     t != NULL && t->name != NULL; t++)
			if (c->enabled[i] && applies(t, cmd))
				near_consider(&near, t->name);
	return near.best != NULL ? near_hint(c, &near, ":")
	                         : hint_other_cmd(c, name);
}

const char *
check_kind_word(const struct sieve_cmd *cmd)
{
	return cmd->kind == SIEVE_TEST ? "test" : "command";
}

static bool
value_fits(const struct tree_arg *value, char type)
{
	if (value == NULL)
		return false;
	if (type == 'n')
		return value->kind == TREE_NUMBER;
	return value->kind == TREE_STRING ||
	       (type == 'l' && value->kind == TREE_LIST);
}

static const char *
type_word(char type)
{
	return type == 'n'   ? "a number"
	       : type == 's' ? "a string"
	                     : "a string list";
}

static const char *
arg_word(const struct tree_arg *arg)
{
	static const char *const words[] = {
		[TREE_NUMBER] = "a number",
		[TREE_STRING] = "a string",
		[TREE_LIST] = "a string list",
		[TREE_TAG] = "a tag",
	};

	return arg != NULL ? words[arg->kind] : "nothing";
}

static struct str
hint_value(struct check *c, const struct sieve_tag *tag)
{
	const char *example = tag->arg == 'n'   ? "7"
	                      : tag->arg == 's' ? "\"text\""
	                                        : "[\"text\", \"text\"]";

	return str_printf(c->arena, "write: :%s %s", tag->name, example);
}

/* Its value follows a tag at once. */
static void
take_value(struct check *c, struct tree_node *node, struct tree_arg *arg)
{
	struct tree_arg *value = arg->next;
	size_t errors = c->diag->errors->n;

	if (arg->tag->arg == 0)
		return;
	if (!value_fits(value, arg->tag->arg)) {
		diag_add(c->diag, value != NULL ? value->at : arg->at,
		    hint_value(c, arg->tag),
		    "tag \":%s\" must be followed by %s, found %s",
		    arg->tag->name, type_word(arg->tag->arg), arg_word(value));
		/* what stands there is taken as the value anyway */
		if (value != NULL && value->kind != TREE_TAG)
			value->is_value = true;
		else
			node->broken = true;
		return;
	}
	value->is_value = true;
	if (arg->tag->check != NULL)
		arg->tag->check(c, value);
	/* perhaps it was no value: what else is missing is then no news */
	node->broken |= c->diag->errors->n > errors;
}

/* RFC 5228 s. 2.6: no tag twice, no two of one group. */
static void
check_group(
    struct check *c, const struct tree_node *node, const struct tree_arg *arg)
{
	const struct tree_arg *first = tree_tag(node, group_of(arg->tag));

	if (first == arg)
		return;
	if (first->tag == arg->tag)
		diag_add(c->diag, arg->at, S("remove one of them"),
		    "tag \":%s\" is given more than once", arg->tag->name);
	else
		diag_add(c->diag, arg->at, S("remove one of them"),
		    "tag \":%s\" cannot be used together with \":%s\"",
		    arg->tag->name, first->tag->name);
}

/* A tag of an extension that may be there at run time. */
static const struct sieve_tag *
deferred_tag(struct check *c, const struct sieve_cmd *cmd, struct str name)
{
	const struct sieve_ext *ext;
	const struct sieve_tag *tag =
	    c->defers ? check_find_tag(c, cmd, name, false, &ext) : NULL;

	return tag != NULL && check_use(c, ext) ? tag : NULL;
}

static void
check_tag(struct check *c, struct tree_node *node, struct tree_arg *arg)
{
	const struct sieve_ext *ext;

	arg->tag = check_find_tag(c, node->cmd, arg->name, true, &ext);
	if (arg->tag != NULL)
		check_note_use(c, ext);
	else
		arg->tag = deferred_tag(c, node->cmd, arg->name);
	if (arg->tag == NULL &&
	    check_defer(c, "unknown tagged argument \":%s\"",
		diag_quote(c->diag, arg->name))) {
		node->broken = true;
		return;
	}
	if (arg->tag == NULL) {
		diag_add(c->diag, arg->at, hint_tag(c, node->cmd, arg->name),
		    "unknown tagged argument \":%s\" for the %s %s",
		    diag_quote(c->diag, arg->name), node->cmd->name,
		    check_kind_word(node->cmd));
		node->broken = true;
		return;
	}
	/* looks back over all tags: not behind one that nobody knows */
	if (!node->broken)
		check_group(c, node, arg);
	take_value(c, node, arg);
}

static void
check_with(
    struct check *c, const struct tree_node *node, const struct tree_arg *arg)
{
	if (!node->broken && arg->tag != NULL && arg->tag->with != NULL &&
	    tree_tag(node, arg->tag->with) == NULL)
		diag_add(c->diag, arg->at,
		    str_printf(c->arena, "add :%s", arg->tag->with),
		    "tag \":%s\" cannot be used without \":%s\"",
		    arg->tag->name, arg->tag->with);
}

/* "write :over or :under" */
static struct str
hint_group(struct check *c, const struct sieve_cmd *cmd)
{
	struct str hint = STR("");

	for (size_t i = 0; i < ext_count(); i++)
		for (const struct sieve_tag *t = ext_at(i)->tags;
		     t != NULL && t->name != NULL && c->enabled[i]; t++)
			if (applies(t, cmd) &&
			    strcmp(group_of(t), cmd->needs) == 0)
				hint = str_printf(c->arena, "%.*s%s:%s",
				    STR_ARG(hint),
				    hint.len > 0 ? " or " : "write ", t->name);
	return hint;
}

/* RFC 5228 s. 2.6.2: tags come before positional arguments. */
static void
check_tags(struct check *c, struct tree_node *node)
{
	bool positional = false;

	for (struct tree_arg *a = node->args; a != NULL; a = a->next) {
		if (a->kind == TREE_TAG) {
			/* behind an unknown tag: perhaps that one's value */
			if (positional && !node->broken)
				diag_add(c->diag, a->at,
				    str_printf(c->arena,
					"move it right behind \"%s\"",
					node->cmd->name),
				    "tag \":%s\" must stand before the "
				    "positional arguments",
				    diag_quote(c->diag, a->name));
			check_tag(c, node, a);
		} else if (!a->is_value) {
			positional = true;
		}
	}
	for (struct tree_arg *a = node->args; a != NULL; a = a->next)
		check_with(c, node, a);
	if (node->cmd->needs != NULL && !node->broken &&
	    tree_tag(node, node->cmd->needs) == NULL)
		diag_add(c->diag, node->at, hint_group(c, node->cmd),
		    "the %s %s needs one of the tags for its %s",
		    node->cmd->name, check_kind_word(node->cmd),
		    node->cmd->needs);
}

static struct str
comparator_name(const struct tree_node *node)
{
	const struct tree_arg *tag = tree_tag(node, "comparator");

	return tag != NULL && tag->next != NULL && tag->next->n == 1
	           ? tag->next->v[0].text
	           : S("i;ascii-casemap");
}

/* RFC 5228 s. 2.7.3: not every comparator can do substrings. */
static void
check_match(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *tag = tree_tag(node, "match-type");
	const struct sieve_match_type *type =
	    tag != NULL ? tree_match_type(tag) : NULL;
	const struct sieve_ext *owner;
	const struct sieve_comparator *cmp =
	    ext_comparator(comparator_name(node), &owner);

	if (type == NULL || cmp == NULL)
		return;
	if (type->substring && !cmp->substring)
		diag_add(c->diag, tag->at, S("i;ascii-casemap can do it"),
		    "match type \":%s\" cannot be used with comparator "
		    "\"%s\"",
		    type->name, cmp->name);
}

/* --- positional arguments --------------------------------------------- */

/* The type of the i-th positional argument: n s l; 0 behind the last. */
static char
positional_type(const struct sieve_cmd *cmd, size_t i)
{
	const char *sig = cmd->op != NULL ? cmd->op->sig : cmd->sig;

	for (; sig != NULL && *sig != '\0'; sig++)
		if (strchr("nslhm", *sig) != NULL && i-- == 0)
			return *sig == 'n' || *sig == 's' ? *sig : 'l';
	return 0;
}

static size_t
count_wanted(const struct sieve_cmd *cmd)
{
	size_t n = 0;

	while (positional_type(cmd, n) != 0)
		n++;
	return n;
}

static size_t
count_given(const struct tree_node *node)
{
	size_t n = 0;

	for (const struct tree_arg *a = node->args; a != NULL; a = a->next)
		n += a->kind != TREE_TAG && !a->is_value;
	return n;
}

static void
choose_form(struct tree_node *node)
{
	const struct sieve_cmd *other = node->cmd->other;

	if (other != NULL && count_given(node) == count_wanted(other))
		node->cmd = other;
}

/* "write: header [tags] <header-names> <key-list>" */
static struct str
hint_usage(struct check *c, const struct sieve_cmd *cmd)
{
	struct str hint = str_printf(c->arena, "write: %s", cmd->name);

	for (size_t i = 0; i < count_wanted(cmd); i++)
		hint = str_printf(c->arena, "%.*s <%.*s>", STR_ARG(hint),
		    STR_ARG(word_at(cmd->args, i)));
	return hint;
}

static void
check_positional(struct check *c, struct tree_node *node)
{
	const struct sieve_cmd *cmd = node->cmd;
	size_t wanted = count_wanted(cmd), given = count_given(node);
	const struct tree_arg *extra = tree_positional(node, wanted);

	/* one too few or too many: which is which cannot be known */
	if (given != wanted) {
		diag_add(c->diag, extra != NULL ? extra->at : node->at,
		    hint_usage(c, cmd),
		    "the %s %s requires %zu positional argument%s, found %zu",
		    cmd->name, check_kind_word(cmd), wanted,
		    wanted == 1 ? "" : "s", given);
		node->broken = true;
		return;
	}
	for (size_t i = 0; i < wanted; i++) {
		const struct tree_arg *a = tree_positional(node, i);
		char type = positional_type(cmd, i);

		if (!value_fits(a, type))
			diag_add(c->diag, a->at, hint_usage(c, cmd),
			    "the %s %s expects %s as argument %zu (%.*s), "
			    "found %s",
			    cmd->name, check_kind_word(cmd), type_word(type),
			    i + 1, STR_ARG(word_at(cmd->args, i)), arg_word(a));
	}
}

/* Index of the positional argument that holds keys; SIZE_MAX: none. */
static size_t
keys_index(const struct sieve_cmd *cmd)
{
	const char *sig = cmd->op != NULL ? cmd->op->sig : cmd->sig;
	size_t i = 0;

	for (; sig != NULL && *sig != '\0' && *sig != 'm'; sig++)
		i += strchr("nslh", *sig) != NULL;
	return sig != NULL && *sig == 'm' ? i : SIZE_MAX;
}

/* Not every string is a key for every match type. */
static void
check_keys(struct check *c, const struct tree_node *node)
{
	const struct tree_arg *tag = tree_tag(node, "match-type");
	const struct sieve_match_type *type =
	    tag != NULL ? tree_match_type(tag) : NULL;
	const struct tree_arg *keys;
	struct str error;

	if (type == NULL || type->key_ok == NULL ||
	    keys_index(node->cmd) == SIZE_MAX)
		return;
	keys = tree_positional(node, keys_index(node->cmd));
	for (size_t i = 0; keys != NULL && i < keys->n; i++)
		if (!keys->v[i].refs &&
		    !type->key_ok(c->arena, keys->v[i].text, &error))
			diag_add(c->diag, keys->v[i].at, S(""),
			    "\"%s\" is no key for :%s: %.*s",
			    diag_quote(c->diag, keys->v[i].text), type->name,
			    STR_ARG(error));
}

void
check_arguments(struct check *c, struct tree_node *node)
{
	check_tags(c, node);
	check_match(c, node);
	choose_form(node);
	if (!node->broken) {
		check_positional(c, node);
		check_keys(c, node);
	}
}
