/*
 * gen-conf-man: prints the manual page imapd.conf(5) from the rows of
 * settings.def and foreign.def. "make man" writes what it prints to
 * doc/tamis-imapd.conf.5, and a test compares the two.
 */
#include <stdio.h>

#include "conf/names.h"

static const char head[] =
    ".\\\" Made by tools/gen-conf-man from conf/settings.def: \"make man\".\n"
    ".Dd August 1, 2026\n"
    ".Dt IMAPD.CONF 5\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm imapd.conf\n"
    ".Nd configuration of the Tamis mail delivery engine\n"
    ".Sh DESCRIPTION\n"
    "The file\n"
    ".Nm\n"
    "holds one option a line, in the format of Cyrus IMAP:\n"
    ".Pp\n"
    ".Dl name: value\n"
    ".Pp\n"
    "The colon follows the name at once.\n"
    "Blanks around the value are dropped; there is no quoting.\n"
    "Names are in any case.\n"
    "Empty lines and lines whose first character, blanks aside, is\n"
    ".Ql #\n"
    "are skipped; a comment cannot follow a value.\n"
    "A line that ends in a backslash is continued by the next one.\n"
    "An option may be set only once.\n"
    ".Pp\n"
    "The line\n"
    ".Pp\n"
    ".Dl @include: file\n"
    ".Pp\n"
    "reads another file, which is looked for in the directory of this one\n"
    "unless its name is absolute.\n"
    "No file is read twice.\n"
    ".Pp\n"
    "An option whose name has the name of a service and an underscore in\n"
    "front, as in\n"
    ".Ql lmtpunix_maxmessagesize ,\n"
    "counts for that service only, and wins over the plain one.\n"
    "The name of the service is in the environment variable\n"
    ".Ev CYRUS_SERVICE ,\n"
    "where\n"
    ".Xr master 8\n"
    "puts it.\n"
    ".Pp\n"
    "All that is wrong is reported at a time, with file and line:\n"
    ".Ql tamis config check\n"
    "prints it, and\n"
    ".Ql tamis config\n"
    "prints each setting with the place it comes from.\n"
    "A program does not start with a configuration that has errors.\n"
    ".Ss Types\n"
    ".Bl -tag -width Ds\n"
    ".It switch\n"
    ".Cm yes ,\n"
    ".Cm true ,\n"
    ".Cm on ,\n"
    ".Cm 1\n"
    "or\n"
    ".Cm no ,\n"
    ".Cm false ,\n"
    ".Cm off ,\n"
    ".Cm 0 ,\n"
    "in lower case.\n"
    "As in Cyrus the first letters decide; unlike there anything else is an\n"
    "error.\n"
    ".It number\n"
    "In decimal, in octal after\n"
    ".Ql 0 ,\n"
    "in hexadecimal after\n"
    ".Ql 0x .\n"
    ".It duration\n"
    "Numbers with the units\n"
    ".Cm d , h , m\n"
    "and\n"
    ".Cm s\n"
    "in a row, as in\n"
    ".Ql 1h30m .\n"
    "A number without a unit is in the unit given with the setting.\n"
    ".It size\n"
    "A number with a unit\n"
    ".Cm K , M\n"
    "or\n"
    ".Cm G ,\n"
    "which may be followed by\n"
    ".Cm B\n"
    "or\n"
    ".Cm iB ;\n"
    "all are powers of 1024.\n"
    "A number without a unit is in the unit given with the setting.\n"
    ".It path\n"
    "An absolute path.\n"
    ".El\n"
    ".Sh SETTINGS\n"
    ".Bl -tag -width Ds\n";

static const char partitions[] =
    ".It Cm partition- Ns Ar name : No path\n"
    "Directory that holds accounts: the Maildir of joe is\n"
    ".Ar path Ns /joe ,\n"
    "that of joe at example.org, with\n"
    ".Cm virtdomains ,\n"
    ".Ar path Ns /example.org/joe ;\n"
    "with\n"
    ".Cm hashimapspool\n"
    "they are\n"
    ".Ar path Ns /j/joe\n"
    "and\n"
    ".Ar path Ns /e/example.org/j/joe .\n"
    "With\n"
    ".Cm virtdomains\n"
    "a directory is an account only if it holds a directory named cur.\n"
    "At least one partition is required.\n";

static const char foreign[] =
    ".El\n"
    ".Sh OTHER OPTIONS OF CYRUS\n"
    "A configuration written for Cyrus can be used as it is.\n"
    "Options that concern other services are accepted, and so are names\n"
    "nobody knows, except that a name near a known one gives a warning.\n"
    "Deprecated names give a warning.\n"
    ".Pp\n"
    "These options would change how mail is delivered, and this version does\n"
    "not honour them.\n"
    "It behaves as the value shown says, or as if the option were not set,\n"
    "and warns when the option is set to anything else:\n"
    ".Pp\n"
    ".Bl -tag -width Ds -compact\n";

