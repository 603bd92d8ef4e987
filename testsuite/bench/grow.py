"""W9: one mailbox that grows, and what a reader pays for a delivery that
keeps no index."""
import os
import re
import socket
import statistics
import tempfile
import time

import pwd

from bench import MAIL, USERS, check, load, meters
from dovecot import Dovecot
from tamis_test import free_port

SMALL = 100             # messages in the mailbox it is compared with
WINDOW = 100            # deliveries of one measurement
WINDOWS = 5
TIMED = 5               # of them for each time: the disk has moods
# Users that nothing else delivers to: the mailbox that grows, the one that
# stays small, and those for readers.
LARGE_USER, SMALL_USER, OURS, THEIRS = range(USERS, USERS + 4)
EXTRA_USERS = 4


def fill(subject, user, count):
    return load(subject.unix, 8, 1024, users=1, f=user, n=count)


def window(b, e, user):
    """{what: cost of a delivery} to that user's mailbox."""
    def deliver():
        if user == SMALL_USER:
            b.store.trim_user(user, SMALL)
        return load(e.unix, 1, users=1, f=user, n=WINDOW)

    deliver()
    cpu = meters.cpu_seconds(e.pids())
    times = [deliver()["p50"] for _ in range(TIMED)]
    cpu = meters.cpu_seconds(e.pids()) - cpu
    inside, outside, _ = meters.count_instructions(e.pids(), deliver)
    calls, _ = meters.count_calls(e.pids(), deliver)
    return {"instructions": (inside + outside) / WINDOW,
            "of the program": inside / WINDOW,
            "system calls": sum(calls.values()) / WINDOW,
            "CPU ms": cpu * 1e3 / WINDOW / TIMED,
            "time": statistics.median(times)}


def grow(b, order, messages, found, windows=WINDOWS):
    """Lines of a table; ratios go to found.numbers."""
    e = b.engine(order, "none")
    fill(e, SMALL_USER, SMALL)
    got = fill(e, LARGE_USER, messages)
    check(b.store.count_user(LARGE_USER) == got["accepted"] == messages,
          "not every message is there")
    seen = [[window(b, e, u) for u in (SMALL_USER, LARGE_USER)]
            for _ in range(windows)]
    names = list(seen[0][0])
    out = ["W9 a delivery to a mailbox that holds so many messages, %s; "
           "medians of %d times %d" % (order, windows, WINDOW),
           "%9s" % "messages" + "".join("%16s" % n for n in names)]
    for i, size in enumerate((SMALL, messages)):
        out.append("%9d" % size + "".join("%16.3f" % statistics.median(
            pair[i][n] for pair in seen) for n in names))
    ratios = {n: statistics.median(pair[1][n] / pair[0][n] for pair in seen)
              for n in names}
    for n in ("instructions", "system calls", "time"):
        found.numbers[n + ", large over small mailbox"] = ratios[n]
    return out + ["%9s" % "ratio" + "".join(
        "%16.3f" % ratios[n] for n in names)]


# --- the reader -------------------------------------------------------------

class Imap:
    """As little of a client as measures."""

    def __init__(self, port, user):
        self.sock = socket.create_connection(("127.0.0.1", port), 600)
        self.have = self.sock.makefile("rb")
        self.have.readline()
        self.command("LOGIN %s secret" % user)

    def command(self, words):
        """(milliseconds, octets of the answer)"""
        start, octets = time.monotonic(), 0
        self.sock.sendall(b"a %s\r\n" % words.encode())
        while True:
            line = self.have.readline()
            octets += len(line)
            if line.startswith(b"a "):
                break
            check(line, "%s: closed" % words)
            literal = re.search(rb"\{(\d+)\}\r\n\Z", line)
            if literal:
                octets += len(self.have.read(int(literal.group(1))))
        check(line.startswith(b"a OK"), "%s: %r" % (words, line))
        return (time.monotonic() - start) * 1e3, octets

    def close(self):
        self.command("LOGOUT")
        self.sock.close()


STEPS = (("SELECT", "SELECT INBOX"), ("flags", "FETCH 1:* (UID FLAGS)"),
         ("sizes", "FETCH 1:* (RFC822.SIZE)"),
         ("envelopes", "FETCH 1:* (ENVELOPE)"), ("again", "SELECT INBOX"))


def read_cost(b, user, count):
    """Milliseconds of each of STEPS by a new Dovecot; "again" is a second
    session."""
    work = tempfile.mkdtemp(prefix="imap.", dir=b.base)
    os.chmod(work, 0o755)
    server = Dovecot(work, b.disk.where, pwd.getpwnam(MAIL).pw_uid,
                     free_port())
    try:
        times = []
        client = Imap(server.port, "u%d" % user)
        for name, words in STEPS:
            if name == "again":
                client.close()
                client = Imap(server.port, "u%d" % user)
            ms, octets = client.command(words)
            check(words.startswith("SELECT") or octets > 10 * count,
                  "%s: %d octets" % (words, octets))
            times.append(ms)
        client.close()
        return times
    finally:
        server.stop()


def readers(b, order, count, large):
    """
    The first IMAP session by Dovecot on what we stored and on what its own
    LMTP stored.
      count  messages to each of two users
      large  messages that the large mailbox of grow() holds; 0: none
    """
    ours, theirs = b.engine(order, "none"), b.dovecot("none")
    fill(ours, OURS, count)
    fill(theirs, THEIRS, count)
    b.stop_dovecot()
    out = ["First IMAP session by Dovecot on a mailbox, ms (warm page "
           "cache); again: a second session",
           "%-12s %9s" % ("stored by", "messages") + "".join(
               "%11s" % name for name, _ in STEPS)]
    rows = [(order, count, OURS), ("dovecot", count, THEIRS)]
    if large:
        rows.append((order, large, LARGE_USER))
    for who, n, user in rows:
        out.append("%-12s %9d" % (who, n) + "".join(
            "%11.1f" % ms for ms in read_cost(b, user, n)))
    return out
