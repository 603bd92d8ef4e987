"""The servers that are measured, on one disk: our lmtpd in its orders of syncs,
Dovecot, Cyrus with and without duplicate suppression.

Everything is in one directory and goes with it; every process is ended by
its id, every mount is in a name space of our own.
"""
import contextlib
import glob
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "e2e"), os.path.join(HERE, "..",
                                                              "peer")]
import meters                                                   # noqa: E402
from cyrus_lmtp import CyrusLmtp                                # noqa: E402
from disk import CyrusStore, Disk, Store, private_mounts        # noqa: E402
from dovecot import DovecotLmtp                                 # noqa: E402
from tamis_test import (Instance, check, program,               # noqa: E402
                        session_members, skip_all)
from works import SCRIPTS                                       # noqa: E402

USERS = 1000
WARM_CONNS = 32
MAIL = "mail"           # who owns the stores
ENGINES = ("strict", "write-out", "auto")
PEERS = ("dovecot", "cyrus", "cyrus-dup")


def tool(name, *args):
    got = subprocess.run([program("testsuite/bench/" + name), *args],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         text=True)
    check(got.returncode == 0, "%s exited with %d" % (name, got.returncode))
    return json.loads(got.stdout)


def load(sock, conns, size=4096, rcpts=1, users=USERS, **how):
    """
    how  options of load.c by their letter; None: it takes no value
    """
    args = ["-u", sock, "-c", str(conns), "-s", str(size), "-r", str(rcpts),
            "-U", str(users)]
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
            "maildir_sync_order": order, "partition-default": store.path,
            "sievedir": sieve})
        self.store = store

    def pids(self):
        return session_members(self.proc.pid)


class Bench:
    """
    The disk, the store on it, the scripts beside it, and who serves.
    users  who get mail
    extra  Maildirs beyond those, for who delivers to them by name
    """

    def __init__(self, users=USERS, disk=Disk, warm=True, extra=0):
        self.base = tempfile.mkdtemp(prefix="tamis-bench.",
                                     dir=os.environ.get("TAMIS_BENCH_DIR"))
        os.chmod(self.base, 0o755)
        self.make_disk, self.warms = disk, warm
        self.users, self.extra = users, extra
        self.disk = None
        self.engines = {}
        self.dovecot_of = None  # script, Dovecot
        self.dovecot_knows = set()      # scripts it has run for everybody
        self.cyruses = {}

    def __enter__(self):
        try:
            self.disk = self.make_disk(self.base)
            mail = pwd.getpwnam(MAIL)
            os.chown(self.disk.where, mail.pw_uid, mail.pw_gid)
            self.store = Store(self.disk.where, mail.pw_uid, self.users,
                               self.extra)
            for name, text in SCRIPTS.items():
                self.make_scripts(name, text)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *why):
        """Whatever one of these raises, the rest is done."""
        with contextlib.ExitStack() as last_first:
            last_first.callback(shutil.rmtree, self.base, True)
            if self.disk:
                last_first.callback(self.disk.close)
            for e in self.engines.values():
                last_first.callback(e.__exit__, *why)
            for c in self.cyruses.values():
                last_first.callback(c.stop)
            last_first.callback(self.stop_dovecot)

    def subject(self, name, script):
        """What serves that name: .unix, .pids(), .store."""
        if name == "dovecot":
            return self.dovecot(script)
        if name in PEERS:
            return self.cyrus(name, script)
        return self.engine(name, script)

    # --- our own ---

    def sieve(self, name):
        return os.path.join(self.base, "sieve-" + name)

    def make_scripts(self, name, text):
        for n in range(self.users):
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
            e = Engine(self.store, self.sieve(script), order)
            self.engines[key] = e
            e.__enter__()
            self.warm(e)
        return self.engines[key]

    # --- peers ---

    def dovecot(self, script):
        """The same with Dovecot; one at a time, it has many processes. Its
        indexes lie in the Maildirs, as they do by default."""
        if self.dovecot_of and self.dovecot_of[0] != script:
            self.stop_dovecot()
        if not self.dovecot_of:
            d = self.make_dovecot(SCRIPTS[script])
            d.store = self.store
            self.dovecot_of = script, d
            self.warm(d, 200 if script in self.dovecot_knows else None)
            self.dovecot_knows.add(script)
        return self.dovecot_of[1]

    def make_dovecot(self, script, processes=40):
        work = tempfile.mkdtemp(prefix="dovecot.", dir=self.base)
        os.chmod(work, 0o755)
        return DovecotLmtp(work, self.disk.where, pwd.getpwnam(MAIL).pw_uid,
                           script, processes)

    @contextlib.contextmanager
    def many_processes(self, name, processes):
        """A peer that serves so many connections at a time; the one that
        was there is stopped."""
        if name == "dovecot":
            self.stop_dovecot()
            peer = self.make_dovecot(None, processes)
        else:
            peer = self.cyrus(name, "none")
            peer.stop()
            peer.processes = processes
            peer.start()
        try:
            yield peer
        finally:
            peer.stop()
            if name != "dovecot":
                peer.processes = 40
                peer.start()

    def stop_dovecot(self):
        if self.dovecot_of:
            self.dovecot_of[1].stop()
        self.dovecot_of = None

    def cyrus(self, name, script):
        if not self.cyruses:
            self.make_cyruses()
        c = self.cyruses[name]
        if c.script != script:
            c.use_script(None if script == "none" else script)
            c.script = script
        return c

    def make_cyruses(self):
        """Both from one set of mailboxes: to make those takes long."""
        for name in ("cyrus", "cyrus-dup"):
            self.cyruses[name] = CyrusLmtp(
                os.path.join(self.disk.where, name), MAIL,
                name == "cyrus-dup")
        first = self.cyruses["cyrus"]
        first.start(unsafe=True)
        # One connection: two that make the same mailbox disturb each other.
        load(first.unix, 1, 1024, users=self.users, n=self.users)
        first.stop()
        CyrusStore(first).empty()
        self.cyruses["cyrus-dup"].copy_from(first)
        for c in self.cyruses.values():
            c.start()
            c.add_scripts(["u%d" % n for n in range(self.users)],
                          {k: v for k, v in SCRIPTS.items() if v})
            c.store, c.script = CyrusStore(c), "none"
            self.warm(c)

    def warm(self, subject, messages=None):
        """All processes there; all mailboxes touched, unless it is said how
        many messages are enough."""
        if self.warms:
            subject.store.verify(load(
                subject.unix, WARM_CONNS, users=self.users,
                n=messages or 2 * self.users))
            subject.store.empty()
            self.disk.sync()


def machine(disk):
    """Where this was measured: no date, no name."""
    with open("/proc/cpuinfo") as f:
        cpu = re.search(r"^model name\s*: (.*)", f.read(), re.M)
    return ["kernel %s, %d cores%s, load %.1f before the start" % (
        os.uname().release, os.cpu_count(),
        " (%s)" % cpu.group(1) if cpu else "", os.getloadavg()[0]),
        "%s, %d users" % (disk.header(), USERS)]


def have_all():
    if os.geteuid() != 0:
        skip_all("needs root: loop device, mount")
    if not glob.glob("/dev/loop*"):
        skip_all("no loop devices")
    for name in ("strace", "losetup", "mkfs.ext4"):
        if not shutil.which(name):
            skip_all("no " + name)


__all__ = ["Bench", "ENGINES", "HERE", "MAIL", "PEERS", "USERS", "check",
           "have_all", "load", "machine", "meters", "private_mounts", "tool"]
