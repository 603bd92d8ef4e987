"""Random cases: a script that is valid, and a message that it may match.
The same seed gives the same case, whatever was asked before."""
import random

NAMES = ["Subject", "From", "To", "Cc", "X-Score", "X-Flag", "List-Id",
         "Received", "X-Empty", "X-Missing", "Reply-To", "subject", "SENDER"]
ADDRESS_NAMES = ["From", "To", "Cc", "Reply-To", "Sender", "Bcc"]
MAILBOXES = ["A", "B", "Lists", "Lists.x", "INBOX", "Spam"]
FLAGS = ["\\\\Seen", "\\\\Flagged", "\\\\Deleted", "work", "$x"]
SUBJECTS = ["hello world", "Re: hello", "[list] news 42", "", "MAKE MONEY",
            "=?utf-8?q?gr=C3=BC=C3=9Fe?=", "=?iso-8859-1?b?Z3L832U=?= x",
            "a very long subject\r\n that was folded\r\n\tonce or twice",
            "  blanks  around  ", "50% off *now*?", "x", "tab\there"]
ADDRESSES = ["a@example.com", "Bob <bob@example.org>",
             '"Last, First" <first.last@sub.example.com>',
             "user+detail@example.net", "A@EXAMPLE.COM", "c@d.e, f@g.h",
             "group: m@n.o, p@q.r;", '"odd name"@example.com',
             "(comment) k@l.m (more)"]
BODIES = ["plain text body\r\n", "", "two\r\nlines with money\r\n",
          "no line end", "a\r\n\r\nb\r\n" * 20]
