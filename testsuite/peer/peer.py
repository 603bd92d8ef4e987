"""Real mail programs to test against, without installing them.

Debian packages are fetched with apt-get (with those dependencies that are
not installed), unpacked into a directory of ours with dpkg-deb -x, and run
from there with a configuration of our own: nothing outside that directory
and the test's work directory is written, no user is made, no service starts.
"""
import contextlib
import fcntl
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time

CACHE = os.environ.get("TAMIS_PEERS") or os.path.join(
    os.environ.get("top_builddir") or tempfile.gettempdir(), "peers")


class Missing(Exception):
    """This peer cannot be had here; the text says why."""


def run(args, **kw):
    return subprocess.run(args, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **kw)


def fetch(*packages):
    """Directory that holds the unpacked packages and their dependencies."""
    base = os.path.abspath(CACHE)
    os.makedirs(base, exist_ok=True)
    root = os.path.join(base, "-".join(packages))
    with open(os.path.join(base, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(root):
            unpack(root, download(base, packages))
    return root


def download(base, packages):
    if not shutil.which("apt-get"):
        raise Missing("no apt-get to fetch %s with" % packages[0])
    debs = os.path.join(base, "archives-" + packages[0])
    shutil.rmtree(debs, ignore_errors=True)
    os.makedirs(os.path.join(debs, "partial"))
    args = ["install", "--download-only", "-y", "-q", "--reinstall",
            "--no-install-recommends", "-o", "Dir::Cache::archives=" + debs,
            *packages]
    got = apt(args)
    if got.returncode:
        # No package lists here, or old ones: use fresh ones of our own.
        lists = os.path.join(base, "lists")
        os.makedirs(os.path.join(lists, "partial"), exist_ok=True)
        own = ["-o", "Dir::State::lists=" + lists, "-o",
               "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="]
        apt(["update", "-q", *own])
        got = apt(args + own)
    found = sorted(glob.glob(os.path.join(debs, "*.deb")))
    if got.returncode or not found:
        last = [line for line in got.stdout.splitlines()
                if line.startswith(("E:", "Err:"))][-1:] or ["?"]
        raise Missing("cannot fetch %s: %s" % (packages[0], last[0]))
    return found


def apt(args):
    return run(["apt-get", *args, "-o", "Debug::NoLocking=1", "-o",
                "APT::Sandbox::User=root", "-o", "Acquire::Retries=2"],
               env={**os.environ, "LC_ALL": "C",
                    "DEBIAN_FRONTEND": "noninteractive"})


def unpack(root, debs):
    part = root + ".part"
    shutil.rmtree(part, ignore_errors=True)
    for deb in debs:
        got = run(["dpkg-deb", "-x", deb, part])
        if got.returncode:
            raise Missing("dpkg-deb -x %s: %s" % (deb, got.stdout.strip()))
    os.rename(part, root)


def environment(root):
    """For programs that run from the unpacked tree."""
    multi = glob.glob(os.path.join(root, "usr/lib/*-linux-gnu*"))
    multi += glob.glob(os.path.join(root, "lib/*-linux-gnu*"))
    libs = multi + [os.path.join(root, "usr/lib", d)
                    for d in ("postfix", "dovecot")]
    perl = glob.glob(os.path.join(root, "usr/share/perl*"))
    perl += glob.glob(os.path.join(root, "usr/share/perl/5.*"))
    for d in multi:
        perl += glob.glob(os.path.join(d, "perl*/5.*"))
        perl += glob.glob(os.path.join(d, "perl-base"))
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C",
           "LD_LIBRARY_PATH": ":".join(libs)}
    if perl:
        env["PERL5LIB"] = ":".join(perl)
    return env


def need_root(what):
    if os.geteuid() != 0:
        raise Missing("%s needs root: its daemons change user" % what)


class Server:
    """A server in the foreground, in a process group of its own."""

    def __init__(self, name, args, env, log):
        self.name = name
        self.log = log
        self.out = open(log, "ab")
        self.proc = subprocess.Popen(
            args, env=env, stdin=subprocess.DEVNULL, stdout=self.out,
            stderr=self.out, start_new_session=True)

    def wait_for(self, ready, seconds=20):
        end = time.monotonic() + seconds
        while not ready():
            if self.proc.poll() is not None or time.monotonic() > end:
                self.stop()
                with open(self.log, errors="replace") as f:
                    tail = f.read()[-1500:]
                raise RuntimeError("%s did not start: %s"
                                   % (self.name, tail))
            time.sleep(0.1)

    def stop(self):
        """End the master by its id, then what is left of its session."""
        if self.proc.poll() is None:
            self.proc.terminate()
        try:
            self.proc.wait(10)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
        self.out.close()
        for _ in range(50):
            left = members(self.proc.pid)
            if not left:
                return
            time.sleep(0.1)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def members(sid):
    """Processes of that session, or of its groups."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                with open("/proc/%s/stat" % name) as f:
                    fields = f.read().rpartition(")")[2].split()
                if sid in (int(fields[2]), int(fields[3])) \
                        and fields[0] not in "ZX":
                    found.append(int(name))
    return found
