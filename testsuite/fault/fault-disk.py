#!/usr/bin/python3
"""Full disks, full inode tables and quotas: 452 or 451 and nothing visible;
when there is room again mail flows, without a restart. Small tmpfs and ext4
mounts (root only); a quota is the shim's."""
import contextlib
import errno
import os
import shutil
import subprocess
import sys
import time

from fault import (COUNT, ERROR, OFF, SPACE, Engine, Judge, attempt, report)
from tamis_test import KEEP, Skip, Tap, check, equal

tap = Tap()
FOLDER = 'require "fileinto";\nfileinto "New/Folder";\n'
USERS = {"ann": None, "fred": FOLDER, "kate": "this is no Sieve script"}
SIZES = (200, 30000)
BLOCK = 4096


def mount(*args):
    """True when mounted."""
    if os.geteuid() != 0:
        raise Skip("mounting needs root")
    got = subprocess.run(["mount", *args], stderr=subprocess.PIPE, text=True)
    if got.returncode:
        raise Skip("mount: " + got.stderr.strip())


@contextlib.contextmanager
def small_store(kind, options):
    """An engine whose partition is a small file system of its own."""
    engine = Engine({}, {"lmtp_spool_memory": "4K"})
    store = engine.path("store")
    try:
        if kind == "tmpfs":
            mount("-t", "tmpfs", "-o", options, "tmpfs", store)
        else:
            image = engine.path("image")
            with open(image, "wb") as f:
                f.truncate(8 << 20)
            subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0",
                            *options.split(), image], check=True)
            mount("-o", "loop", image, store)
            os.rmdir(os.path.join(store, "lost+found"))
    except BaseException:
        engine.__exit__(*sys.exc_info())
        raise
    try:
        engine.own(store)
        for user, script in USERS.items():
            engine.add_user(user, script)
        with engine:
            yield engine
            engine.stop()
            engine.proc = None
            unmount(store)
    finally:
        unmount(store)
        if not KEEP:    # a failed test could not, with the mount in it
            shutil.rmtree(engine.dir, ignore_errors=True)


def unmount(path):
    end = time.monotonic() + 5
    while os.path.ismount(path) and time.monotonic() < end:
        if subprocess.run(["umount", path],
                          stderr=subprocess.DEVNULL).returncode:
            time.sleep(0.1)


class Filler:
    """Takes what the file system has, gives back what it is told."""

    def __init__(self, engine):
        self.dir = engine.path("store/filler")
        self.names = []
        os.mkdir(self.dir)

    def path(self):
        self.names.append(os.path.join(self.dir, "%d" % len(self.names)))
        return self.names[-1]

    def blocks(self, leave):
        """Files of one block each until none is free; then remove some."""
        block = b"x" * BLOCK
        try:
            while True:
                with open(self.path(), "wb", buffering=0) as f:
                    for _ in range(64):
                        f.write(block)
        except OSError as why:
            equal(why.errno, errno.ENOSPC, "errno of a full disk")
        with contextlib.suppress(OSError), \
                open(self.path(), "wb", buffering=0) as f:
            while True:
                f.write(b"x" * 512)
        last = self.names[0]
        if leave:
            os.truncate(last, max(0, os.path.getsize(last) - leave * BLOCK))
        os.sync()

    def inodes(self, leave):
        try:
            while True:
                with open(self.path(), "wb"):
                    pass
        except OSError as why:
            equal(why.errno, errno.ENOSPC, "errno without inodes")
        self.names.pop()
        for _ in range(min(leave, len(self.names))):
            os.unlink(self.names.pop())

    def remove(self):
        for name in self.names:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
        os.rmdir(self.dir)
        os.sync()


def one(engine, judge, size, what):
    """A delivery with little room: 250, 452 or 451."""
    judge.where = what
    m = judge.new_message(size)
    codes = attempt(engine, m, USERS)
    equal(set(codes), set(USERS), what + ": replies")
    for user, code in codes.items():
        if code not in (250, 451, 452):
            judge.blame("%s got %d" % (user, code))
    return m, codes


def squeeze(engine, fill, steps):
    judge = Judge(engine, list(USERS))
    counts = dict.fromkeys((250, 451, 452), 0)
    pid = engine.proc.pid
    for size in SIZES:
        for leave in range(steps):
            filler = Filler(engine)
            getattr(filler, fill)(leave)
            m, codes = one(engine, judge, size, "%d octets, %d %s free"
                           % (size, leave, fill))
            filler.remove()
            judge.stored(m)
            for code in codes.values():
                counts[code] = counts.get(code, 0) + 1
            for user, code in codes.items():
                if code != 250 and m.seen[user]:
                    judge.blame("%s got %d and has the message"
                                % (user, code))
            m, codes = one(engine, judge, size, "with room again")
            if set(codes.values()) != {250}:
                judge.blame("no delivery with room again: %r" % codes)
            judge.stored(m)
    equal(engine.proc.pid, pid, "the same daemon")
    check("died of signal" not in engine.log(), "a process died")
    report(judge)
    check(counts[452] > 0, "it never was full: %r" % counts)
    print("# %d deliveries without room: %r, violations 0, healed %d times"
          % (len(SIZES) * steps, counts, len(SIZES) * steps))


@tap.test
def full_tmpfs():
    with small_store("tmpfs", "size=1200k,mode=0755") as engine:
        squeeze(engine, "blocks", 14)


@tap.test
def tmpfs_without_inodes():
    with small_store("tmpfs", "size=4m,nr_inodes=60,mode=0755") as engine:
        squeeze(engine, "inodes", 10)


@tap.test
def full_ext4():
    with small_store("ext4", "-N 128") as engine:
        squeeze(engine, "blocks", 14)


@tap.test
def ext4_without_inodes():
    with small_store("ext4", "-N 64") as engine:
        squeeze(engine, "inodes", 10)


def quota(name):
    """From the k-th call on that needs space, all fail; then none does."""
    err = getattr(errno, name)
    points = 0
    with Engine(USERS, {"lmtp_spool_memory": "4K"}) as engine:
        judge = Judge(engine, list(USERS))
        for size in SIZES:
            engine.cell.arm(COUNT, mask=SPACE)
            m, _ = one(engine, judge, size, "without fault")
            engine.cell.settle()
            calls = engine.cell.get("count")
            judge.stored(m)
            for k in range(1, calls + 1):
                engine.cell.arm(ERROR, k, err, SPACE, sticky=True)
                m, codes = one(engine, judge, size, "%s from %d" % (name, k))
                engine.cell.settle()
                points += engine.cell.get("fired") > 0
                engine.cell.set("mode", OFF)
                judge.stored(m)
                for user, code in codes.items():
                    if code != 250 and m.seen[user]:
                        judge.blame("%s got %d and has the message"
                                    % (user, code))
                m, codes = one(engine, judge, size, "after " + judge.where)
                if set(codes.values()) != {250}:
                    judge.blame("no delivery with room again: %r" % codes)
                judge.stored(m)
        report(judge)
    print("# %s at %d points, violations 0" % (name, points))
    check(points > 10, "too few points")


@tap.test
def quota_is_exceeded():
    quota("EDQUOT")


@tap.test
def disk_is_full_from_some_call_on():
    quota("ENOSPC")


tap.main()
