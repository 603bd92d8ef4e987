"""What the fault gates share: an lmtpd whose system calls are counted and
spoiled by shim.so, a delivery that survives whatever happens to it, and a
judge who knows what may be in the store afterwards.
"""
import collections
import contextlib
import mmap
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "e2e"))
import tamis_test                                              # noqa: E402
from tamis_test import BUILD, Instance, Lmtp, crlf, stuffed    # noqa: E402

OFF, COUNT, ERROR, KILL, SHORT = range(5)       # enum mode of shim.c
ANY, PARTIAL, FILE_SYNC, DIR_SYNC, SPACE = 1, 2, 4, 8, 16      # enum kind
HURRY = 20
QUIET_S = 0.002         # no call for so long: nobody is at work any more

if os.access("/dev/shm", os.W_OK):      # the disk is not what is tested
    tempfile.tempdir = "/dev/shm"


class Cell:
    """The memory shared with shim.c, struct cell."""
    FIELDS = {name: (at, kind) for name, at, kind in (
        ("count", 0, "Q"), ("at", 8, "Q"), ("mode", 16, "I"),
        ("err", 20, "i"), ("mask", 24, "I"), ("sticky", 28, "I"),
        ("supervisor", 32, "i"), ("hurry", 36, "I"), ("stopping", 40, "I"),
        ("no_tmpfile", 44, "I"), ("fired", 48, "I"), ("again", 52, "I"),
        ("call", 72, "24s"), ("role", 96, "24s"),
        ("only", 120, "24s"))}

    def __init__(self, path):
        with open(path, "wb") as f:
            f.write(b"\0" * 4096)
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 4096)

    def get(self, name):
        at, kind = self.FIELDS[name]
        value, = struct.unpack_from("=" + kind, self.map, at)
        return value.rstrip(b"\0").decode() if kind == "24s" else value

    def set(self, name, value):
        at, kind = self.FIELDS[name]
        struct.pack_into("=" + kind, self.map, at, value)

    def arm(self, mode, at=0, err=0, mask=ANY, sticky=False, only=b""):
        self.set("mode", OFF)
        for name, value in (("count", 0), ("at", at), ("err", err),
                            ("mask", mask), ("sticky", sticky), ("fired", 0),
                            ("again", 0), ("call", b""), ("role", b""),
                            ("only", only)):
            self.set(name, value)
        self.set("mode", mode)

    def settle(self, limit=0.25):
        """Wait until nobody makes calls (or the fault has been met)."""
        end, last = time.monotonic() + limit, -1
        while time.monotonic() < end:
            now = self.get("count")
            if now == last or self.get("fired"):
                return
            last = now
            time.sleep(QUIET_S)


def shim():
    if tamis_test.has_sanitizer():
        tamis_test.skip_all("the shim needs a build without sanitizers")
    subprocess.run(["make", "-s", "testsuite/fault/shim.so"], cwd=BUILD,
                   check=True, stdout=subprocess.DEVNULL)
    return os.path.join(BUILD, "testsuite/fault/shim.so")


class Engine(Instance):
    """An Instance under the shim. One worker, so that the order of calls is
    the same each time; clocks of the engine run HURRY times faster."""

    def __init__(self, users, conf=None, hurry=HURRY):
        self.shim = shim()
        super().__init__(users, {"lmtp_workers": 1, **(conf or {})})
        self.cell = Cell(self.path("cell"))
        self.cell.set("hurry", hurry)

    def start(self, *args, **kw):
        os.environ["LD_PRELOAD"] = self.shim
        os.environ["TAMIS_FAULT_CELL"] = self.path("cell")
        try:
            return super().start(*args, **kw)
        finally:
            del os.environ["LD_PRELOAD"], os.environ["TAMIS_FAULT_CELL"]

    def stop(self, *args, **kw):
        self.cell.set("mode", OFF)
        self.cell.set("stopping", 1)
        return super().stop(*args, **kw)


# --- a delivery that may go wrong -------------------------------------------

