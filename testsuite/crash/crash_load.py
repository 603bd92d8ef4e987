"""Load that keeps books: clients that deliver numbered messages and retry
like an MTA, and a judge who compares what they were told with what is
stored. Knows LMTP and Maildir; not how or when something is killed."""
import os
import random
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "e2e"))
from tamis_test import Lmtp, Stored, mailbox_to_dir, stuffed  # noqa: E402

DOMAIN = "@example.test"
HANG = 20       # seconds without a reply


class Violation(Exception):
    """The server said something it must never say."""


def is_unclean(data):
    """Holds a bare CR, a bare LF or a NUL: kept as it was received."""
    return bool(re.search(rb"[\0\r\n]", data.replace(b"\r\n", b"")))


def has_bare_cr(data):
    return b"\r" in data.replace(b"\r\n", b"")


class Message:
    """
    where   {user: mailbox, or None for one whose mail is redirected}
    marked  users whose copy carries $SieveFailed
    """

    def __init__(self, name, data, where, marked):
        self.name = name
        self.data = data
        self.where = where
        self.marked = marked
        self.acked = {}         # user: when 250 came (Client.stamp)
        self.attempts = []      # (begin, end, {user: code, 0 for silence})
        self.round = 0

    def stored(self):
        if is_unclean(self.data):
            return self.data
        return self.data.replace(b"\r\n", b"\n")

    def sent_on(self):
        return re.sub(rb"\r?\n", b"\r\n", self.data)

    def open_at(self, kills, user, also_acked=False):
        """Kills that hit an attempt whose outcome for user was not 250."""
        return sum(1 for first, last in kills
                   for begin, end, codes in self.attempts
                   if begin <= last and first <= end
                   and (also_acked or codes.get(user, 0) != 250))


class Ledger:
    """Everything that was sent, and every kill."""

    def __init__(self):
        self.messages = {}
        self.kills = []         # (begin, end)
        self.violations = []
        self.lock = threading.Lock()
        self.round = 0

    def add(self, message):
        message.round = self.round
        with self.lock:
            self.messages[message.name] = message

    def count_acks(self):
        with self.lock:
            return sum(len(m.acked) for m in self.messages.values())


