"""Folders as Dovecot sees them, in both layouts: odd names, subscriptions,
ids, accounts that the first message makes; and what scripts ask about them."""
import imaplib
import os
import re
import subprocess
import sys

from tamis_test import (Instance, Skip, Tap, check, equal, free_port, message,
                        mutf7, program, skip_all)
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peer"))
import dovecot
import peer

tap = Tap()

# What a script says: the folder it means; None: none, so the message stays in
# INBOX, marked. A pair: maildir++, fs.
NAMES = {
    "Entw\u00fcrfe": "Entw\u00fcrfe",
    "Gr\u00f6\u00dfe/\u00c4rger": "Gr\u00f6\u00dfe/\u00c4rger",
    "nfd/u\u0308ber": "nfd/\u00fcber",
    "nfd2/\u1112\u1161\u11ab": "nfd2/\ud55c",
    "R&D": "R&D",
    "a&-b": "a&-b",
    "&AMQ-": "&AMQ-",
    "two  blanks ": "two  blanks ",
    " lead": " lead",
    "\U0001f4ec Post": "\U0001f4ec Post",
    "\u65e5\u672c\u8a9e/\u53f0\u5317": "\u65e5\u672c\u8a9e/\u53f0\u5317",
    "100%": "100%",
    "star*": "star*",
    "back\\slash": "back\\slash",
    'quo"te': 'quo"te',
    "x~": "x~",
    "INBOX/below": "below",
    "INBOX.dotted": "dotted",
    "iNbOx/odd": "odd",
    "inboxes": "inboxes",
    "cur": ("cur", None),
    "a/new": ("a/new", None),
    "subscriptions": ("subscriptions", None),
    "dovecot-uidlist": ("dovecot-uidlist", None),
    "with.dot": (None, "with.dot"),
    ".hidden": None,
    "x" * 200: "x" * 200,
    "\u00fc" * 60: "\u00fc" * 60,
    "y" * 300: None,
    "/first": None,
    "last/": None,
    "a//b": None,
    "a/../b": None,
    "~home": None,
}
LAYOUTS = ("maildir++", "fs")


def quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def names_script():
    lines = ['require ["fileinto", "mailbox"];']
    for n, name in enumerate(NAMES):
        lines.append('if header :is "subject" "n%d" { fileinto :create %s; }'
                     % (n, quoted(name)))
    return "\n".join(lines) + "\n"


def meant(folder, layout):
    return folder[LAYOUTS.index(layout)] if isinstance(folder, tuple) \
        else folder


class Side:
    """An engine and a Dovecot on one store."""

    def __init__(self, layout, users, **conf):
        self.layout = layout
        self.engine = Instance(users, dict(
            conf, maildir_layout=layout, anysievefolder="no"))
        self.server = None

    def __enter__(self):
        self.engine.__enter__()
        try:
            self.server = dovecot.Dovecot(
                self.engine.dir, self.engine.path("store"),
                self.engine.owner(), free_port(),
                "fs" if self.layout == "fs" else "")
        except BaseException:
            self.engine.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *what):
        self.server.stop()
        self.engine.__exit__(*what)

    def imap(self, user):
        imap = imaplib.IMAP4("127.0.0.1", self.server.port)
        imap.login(user, "secret")
        return imap

    def send(self, rcpt, data, code=250):
        (_, got, text), = self.engine.deliver([rcpt + "@example.test"], data)
        equal(got, code, text)

    def tool(self, *args, status=0):
        done = subprocess.run(
            [program("tools/tamis"), "mailbox", args[0],
             "-C", self.engine.conf, *args[1:]], capture_output=True,
            text=True)
        equal(done.returncode, status, done.stdout + done.stderr)
        return done.stdout


def ok(answer):
    equal(answer[0], "OK", "IMAP answer %r" % (answer,))
    return answer[1]


def names_of(rows):
    """Of LIST and LSUB; names that hold quotes may come as literals."""
    found = set()
    for row in rows:
        if row is None or row == b"" or row == b")":
            continue
        head, name = row if isinstance(row, tuple) else \
            re.match(rb'(\(.*?\) "/") (.*)$', row, re.S).groups()
        if b"\\Noselect" in head or b"\\NonExistent" in head:
            continue
        if not isinstance(row, tuple) and name.startswith(b'"'):
            name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
        found.add(name.decode())
    return found


