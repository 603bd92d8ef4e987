/*
 * token: knows how Sieve text is cut into tokens; nothing of the grammar.
 * Every function moves forward or stops, so the text is read once.
 */
#include "sieve/token.h"

#include "lib/arena.h"

static const struct str none = STR("");

struct place
lexer_place(const struct lexer *lx)
{
	return (
	    struct place){ lx->line, (uint32_t)(lx->pos - lx->line_start) + 1 };
}

static bool
at_end(const struct lexer *lx)
{
	return lx->pos >= lx->text.len;
}

/* The octet i ahead; 0 behind the end (a script holds no NUL). */
static char
peek(const struct lexer *lx, size_t i)
{
	return lx->pos + i < lx->text.len ? lx->text.p[lx->pos + i] : '\0';
}

/* Move on one octet, counting lines. */
static void
step(struct lexer *lx)
{
	if (lx->text.p[lx->pos++] == '\n') {
		lx->line++;
		lx->line_start = lx->pos;
	}
}

static bool
is_name_start(char c)
{
	return ascii_is_alpha(c) || c == '_';
}

static bool
is_name(char c)
{
	return ascii_is_alnum(c) || c == '_';
}

/* RFC 5228 s. 2.1: NUL never, CR and LF only together; we take LF alone. */
bool
lexer_init(struct lexer *lx, struct arena *arena, struct diag *diag,
    const struct sieve_limits *limits, struct str text)
{
	bool bare_cr = false;

	*lx = (struct lexer){ .arena = arena,
		.diag = diag,
		.limits = limits,
		.text = text,
		.line = 1 };
	for (; !at_end(lx); step(lx)) {
		char c = text.p[lx->pos];

		if (c == '\0') {
			diag_add(diag, lexer_place(lx), none,
			    "a script must not contain NUL octets");
			return false;
		}
		if (c == '\r' && peek(lx, 1) != '\n' && !bare_cr) {
			diag_add(diag, lexer_place(lx),
			    S("lines end in CRLF or LF"),
			    "carriage return without a line feed");
			bare_cr = true;
		}
	}
	lx->pos = lx->line_start = 0;
	lx->line = 1;
	if (str_starts(text, S("\xef\xbb\xbf")))
		lx->pos = 3;
	return true;
}

static void
skip_line(struct lexer *lx)
{
	while (!at_end(lx) && peek(lx, 0) != '\n')
		lx->pos++;
	if (!at_end(lx))
		step(lx);
}

/* bracket-comment; they do not nest. RFC 5228 s. 2.3 */
static void
skip_bracket_comment(struct lexer *lx)
{
	struct place start = lexer_place(lx);

	lx->pos += 2;
	while (!at_end(lx)) {
		if (peek(lx, 0) == '*' && peek(lx, 1) == '/') {
			lx->pos += 2;
			return;
		}
		step(lx);
	}
	lx->cut = true;
	diag_add(lx->diag, start, S("end it with */"), "comment is not closed");
}

static void
skip_space(struct lexer *lx)
{
	while (!at_end(lx)) {
		char c = peek(lx, 0);

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			step(lx);
		else if (c == '#')
			skip_line(lx);
		else if (c == '/' && peek(lx, 1) == '*')
			skip_bracket_comment(lx);
		else
			return;
	}
}

static bool
too_long(struct lexer *lx, struct place at, size_t len)
{
	if (len <= lx->limits->string_bytes)
		return false;
	diag_add(lx->diag, at, none,
	    "string is longer than the limit of %u octets",
	    lx->limits->string_bytes);
	return true;
}

/* Copies len octets, undoing backslashes and making line ends CRLF. */
static struct str
unquote(struct lexer *lx, const char *p, size_t len)
{
	char *out;
	size_t n = 0, extra = 0;

	for (size_t i = 0; i < len; i++)
		extra += p[i] == '\n';
	out = arena_alloc(lx->arena, len + extra + 1);
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\\')
			i++;
		if (p[i] == '\n' && (n == 0 || out[n - 1] != '\r'))
			out[n++] = '\r';
		out[n++] = p[i];
	}
	return str_from(out, n);
}

