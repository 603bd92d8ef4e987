#!/usr/bin/python3
"""A store whose owner means harm: links, FIFOs, devices, sockets and
directories where files should be, in Maildirs and script directories, as they
are and changing while mail comes in. Nothing outside is touched, nothing
hangs, the reply is right, and the other recipient has the message. All of it
a second time without openat2."""
import contextlib
import ctypes
import ctypes.util
import os
import shutil
import socket
import stat
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "e2e"))
from tamis_test import Instance, Tap, check, equal, message    # noqa: E402

tap = Tap()
ROUNDS = 400 if "--long" in sys.argv[1:] else 30
LIMIT_S = 8             # a lock is waited for 3 s; a hang is longer
OK, LATER, FULL = 250, 451, 452

FLAG = 'require "imap4flags"; setflag "\\\\Flagged"; keep;'
KEYWORD = 'require "imap4flags"; setflag "$Mine"; keep;'
FOLDER = 'require "fileinto"; fileinto "Folder";'
CREATE = 'require ["fileinto", "mailbox"]; fileinto :create "Folder";'
PLAIN = "keep;"


# --- the outside, and what may be planted -----------------------------------

class Outside:
    """Files of somebody else that the mail user could change."""

    def __init__(self, engine):
        self.engine = engine
        self.root = engine.path("store/outside")
        for d in ("", "maildir", "maildir/cur", "maildir/new", "maildir/tmp",
                  "maildir/.Folder", "dir", "old"):
            os.mkdir(os.path.join(self.root, d))
            engine.own(os.path.join(self.root, d))
        for name, text in (("file", "0 $Theirs\n"), ("size", "1C\n0 0\n"),
                           ("script.script", "discard;"),
                           ("old/1.left", "left"), ("dir/x", "x")):
            path = os.path.join(self.root, name)
            with open(path, "w") as f:
                f.write(text)
            engine.own(path)
        then = time.time() - 400000
        os.utime(os.path.join(self.root, "old/1.left"), (then, then))
        self.before = self.look()

    def look(self):
        """Everything about it but link counts, which planting changes, and
        times of reading."""
        found = {}
        for at, dirs, files in os.walk(self.root):
            for name in [""] + files:
                path = os.path.join(at, name)
                st = os.lstat(path)
                data = b""
                if stat.S_ISREG(st.st_mode):
                    with open(path, "rb") as f:
                        data = f.read()
                found[path] = (st.st_ino, st.st_mode, st.st_uid, st.st_gid,
                               st.st_size, st.st_mtime_ns, data)
        return found

    def check(self):
        now = self.look()
        equal(sorted(now), sorted(self.before), "files outside")
        for path, was in self.before.items():
            equal(now[path], was, "outside " + path)


class Plant:
    """Puts things into the way; paths below the attacker's Maildir, or below
    their directory of scripts when they begin with "sieve:"."""

    def __init__(self, engine, outside, user):
        self.engine, self.outside, self.user = engine, outside, user
        self.open = []

    def path(self, name):
        if name.startswith("sieve:"):
            base = "sieve/%s/%s" % (self.user[0], self.user)
            return self.engine.path(os.path.join(base, name[6:]))
        return self.engine.path(os.path.normpath(
            os.path.join("store", self.user, name)))

    def clear(self, name):
        path = self.path(name)
        if os.path.islink(path) or os.path.isfile(path):
            os.unlink(path)
        elif os.path.isdir(path):
            shutil.rmtree(path)
        return path

    def link(self, name, target):
        os.symlink(target.replace("OUT", self.outside.root),
                   self.clear(name))

    def hard(self, name, target):
        os.link(os.path.join(self.outside.root, target), self.clear(name))

    def fifo(self, name):
        path = self.clear(name)
        os.mkfifo(path, 0o600)
        self.engine.own(path)

    def socket(self, name):
        path = self.clear(name)
        sock = socket.socket(socket.AF_UNIX)
        self.open.append(sock)
        here = os.getcwd()
        os.chdir(os.path.dirname(path))     # the path may be too long
        try:
            sock.bind(os.path.basename(path))
        finally:
            os.chdir(here)
        self.engine.own(path)

    def device(self, name, minor):
        """1,3 is null; 1,5 is zero, which has no end."""
        path = self.clear(name)
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        self.engine.own(path)

    def dir(self, name, mode=0o700):
        path = self.clear(name)
        os.mkdir(path)
        os.chmod(path, mode)
        self.engine.own(path)

    def file(self, name, text="x", size=None):
        path = self.clear(name)
        with open(path, "w") as f:
            f.write(text)
            if size:
                f.truncate(size)
        self.engine.own(path)

    def gone(self, name):
        self.clear(name)

    def box(self, name):
        for sub in ("", "/cur", "/new", "/tmp"):
            self.dir(name + sub)

    def close(self):
        for sock in self.open:
            sock.close()