def count(imap, folder):
    kind, data = imap.select(quoted(mutf7(folder)), readonly=True)
    return int(data[0]) if kind == "OK" else -1


def each_name(side):
    for n, (name, folder) in enumerate(NAMES.items()):
        yield n, name, meant(folder, side.layout)


def check_names(side):
    for n, _, _ in each_name(side):
        side.send("joe", message("n%d" % n))
    wanted = {f for _, _, f in each_name(side) if f}
    imap = side.imap("joe")
    equal(names_of(ok(imap.list())) - {"INBOX"},
          {mutf7(f) for f in wanted}, "LIST")
    equal(names_of(ok(imap.lsub())) - {"INBOX"},
          {mutf7(f) for f in wanted}, "LSUB")
    refused = 0
    for n, name, folder in each_name(side):
        refused += folder is None
        if folder:
            equal(count(imap, folder), 1, "messages in %r" % name)
    equal(count(imap, "INBOX"), refused, "messages in INBOX")
    # a second one finds what is there
    for n, _, _ in each_name(side):
        side.send("joe", message("n%d" % n))
    for n, name, folder in each_name(side):
        if folder:
            equal(count(imap, folder), 2, "messages in %r" % name)
    equal(names_of(ok(imap.list())) - {"INBOX"},
          {mutf7(f) for f in wanted}, "LIST afterwards")
    imap.logout()
    check("rror" not in side.server.log(),
          "Dovecot complains: " + side.server.log())


@tap.test
def odd_names_in_Maildir_plus_plus():
    check_names(plus)


@tap.test
def odd_names_in_fs_layout():
    check_names(fs)


@tap.test
def our_list_is_Dovecots():
    for side in (plus, fs):
        rows = side.tool("list", "joe").splitlines()
        equal({r.split("\t")[0] for r in rows if r.split("\t")[1] != "x"},
              {"INBOX"} | {f for _, _, f in each_name(side) if f}, "list")
        check(all("subscribed" in r for r in rows
                  if not r.startswith("INBOX\t")), "subscribed: %r" % rows)


@tap.test
def folders_of_Dovecot_are_ours():
    for side in (plus, fs):
        imap = side.imap("mia")
        for name in ("H\u00f6he/A B", "u\u0308ber"):
            ok(imap.create(quoted(mutf7(name))))
        side.send("mia", message("hill"))
        side.send("mia", message("over"))
        equal(count(imap, "H\u00f6he/A B"), 1, "folder of the same name")
        equal(sum(max(0, count(imap, f)) for f in ("u\u0308ber", "\u00fcber")),
              1, "folder in another Unicode form")
        equal(len(names_of(ok(imap.list())) - {"INBOX"}), 2, "folders")
        imap.logout()


@tap.test
def ids_are_Dovecots_and_survive_a_rename():
    for side in (plus, fs):
        imap = side.imap("ida")
        ok(imap.create("Here"))
        ok(imap.select("Here"))
        rows = dict(re.findall(r"^(\S+)\t.*\tid=(\S+)$",
                               side.tool("list", "--id", "ida"), re.M))
        where = side.engine.path("store/ida/%sHere/dovecot-uidlist" % (
            "." if side is plus else ""))
        with open(where) as f:
            check(" G" + rows["Here"] in f.readline(), "not Dovecot's id")
        side.engine.set_script(
            "ida", 'require ["fileinto", "mailboxid"];\n'
            'if mailboxidexists "%s" {\n'
            'fileinto :mailboxid "%s" "Fallback"; }\n' % ((rows["Here"],) * 2))
        side.send("ida", message("one"))
        ok(imap.select("INBOX"))
        ok(imap.rename("Here", "There"))
        side.send("ida", message("two"))
        equal(count(imap, "There"), 2, "messages by id")
        imap.logout()