/* quoted-string. RFC 5228 s. 2.4.2 */
static void
quoted_string(struct lexer *lx, struct token *out)
{
	size_t start = ++lx->pos;

	out->kind = TOKEN_STRING;
	while (!at_end(lx) && peek(lx, 0) != '"') {
		if (peek(lx, 0) == '\\' && lx->pos + 1 < lx->text.len)
			lx->pos++;
		step(lx);
	}
	if (at_end(lx)) {
		lx->cut = true;
		diag_add(lx->diag, out->at, S("end it with a double quote"),
		    "string is not closed");
		return;
	}
	if (!too_long(lx, out->at, lx->pos - start))
		out->text = unquote(lx, lx->text.p + start, lx->pos - start);
	lx->pos++;
}

/* The line that starts here, without its end; moves behind the end. */
static struct str
take_line(struct lexer *lx)
{
	size_t start = lx->pos;
	struct str line;

	while (!at_end(lx) && peek(lx, 0) != '\n')
		lx->pos++;
	line = str_from(lx->text.p + start, lx->pos - start);
	if (!at_end(lx))
		step(lx);
	if (str_ends(line, S("\r")))
		line.len--;
	return line;
}

/* What stands between "text:" and the end of its line. */
static bool
multi_line_start(struct lexer *lx, struct place at)
{
	while (peek(lx, 0) == ' ' || peek(lx, 0) == '\t')
		lx->pos++;
	if (peek(lx, 0) == '#' || peek(lx, 0) == '\n' ||
	    (peek(lx, 0) == '\r' && peek(lx, 1) == '\n')) {
		skip_line(lx);
		return true;
	}
	diag_add(lx->diag, at, S("the text begins on the next line"),
	    "\"text:\" must be followed by the end of the line");
	return false;
}

/* Adds lines to out until one that is a single dot. */
static bool
multi_line_body(struct lexer *lx, char *out, size_t *n)
{
	while (!at_end(lx)) {
		struct str line = take_line(lx);

		if (str_eq(line, S(".")))
			return true;
		if (str_starts(line, S("..")))
			line = str_from_offset(line, 1);
		if (line.len > 0)
			memcpy(out + *n, line.p, line.len);
		memcpy(out + *n + line.len, "\r\n", 2);
		*n += line.len + 2;
	}
	return false;
}

/* Octets that the lines up to the final dot need with CRLF line ends. */
static size_t
multi_line_room(const struct lexer *lx)
{
	struct lexer ahead = *lx;
	size_t n = 0;

	while (!at_end(&ahead)) {
		struct str line = take_line(&ahead);

		if (str_eq(line, S(".")))
			break;
		n += line.len + 2;
	}
	return n;
}

/* multi-line, behind "text:". RFC 5228 s. 2.4.2 and 8.1 */
static void
multi_line(struct lexer *lx, struct token *out)
{
	size_t n = 0, room;
	char *p;

	out->kind = TOKEN_STRING;
	out->text = none;
	if (!multi_line_start(lx, out->at))
		return;
	room = multi_line_room(lx);
	p = arena_alloc(lx->arena, room + 1);
	if (!multi_line_body(lx, p, &n)) {
		lx->cut = true;
		diag_add(lx->diag, out->at,
		    S("end it with a line that holds a single dot"),
		    "multi-line text is not closed");
		return;
	}
	if (!too_long(lx, out->at, n))
		out->text = str_from(p, n);
}

static uint64_t
quantifier(char c)
{
	switch (ascii_upper(c)) {
	case 'K':
		return UINT64_C(1) << 10;
	case 'M':
		return UINT64_C(1) << 20;
	case 'G':
		return UINT64_C(1) << 30;
	default:
		return 0;
	}
}

