#!/usr/bin/python3
"""A script that changes while it is in use: every delivery runs one version
of it as a whole, and never an old one."""
import os
import time

from race import Crowd, Instance, address, option
from tamis_test import Tap, check, equal, message, stuffed, wait_for

# What is tried has to do with names and texts, not with a disk: where there
# is memory to write to, thousands of files are removed faster.
if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK):
    os.environ["TMPDIR"] = "/dev/shm"

tap = Tap()
DELIVERIES = option("deliveries", 10000, 100000)
REPLACEMENTS = option("replacements", 1000, 10000)
CLIENTS = 4
BATCH = 25      # transactions pipelined together
REQUIRE = 'require "fileinto";\n'


def version(letter):
    """Two files for each message; unequal lengths, so that a mix of two
    texts would not be one either."""
    fill = "# %s\n" % (letter * 40) * (ord(letter) - ord("A") + 1)
    return (REQUIRE + fill + 'fileinto "%s1";\n' % letter + fill +
            'fileinto "%s2";\n' % letter)


def one(number):
    return (b"MAIL FROM:<s@example.org>\r\nRCPT TO:<%s>\r\nDATA\r\n"
            % address("alice").encode()) + stuffed(
                b"Subject: %d\r\n\r\n" % number)


def deliver(engine, client, count, codes, pause=0):
    with engine.client() as c:
        for first in range(0, count, BATCH):
            numbers = range(first, min(first + BATCH, count))
            c.send(b"".join(one(client * 1000000 + n) for n in numbers))
            for _ in numbers:
                got = [c.reply()[0] for _ in range(4)]
                equal(got[:3], [250, 250, 354], "replies")
                codes.append(got[3])
            time.sleep(pause)


def place(engine, text, name):
    path = engine.path("sieve/a/alice/" + name)
    with open(path + ".temp", "w") as f:
        f.write(text)
    engine.own(path + ".temp")
    os.rename(path + ".temp", path)


def by_rename(engine, n):
    place(engine, version("AB"[n % 2]), "main.script")


def by_link(engine, n):
    """What ManageSieve does: another script becomes the active one, and
    the former is removed. No name is used twice."""
    here = engine.path("sieve/a/alice/")
    place(engine, version("AB"[n % 2]), "s%d.script" % n)
    os.symlink("s%d.bc" % n, here + "defaultbc.temp")
    os.rename(here + "defaultbc.temp", here + "defaultbc")
    if n > 0:
        os.unlink(here + "s%d.script" % (n - 1))


def look(engine, total):
    """Each message is in both mailboxes of one version, and nowhere else."""
    where = {}
    for box, stored in engine.boxes("alice").items():
        for m in stored:
            number = m.bytes.partition(b"\nSubject: ")[2].split(b"\n")[0]
            where.setdefault(number, []).append(box)
    kinds = {}
    for number, boxes in where.items():
        kind = " ".join(sorted(boxes))
        kinds[kind] = kinds.get(kind, 0) + 1
    check(set(kinds) <= {".A1 .A2", ".B1 .B2"}, "where: %r" % kinds)
    equal(sum(kinds.values()), total, "messages")
    return kinds


