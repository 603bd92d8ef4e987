/*
 * unicode: normal forms. The only file that knows libunistring; knows nothing
 * of what they are good for.
 */
#include "config.h"

#include "lib/unicode.h"

#include "lib/arena.h"

#ifdef HAVE_UNISTRING

#include <unicase.h>
#include <uninorm.h>

/* U+0344 and the like: no character has more than three of its own length
 * in form C. */
enum { GROWTH = 3 };

bool
unicode_nfc(struct arena *a, struct str in, struct str *out)
{
	size_t len;
	uint8_t *p;

	*out = in;
	if (str_is_ascii(in))
		return true;
	if (!str_is_utf8(in))
		return false;
	len = in.len * GROWTH + 1;
	p = arena_alloc(a, len);
	/* only what does not fit would be allocated */
	if (u8_normalize(UNINORM_NFC, (const uint8_t *)in.p, in.len, p, &len) !=
	    p)
		return false;
	*out = str_from((const char *)p, len);
	return true;
}

size_t
unicode_title_nfkd(uint32_t c, uint32_t out[UNICODE_DECOMPOSED])
{
	ucs4_t title = uc_totitle(c);
	size_t n = UNICODE_DECOMPOSED;

	/* only what does not fit would be allocated */
	if (u32_normalize(UNINORM_NFKD, &title, 1, out, &n) == out)
		return n;
	out[0] = title;
	return 1;
}

#else

bool
unicode_nfc(struct arena *a, struct str in, struct str *out)
{
	(void)a;
	*out = in;
	return str_is_utf8(in);
}

size_t
unicode_title_nfkd(uint32_t c, uint32_t out[UNICODE_DECOMPOSED])
{
	out[0] = c;
	return 1;
}

#endif
