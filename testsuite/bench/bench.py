"""What the benchmarks share: a journaled ext4 of our own with a thousand
Maildirs on it, servers that deliver into them, and meters.

Everything is in one directory and goes with it; every process is ended by
its id, every mount is in a name space of our own.
"""
import contextlib
import ctypes
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "e2e"), os.path.join(HERE, "..",
                                                              "peer")]
from dovecot import DovecotLmtp                                 # noqa: E402
from tamis_test import (Instance, check, program,               # noqa: E402
                        session_members, skip_all)

USERS = 1000
IMAGE_OCTETS = 3 << 30
TICK = os.sysconf("SC_CLK_TCK")
SYNCS = ("fsync", "fdatasync", "syncfs", "sync", "msync")


def rules(count, hit):
    """A script of so many rules, of which number hit is the first to do
    something to a message of the load generator, or none."""
    text = ['require ["fileinto"];']
    for n in range(1, count + 1):
        value = "17" if n == hit else "no-%d" % n
        text.append('if header :is ["X-Rule", "X-Rule-%d"] "%s" '
                    '{ fileinto "Lists"; stop; }' % (n, value))
    return "\n".join(text) + "\n"


SCRIPTS = {"none": None, "rules20": rules(20, 17), "rules500": rules(500, 0)}


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


class Store:
    """USERS Maildirs; what load and limit leave in them is counted, read
    and removed."""

    def __init__(self, path, owner):
        self.path = path
        for n in range(USERS):
            for d in ("", "cur", "new", "tmp"):
                p = os.path.join(path, "u%d" % n, d)
                os.mkdir(p, 0o700)
                os.chown(p, owner, -1)

    def files(self):
        for user in os.scandir(self.path):
            if not user.name.startswith("u"):
                continue
            for box in ("", ".Lists"):
                for sub in ("new", "cur"):
                    with contextlib.suppress(FileNotFoundError):
                        yield from os.scandir(
                            os.path.join(user.path, box, sub))

    def verify(self, got):
        """Every 250 is a file with the last line of its message; each
        message is there as often as it was accepted."""
        seen = {}
        names = 0
        for f in self.files():
            names += 1
            if f.inode() in seen:
                continue
            with open(f.path, "rb") as m:
                m.seek(0, 2)
                m.seek(max(0, m.tell() - 200))
                last = re.search(rb"\nend of load (\S+)\r?\n\Z", m.read())
            check(last, "cut: " + f.path)
            check(last.group(1).startswith(got["id"].encode()),
                  "not of this run: " + f.path)
            seen[f.inode()] = last.group(1)
        check(names == got["accepted"], "%d names for %d accepted"
              % (names, got["accepted"]))
        check(len(set(seen.values())) == got["transactions"],
              "%d messages for %d transactions"
              % (len(set(seen.values())), got["transactions"]))

    def empty(self):
        for f in list(self.files()):
            os.unlink(f.path)


# --- meters ----------------------------------------------------------------

def cpu_seconds(pids):
    """Of these, to the nanosecond, and of the children they outlived."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            with open("/proc/%d/schedstat" % pid) as f:
                total += int(f.read().split()[0]) / 1e9
            with open("/proc/%d/stat" % pid) as f:
                fields = f.read().rpartition(")")[2].split()
            total += (int(fields[13]) + int(fields[14])) / TICK
    return total


def pss_kib(pids):
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            with open("/proc/%d/smaps_rollup" % pid) as f:
                total += int(re.search(r"^Pss:\s+(\d+)", f.read(),
                                       re.M).group(1))
    return total


def count_calls(pids, work):
    """{system call: how often} of these processes while work() runs."""
    out = tempfile.mktemp(prefix="tamis-strace.")
    args = ["strace", "-f", "-c", "-U", "name,calls", "-o", out]
    for pid in pids:
        args += ["-p", str(pid)]
    proc = subprocess.Popen(args, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)
    try:
        for _ in pids:          # "Process N attached"
            proc.stderr.readline()
        got = work()
    finally:
        proc.send_signal(signal.SIGINT)
        proc.stderr.read()
        proc.wait(20)
    calls = {}
    with open(out) as f:
        for line in f:
            m = re.match(r"\s*(\w+)\s+(\d+)\s*$", line)
            if m and m.group(1) != "total":
                calls[m.group(1)] = int(m.group(2))
    os.unlink(out)
    return calls, got


# --- subjects ---------------------------------------------------------------

def tool(name, *args):
    got = subprocess.run([program("testsuite/bench/" + name), *args],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         text=True)
    check(got.returncode == 0, "%s exited with %d" % (name, got.returncode))
    return json.loads(got.stdout)


def load(sock, conns, size=4096, rcpts=1, **how):
    args = ["-u", sock, "-c", str(conns), "-s", str(size), "-r", str(rcpts),
            "-U", str(USERS)]
    for key, value in how.items():
        args += ["-" + key] + ([] if value is None else [str(value)])
    got = tool("load", *args)
    check(got["refused"] == 0 and got["broken"] == 0,
          "not every reply was 250: %r" % got)
    return got


class Engine(Instance):
    """Our lmtpd on somebody's store and scripts."""

    def __init__(self, store, sieve, order):
        super().__init__({}, {
            "maildir_sync_order": order, "partition-default": store,
            "sievedir": sieve})

    def pids(self):
        return session_members(self.proc.pid)