static const char tail[] =
    ".El\n"
    ".Pp\n"
    "Cyrus has\n"
    ".Cm munge8bit\n"
    "on by default.\n"
    "It changes octets of the stored message, which breaks signatures and\n"
    "header fields in UTF-8, so it is not honoured.\n"
    "Cyrus has\n"
    ".Cm duplicatesuppression\n"
    "on by default, too, which drops mail whose Message-ID has been seen;\n"
    "here a Message-ID alone never keeps a message from being stored.\n"
    ".Sh FILES\n"
    ".Bl -tag -width Ds\n"
    ".It Pa /etc/imapd.conf\n"
    "The file that is read when no other is named.\n"
    "The directory can be chosen when the programs are built.\n"
    ".El\n"
    ".Sh EXAMPLES\n"
    ".Bd -literal -offset indent\n"
    "configdirectory: /var/lib/tamis\n"
    "partition-default: /var/spool/tamis\n"
    "sievedir: {configdirectory}/sieve\n"
    "maxmessagesize: 50M\n"
    "lmtpunix_maxmessagesize: 100M\n"
    ".Ed\n"
    ".Sh SEE ALSO\n"
    ".Xr lmtpd 8 ,\n"
    ".Xr master 8\n";

static const char *
type_name(enum conf_type type)
{
	static const char *const names[] = {
		[CONF_STRING] = "string",
		[CONF_PATH] = "path",
		[CONF_SWITCH] = "switch",
		[CONF_INT] = "number",
		[CONF_DURATION] = "duration",
		[CONF_BYTESIZE] = "size",
		[CONF_ENUM] = "",
		[CONF_LIST] = "words",
		[CONF_OCTAL] = "octal number",
	};

	return names[type];
}

/* A sentence begins a line; a line must not begin with a control character
 * and is broken before it is long. */
static void
print_text(const char *text)
{
	enum { LONG = 60 };
	int column = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == ' ' && column > 0 &&
		    (p[-1] == '.' || column > LONG)) {
			putchar('\n');
			column = 0;
			continue;
		}
		if (column == 0 && (*p == '.' || *p == '\''))
			fputs("\\&", stdout);
		if (*p == '\\')
			fputs("\\e", stdout);
		else
			putchar(*p);
		column++;
	}
	putchar('\n');
}

static void
print_choices(const char *choices)
{
	struct str rest = str_c(choices), word;
	bool first = true;

	while (str_cut(&rest, ' ', &word)) {
		printf("%s Cm %.*s", first ? "" : " |", STR_ARG(word));
		first = false;
	}
}

static void
print_range(const struct setting_row *row)
{
	if (row->max == 0)
		return;
	if (row->type == CONF_OCTAL)
		printf("At most 0%llo.\n", (unsigned long long)row->max);
	else if (row->max != INT64_MAX)
		printf("From %lld to %lld%s.\n", (long long)row->min,
		    (long long)row->max,
		    row->type == CONF_BYTESIZE   ? " octets"
		    : row->type == CONF_DURATION ? " seconds"
						 : "");
	else if (row->min > 0)
		printf("At least %lld.\n", (long long)row->min);
}

static void
print_setting(const struct setting_row *row)
{
	printf(".It Cm %s :", row->name);
	if (row->type == CONF_ENUM)
		print_choices(row->choices);
	else
		printf(" No %s", type_name(row->type));
	putchar('\n');
	print_text(row->text);
	print_range(row);
	if (row->unit != NULL &&
	    (row->type == CONF_DURATION || row->type == CONF_BYTESIZE))
		printf("A number without a unit is in %s.\n", row->unit);
	if (row->def == NULL) {
		puts("Not set by default.");
		return;
	}
	fputs("The default is\n.Ql ", stdout);
	for (const char *p = row->def; *p != '\0'; p++)
		if (*p == '\\')
			fputs("\\e", stdout);
		else
			putchar(*p);
	fputs(" .\n", stdout);
}

int
main(void)
{
	fputs(head, stdout);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		print_setting(&setting_rows[i]);
	fputs(partitions, stdout);
	fputs(foreign, stdout);
	for (size_t i = 0; i < names_ndelivery; i++)
		printf(".It Cm %s%s%s\n", names_delivery[i].name,
		    names_delivery[i].def == NULL ? "" : " : No ",
		    names_delivery[i].def == NULL ? "" : names_delivery[i].def);
	fputs(tail, stdout);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