@tap.test
def special_use_of_the_options_and_of_the_account():
    script = ('require ["fileinto", "special-use", "mailbox"];\n'
              'if header :is "subject" "made" {\n'
              'fileinto :specialuse "\\\\Archive" :create "Old"; stop; }\n'
              'if not specialuse_exists "\\\\Junk" { keep; stop; }\n'
              'fileinto :specialuse "\\\\junk" "Fallback";\n')
    for side in (plus, fs):
        side.engine.set_script("uma", script)
        imap = side.imap("uma")
        side.send("uma", message("none"))
        equal(count(imap, "INBOX"), 1, "without a mailbox for it")
        ok(imap.create("Spam"))
        side.send("uma", message("option"))
        equal(count(imap, "Spam"), 1, "xlist-junk")
        side.tool("create", "uma", "Other")
        side.tool("special-use", "uma", "\\Junk", "Other")
        side.send("uma", message("account"))
        equal(count(imap, "Other"), 1, "tamis-mailboxes")
        for _ in range(2):
            side.send("uma", message("made"))
            side.engine.set_script("uma", script.replace('"Old"', '"New"'))
        equal(count(imap, "Old"), 2, "made with its use")
        equal(side.tool("special-use", "uma", "\\Archive"), "Old\n", "use")
        check(re.search(r"^Other\t.*\\Junk", side.tool("list", "uma"), re.M),
              "list does not show the use")
        imap.logout()


@tap.test
def metadata_of_mailbox_and_server():
    side = plus
    side.tool("metadata", "mae", "INBOX", "/private/comment", "my \u00e4 box")
    side.tool("metadata", "mae", "", "/shared/admin", "boss")
    equal(side.tool("metadata", "mae", "inbox", "/PRIVATE/Comment"),
          "my \u00e4 box\n", "value")
    side.tool("metadata", "mae", "INBOX", "/private/none", status=1)
    side.engine.set_script("mae", (
        'require ["fileinto", "mboxmetadata", "servermetadata", "mailbox"];\n'
        'if allof (metadata "INBOX" "/private/comment" "my \u00e4 box",\n'
        '  servermetadata "/shared/admin" "boss",\n'
        '  not metadataexists "INBOX" "/private/none") {\n'
        'fileinto :create "Yes"; }\n'))
    side.send("mae", message("m"))
    equal(len(side.engine.box("mae", "Yes")), 1, "messages in Yes")


@tap.test
def detail_takes_what_is_there_and_makes_nothing():
    side = plus
    for name in ("Lists", "Lists/tamis-dev", "Drafts"):
        side.tool("create", "dan", name)
    side.tool("special-use", "dan", "\\Drafts", "Drafts")
    for detail, folder in (("Lists", "Lists"), ("lists", "INBOX"),
                           ("None", "INBOX"), ("INBOX", "INBOX"),
                           ("inbox", "INBOX"), ("Drafts", "INBOX"),
                           ("Lists/x", "INBOX"), ("a..b", "INBOX"),
                           ("Lists/tamis-dev", "Lists/tamis-dev")):
        before = len(side.engine.box("dan", folder))
        side.send("dan+" + detail, message(detail))
        equal(len(side.engine.box("dan", folder)), before + 1,
              "messages in %s for +%s" % (folder, detail))
    check("one is near: id=" in side.engine.log()
          and "detail=lists mailbox=Lists" in side.engine.log(),
          "near match is not in the log")
    equal(len([d for d in side.engine.boxes("dan") if d]), 3, "folders")


@tap.test
def detail_takes_what_is_near_when_it_may():
    side = fs
    for name in ("Lists", "Lists/Tamis Dev", "INBOX-old", "a.b"):
        side.tool("create", "dan", name)
    imap = side.imap("dan")
    for detail, folder in (("lists/tamis-dev", "Lists/Tamis Dev"),
                           ("LISTS/tamis_dev", "Lists/Tamis Dev"),
                           ("lists/other/deep", "Lists"),
                           ("inbox", "INBOX"), ("inbox_OLD", "INBOX-old"),
                           ("A.b", "a.b"), ("tamis-dev", "INBOX")):
        before = count(imap, folder)
        side.send("dan+" + detail, message("d"))
        equal(count(imap, folder), before + 1,
              "messages in %s for +%s" % (folder, detail))
    imap.logout()