class Message:
    """One message, and how often it was seen where."""
    serial = 0

    def __init__(self, size=200):
        Message.serial += 1
        self.id = "m%06d" % Message.serial
        body = ("%s .line of text\n" % self.id) * (size // 24 + 1)
        self.text = ("From: Sender <s@example.org>\nSubject: %s\n\n%s"
                     % (self.id, body)).encode()
        self.seen = collections.Counter()       # user -> files
        self.ok = set()                         # users that got 250
        self.sent = 0                           # redirected copies


def attempt(engine, message, users, timeout=4):
    """
    {user: code}; no entry for who got no reply. Nothing that happens to the
    connection is an error here.
    """
    codes = {}
    with contextlib.suppress(OSError):
        with Lmtp(engine.unix, timeout=timeout, greet=False) as c:
            talk(c, message, users, codes)
    message.ok |= {u for u, code in codes.items() if code == 250}
    return codes


def talk(c, message, users, codes):
    for line in (None, "LHLO test.example.org", "MAIL FROM:<s@example.org>"):
        code = (c.reply() if line is None else c.cmd(line))[0]
        if code >= 300:
            codes.update({u: code for u in users})
            return
    accepted = []
    for u in users:
        code = c.cmd("RCPT TO:<%s@example.test>" % u)[0]
        if code == 250:
            accepted.append(u)
        else:
            codes[u] = code
    if not accepted:
        return
    code = c.cmd("DATA")[0]
    if code != 354:
        codes.update({u: code for u in accepted})
        return
    c.send(stuffed(crlf(message.text)))
    for u in accepted:
        codes[u] = c.reply()[0]
    c.send("QUIT\r\n")
    while c.sock.recv(4096):
        pass


# --- the judge --------------------------------------------------------------

FRAME = re.compile(
    r"cur|new|tmp|maildirfolder|dovecot-keywords|maildirsize|"
    r"subscriptions")
LOCK = re.compile(r"(dovecot-(keywords|uidlist)|subscriptions)\.lock")


class Judge:
    """
    Looks at the whole store after each point, and empties it. Remembers all
    messages, because a process that outlived its front may be late.
    """

    def __init__(self, engine, users):
        self.engine, self.users = engine, users
        self.messages = {}
        self.wrong = []         # (where, what)
        self.where = ""
        self.may_leave = ()     # kinds: tmp, lock
        self.left = collections.Counter()       # what a fault may leave

    def blame(self, what):
        self.wrong.append((self.where, what))

    def new_message(self, size=200):
        m = Message(size)
        self.messages[m.id] = m
        return m

    def codes(self, codes):
        for user, code in codes.items():
            if code >= 500 or code < 200:
                self.blame("%s got %d for a transient error" % (user, code))

    def stored(self, *messages):
        """Each 250 is there, nobody has it more than once too often."""
        self.look()
        for m in messages:
            for user in m.ok:
                if m.seen[user] < 1:
                    self.blame("%s got 250 for %s, no file" % (user, m.id))
            for user, n in m.seen.items():
                if n > 2:
                    self.blame("%s has %d copies of %s" % (user, n, m.id))

    def look(self):
        for user in self.users:
            root = self.engine.path("store/" + user)
            try:
                boxes = tamis_test.read_maildir(root)
            except (AssertionError, OSError) as why:
                self.blame("unreadable: %s" % why)
                self.empty(root)
                continue
            for files in boxes.values():
                for f in files:
                    self.file(user, f)
            self.leftovers(root)
            self.empty(root)
        for name in os.listdir(self.engine.path("store")):
            if name not in self.users and name != "filler":
                self.blame("left in the partition: " + name)

    def whose(self, data):
        subject = re.search(rb"^Subject: (m\d+)$", data, re.M)
        return self.messages.get(subject.group(1).decode()) if subject \
            else None

    def file(self, user, f):
        m = self.whose(f.bytes)
        if not m:
            self.blame("%s: whose is %s (%d octets)?"
                       % (user, f.path, len(f.bytes)))
            return
        m.seen[user] += 1
        try:
            f.trace(m.text)
        except AssertionError as why:
            self.blame("%s has a damaged %s: %s" % (user, m.id, why))

    def leftovers(self, root):
        for at, dirs, files in os.walk(root):
            parent = os.path.basename(at)
            for name in files:
                if parent in ("new", "cur"):
                    continue
                kind = "tmp" if parent == "tmp" else \
                    "lock" if LOCK.fullmatch(name) else name
                if kind in self.may_leave:
                    self.left[kind] += 1
                elif (parent == "tmp" or not FRAME.fullmatch(name)) \
                        and stays(os.path.join(at, name)):
                    self.blame("left behind: " + os.path.join(at, name))

    def empty(self, root):
        """As it was: INBOX without anything in it."""
        for name in os.listdir(root):
            path = os.path.join(root, name)
            if name not in ("cur", "new", "tmp"):
                with contextlib.suppress(NotADirectoryError):
                    shutil.rmtree(path, ignore_errors=True)
                with contextlib.suppress(OSError):
                    os.unlink(path)
                continue
            if os.path.isdir(path):
                for f in os.listdir(path):
                    os.unlink(os.path.join(path, f))


def stays(path, seconds=0.5):
    """A worker tidies up after it has answered."""
    end = time.monotonic() + seconds
    while os.path.lexists(path):
        if time.monotonic() > end:
            return True
        time.sleep(QUIET_S)
    return False


def report(judge, limit=12):
    """An AssertionError that lists what went wrong, if anything did."""
    if not judge.wrong:
        return
    lines = ["%s: %s" % w for w in judge.wrong[:limit]]
    raise AssertionError("%d violations\n" % len(judge.wrong)
                         + "\n".join(lines))
