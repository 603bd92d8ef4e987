"""One maildirsize for two programs: what we deliver and what a real Dovecot
appends and expunges is counted by both, and both say when it is too much."""
import imaplib
import os
import re
import sys

from tamis_test import Instance, Tap, check, equal, free_port, message, \
    skip_all
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peer"))
import dovecot
import peer

tap = Tap()
STORAGE, MESSAGES = 100, 50             # kB, messages
BIG = message("big", ("x" * 70 + "\n") * 280)                   # 20 kB


class Imap:
    def __init__(self, user):
        self.imap = imaplib.IMAP4("127.0.0.1", server.port)
        self.imap.login(user, "secret")

    def __enter__(self):
        return self.imap

    def __exit__(self, *_):
        self.imap.logout()


def size_file(user):
    return engine.path("store/%s/maildirsize" % user)


def ours(user):
    """(limits, octets, messages), added up here."""
    with open(size_file(user)) as f:
        limits, *lines = f.read().splitlines()
    sums = [tuple(map(int, line.split())) for line in lines]
    return limits, sum(s[0] for s in sums), sum(s[1] for s in sums)


def real(user):
    sizes = [os.path.getsize(os.path.join(at, f))
             for at, _, files in os.walk(engine.path("store/" + user))
             if os.path.basename(at) in ("cur", "new") for f in files]
    return sum(sizes), len(sizes)


def theirs(user):
    """((kB, limit), (messages, limit)) as Dovecot has it."""
    with Imap(user) as imap:
        _, (_, quota) = imap.getquotaroot("INBOX")
    text = quota[0].decode()
    return tuple(
        tuple(map(int, re.search(r"%s (\d+) (\d+)" % kind, text).groups()))
        for kind in ("STORAGE", "MESSAGE"))


def same(user):
    octets, count = real(user)
    equal(ours(user), ("%dS,%dC" % (STORAGE * 1024, MESSAGES), octets,
                       count), "maildirsize")
    (kb, limit), messages = theirs(user)
    check(abs(kb - octets / 1024) <= 1, "%d kB for %d octets" % (kb, octets))
    equal((limit, messages), (STORAGE, (count, MESSAGES)), "Dovecot")


def send(user, data, parameter=""):
    with engine.client() as c:
        c.want(250, "MAIL FROM:<a@example.org>")
        got = c.cmd("RCPT TO:<%s@example.test>%s" % (user, parameter))
        if got[0] != 250:
            return got
        c.want(354, "DATA")
        c.send(data + b".\r\n")
        return c.reply()


@tap.test
def dovecot_takes_over_what_we_counted():
    for _ in range(3):
        equal(send("ann", message())[0], 250, "delivery")
    inode = os.stat(size_file("ann")).st_ino
    same("ann")
    equal(os.stat(size_file("ann")).st_ino, inode, "maildirsize was made "
          "anew: inode")


@tap.test
def we_take_over_what_dovecot_counted():
    with Imap("ann") as imap:
        imap.create("Mine")
        for n in range(4):
            equal(imap.append("Mine" if n % 2 else "INBOX", "", None,
                              BIG)[0], "OK", "APPEND")
    same("ann")
    equal(send("ann", message())[0], 250, "delivery")
    same("ann")
    with Imap("ann") as imap:
        imap.select("Mine")
        imap.store("1:*", "+FLAGS", "\\Deleted")
        imap.expunge()
    same("ann")
    equal(send("ann", message())[0], 250, "delivery")
    same("ann")


@tap.test
def full_is_full_for_both():
    with Imap("bob") as imap:
        for n in range(4):
            equal(imap.append("INBOX", "", None, BIG)[0], "OK", "APPEND")
    equal(send("bob", BIG)[0], 250, "room for one")
    equal(send("bob", BIG)[0], 250, "one over")
    code, text = send("bob", message())
    equal((code, text[:6]), (452, "4.2.2 "), text)
    with Imap("bob") as imap:
        got = imap.append("INBOX", "", None, message())
        check(got[0] == "NO" and b"OVERQUOTA" in got[1][0], "%r" % (got,))
        imap.select("INBOX")
        imap.store("1:3", "+FLAGS", "\\Deleted")
        imap.expunge()
    same("bob")
    equal(send("bob", message())[0], 250, "room again")
    same("bob")


@tap.test
def dovecot_says_nothing_is_wrong():
    log = server.log()
    bad = [line for line in log.splitlines()
           if "rror" in line or "orrupt" in line or "anic" in line]
    equal(bad, [], "log of Dovecot")


with Instance({"ann": None, "bob": None},
              {"autocreate_quota": str(STORAGE),
               "autocreate_quota_messages": str(MESSAGES)}) as engine:
    try:
        server = dovecot.Dovecot(
            engine.dir, engine.path("store"), engine.owner(), free_port(),
            more=dovecot.QUOTA.format(storage=STORAGE,
                                      messages=MESSAGES))
    except peer.Missing as why:
        skip_all(str(why))
    try:
        tap.main()
    finally:
        server.stop()