@tap.test
def an_account_is_made_by_its_first_message():
    for side in (plus, fs):
        store = side.engine.path("store/newt")
        with side.engine.client() as c:
            equal(c.cmd("MAIL FROM:<>")[0], 250, "MAIL")
            equal(c.cmd("RCPT TO:<newt@example.test>")[0], 250, "RCPT")
            check(not os.path.exists(store), "made by RCPT alone")
            equal(c.cmd("RCPT TO:<nobody@example.test>")[0], 550, "excluded")
            equal(c.cmd("RCPT TO:<root@example.test>")[0], 550, "an admin")
        side.send("newt+Lists/tamis", message("first"))
        imap = side.imap("newt")
        equal(names_of(ok(imap.list())),
              {"INBOX", "Spam", "Sent Items", "Lists/tamis"}, "LIST")
        equal(names_of(ok(imap.lsub())), {"INBOX", "Spam"}, "LSUB")
        # the script was there for the first message already
        equal(count(imap, "Spam"), 1, "messages in Spam")
        equal(count(imap, "Lists/tamis"), 0, "messages by detail")
        imap.logout()
        rows = side.tool("list", "newt")
        check(re.search(r"^Spam\tsubscribed \\Junk$", rows, re.M), rows)
        check(re.search(r"^Sent Items\t- \\Sent$", rows, re.M), rows)
        base = side.engine.path("sieve/n/newt/")
        equal(os.readlink(base + "defaultbc"), "initial.bc", "link")
        check(os.path.getsize(base + "initial.bc") > 0, "compiled form")
        side.send("newt", message("second"))


@tap.test
def fileinto_makes_the_folders_it_is_allowed_to():
    side = plus
    side.engine.set_script("sam", (
        'require "fileinto";\nif header :is "subject" "y" {\n'
        'fileinto "Auto/Made"; } else { fileinto "Other"; }\n'))
    side.send("sam", message("y"))
    side.send("sam", message("n"))
    equal(len(side.engine.box("sam", "Auto/Made")), 1, "autocreate folder")
    equal([m.keywords for m in side.engine.box("sam")], [{"$SieveFailed"}],
          "the other folder")


@tap.test
def keywords_are_read_by_Courier():
    script = ('require ["fileinto", "imap4flags", "mailbox"];\n'
              'fileinto :create :flags ["\\\\Seen", "$Label1", "NonJunk"] '
              '"A/B";\n')
    try:
        root = peer.fetch("courier-base")
    except peer.Missing as why:
        raise Skip(str(why))
    with Instance({"kim": script}, {"maildir_keywords": "courier",
                                    "maildir_subscriptions": "courier"}) as e:
        e.deliver(["kim@example.test"], message("k"))
        stored, = e.box("kim", "A/B")
        equal(stored.flags, {"S"}, "flags")
        box = os.path.dirname(os.path.dirname(stored.path))
        name = os.path.basename(stored.path).partition(":")[0]
        done = peer.run([root + "/usr/bin/maildirkw", "-L", box],
                        env=peer.environment(root))
        equal(done.stdout.split(), [name, "$Label1", "NonJunk"], "maildirkw")
        with open(e.path("store/kim/courierimapsubscribed")) as f:
            equal(f.read(), "INBOX.A.B\n", "subscriptions")
        check(not os.path.exists(e.path("store/kim/subscriptions")),
              "Dovecot's file is there, too")


def initial_script(path):
    with open(path, "w") as f:
        f.write('require ["fileinto"];\n'
                'if header :is "subject" "first" { fileinto "Spam"; }\n')


HILL = ('require ["fileinto", "mailbox"];\n'
        'if header :is "subject" "hill" { fileinto "H\u00f6he/A B"; }\n'
        'if header :is "subject" "over" { fileinto :create "\u00fcber"; }\n')
USERS = {"joe": names_script(), "mia": HILL, "ida": None, "uma": None,
         "mae": None, "dan": None, "sam": None}
CONF = {"xlist-junk": "Spam", "xlist-sent": "INBOX/Sent Items",
        "autocreate_post": "yes", "autocreate_users": "anyone -nobody",
        "admins": "root", "autocreate_quota": "0",
        "autocreate_inbox_folders": "Spam | Sent Items| Lists/tamis",
        "autocreate_subscribe_folders": "Spam",
        "autocreate_sieve_folders": "Auto/Made",
        "autocreate_sieve_script_compile": "yes"}
try:
    plus = Side("maildir++", USERS, **CONF)
    fs = Side("fs", USERS, **CONF, lmtp_fuzzy_mailbox_match="yes")
    for one in (plus, fs):
        script = one.engine.path("initial.sieve")
        initial_script(script)
        one.engine.settings["autocreate_sieve_script"] = script
        one.engine.write_conf()
    with plus, fs:
        tap.main()
except peer.Missing as why:
    skip_all(str(why))
