#!/usr/bin/python3
"""Many writers and a reader in one mailbox: no name twice, every octet, and
nothing left in tmp/."""
import contextlib
import os
import re
import threading
import time

from race import Crowd, Instance, address, all_files, option
from tamis_test import Tap, check, equal, message, read_maildir

tap = Tap()
CLIENTS = 16
EACH = option("messages", 60, 600)


def numbered(client, n):
    body = "".join("line %d of %d/%d\n" % (i, client, n)
                   for i in range(n % 40))
    return message("number %d/%d" % (client, n), body,
                   X_Number="%d/%d" % (client, n))


def send(engine, client, sent):
    with engine.client(unix=client % 2 == 0) as c:
        for n in range(EACH):
            data = numbered(client, n)
            (_, code, text), = c.deliver("s@example.org", [address("alice")],
                                         data)
            equal(code, 250, text)
            sent["%d/%d" % (client, n)] = data.replace(b"\r\n", b"\n")


class Reader:
    """A mail reader: what it sees in new/ it moves to cur/, at once, after
    it looked at it: every file is whole the moment it is visible."""

    def __init__(self, root):
        self.root = root
        self.moved = 0
        self.stop = threading.Event()
        self.crowd = Crowd()
        self.crowd.start(self.run)

    def run(self):
        new = os.path.join(self.root, "new")
        while not self.stop.is_set():
            for name in os.listdir(new):
                size = int(re.search(r",S=(\d+)", name).group(1))
                equal(os.path.getsize(os.path.join(new, name)), size,
                      "size of what is visible")
                os.rename(os.path.join(new, name),
                          os.path.join(self.root, "cur", name + ":2,"))
                self.moved += 1
            time.sleep(0.002)

    def end(self):
        self.stop.set()
        self.crowd.join(10)


def look(root, sent):
    """All that was acknowledged is there, exactly once and whole."""
    found = {}
    for stored in read_maildir(root)[""]:
        number = re.search(rb"^X-Number: (\S+)$", stored.bytes, re.M)
        number = number.group(1).decode()
        check(number not in found, number + " is there twice")
        stored.trace(sent[number])
        found[number] = stored
    equal(len(found), len(sent), "messages")
    names = [os.path.basename(m.path).partition(":")[0]
             for m in found.values()]
    equal(len(set(names)), len(names), "different names")
    left = [f for f in all_files(root) if f.startswith("tmp/")]
    equal(left, [], "left in tmp/")


@tap.test
def sixteen_clients_and_a_reader():
    with Instance({"alice": None}) as engine:
        root = engine.path("store/alice")
        reader, crowd, sent = Reader(root), Crowd(), {}
        start = time.monotonic()
        for client in range(CLIENTS):
            crowd.start(send, engine, client, sent)
        crowd.join()
        took = time.monotonic() - start
        reader.end()
        equal(len(sent), CLIENTS * EACH, "acknowledged")
        look(root, sent)
        check(reader.moved > EACH, "the reader moved %d" % reader.moved)
        print("# %d messages of %d clients in %.1f s, %d moved meanwhile"
              % (len(sent), CLIENTS, took, reader.moved))


@tap.test
def two_engines_and_a_reader():
    """Different configurations and servernames or not, one store."""
    for name in ("tamis.example.test", "other.example.test"):
        with contextlib.ExitStack() as stack:
            one = stack.enter_context(Instance({"alice": None}))
            two = stack.enter_context(Instance({}, {
                "partition-default": one.path("store"),
                "servername": name}))
            root = one.path("store/alice")
            reader, crowd, sent = Reader(root), Crowd(), {}
            for client in range(CLIENTS):
                crowd.start(send, (one, two)[client % 2], client, sent)
            crowd.join()
            reader.end()
            equal(len(sent), CLIENTS * EACH, "acknowledged")
            look(root, sent)


KEYWORDS = """require ["imap4flags", "variables"];
if header :matches "X-Keyword" "*" { addflag "${1}"; }
"""


def send_marked(engine, client, sent):
    with engine.client() as c:
        for n in range(min(EACH, 100)):
            word = "word%d" % ((client * 7 + n) % 24)
            (_, code, text), = c.deliver(
                "s@example.org", [address("alice")],
                message("%d/%d" % (client, n), X_Keyword=word))
            equal(code, 250, text)
            sent.append(word)


@tap.test
def two_engines_and_keywords():
    """Both add words to one table at the same time: each has one letter, and
    every message the word it was given."""
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(Instance({"alice": KEYWORDS}))
        two = stack.enter_context(Instance({}, {
            "partition-default": one.path("store"),
            "sievedir": one.path("sieve"),
            "servername": "other.example.test"}))
        crowd, sent = Crowd(), []
        for client in range(CLIENTS):
            crowd.start(send_marked, (one, two)[client % 2], client, sent)
        crowd.join()
        found = []
        for stored in read_maildir(one.path("store/alice"))[""]:
            want = re.search(rb"^X-Keyword: (\S+)$", stored.bytes, re.M)
            want = want.group(1).decode()
            equal(stored.keywords, {want}, stored.path)
            found.append(want)
        equal(sorted(found), sorted(sent), "messages")
        with open(one.path("store/alice/dovecot-keywords")) as f:
            lines = [line.split() for line in f]
        equal(sorted(lines), sorted(
            [str(i), w] for i, w in enumerate(w for _, w in lines)),
            "lines of the table")
        equal(len({w for _, w in lines}), 24, "words")


tap.main()
