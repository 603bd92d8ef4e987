"""What the race tests share: the processes of an engine by role, what they
cost, and ways to stop, end and outnumber them."""
import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))

from tamis_test import Instance, check, wait_for  # noqa: E402


def option(name, gate, full):
    """A count: small in the gate, in full with --long."""
    return full if "--long" in sys.argv[1:] else gate


def address(user):
    return user + "@example.test"


def stat_fields(pid):
    with open("/proc/%d/stat" % pid) as f:
        text = f.read()
    name = text[text.index("(") + 1:text.rindex(")")]
    return name, text.rpartition(")")[2].split()


def roles(engine, role):
    """Process ids of the children that have this role, oldest first."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError):
            name, fields = stat_fields(int(entry))
            if name == role and int(fields[1]) == engine.proc.pid \
                    and fields[0] not in "ZX":
                found.append(int(entry))
    return sorted(found)


def all_roles(engine, names=("front", "ask", "worker", "out")):
    """{role: process ids} when all are there: "ready" is said with the first
    of each, and the others may be on their way."""
    before = None
    for _ in range(50):
        now = {r: roles(engine, r) for r in names}
        if now == before and all(now.values()):
            return now
        before = now
        time.sleep(0.2)
    raise AssertionError("processes come and go: %r" % before)


def signal_all(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@contextlib.contextmanager
def stopped(engine, role):
    """All processes of a role stand still inside; those of them that are
    still there go on afterwards."""
    pids = roles(engine, role)
    signal_all(pids, signal.SIGSTOP)
    try:
        yield pids
    finally:
        signal_all(pids, signal.SIGCONT)


def new_role(engine, role, old):
    """The next process of a role of which there is one."""
    return wait_for(lambda: [p for p in roles(engine, role) if p not in old],
                    "a new " + role)[0]


def cpu_seconds(engine):
    ticks = 0
    for role in ("lmtpd", "front", "ask", "worker", "out"):
        for pid in roles(engine, role) + (
                [engine.proc.pid] if role == "lmtpd" else []):
            with contextlib.suppress(OSError):
                _, fields = stat_fields(pid)
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def open_files(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def limited(engine, nofile):
    """Start the engine with that many descriptors to each process."""
    plain = engine.command

    def command(*args):
        return ["prlimit", "--nofile=%d:%d" % (nofile, nofile),
                *plain(*args)]
    engine.command = command


def set_nofile(engine, pid, soft):
    """Change the limit of a running process, as its own user; the limit it
    had, or None when that is not allowed here."""
    code = ("import os, resource, sys\n"
            "pid, soft, uid, gid = map(int, sys.argv[1:])\n"
            "if os.geteuid() == 0:\n"
            "    os.setgroups([]); os.setgid(gid); os.setuid(uid)\n"
            "old = resource.prlimit(pid, resource.RLIMIT_NOFILE)\n"
            "resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, old[1]))\n"
            "print(old[0])\n")
    got = subprocess.run(
        [sys.executable, "-c", code, str(pid), str(soft),
         str(engine.owner()), str(os.stat(engine.path("store")).st_gid)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)
    return int(got.stdout) if got.returncode == 0 else None


class Crowd:
    """Threads whose first exception fails the test."""

    def __init__(self):
        self.threads = []
        self.errors = []

    def start(self, fn, *args):
        def run():
            try:
                fn(*args)
            except Exception as why:    # shown by join
                self.errors.append(why)
        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()

    def alive(self):
        return any(t.is_alive() for t in self.threads)

    def join(self, seconds=300):
        end = time.monotonic() + seconds
        for t in self.threads:
            t.join(max(0.1, end - time.monotonic()))
        check(not self.alive(), "still running after %d s" % seconds)
        if self.errors:
            raise self.errors[0]


def readable(sock, seconds):
    return bool(select.select([sock], [], [], seconds)[0])


def all_files(root):
    """{path below root} of all regular files."""
    return {os.path.relpath(os.path.join(d, f), root)
            for d, _, files in os.walk(root) for f in files}