def replaced_while_delivering(how):
    with Instance({"alice": version("A")}) as engine:
        how(engine, 0)
        crowd, codes = Crowd(), []
        start = time.monotonic()
        for client in range(CLIENTS):
            crowd.start(deliver, engine, client, DELIVERIES // CLIENTS, codes)
        # As often as can be while they go on, and not only at the end.
        n = 0
        while crowd.alive():
            n += 1
            how(engine, n)
        crowd.join()
        took = time.monotonic() - start
        equal(set(codes), {250}, "replies")
        kinds = look(engine, DELIVERIES)
        equal(len(kinds), 2, "versions that ran: %r" % kinds)
        check(min(kinds.values()) > DELIVERIES // 20, "runs: %r" % kinds)
        check(n >= REPLACEMENTS, "only %d replacements" % n)
        print("# %d deliveries, %d replacements %s: %r in %.1f s" % (
            len(codes), n, how.__name__, kinds, took))


@tap.test
def replaced_by_rename():
    replaced_while_delivering(by_rename)


@tap.test
def replaced_by_switching_the_link():
    replaced_while_delivering(by_link)


def kinds_now(engine):
    """{mailbox: number of messages}, and the flags of those in INBOX."""
    boxes = engine.boxes("alice")
    flags = {tuple(sorted(m.keywords)) for m in boxes.get("", [])}
    return {b: len(m) for b, m in boxes.items() if m}, flags


def write_slowly(path, text, n):
    """Truncate, then write in pieces: most states on the way are broken."""
    with open(path, "w") as f:
        half = (n * 7) % len(text)
        for piece in (text[:half], text[half:]):
            f.write(piece)
            f.flush()
            time.sleep(0.002)


@tap.test
def replaced_in_place():
    """Texts on the way may be anything: each message is stored whole by
    the text at that moment, or in INBOX, marked. After each pause the last
    text is what runs, in every worker, though file, size and inode are the
    same."""
    with Instance({"alice": version("A"), "bob": None}) as engine:
        path = engine.path("sieve/a/alice/main.script")
        total = 0
        for settle in range(option("pauses", 3, 20)):
            crowd, codes = Crowd(), []
            for client in range(CLIENTS):
                crowd.start(deliver, engine, 10 * settle + client,
                            200, codes, 0.05)
            n = 0
            while crowd.alive():
                n += 1
                # Equal length: A and B alone tell them apart.
                text = version("A").replace("A", "AB"[n % 2])
                write_slowly(path, text, n)
            last = "AB"[settle % 2]
            write_slowly(path, version("A").replace("A", last), 1)
            crowd.join()
            equal(set(codes), {250}, "replies")
            total += len(codes)
            for pause in (0, 2.1):          # not settled, settled
                time.sleep(pause)
                before, _ = kinds_now(engine)
                crowd, codes = Crowd(), []
                for client in range(8):     # every worker
                    crowd.start(deliver, engine, client, 2, codes)
                crowd.join()
                after, _ = kinds_now(engine)
                gain = {b: k - before.get(b, 0) for b, k in after.items()
                        if k != before.get(b, 0)}
                equal(gain, {".%s1" % last: 16, ".%s2" % last: 16},
                      "after the last change and %g s" % pause)
                total += 16
        kinds, flags = kinds_now(engine)
        # The empty text, and text cut before the first fileinto, are
        # scripts that keep; what does not compile is marked.
        check(flags <= {("$SieveFailed",), ()}, "flags in INBOX: %r" % flags)
        check(("$SieveFailed",) in flags, "no broken state was met")
        check(set(kinds) <= {"", ".A1", ".A2", ".B1", ".B2"},
              "mailboxes: %r" % kinds)
        firsts = kinds.get("", 0) + kinds[".A1"] + kinds[".B1"]
        check(firsts >= total, "%d stored, %d acknowledged: %r"
              % (firsts, total, kinds))
        check("died" not in engine.log(), "a process died")
        print("# %d deliveries while written in place: %r" % (total, kinds))


@tap.test
def rewritten_at_once_behind_each_use():
    """Size, inode and, within a tick of the kernel, the times are those of
    the text that ran just before: each delivery runs the text of its
    moment all the same."""
    with Instance({"alice": version("A")}, {"lmtp_workers": "1"}) as engine:
        path = engine.path("sieve/a/alice/main.script")
        count = option("rewrites", 2000, 20000)
        with open(path, "r+") as f, engine.client() as c:
            for n in range(count):
                letter = "AB"[n % 2]
                f.seek(0)
                f.write(version("A").replace("A", letter))
                f.flush()
                (_, code, text), = c.deliver(
                    "s@example.org", [address("alice")],
                    b"Subject: %s\r\n\r\n" % letter.encode())
                equal(code, 250, text)
        for box, stored in engine.boxes("alice").items():
            want = box[1:2].encode()
            for m in stored:
                check(b"\nSubject: %s\n" % want in m.bytes,
                      "an old program ran: in %s is %r" % (
                          box or "INBOX", m.bytes[-20:]))
        equal(engine.count("alice"), {".%s%d" % (k, i): count // 2
                                      for k in "AB" for i in (1, 2)},
              "messages")
        print("# %d rewrites, a delivery behind each" % count)


tap.main()