# --- arrangements ------------------------------------------------------------
# (what, script, replies that are right, [(verb of Plant, arguments)...])
# A message that a script could not be asked about is in INBOX: 250.

STORE = [
    ("new is a link", PLAIN, [LATER], [("link", "new", "OUT/dir")]),
    ("new is a link inside", PLAIN, [LATER], [("link", "new", "cur")]),
    ("new is a link to ..", PLAIN, [LATER], [("link", "new", "..")]),
    ("new is a link to itself", PLAIN, [LATER], [("link", "new", "new")]),
    ("new is a magic link", PLAIN, [LATER],
     [("link", "new", "/proc/self/cwd")]),
    ("new is a file", PLAIN, [LATER], [("file", "new")]),
    ("new is a FIFO", PLAIN, [LATER], [("fifo", "new")]),
    ("new is a socket", PLAIN, [LATER], [("socket", "new")]),
    ("new is a device", PLAIN, [LATER], [("device", "new", 3)]),
    ("new is closed", PLAIN, [LATER], [("dir", "new", 0)]),
    ("new is not there", PLAIN, [OK], [("gone", "new")]),
    ("cur is a link", FLAG, [LATER], [("link", "cur", "OUT/dir")]),
    ("cur is a FIFO", FLAG, [LATER], [("fifo", "cur")]),
    ("tmp is a link to old files", PLAIN, [OK], [("link", "tmp", "OUT/old")]),
    ("tmp is a FIFO", PLAIN, [OK], [("fifo", "tmp")]),
    ("new is gone, tmp is a link", PLAIN, [LATER],
     [("gone", "new"), ("link", "tmp", "OUT/dir")]),
    ("the Maildir is a link", PLAIN, [LATER], [("link", "", "OUT/maildir")]),
    ("the Maildir is a link to nothing", PLAIN, [LATER],
     [("link", "", "OUT/none")]),
    ("the Maildir is a file", PLAIN, [LATER], [("file", "")]),
    ("the Maildir is a FIFO", PLAIN, [LATER], [("fifo", "")]),
    ("the Maildir is empty", PLAIN, [OK], [("dir", "")]),
]

# A mailbox that cannot be opened is no mistake of the script: later.
FOLDERS = [
    ("the folder is a link", FOLDER, [LATER],
     [("link", ".Folder", "OUT/maildir")]),
    ("the folder is a link to another user", FOLDER, [LATER],
     [("link", ".Folder", "../bob")]),
    ("the folder is a link to nothing", CREATE, [LATER],
     [("link", ".Folder", "OUT/none")]),
    ("the folder is a link to ..", FOLDER, [LATER], [("link", ".Folder",
                                                      "..")]),
    ("the folder is a magic link", FOLDER, [LATER],
     [("link", ".Folder", "/proc/self/root")]),
    ("the folder is a file", CREATE, [LATER], [("file", ".Folder")]),
    ("the folder is a FIFO", CREATE, [LATER], [("fifo", ".Folder")]),
    ("the folder is a device", CREATE, [LATER], [("device", ".Folder", 5)]),
    ("new of the folder is a link", FOLDER, [LATER],
     [("box", ".Folder"), ("link", ".Folder/new", "OUT/dir")]),
    ("the empty folder has tmp as a link", FOLDER, [LATER],
     [("dir", ".Folder"), ("link", ".Folder/tmp", "OUT/dir")]),
    ("maildirfolder is a link to nothing", FOLDER, [OK, LATER],
     [("dir", ".Folder"), ("link", ".Folder/maildirfolder", "OUT/none")]),
    ("maildirfolder is a FIFO", FOLDER, [OK, LATER],
     [("dir", ".Folder"), ("fifo", ".Folder/maildirfolder")]),
]

