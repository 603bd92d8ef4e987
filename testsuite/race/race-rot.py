#!/usr/bin/python3
"""Rot of what lies on disk, end to end: compiled scripts, the link of the
active one, Dovecot's keyword table and locks, the pid file. Nobody crashes,
the mail is delivered, and no action is a wrong one. The bulk of the
mutations of compiled scripts is test-rot, in process."""
import os
import random
import subprocess
import time

from race import Crowd, Instance, address, all_roles, option, roles
from tamis_test import Tap, check, equal, message, program

tap = Tap()
rng = random.Random(7)
counts = {}


def mutated(data, other=b""):
    """The octets, damaged in one of several ways; never unharmed."""
    bad = bytearray(data)
    while bytes(bad) == data:
        kind = rng.randrange(6)
        at = rng.randrange(len(data)) if data else 0
        if kind == 0 and data:
            bad[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del bad[at:]
        elif kind == 2:
            bad += rng.randbytes(rng.randrange(1, 200))
        elif kind == 3 and data:
            end = rng.randrange(at, len(data))
            bad[at:end] = bytes(end - at)
        elif kind == 4:
            bad = bytearray(other or rng.randbytes(300))
        elif data:
            bad = bad[at:] + bad[:at]
    return bytes(bad)


def put(engine, path, data):
    """A new file of the owner of the store."""
    with open(path + ".temp", "wb") as f:
        f.write(data)
    engine.own(path + ".temp")
    os.rename(path + ".temp", path)


def deliver(engine, user):
    (_, code, text), = engine.deliver([address(user)], message("rot"))
    equal(code, 250, text)


def calm(engine, pids):
    """The same processes as before, and none said it died."""
    equal({r: roles(engine, r) for r in pids}, pids, "processes")
    check("died" not in engine.log(), "a process died")


def processes(engine):
    return all_roles(engine)


@tap.test
def compiled_scripts():
    with Instance({"alice": "keep;\n"}) as engine:
        pids = processes(engine)
        here = engine.path("sieve/a/alice/")
        tamis = program("tools/tamis")
        n = option("scripts", 200, 5000)
        saved = {}
        for name, box in (("wrong", "Wrong"), ("main", "Right")):
            text = 'require "fileinto"; fileinto "%s";\n' % box
            put(engine, engine.path("x.script"), text.encode())
            subprocess.run([tamis, "compile", engine.path("x.script")],
                           check=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL)
            with open(engine.path("x.bc"), "rb") as f:
                saved[name] = f.read()
        for i in range(n):
            # Another text each time, or the workers have it already.
            text = 'require "fileinto"; fileinto "Right"; # %d\n' % i
            put(engine, here + "main.script", text.encode())
            if i % 4 == 0:
                subprocess.run([tamis, "compile", here + "main.script"],
                               check=True, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
                with open(here + "main.bc", "rb") as f:
                    right = f.read()
            else:
                right = saved["main"]
            put(engine, here + "main.bc", mutated(right, saved["wrong"]))
            deliver(engine, "alice")
        equal(engine.count("alice"), {".Right": n}, "where the mail is")
        calm(engine, pids)
        counts["compiled scripts"] = n


@tap.test
def the_link_of_the_active_script():
    with Instance({"alice": "discard;\n"}) as engine:
        pids = processes(engine)
        here = engine.path("sieve/a/alice/")
        os.rename(here + "main.script", engine.path("sieve/a/main.script"))
        os.symlink("../main.script", here + "evil.script")
        os.mkdir(here + "dir.script")
        os.mkfifo(here + "fifo.script")
        targets = ["..", ".", "/", "", "../main.bc", "evil.bc", "dir.bc",
                   "fifo.bc", "defaultbc", ".bc", "x" * 255, "y" * 3000,
                   engine.path("sieve/a/main.bc"), "main\n.bc", "\u00ff.bc",
                   "/etc/passwd", "/dev/zero", "main.script", "a/b.bc"]
        for target in targets:
            os.unlink(here + "defaultbc") \
                if os.path.lexists(here + "defaultbc") else None
            if target:
                os.symlink(target, here + "defaultbc")
            deliver(engine, "alice")
        os.unlink(here + "defaultbc")
        for make in (os.mkdir, os.mkfifo,
                     lambda p: open(p, "wb").close()):
            make(here + "defaultbc")
            deliver(engine, "alice")
            (os.rmdir if make is os.mkdir else os.unlink)(here + "defaultbc")
        inbox = [f for sub in ("new", "cur") for f in os.listdir(
            engine.path("store/alice/" + sub))]
        equal(len(inbox), len(targets) + 3, "messages in INBOX")
        calm(engine, pids)
        counts["links"] = len(targets) + 3


TABLE = b"0 $Forwarded\n1 $MDNSent\n2 NonJunk\n3 $label1\n"
BROKEN = "this is no script;\n"     # so that INBOX gets $SieveFailed


def stored(engine, user):
    return [f for sub in ("new", "cur")
            for f in os.listdir(engine.path("store/%s/%s" % (user, sub)))]


@tap.test
def keyword_tables():
    with Instance({"alice": BROKEN}) as engine:
        pids = processes(engine)
        path = engine.path("store/alice/dovecot-keywords")
        full = b"".join(b"%d word%d\n" % (i, i) for i in range(26))
        n = option("tables", 300, 5000)
        for i in range(n):
            base = (TABLE, full, b"", TABLE + b"4 $SieveFailed\n")[i % 4]
            put(engine, path, mutated(base))
            deliver(engine, "alice")
        for data in (b"\n" * 70000, b"0 " + b"x" * 70000, b"\0" * 4096,
                     b"99999999999999999999 x\n", b"-1 x\n", b"0\n0 \n 0\n"):
            put(engine, path, data)
            deliver(engine, "alice")
            n += 1
        os.unlink(path)
        os.mkdir(path)
        deliver(engine, "alice")
        os.rmdir(path)
        os.symlink("/etc/passwd", path)
        deliver(engine, "alice")
        equal(len(stored(engine, "alice")), n + 2, "messages")
        check(os.path.islink(path) or open(path).read(), "the table")
        calm(engine, pids)
        counts["keyword tables"] = n + 2


@tap.test
def locks_of_dovecot():
    """Held by nobody, by somebody, or no files at all: a delivery waits
    its few seconds at most, and then does without the keyword."""
    kinds = {
        "fresh": lambda p: open(p, "wb").close(),
        "stale": lambda p: (open(p, "wb").close(), os.utime(p, (9, 9))),
        "future": lambda p: (open(p, "wb").close(),
                             os.utime(p, (4e9, 4e9))),
        "noise": lambda p: open(p, "wb").write(os.urandom(5000)),
        "directory": os.mkdir,
        "link": lambda p: os.symlink("nowhere", p),
        "fifo": os.mkfifo,
    }
    users = {}
    for lock in ("dovecot-uidlist.lock", "dovecot-keywords.lock"):
        for kind in kinds:
            users["u%d" % len(users)] = (lock, kind)
    with Instance({u: BROKEN for u in users},
                  {"lmtp_workers": str(len(users))}) as engine:
        pids = processes(engine)
        times = {}

        def one(user, lock, kind):
            path = engine.path("store/%s/%s" % (user, lock))
            kinds[kind](path)
            if not os.path.islink(path):
                engine.own(path)
            start = time.monotonic()
            deliver(engine, user)
            times[user] = time.monotonic() - start
            equal(len(stored(engine, user)), 1, "messages, %s %s"
                  % (kind, lock))
            check(kind == "stale" or os.path.lexists(path),
                  "%s %s was removed" % (kind, lock))

        crowd = Crowd()
        for user, (lock, kind) in users.items():
            crowd.start(one, user, lock, kind)
        crowd.join(60)
        for user, (lock, kind) in users.items():
            limit = 1 if kind == "stale" else 6
            check(times[user] < limit, "%s %s: %.1f s"
                  % (kind, lock, times[user]))
        calm(engine, pids)
        counts["locks"] = len(users)


@tap.test
def pid_files():
    with Instance({"alice": None}) as engine:
        path = engine.settings["lmtp_pid_file"]
        engine.stop()
        contents = [b"", b"1\n", b"%d\n" % os.getpid(), b"-1\n", b"0\n",
                    b"99999999999999999999\n", b"\0" * 5000,
                    b"%s\n" % (b"x" * 100000), rng.randbytes(4096)]
        for data in contents:
            put(engine, path, data)
            engine.start()
            with open(path) as f:
                equal(f.read(), "%d\n" % engine.proc.pid, "pid file")
            # Damaged while it runs: the lock is what counts.
            with open(path, "wb") as f:
                f.write(data)
            second = subprocess.run(
                engine.command("-l", "unix:" + engine.path("sock/other")),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, timeout=20)
            check(second.returncode != 0, "a second instance started")
            deliver(engine, "alice")
            engine.stop()
        equal(len(stored(engine, "alice")), len(contents), "messages")
        counts["pid files"] = len(contents)


try:
    tap.main()
finally:
    print("# mutations: " + ", ".join(
        "%s %d" % kv for kv in counts.items()))