class Writer:
    """Makes messages: sizes, dots, NULs and bare line ends from a seed."""

    def __init__(self, seed, users, boxes=()):
        self.rng = random.Random(seed)
        self.users = users      # {user: "plain", "fwd", "filer", "marked"}
        self.boxes = list(boxes)
        line = "".join(self.rng.choices(
            "abcdefghijklmnopqrstuvwxyz0123456789 .", k=71))
        self.text = "".join("%s%05d\r\n" % (line[i % 40:], i)
                            for i in range(9000))

    def pick_users(self):
        names = sorted(self.users)
        n = self.rng.choice((1, 1, 1, 2, 3))
        return self.rng.sample(names, min(n, len(names)))

    def body(self):
        size = self.rng.choice((100, 500, 2000, 2000, 9000, 9000, 40000,
                                150000))
        size = self.rng.randrange(size // 2, size)
        start = self.rng.randrange(len(self.text) - size)
        text = self.text[start:start + size]
        kind = self.rng.randrange(10)
        if kind == 0:
            text += "\r\nbare\nline end\r\n"
        elif kind == 1:
            text += "\r\nNUL \0 inside\r\n"
        elif kind == 2:
            text = ".\r\n..\r\n" + text
        return text

    def message(self, name):
        to = self.pick_users()
        box = self.rng.choice(self.boxes) if self.boxes else "INBOX"
        data = ("From: Load <load@example.org>\r\nX-Load: %s\r\n"
                "X-Box: %s\r\nSubject: number %s\r\n\r\n%s\r\nend %s\r\n"
                % (name, box, name, self.body(), name)).encode()
        keep = has_bare_cr(data)    # then a redirect is not possible
        where = {u: {"fwd": "INBOX" if keep else None, "filer": box}.get(
            self.users[u], "INBOX") for u in to}
        return Message(name, data, where, {
            u for u in to if self.users[u] == "marked"
            or keep and self.users[u] == "fwd"})


class Client:
    """One connection; delivers a message until everybody has 250."""

    def __init__(self, ledger, where, stamp=time.monotonic):
        self.ledger = ledger
        self.where = where
        self.stamp = stamp      # what a 250 is noted with
        self.conn = None

    def close(self):
        if self.conn:
            self.conn.sock.close()
        self.conn = None

    def expect(self, reply, *codes):
        """False: not now. A permanent refusal is what must not happen."""
        if reply[0] >= 500:
            raise Violation("%d %s" % reply)
        return reply[0] in codes

    def connect(self):
        conn = Lmtp(self.where, timeout=HANG, greet=False)
        self.conn = conn
        return self.expect(conn.reply(), 220) and self.expect(
            conn.cmd("LHLO load.example.org"), 250)

    def attempt(self, message):
        """True when nobody is left who has no 250."""
        codes, begin = {}, time.monotonic()
        try:
            done = self.talk(message, codes)
        except TimeoutError:
            self.note(message, "no reply within %d s" % HANG)
            done = False
        except OSError:
            done = False
        except (Violation, AssertionError) as why:
            self.note(message, str(why))
            done = False
        message.attempts.append((begin, time.monotonic(), codes))
        if not done:
            self.close()
        return done

    def note(self, message, text):
        with self.ledger.lock:
            self.ledger.violations.append("%s: %s" % (message.name, text))

    def talk(self, message, codes):
        if not self.conn and not self.connect():
            return False
        say, todo = self.conn, []
        if not self.expect(say.cmd("MAIL FROM:<load@example.org>"), 250):
            return False
        for user in message.where:
            if user not in message.acked and self.expect(
                    say.cmd("RCPT TO:<%s%s>" % (user, DOMAIN)), 250):
                todo.append(user)
        if not todo or not self.expect(say.cmd("DATA"), 354):
            return False
        codes.update((user, 0) for user in todo)
        say.send(stuffed(message.data))
        for user in todo:
            reply = say.reply()
            codes[user] = reply[0]
            if self.expect(reply, 250):
                message.acked[user] = self.stamp()
        return set(message.acked) == set(message.where)


class Load:
    """n clients in threads, until finish() or halt()."""

    def __init__(self, ledger, where, n, writers, pause=0.0):
        self.pause = pause      # seconds between two messages, on average
        self.stamp = time.monotonic
        self.ledger = ledger
        self.where = where
        self.writers = writers
        self.n = n
        self.serial = [0] * n
        self.pending = [None] * n
        self.stopping = self.halted = False
        self.threads = []

    def start(self):
        self.stopping = self.halted = False
        self.threads = [threading.Thread(target=self.run, args=(i,),
                                         daemon=True) for i in range(self.n)]
        for t in self.threads:
            t.start()

    def next_message(self, i):
        self.serial[i] += 1
        message = self.writers[i].message("c%d-%06d" % (i, self.serial[i]))
        self.ledger.add(message)
        return message

    def run(self, i):
        client = Client(self.ledger, self.where, self.stamp)
        while not self.halted:
            if not self.pending[i]:
                if self.stopping:
                    break
                self.pending[i] = self.next_message(i)
            if client.attempt(self.pending[i]):
                self.pending[i] = None
                time.sleep(self.pause * 2 * self.writers[i].rng.random())
            else:
                time.sleep(0.02)
        client.close()

    def join(self, seconds):
        end = time.monotonic() + seconds
        for t in self.threads:
            t.join(max(0.01, end - time.monotonic()))
        return not any(t.is_alive() for t in self.threads)

    def finish(self, seconds=30):
        """What is under way is still delivered. False: it did not end."""
        self.stopping = True
        return self.join(seconds)

    def halt(self, seconds=30):
        """The clients stop where they are; halted messages stay pending."""
        self.halted = True
        return self.join(seconds)


def deliver_until(client, message, seconds=20):
    """Seconds until it was acknowledged; None: never."""
    begin = time.monotonic()
    while not client.attempt(message):
        if time.monotonic() - begin > seconds:
            return None
        time.sleep(0.01)
    return time.monotonic() - begin


# --- the judge ------------------------------------------------------------

class Verdict:
    def __init__(self):
        self.lost, self.damaged, self.copies = [], [], []
        self.files = self.acked = self.extra = self.tmp = 0
        self.tmp_names = []

    def problems(self):
        return self.lost + self.damaged + self.copies


def read_keywords(box):
    words = {}
    try:
        with open(os.path.join(box, "dovecot-keywords")) as f:
            for line in f:
                index, _, word = line.rstrip("\n").partition(" ")
                words[chr(ord("a") + int(index))] = word
    except FileNotFoundError:
        pass
    return words


class Judge:
    def __init__(self, ledger, store, relevant=None):
        self.ledger = ledger
        self.store = store
        self.found = {}         # (name, user): [paths]
        self.verdict = Verdict()
        self.relevant = relevant

    def look(self, user, box, path, keywords):
        """One visible file: whole, in its place, and known to us."""
        stored = Stored(path, keywords)
        hit = re.search(rb"^X-Load: (\S+)\r?$", stored.bytes, re.M)
        message = hit and self.ledger.messages.get(hit.group(1).decode())
        if not message:
            raise AssertionError("nobody sent this")
        stored.trace(message.stored())
        where = message.where.get(user)
        if where is None or mailbox_to_dir(where) != box:
            raise AssertionError("belongs to %r" % (where,))
        want = {"$SieveFailed"} if user in message.marked else set()
        if stored.keywords != want:
            raise AssertionError("keywords %r" % stored.keywords)
        self.found.setdefault((message.name, user), []).append(path)

    def read_box(self, user, box):
        base = os.path.join(self.store, user, box)
        keywords = read_keywords(base)
        for sub in ("new", "cur", "tmp"):
            try:
                names = os.listdir(os.path.join(base, sub))
            except FileNotFoundError:
                continue
            for name in names:
                path = os.path.join(base, sub, name)
                self.verdict.files += 1
                if sub == "tmp":
                    self.verdict.tmp_names.append(path)
                    continue
                try:
                    self.look(user, box, path, keywords)
                except AssertionError as why:
                    self.verdict.damaged.append(
                        "damaged %s: %s" % (path, str(why)[:300]))

    def read_store(self):
        for user in sorted(os.listdir(self.store)):
            root = os.path.join(self.store, user)
            if not os.path.isdir(os.path.join(root, "new")):
                continue        # lost+found
            for box in [""] + [n for n in os.listdir(root)
                               if n.startswith(".")]:
                self.read_box(user, box)

    def read_sink(self, mails):
        for _, rcpts, data in mails:
            hit = re.search(rb"^X-Load: (\S+)\r$", data, re.M)
            message = hit and self.ledger.messages.get(
                hit.group(1).decode())
            if not message or not data.endswith(
                    message.sent_on()):
                self.verdict.damaged.append("damaged redirect to %s: %r"
                                            % (rcpts, data[:200]))
                continue
            for rcpt in rcpts:
                user = rcpt.partition("@")[0]
                self.found.setdefault((message.name, user), []).append("")

    def compare(self, message, user, redirected):
        v = self.verdict
        n = len(self.found.get((message.name, user), ()))
        at = message.acked.get(user)
        if at is not None:
            v.acked += 1
            if n == 0 and (self.relevant is None
                           or self.relevant(message, user)):
                v.lost.append("lost %s of %s, acknowledged at %.3f"
                              % (message.name, user, at))
        v.extra += max(0, n - 1)
        allowed = 1 + message.open_at(self.ledger.kills, user, redirected)
        if n > allowed:
            v.copies.append("%d copies of %s for %s, %d allowed: %r" % (
                n, message.name, user, allowed, message.attempts))

    def judge(self, mails=()):
        self.read_store()
        self.read_sink(mails)
        for message in list(self.ledger.messages.values()):
            for user, where in message.where.items():
                self.compare(message, user, where is None)
        return self.verdict