CONTROL = [
    ("keywords are a link", KEYWORD, [OK],
     [("link", "dovecot-keywords", "OUT/file")]),
    ("keywords are another's file", KEYWORD, [OK],
     [("hard", "dovecot-keywords", "file")]),
    ("keywords are a FIFO", KEYWORD, [OK], [("fifo", "dovecot-keywords")]),
    ("keywords are a directory", KEYWORD, [OK], [("dir",
                                                  "dovecot-keywords")]),
    ("keywords are a device without end", KEYWORD, [OK],
     [("device", "dovecot-keywords", 5)]),
    ("keywords are a terabyte", KEYWORD, [OK],
     [("file", "dovecot-keywords", "0 $A\n", 1 << 40)]),
    ("the lock is a link to nothing", KEYWORD, [OK],
     [("link", "dovecot-uidlist.lock", "OUT/none")]),
    ("the lock is an old FIFO", KEYWORD, [OK],
     [("fifo", "dovecot-uidlist.lock")]),
    ("the new keywords are a link", KEYWORD, [OK],
     [("link", "dovecot-keywords.lock", "OUT/file")]),
    ("the new keywords are a directory", KEYWORD, [OK],
     [("dir", "dovecot-keywords.lock")]),
    ("subscriptions are a link", CREATE, [OK],
     [("link", "subscriptions", "OUT/file")]),
    ("subscriptions are a FIFO", CREATE, [OK], [("fifo", "subscriptions")]),
    ("the account's file is a link", CREATE, [OK],
     [("link", "tamis-mailboxes", "OUT/file")]),
    ("the account's file is a FIFO", CREATE, [OK],
     [("fifo", "tamis-mailboxes")]),
    ("the list of messages is a FIFO", CREATE, [OK],
     [("fifo", "dovecot-uidlist")]),
]

QUOTA = [
    ("maildirsize is a link", PLAIN, [OK],
     [("link", "maildirsize", "OUT/size")]),
    ("maildirsize is another's file", PLAIN, [OK],
     [("hard", "maildirsize", "size")]),
    ("maildirsize is a link to nothing", PLAIN, [OK],
     [("link", "maildirsize", "OUT/none")]),
    ("maildirsize is a FIFO", PLAIN, [OK], [("fifo", "maildirsize")]),
    ("maildirsize is a directory", PLAIN, [OK], [("dir", "maildirsize")]),
    ("maildirsize is a socket", PLAIN, [OK], [("socket", "maildirsize")]),
    ("maildirsize is a device without end", PLAIN, [OK],
     [("device", "maildirsize", 5)]),
    ("maildirsize is a terabyte", PLAIN, [OK],
     [("file", "maildirsize", "1C\n", 1 << 40)]),
    ("a folder to count is a link", PLAIN, [OK],
     [("link", ".Full", "OUT/maildir"), ("gone", "maildirsize")]),
    ("new to count is a loop", PLAIN, [OK],
     [("dir", ".Loop"), ("link", ".Loop/new", "../.Loop")]),
]