SENDERS = ["sender@example.com", "bounce+x=y@example.org", "A.B@Example.COM"]
RCPTS = ["me@example.org", "me+tag@example.org", "Me@EXAMPLE.org"]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.needs = set()
        self.values = []

    def one(self, values):
        return self.r.choice(values)

    def chance(self, p):
        return self.r.random() < p

    # --- the message

    def message(self):
        lines = []

        def add(name, value):
            lines.append("%s: %s\r\n" % (name, value))
            self.values.append(value)
        for _ in range(self.r.randint(0, 2)):
            add("Received", "from a by b; Tue, 1 Apr 1997 09:06:31 -0800")
        add("From", self.one(ADDRESSES))
        if self.chance(.8):
            add("To", self.one(ADDRESSES))
        if self.chance(.3):
            add("Cc", self.one(ADDRESSES))
        if self.chance(.9):
            add(self.one(["Subject", "SUBJECT"]), self.one(SUBJECTS))
        for _ in range(self.r.randint(0, 3)):
            add("X-Score", self.one(["5", "10", "007", "-3", "4.5", "abc"]))
        if self.chance(.3):
            add("List-Id", "Some list <list.example.org>")
        if self.chance(.3):
            add("X-Empty", "")
        if self.chance(.3):
            add("Date", "Sat, 14 Nov 2026 22:13:07 +0100")
        return "".join(lines) + "\r\n" + self.one(BODIES)

    # --- arguments

    def quote(self, s):
        return '"%s"' % s.replace("\\", "\\\\").replace('"', '\\"')

    def strings(self, make, most=3):
        got = [make() for _ in range(self.r.randint(1, most))]
        return got[0] if len(got) == 1 and self.chance(.5) else \
            "[%s]" % ", ".join(got)

    def fragment(self):
        value = self.one(self.values).replace("\r\n", "")
        if not value or self.chance(.1):
            return self.one(["x", "", "example", "5", "@", "no such text"])
        a = self.r.randrange(len(value))
        b = self.r.randint(a, min(len(value), a + 12))
        return value if self.chance(.3) else value[a:b]

    def key(self, match):
        s = self.fragment()
        if self.chance(.2):
            s = s.swapcase()
        if match == ":matches":
            # "?" in front of a "*" is rare: see KNOWN of oracle_pigeonhole
            s = self.one(5 * ["*%s*", "%s*", "*%s", "%s", "?%s", "%s?"]
                         + ["?%s*"]) % s
        return self.quote(s)

    def match(self):
        """(tags, kind of match)"""
        if self.chance(.1):
            self.needs |= {"relational", "comparator-i;ascii-numeric"}
            return ':count "%s" :comparator "i;ascii-numeric"' % self.one(
                ["eq", "gt", "lt", "ge", "le", "ne"]), "number"
        if self.chance(.1):
            self.needs |= {"relational", "comparator-i;ascii-numeric"}
            return ':value "%s" :comparator "i;ascii-numeric"' % self.one(
                ["eq", "gt", "lt", "ge", "le", "ne"]), "number"
        kind = self.one([":is", ":contains", ":matches", ""])
        tags = kind
        if self.chance(.2):
            tags += ' :comparator "%s"' % self.one(
                ["i;octet", "i;ascii-casemap"])
        return tags, kind

    def keys(self, kind):
        if kind == "number":
            return self.strings(lambda: '"%d"' % self.r.randint(0, 11), 2)
        return self.strings(lambda: self.key(kind))

    # --- tests

    def test(self, depth=0):
        kinds = [self.t_header] * 4 + [self.t_address] * 3 + [
            self.t_envelope, self.t_exists, self.t_size, self.t_word,
            self.t_body, self.t_hasflag, self.t_string, self.t_date]
        if depth < 3:
            kinds += [self.t_list] * 3 + [self.t_not]
        return self.one(kinds)(depth)

    def t_header(self, _):
        tags, kind = self.match()
        names = self.strings(lambda: self.quote(self.one(NAMES)))
        return "header %s %s %s" % (tags, names, self.keys(kind))

    def t_address(self, _):
        tags, kind = self.match()
        part = self.one(["", ":all", ":localpart", ":domain", ":user",
                         ":detail"])
        if part in (":user", ":detail"):
            self.needs.add("subaddress")
        names = self.strings(lambda: self.quote(self.one(ADDRESS_NAMES)))
        return "address %s %s %s %s" % (part, tags, names, self.keys(kind))

    def t_envelope(self, _):
        self.needs.add("envelope")
        tags, kind = self.match()
        part = self.one(["", ":localpart", ":domain"])
        return 'envelope %s %s "%s" %s' % (
            part, tags, self.one(["from", "to"]), self.keys(kind))

    def t_exists(self, _):
        return "exists " + self.strings(lambda: self.quote(self.one(NAMES)))

    def t_size(self, _):
        return "size %s %s" % (self.one([":over", ":under"]),
                               self.one(["0", "100", "150", "1K", "1M"]))

    def t_word(self, _):
        return self.one(["true", "false"])

    def t_body(self, _):
        self.needs.add("body")
        return "body %s :contains %s" % (
            self.one([":raw", ":text", ""]),
            self.quote(self.one(["text", "MONEY", "b", "no line", "zzz"])))

    def t_hasflag(self, _):
        self.needs.add("imap4flags")
        return 'hasflag %s "%s"' % (self.one([":is", ":contains"]),
                                    self.one(FLAGS))

    def t_string(self, _):
        self.needs.add("variables")
        tags, kind = self.match()
        return "string %s %s %s" % (tags, self.quote(self.one(
            ["${a}", "x${b}y", "${1}", "plain", "${a}${b}"])),
            self.keys(kind))

    def t_date(self, _):
        self.needs.add("date")
        return 'date :zone "%s" "date" "%s" "%s"' % (
            self.one(["+0000", "-0500", "+0530"]),
            self.one(["date", "hour", "weekday", "year", "month", "iso8601"]),
            self.one(["2026-11-14", "21", "6", "2026", "11", "16"]))

    def t_list(self, depth):
        return "%s (%s)" % (self.one(["anyof", "allof"]), ", ".join(
            self.test(depth + 1) for _ in range(self.r.randint(1, 3))))

    def t_not(self, depth):
        return "not " + self.test(depth + 1)

    # --- commands

    def command(self, depth):
        kinds = [self.c_fileinto] * 3 + [self.c_redirect, self.c_keep,
                                         self.c_discard, self.c_flag,
                                         self.c_set, self.c_edit]
        if depth < 3:
            kinds += [self.c_if] * 4
        if depth > 0:
            kinds += [self.c_stop]
        return self.one(kinds)(depth)

    def flags(self):
        if not self.chance(.2):
            return ""
        self.needs.add("imap4flags")
        return ":flags %s " % self.strings(
            lambda: '"%s"' % self.one(FLAGS), 2)

    def c_fileinto(self, _):
        self.needs.add("fileinto")
        copy = ""
        if self.chance(.2):
            self.needs.add("copy")
            copy = ":copy "
        return 'fileinto %s%s"%s";' % (copy, self.flags(),
                                       self.one(MAILBOXES))

    def c_redirect(self, _):
        copy = ""
        if self.chance(.4):
            self.needs.add("copy")
            copy = ":copy "
        return 'redirect %s"%s@example.net";' % (copy, self.one("uvw"))

    def c_keep(self, _):
        return "keep %s;" % self.flags()

    def c_discard(self, _):
        return "discard;"

    def c_stop(self, _):
        return "stop;"

    def c_flag(self, _):
        self.needs.add("imap4flags")
        return '%s "%s";' % (self.one(["addflag", "setflag", "removeflag"]),
                             self.one(FLAGS))

    def c_set(self, _):
        self.needs.add("variables")
        return 'set %s"%s" %s;' % (
            self.one(["", "", ":lower ", ":upperfirst ", ":length ",
                      ":quotewildcard "]),
            self.one("ab"), self.quote(self.one(
                ["${1}", "${0}", "${a}x", "Some Text", "*?\\"])))

    def c_edit(self, _):
        self.needs.add("editheader")
        if self.chance(.5):
            return 'addheader "X-Flag" "%s";' % self.one(["on", "off"])
        return 'deleteheader "%s";' % self.one(["X-Score", "Cc", "List-Id"])

    def c_if(self, depth):
        out = "if %s { %s }" % (self.test(), self.block(depth + 1))
        while self.chance(.3):
            out += "\nelsif %s { %s }" % (self.test(), self.block(depth + 1))
        if self.chance(.3):
            out += "\nelse { %s }" % self.block(depth + 1)
        return out

    def block(self, depth):
        return " ".join(self.command(depth)
                        for _ in range(self.r.randint(1, 2)))

    def script(self):
        body = "\n".join(self.command(0)
                         for _ in range(self.r.randint(1, 5)))
        head = ""
        if self.needs:
            head = "require [%s];\n" % ", ".join(
                '"%s"' % n for n in sorted(self.needs))
        return head + body + "\n"


class Case:
    def __init__(self, seed):
        m = Maker(seed)
        self.seed = seed
        self.message = m.message()
        self.script = m.script()
        self.needs = m.needs
        self.sender = m.one(SENDERS)
        self.rcpt = m.one(RCPTS)