/* number = 1*DIGIT [ QUANTIFIER ]. RFC 5228 s. 2.4.1 */
static void
number(struct lexer *lx, struct token *out)
{
	uint64_t v = 0, unit;
	bool over = false, junk = false;

	out->kind = TOKEN_NUMBER;
	for (; ascii_is_digit(peek(lx, 0)); lx->pos++)
		over |= __builtin_mul_overflow(v, 10, &v) ||
		        __builtin_add_overflow(
			    v, (unsigned)(peek(lx, 0) - '0'), &v);
	unit = quantifier(peek(lx, 0));
	if (unit > 0) {
		lx->pos++;
		over |= __builtin_mul_overflow(v, unit, &v);
	}
	for (; is_name(peek(lx, 0)); lx->pos++)
		junk = true;
	if (junk)
		diag_add(lx->diag, out->at,
		    S("digits may be followed by one of K, M, G"),
		    "this is not a number");
	else if (over)
		diag_add(lx->diag, out->at, S("the limit is 2^64 - 1"),
		    "number is too large");
	else
		out->number = v;
}

static struct str
take_name(struct lexer *lx)
{
	size_t start = lx->pos;

	while (is_name(peek(lx, 0)))
		lx->pos++;
	return str_from(lx->text.p + start, lx->pos - start);
}

static void
name(struct lexer *lx, struct token *out)
{
	out->text = take_name(lx);
	if (peek(lx, 0) == ':' && str_caseeq(out->text, S("text"))) {
		lx->pos++;
		multi_line(lx, out);
		return;
	}
	out->kind = TOKEN_NAME;
}

static bool
is_punct(char c)
{
	return c != '\0' && strchr("{}[](),;", c) != NULL;
}

/* Can a token or comment start with this? */
static bool
is_start(char c)
{
	return is_name(c) || is_punct(c) || c == '"' || c == ':' || c == ' ' ||
	       c == '\t' || c == '\r' || c == '\n' || c == '#' || c == '/';
}

static void
illegal(struct lexer *lx)
{
	struct place at = lexer_place(lx);
	unsigned char c = (unsigned char)peek(lx, 0);

	if (c == ':')
		diag_add(lx->diag, at, S("a tag is written like :contains"),
		    "a colon must be followed by the name of a tag");
	else if (c == '-' && ascii_is_digit(peek(lx, 1)))
		diag_add(lx->diag, at, none, "numbers must not be negative");
	else if (c > 0x20 && c < 0x7f)
		diag_add(lx->diag, at, S("text is written in double quotes"),
		    "unexpected character '%c'", c);
	else
		diag_add(lx->diag, at, S("text is written in double quotes"),
		    "unexpected octet 0x%02x outside a string", c);
	do
		step(lx);
	while (!at_end(lx) && !is_start(peek(lx, 0)));
}

/* true when a token was made; false when something illegal was skipped */
static bool
scan(struct lexer *lx, struct token *out)
{
	char c = peek(lx, 0);

	if (is_punct(c)) {
		out->kind = TOKEN_PUNCT;
		out->punct = c;
		lx->pos++;
	} else if (c == '"') {
		quoted_string(lx, out);
	} else if (c == ':' && is_name_start(peek(lx, 1))) {
		out->kind = TOKEN_TAG;
		lx->pos++;
		out->text = take_name(lx);
	} else if (ascii_is_digit(c)) {
		number(lx, out);
	} else if (is_name_start(c)) {
		name(lx, out);
	} else {
		illegal(lx);
		return false;
	}
	return true;
}

void
lexer_next(struct lexer *lx, struct token *out)
{
	do {
		skip_space(lx);
		*out = (struct token){
			.kind = TOKEN_END, .text = none, .at = lexer_place(lx)
		};
	} while (!at_end(lx) && !scan(lx, out));
}