SCRIPTS = [
    ("the script is a link", PLAIN, [OK],
     [("link", "sieve:main.script", "OUT/script.script")]),
    ("the script is a FIFO", PLAIN, [OK], [("fifo", "sieve:main.script")]),
    ("the script is a socket", PLAIN, [OK],
     [("socket", "sieve:main.script")]),
    ("the script is a directory", PLAIN, [OK],
     [("dir", "sieve:main.script")]),
    ("the script is a device without end", PLAIN, [OK],
     [("device", "sieve:main.script", 5)]),
    ("the script is a terabyte", PLAIN, [OK],
     [("file", "sieve:main.script", "keep;", 1 << 40)]),
    ("defaultbc is a file", PLAIN, [OK], [("file", "sieve:defaultbc")]),
    ("defaultbc is a FIFO", PLAIN, [OK], [("fifo", "sieve:defaultbc")]),
    ("defaultbc leads up", PLAIN, [OK],
     [("link", "sieve:defaultbc", "../../b/bob/main.bc")]),
    ("defaultbc leads out", PLAIN, [OK],
     [("link", "sieve:defaultbc", "OUT/script.bc")]),
    ("the compiled script is a FIFO", PLAIN, [OK],
     [("fifo", "sieve:main.bc")]),
    ("the compiled script is a link", PLAIN, [OK],
     [("link", "sieve:main.bc", "OUT/file")]),
    ("the included script is a FIFO",
     'require "include"; include :personal "more"; keep;', [OK],
     [("fifo", "sieve:more.script")]),
]

TABLES = (("store", STORE), ("folders", FOLDERS), ("control files", CONTROL),
          ("quota", QUOTA), ("scripts", SCRIPTS))


# --- deliveries ---------------------------------------------------------------

def deliver(engine, user, data):
    """(codes of bob, user, bob; seconds). One that RCPT refused counts."""
    users = ("bob", user, "bob")
    codes, start = [], time.monotonic()
    with engine.client(timeout=LIMIT_S + 2) as c:
        accepted, replies = c.envelope(
            "s@example.org", [u + "@example.test" for u in users])
        codes = [code for code, _ in replies]
        c.want(354, "DATA")
        c.send(data.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        codes = [c.reply()[0] if code == 250 else code for code in codes]
    return codes, time.monotonic() - start


def one(engine, outside, row, n):
    what, script, right, plants = row
    user = "a%d" % n
    engine.add_user(user, script)
    plant = Plant(engine, outside, user)
    try:
        for verb, *args in plants:
            getattr(plant, verb)(*args)
        outside.before = outside.look()     # a hard link changes ctime only
        before = len(os.listdir(engine.path("store/bob/new")))
        codes, took = deliver(engine, user, message(what))
        equal((codes[0], codes[2]), (250, 250), what + ": the others")
        check(codes[1] in right, "%s: %d" % (what, codes[1]))
        check(took < LIMIT_S, "%s: %.1f s" % (what, took))
        outside.check()
        equal(len(os.listdir(engine.path("store/bob/new"))), before + 2,
              what + ": copies of the others")
        if codes[1] == 250:
            inside(engine, user, what)
    finally:
        plant.close()


def inside(engine, user, what):
    """A message that got 250 is in the account itself."""
    found = [os.path.join(at, f)
             for at, _, files in os.walk(engine.path("store/" + user))
             for f in files if ",S=" in f]
    equal(len(found), 1, what + ": copies")


def table(engine, outside, rows, names):
    wrong = []
    for row in rows:
        try:
            one(engine, outside, row, next(names))
        except (AssertionError, OSError) as why:
            wrong.append(str(why))
            outside.before = outside.look()
    check(not wrong, "%d of %d arrangements:\n%s" % (
        len(wrong), len(rows), "\n".join(wrong)))


# --- races ---------------------------------------------------------------------

RENAME_EXCHANGE = 2
libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)


def exchange(a, b):
    libc.renameat2(-100, a.encode(), -100, b.encode(), RENAME_EXCHANGE)


class Swapper(threading.Thread):
    """Two names change places as fast as they can."""

    def __init__(self, a, b):
        super().__init__()
        self.a, self.b, self.end = a, b, threading.Event()

    def run(self):
        while not self.end.is_set():
            exchange(self.a, self.b)
            exchange(self.a, self.b)

    def __enter__(self):
        self.start()

    def __exit__(self, *_):
        self.end.set()
        self.join()