class Bench:
    """The disk, the store on it, the scripts beside it."""

    def __init__(self, users=USERS):
        self.base = tempfile.mkdtemp(prefix="tamis-bench.",
                                     dir=os.environ.get("TAMIS_BENCH_DIR"))
        os.chmod(self.base, 0o755)
        self.disk = None
        self.engines = {}
        self.peer = None        # script, Dovecot

    def __enter__(self):
        try:
            self.disk = Disk(self.base)
            import pwd
            mail = pwd.getpwnam("mail")
            os.chown(self.disk.where, mail.pw_uid, mail.pw_gid)
            self.store = Store(self.disk.where, mail.pw_uid)
            for name, text in SCRIPTS.items():
                self.make_scripts(name, text)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *_):
        if self.peer:
            self.peer[1].stop()
        for e in self.engines.values():
            e.__exit__(*sys.exc_info())
        if self.disk:
            self.disk.close()
        shutil.rmtree(self.base, ignore_errors=True)

    def sieve(self, name):
        return os.path.join(self.base, "sieve-" + name)

    def make_scripts(self, name, text):
        for n in range(USERS):
            d = "%s/u/u%d" % (self.sieve(name), n)
            if text is None:
                os.makedirs(os.path.dirname(d), exist_ok=True)
                continue
            os.makedirs(d)
            with open(d + "/main.script", "w") as f:
                f.write(text)
            os.symlink("main.bc", d + "/defaultbc")

    def engine(self, order, script):
        """Started when first asked for, and warm."""
        key = order, script
        if key not in self.engines:
            e = Engine(self.disk.where, self.sieve(script), order)
            self.engines[key] = e
            e.__enter__()
            self.warm(e.unix)
        return self.engines[key]

    def dovecot(self, script):
        """The same with Dovecot; one at a time, it has many processes. Its
        indexes lie in the Maildirs, as they do by default."""
        if self.peer and self.peer[0] != script:
            self.peer[1].stop()
            self.peer = None
        if not self.peer:
            work = tempfile.mkdtemp(prefix="dovecot.", dir=self.base)
            os.chmod(work, 0o755)
            self.peer = script, DovecotLmtp(
                work, self.disk.where, os.stat(self.disk.where).st_uid,
                SCRIPTS[script])
            self.warm(self.peer[1].unix)
        return self.peer[1]

    def warm(self, sock):
        self.store.verify(load(sock, 16, n=2 * USERS))
        self.store.empty()
        self.disk.sync()


def machine(disk):
    """Where this was measured: no date, no name."""
    with open("/proc/cpuinfo") as f:
        cpu = re.search(r"^model name\s*: (.*)", f.read(), re.M)
    load1 = os.getloadavg()[0]
    return ("kernel %s, %d cores%s, load %.0f before the start\next4 with a journal on a loop device, "
            "direct I/O %s, %d users\n" % (
                os.uname().release, os.cpu_count(),
                " (%s)" % cpu.group(1) if cpu else "", load1,
                "on" if disk.direct() else "OFF", USERS))


def have_all():
    if os.geteuid() != 0:
        skip_all("needs root: loop device, mount")
    if not glob.glob("/dev/loop*"):
        skip_all("no loop devices")
    for name in ("strace", "losetup", "mkfs.ext4"):
        if not shutil.which(name):
            skip_all("no " + name)


__all__ = ["Bench", "SYNCS", "count_calls", "cpu_seconds", "have_all",
           "load", "machine", "private_mounts", "pss_kib", "time", "tool"]
