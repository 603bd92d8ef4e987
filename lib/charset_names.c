/*
 * charset_names: the charsets a mail may ask for. Left out on purpose: UTF-7
 * (stateful, hides text from filters) and charsets nobody sends, because
 * each one is a converter that hostile mail could reach.
 */
#include "lib/charset_private.h"

#define ICONV(k, n)                                                            \
	{                                                                      \
		.key = (k), .kind = CHARSET_ICONV, .iconv_name = (n),          \
		.unit = 1                                                      \
	}
#define OWN(k, kind_)                                                          \
	{                                                                      \
		.key = (k), .kind = (kind_), .unit = 1                         \
	}
#define WIDE(k, kind_, n, unit_)                                               \
	{                                                                      \
		.key = (k), .kind = (kind_), .iconv_name = (n),                \
		.unit = (unit_)                                                \
	}

static const struct charset charsets[] = {
	OWN("utf8", CHARSET_UTF8),
	OWN("unicode11utf8", CHARSET_UTF8),
	OWN("usascii", CHARSET_ASCII),
	OWN("ascii", CHARSET_ASCII),
	OWN("ansix3.41968", CHARSET_ASCII),
	OWN("iso646us", CHARSET_ASCII),
	OWN("us", CHARSET_ASCII),
	OWN("iso88591", CHARSET_ISO_8859_1),
	OWN("latin1", CHARSET_ISO_8859_1),
	OWN("l1", CHARSET_ISO_8859_1),
	OWN("windows1252", CHARSET_WINDOWS_1252),
	OWN("cp1252", CHARSET_WINDOWS_1252),
	ICONV("iso88592", "ISO-8859-2"),
	ICONV("latin2", "ISO-8859-2"),
	ICONV("iso88593", "ISO-8859-3"),
	ICONV("iso88594", "ISO-8859-4"),
	ICONV("iso88595", "ISO-8859-5"),
	ICONV("iso88596", "ISO-8859-6"),
	ICONV("iso88597", "ISO-8859-7"),
	ICONV("iso88598", "ISO-8859-8"),
	ICONV("iso88598i", "ISO-8859-8"),
	ICONV("iso88598e", "ISO-8859-8"),
	ICONV("iso88599", "ISO-8859-9"),
	ICONV("latin5", "ISO-8859-9"),
	ICONV("iso885910", "ISO-8859-10"),
	ICONV("iso885911", "ISO-8859-11"),
	ICONV("iso885913", "ISO-8859-13"),
	ICONV("iso885914", "ISO-8859-14"),
	ICONV("iso885915", "ISO-8859-15"),
	ICONV("latin9", "ISO-8859-15"),
	ICONV("iso885916", "ISO-8859-16"),
	ICONV("windows1250", "CP1250"),
	ICONV("cp1250", "CP1250"),
	ICONV("windows1251", "CP1251"),
	ICONV("cp1251", "CP1251"),
	ICONV("windows1253", "CP1253"),
	ICONV("windows1254", "CP1254"),
	ICONV("windows1255", "CP1255"),
	ICONV("windows1256", "CP1256"),
	ICONV("windows1257", "CP1257"),
	ICONV("windows1258", "CP1258"),
	ICONV("windows874", "CP874"),
	ICONV("tis620", "TIS-620"),
	ICONV("koi8r", "KOI8-R"),
	ICONV("koi8u", "KOI8-U"),
	ICONV("cp437", "CP437"),
	ICONV("cp850", "CP850"),
	ICONV("cp866", "IBM866"),
	ICONV("ibm866", "IBM866"),
	ICONV("macintosh", "MACINTOSH"),
	ICONV("xmacroman", "MACINTOSH"),
	/* what says GB2312 mostly holds GBK, and GB18030 holds them all */
	ICONV("gb2312", "GB18030"),
	ICONV("euccn", "GB18030"),
	ICONV("gbk", "GB18030"),
	ICONV("cp936", "GB18030"),
	ICONV("gb18030", "GB18030"),
	WIDE("hzgb2312", CHARSET_HZ, "GB18030", 1),
	WIDE("hz", CHARSET_HZ, "GB18030", 1),
	ICONV("big5", "BIG5"),
	ICONV("big5hkscs", "BIG5-HKSCS"),
	ICONV("euctw", "EUC-TW"),
	ICONV("eucjp", "EUC-JP"),
	ICONV("iso2022jp", "ISO-2022-JP"),
	ICONV("shiftjis", "CP932"),
	ICONV("sjis", "CP932"),
	ICONV("xsjis", "CP932"),
	ICONV("windows31j", "CP932"),
	ICONV("cp932", "CP932"),
	ICONV("euckr", "CP949"),
	ICONV("ksc56011987", "CP949"),
	ICONV("ksc5601", "CP949"),
	ICONV("cp949", "CP949"),
	ICONV("uhc", "CP949"),
	ICONV("iso2022kr", "ISO-2022-KR"),
	ICONV("viscii", "VISCII"),
	WIDE("utf16", CHARSET_UTF16, "UTF-16", 2),
	WIDE("utf16be", CHARSET_ICONV, "UTF-16BE", 2),
	WIDE("utf16le", CHARSET_ICONV, "UTF-16LE", 2),
	WIDE("utf32", CHARSET_UTF32, "UTF-32", 4),
	WIDE("utf32be", CHARSET_ICONV, "UTF-32BE", 4),
	WIDE("utf32le", CHARSET_ICONV, "UTF-32LE", 4),
};

const struct charset *
charset_row(size_t i)
{
	return i < sizeof(charsets) / sizeof(*charsets) ? &charsets[i] : NULL;
}

const struct charset *
charset_find(struct str name)
{
	char key[24];
	size_t len = 0;

	/* "ISO_8859-1", "ISO8859-1" and "iso-8859-1" are all in use */
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == '-' || name.p[i] == '_')
			continue;
		if (len == sizeof(key))
			return NULL;
		key[len++] = ascii_lower(name.p[i]);
	}
	for (size_t i = 0; charset_row(i) != NULL; i++)
		if (str_eq(str_from(key, len), str_c(charset_row(i)->key)))
			return charset_row(i);
	return NULL;
}