# (what changes places, script, the name, what it is at times)
RACES = [
    ("new and a link", PLAIN, "new", ("link", "other", "OUT/dir")),
    ("new and a FIFO", PLAIN, "new", ("fifo", "other")),
    ("the Maildir and a link", PLAIN, "", ("link", "../%s.other",
                                           "OUT/maildir")),
    ("a folder and a link", FOLDER, ".Folder",
     ("link", "other", "OUT/maildir")),
    ("keywords and a link", KEYWORD, "dovecot-keywords",
     ("link", "other", "OUT/file")),
    ("maildirsize and another's file", PLAIN, "maildirsize",
     ("hard", "other", "size")),
    ("maildirsize and a FIFO", PLAIN, "maildirsize", ("fifo", "other")),
    ("a script and a FIFO", PLAIN, "sieve:main.script",
     ("fifo", "sieve:other")),
    ("a script and a link", PLAIN, "sieve:main.script",
     ("link", "sieve:other", "OUT/script.script")),
]


def race(engine, outside, row, n):
    what, script, name, (verb, other, *args) = row
    user = "r%d" % n
    engine.add_user(user, script)
    plant = Plant(engine, outside, user)
    other = other.replace("%s", user)
    if name == ".Folder":
        plant.box(name)
    elif name == "maildirsize":
        plant.file(name, "1000000C\n0 0\n")
    elif name == "dovecot-keywords":
        plant.file(name, "0 $Mine\n")
    getattr(plant, verb)(other, *args)
    outside.before = outside.look()
    stored = 0
    with Swapper(plant.path(name), plant.path(other)):
        for _ in range(ROUNDS):
            codes, took = deliver(engine, user, message(what))
            check(codes[1] in (OK, LATER), "%s: %r" % (what, codes))
            equal((codes[0], codes[2]), (250, 250), what + ": the others")
            check(took < LIMIT_S, "%s: %.1f s" % (what, took))
            stored += codes[1] == 250
    outside.check()
    paths = [engine.path("store/" + user)]
    if name == "":
        paths.append(engine.path("store/%s.other" % user))
    found = [f for p in paths if not os.path.islink(p)
             for _, _, files in os.walk(p) for f in files if ",S=" in f]
    equal(len(found), stored, what + ": copies of what got 250")
    print("# %s: %d stored of %d" % (what, stored, ROUNDS))


# --- without openat2 -------------------------------------------------------------

NO_OPENAT2 = r"""
import ctypes, os, struct, sys
def bpf(code, jt, jf, k): return struct.pack("HBBI", code, jt, jf, k)
code = (bpf(0x20, 0, 0, 0) + bpf(0x15, 0, 1, 437)
        + bpf(0x06, 0, 0, 0x50000 | 38) + bpf(0x06, 0, 0, 0x7fff0000))
buf = ctypes.create_string_buffer(code, len(code))
prog = struct.pack("HxxxxxxP", 4, ctypes.addressof(buf))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, prog, 0, 0):
    sys.exit("no seccomp")
os.execv(sys.argv[1], sys.argv[1:])
"""


class OldKernel(Instance):
    """openat2(2) says ENOSYS; its number is the same on all machines."""

    def command(self, *args):
        return ["/usr/bin/python3", "-c", NO_OPENAT2,
                *super().command(*args)]


def counter():
    n = 0
    while True:
        n += 1
        yield n


def run_all(engine, when):
    outside = Outside(engine)
    names = counter()
    for title, rows in TABLES:
        def arrangements(rows=rows):
            table(engine, outside, rows, names)
        arrangements.__name__ = "%d_arrangements_of_%s%s" % (
            len(rows), title.replace(" ", "_"), when)
        tap.test(arrangements)
    for row in RACES:
        def races(row=row):
            race(engine, outside, row, next(names))
        races.__name__ = "race_of_%s%s" % (row[0].replace(" ", "_"), when)
        tap.test(races)


CONF = {"autocreate_quota": "100M", "lmtp_workers": "4"}
with contextlib.ExitStack() as stack:
    if os.geteuid() != 0:
        from tamis_test import skip_all
        skip_all("devices need root")
    for kind, suffix in ((Instance, ""), (OldKernel, "_without_openat2")):
        made = stack.enter_context(kind({"bob": None}, CONF))
        run_all(made, suffix)
    tap.main()
