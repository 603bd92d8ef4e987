/*
 * charset_private: the list of charsets, for charset.c and its test.
 */
#ifndef TAMIS_LIB_CHARSET_PRIVATE_H
#define TAMIS_LIB_CHARSET_PRIVATE_H

#include "lib/str.h"

enum charset_kind {
	CHARSET_ICONV,
	CHARSET_ASCII,
	CHARSET_UTF8,
	CHARSET_ISO_8859_1,
	CHARSET_WINDOWS_1252,
	CHARSET_UTF16, /* byte order from a mark, else big endian */
	CHARSET_UTF32,
	CHARSET_HZ,
};

struct charset {
	const char *key; /* name in lower case without "-" and "_" */
	enum charset_kind kind;
	const char *iconv_name;
	uint8_t unit; /* octets to skip when they are wrong */
};

/* The row of a name as it stands in a mail; NULL when it is not listed. */
const struct charset *charset_find(struct str name);

/* Row i of the list, NULL behind the end. */
const struct charset *charset_row(size_t i);

#endif
