"""A journaled ext4 of our own, and the stores on it, which believe nobody:
what was answered 250 is found again, read, and removed."""
import contextlib
import ctypes
import os
import re
import subprocess

from tamis_test import check, skip_all

IMAGE_OCTETS = 4 << 30


def run(*args, **kw):
    got = subprocess.run(args, stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         **kw)
    check(got.returncode == 0, "%s: %s" % (" ".join(args),
                                           got.stdout.strip()))
    return got.stdout


def private_mounts():
    """What is mounted from here on nobody else sees, and it goes with us."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000) or libc.mount(      # CLONE_NEWNS
            b"none", b"/", None, 0x4000 | 0x40000, None):   # REC, PRIVATE
        skip_all("no private mounts: " + os.strerror(ctypes.get_errno()))


class Disk:
    """A loop device with direct I/O: no page cache below the file system,
    and a flush goes through to the disk."""

    text = "ext4 with a journal on a loop device"

    def __init__(self, base):
        self.image = os.path.join(base, "image")
        self.where = os.path.join(base, "disk")
        self.loop = None
        with open(self.image, "wb") as f:
            f.truncate(IMAGE_OCTETS)
        os.mkdir(self.where)
        run("mkfs.ext4", "-q", "-F", "-O", "has_journal", self.image)
        self.loop = run("losetup", "--find", "--show", "--direct-io=on",
                        self.image).strip()
        try:
            run("mount", "-t", "ext4", self.loop, self.where)
        except BaseException:
            self.close()
            raise

    def close(self):
        subprocess.run(["umount", self.where], stderr=subprocess.DEVNULL)
        if self.loop:
            run("losetup", "--detach", self.loop)
        self.loop = None

    def direct(self):
        name = os.path.basename(self.loop)
        with open("/sys/block/%s/loop/dio" % name) as f:
            return f.read().strip() == "1"

    def flushes(self):
        name = os.path.basename(self.loop)
        with open("/sys/block/%s/stat" % name) as f:
            return int(f.read().split()[15])

    def sync(self):
        run("sync", "-f", self.where)

    def header(self):
        return "%s, direct I/O %s" % (self.text,
                                      "on" if self.direct() else "OFF")


class Memory:
    """The same interface on a tmpfs, for what runs for long: no sync costs
    anything there, and it says nothing about rates."""

    text = "tmpfs"

    def __init__(self, base):
        self.where = os.path.join(base, "disk")
        os.mkdir(self.where)
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tamis-bench",
            self.where)

    def close(self):
        subprocess.run(["umount", self.where], stderr=subprocess.DEVNULL)

    def flushes(self):
        return 0

    def sync(self):
        pass

    def header(self):
        return self.text


class Store:
    """Maildirs of users u0, u1, ...; what load and limit leave in them is
    counted, read and removed. Those of the last extra users are left
    alone."""

    def __init__(self, path, owner, users, extra):
        self.path, self.users = path, users
        for n in range(users + extra):
            for d in ("", "cur", "new", "tmp"):
                p = os.path.join(path, "u%d" % n, d)
                os.mkdir(p, 0o700)
                os.chown(p, owner, -1)

    def message_dirs(self):
        for n in range(self.users):
            for box in ("", ".Lists"):
                for sub in ("new", "cur"):
                    yield os.path.join(self.path, "u%d" % n, box, sub)

    def files(self):
        for d in self.message_dirs():
            with contextlib.suppress(FileNotFoundError):
                yield from os.scandir(d)

    def of_user(self, n):
        """Messages of INBOX of user n."""
        for sub in ("new", "cur"):
            yield from os.scandir(os.path.join(self.path, "u%d" % n, sub))

    def count_user(self, n):
        return sum(1 for _ in self.of_user(n))

    def trim_user(self, n, keep):
        """Down to so many."""
        for f in list(self.of_user(n))[keep:]:
            os.unlink(f.path)

    def verify(self, got):
        """Every 250 is a file with the last line of its message; each
        message is there as often as it was accepted."""
        seen = {}
        names = 0
        for f in self.files():
            names += 1
            if f.inode() in seen:
                continue
            last = last_line(f.path)
            check(last, "cut: " + f.path)
            check(last.startswith(got["id"].encode()),
                  "not of this run: " + f.path)
            seen[f.inode()] = last
        check(names == got["accepted"], "%d names for %d accepted"
              % (names, got["accepted"]))
        check(len(set(seen.values())) == got["transactions"],
              "%d messages for %d transactions"
              % (len(set(seen.values())), got["transactions"]))

    def verify_count(self, want, size):
        """So many messages of at least that size: of a generator that does
        not sign its messages."""
        sizes = [f.stat().st_size for f in self.files()]
        check(len(sizes) == want, "%d names for %d messages"
              % (len(sizes), want))
        check(min(sizes) >= size, "a message of %d octets" % min(sizes))

    def empty(self):
        for f in list(self.files()):
            os.unlink(f.path)


class CyrusStore(Store):
    """The spool of a Cyrus. What its indexes say is not asked: the files
    are there or not. They are removed behind its back, which costs its
    deliveries nothing."""

    def __init__(self, cyrus):
        self.dirs = list(cyrus.message_dirs())

    def files(self):
        for d in self.dirs:
            for f in os.scandir(d):
                if re.fullmatch(r"\d+\.", f.name):
                    yield f


def last_line(path):
    """Of a message of load: who it is; None if that is not the end."""
    with open(path, "rb") as m:
        m.seek(0, 2)
        m.seek(max(0, m.tell() - 200))
        hit = re.search(rb"\nend of load (\S+)\r?\n\Z", m.read())
    return hit and hit.group(1)
