"""Our master(8): what it starts, when, and with what; its files and signals;
and Cyrus' own lmtpd as its service."""
import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

from tamis_test import (TOP, Instance, Lmtp, Skip, Tap, check,
                        check_sanitizer, equal, free_port, message, program,
                        session_members, stuffed, wait_for)

sys.path.insert(0, os.path.join(TOP, "testsuite", "peer"))
import peer

tap = Tap()
HERE = os.path.dirname(os.path.abspath(__file__))
BOB = "bob@example.test"


class Own:
    """Our master with a cyrus.conf; its programs are ours as well."""

    def __init__(self, text, *options, settings=None, start=True):
        self.engine = Instance({"bob": None}, settings)
        self.dir = self.engine.dir
        self.cyrus_conf = self.path("cyrus.conf")
        self.ready_file = self.path("conf/master.ready")
        self.log_path = self.path("master.log")
        self.options = options or ("-D",)
        self.env = {}
        self.text = text
        self.write(text)
        self.proc = None
        if start:
            self.start()

    def path(self, rel):
        return self.engine.path(rel)

    def worker(self, name, *args):
        """A command line that runs our worker; it notes in conf/NAME."""
        return " ".join(("/usr/bin/python3 -S %s/worker.py" % HERE,
                         self.path("conf/" + name)) + args)

    def write(self, text):
        """{lmtpd}, {dir} and {worker:NAME ARGS} are replaced."""
        text = text.replace("{lmtpd}", "%s -C %s" % (
            self.engine.lmtpd, self.engine.conf)).replace("{dir}", self.dir)
        text = text.replace("FLAG", self.path("conf/flag"))
        text = re.sub(r"\{worker:(\w+) ?([^}]*)\}", lambda m: self.worker(
            m[1], *m[2].split()), text)
        with open(self.cyrus_conf + ".new", "w") as f:
            f.write(text)
        os.rename(self.cyrus_conf + ".new", self.cyrus_conf)

    def command(self, *more):
        return [program("lmtp/master"), "-C", self.engine.conf, "-M",
                self.cyrus_conf, *self.options, *more]

    def start(self, wait=True):
        self.log_file = open(self.log_path, "ab")
        self.proc = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, env={
                **os.environ, **self.env},
            stdout=subprocess.DEVNULL, stderr=self.log_file,
            start_new_session=True, cwd=self.dir)
        if wait:
            wait_for(lambda: os.path.exists(self.ready_file) or
                     self.proc.poll() is not None, "ready", 20)
            check(self.proc.poll() is None, "ended: " + self.log())

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def wait_log(self, text, seconds=20):
        wait_for(lambda: text in self.log(), "log: " + text, seconds)

    def reload(self, text=None):
        before = self.log().count("eloaded")
        if text is not None:
            self.write(text)
        self.proc.send_signal(signal.SIGHUP)
        wait_for(lambda: self.log().count("eloaded") > before, "reloaded")

    def notes(self, name):
        with contextlib.suppress(OSError):
            with open(self.path("conf/" + name)) as f:
                return [json.loads(line) for line in f.read().splitlines()]
        return []

    def wait_notes(self, name, n, seconds=10):
        wait_for(lambda: len(self.notes(name)) >= n,
                 "%d notes of %s" % (n, name), seconds)
        return self.notes(name)

    def processes(self, name):
        """Those of our workers that are there."""
        found = []
        for fact in self.notes(name):
            with contextlib.suppress(OSError):
                with open("/proc/%d/cmdline" % fact["pid"]) as f:
                    if self.path("conf/" + name) in f.read():
                        found.append(fact["pid"])
        return sorted(set(found))

    def end(self, code=0, seconds=45):
        if self.proc.poll() is None:
            self.proc.terminate()
        equal(self.proc.wait(seconds), code, "exit status")
        wait_for(lambda: not session_members(self.proc.pid), "all gone", 5)
        check(not os.path.exists(self.ready_file), "ready file is left")
        check_sanitizer(self.log())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            for line in self.log().splitlines()[-30:]:
                print("# " + line)
        if self.proc and self.proc.poll() is None:
            self.proc.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.proc.wait(45)
        if self.proc:
            for pid in session_members(self.proc.pid):
                os.kill(pid, signal.SIGKILL)
            self.log_file.close()
        self.engine.__exit__(kind)


def connect(where):
    c = socket.socket(socket.AF_UNIX if isinstance(where, str)
                      else socket.AF_INET)
    c.settimeout(10)
    c.connect(where)
    return c


def who(sock):
    """The process that serves us."""
    return int(sock.recv(100))


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def services(*lines):
    return "SERVICES {\n%s\n}\n" % "\n".join(lines)


def deliver(where, n=1):
    for _ in range(n):
        with Lmtp(where) as c:
            (_, code, text), = c.deliver("s@example.org", [BOB], message())
            equal(code, 250, text)


# --- what a service finds -----------------------------------------------------

@tap.test
def a_service_finds_what_it_needs():
    port = free_port()
    with Own("START {\n first cmd=\"{worker:start note}\"\n"
             " second cmd=\"{worker:start exit 3}\"\n}\n" + services(
                 'unix cmd="{worker:unix serve}" listen="{dir}/sock/u" '
                 'prefork=1 maxfds=77',
                 'inet cmd="{worker:inet serve a b}" prefork=1 '
                 'listen="localhost:%d"' % port,
                 'four cmd="{worker:four serve}" listen="[127.0.0.1]:%d" '
                 'prefork=1' % free_port(),
                 'only cmd="{worker:only serve}" listen="%d" proto="tcp4" '
                 'prefork=1' % free_port())) as m:
        first, second = m.wait_notes("start", 2)
        fact, = m.wait_notes("unix", 1)
        check(second["time"] >= first["time"] and
              fact["time"] >= second["time"], "START is not over first")
        m.wait_log("second exited with status 3")
        equal(fact["env"], {"CYRUS_SERVICE": "unix", "CYRUS_ID": "0"}, "env")
        equal(fact["nofile"], [77, 77], "maxfds")
        equal(fact["uid"], m.engine.owner(), "user")
        check(fact["mask"], "signals are blocked")
        check(fact["fds"]["3"].startswith("pipe:") and
              fact["fds"]["4"].startswith("socket:"), fact["fds"])
        check(set(fact["fds"]) <= {"0", "1", "2", "3", "4", "5"},
              "descriptors: %r" % fact["fds"])
        equal(os.stat(m.path("sock/u")).st_mode & 0o777, 0o777, "mode")
        facts = m.wait_notes("inet", len({
            a[0] for a in socket.getaddrinfo("localhost", port)}))
        equal(sorted(f["env"]["CYRUS_ID"] for f in facts),
              [str(i) for i in range(len(facts))], "CYRUS_ID")
        equal(facts[0]["argv"], ["serve", "a", "b"], "arguments")
        equal(facts[0]["nofile"][0], 256, "soft limit")
        check(facts[0]["nofile"][1] >= 256, "hard limit")
        m.wait_notes("four", 1)
        equal(len(m.wait_notes("only", 1)), 1, "tcp4 has one socket")
        # Each of its addresses answers.
        for where in ("127.0.0.1", port), m.path("sock/u"):
            with connect(where) as c:
                check(who(c) > 0, "served")
        m.end()
        check(not os.path.exists(m.path("sock/u")), "socket is left")


@tap.test
def processes_follow_the_load():
    """prefork, maxchild, and the words of the status pipe."""
    with Own(services(
            'few cmd="{worker:few serve}" listen="{dir}/sock/f" maxchild=2',
            'pre cmd="{worker:pre serve}" listen="{dir}/sock/p" prefork=2',
            'sitter cmd="{worker:sitter serve}" listen="{dir}/sock/s" '
            'babysit=1')) as m:
        m.wait_notes("pre", 2)
        m.wait_notes("sitter", 1)
        equal(m.notes("few"), [], "one without a connection")
        first = connect(m.path("sock/f"))
        one = who(first)
        second = connect(m.path("sock/f"))
        two = who(second)
        third = connect(m.path("sock/f"))
        third.settimeout(0.7)
        try:
            raise AssertionError("more than maxchild: %d" % who(third))
        except socket.timeout:
            third.settimeout(10)
        first.close()
        equal(who(third), one, "who became available")
        second.close()
        third.close()
        # Two are ready again: nobody is forked for the next one.
        with connect(m.path("sock/f")) as c:
            check(who(c) in (one, two), "a new one")
        equal(len(m.notes("few")), 2, "processes of few")
        # A busy one is replaced to keep two ready.
        with connect(m.path("sock/p")) as c:
            who(c)
            m.wait_notes("pre", 3)
        os.kill(m.processes("sitter")[0], signal.SIGKILL)
        m.wait_notes("sitter", 2)
        m.proc.send_signal(signal.SIGUSR1)
        m.wait_log("state service few id=0 ready=2 processes=2 forks=2 "
                   "connections=4")
        m.end()


@tap.test
def one_that_fails_again_and_again_is_disabled():
    text = services(
        'bad cmd="{worker:bad exit 1}" listen="{dir}/sock/b" prefork=1',
        'none cmd="/nonexistent/x" listen="{dir}/sock/n" prefork=1',
        'brief cmd="{worker:brief exit 0}" listen="{dir}/sock/c" prefork=1',
        'sat cmd="{worker:sat until FLAG}" listen="{dir}/sock/s" babysit=1',
        'good cmd="{worker:good serve}" listen="{dir}/sock/g"')
    with Own(text) as m:
        for name in ("bad", "none", "brief"):
            m.wait_log("error: service %s failed 5 times in a row, disabled "
                       "until SIGHUP" % name)
        m.wait_log("error: service sat failed 5 times in a row, disabled "
                   "for 10 s")
        begin = time.monotonic()
        with connect(m.path("sock/b")), connect(m.path("sock/g")) as c:
            check(who(c) > 0, "the good one")
            with open(m.path("conf/flag"), "w"):
                pass
            m.wait_notes("sat", 6, 15)
        check(time.monotonic() - begin > 8, "too early")
        with connect(m.path("sock/s")) as c:
            check(who(c) > 0, "the one that was tried again")
            used = cpu_seconds(m.proc.pid)
            time.sleep(1)
        check(cpu_seconds(m.proc.pid) - used < 0.3, "it does not sleep")
        equal(len(m.notes("bad")), 5, "forks")
        check("/nonexistent/x: No such file" in m.log(), "reason")
        m.reload(text.replace("bad exit 1", "bad serve"))
        with connect(m.path("sock/b")) as c:
            check(who(c) > 0, "after the reload")


@tap.test
def no_more_forks_in_a_second_than_allowed():
    with Own(services('r cmd="{worker:r serve}" listen="{dir}/sock/r" '
                      'prefork=6 maxforkrate=2')) as m:
        times = sorted(f["time"] for f in m.wait_notes("r", 6))
        check(times[5] - times[0] > 1.5, "six within %.2f s"
              % (times[5] - times[0]))
        m.end()


# --- daemons, events -----------------------------------------------------------

@tap.test
def daemons_are_kept_and_end_in_order():
    text = ('DAEMON {\n one cmd="{worker:one ok}" wait=yes\n'
            ' two cmd="{worker:two ok}" wait=yes\n'
            ' plain cmd="{worker:plain stay}"\n}\n' +
            services('s cmd="{worker:s stay}" listen="{dir}/sock/s" '
                     'prefork=1'))
    with Own(text) as m:
        one, = m.wait_notes("one", 1)
        two, = m.wait_notes("two", 1)
        plain, = m.wait_notes("plain", 1)
        m.wait_notes("s", 1)
        check(one["time"] < two["time"] < plain["time"], "order of the start")
        equal(one["env"], {"CYRUS_SERVICE": "one", "CYRUS_ID": "0",
                           "CYRUS_ISDAEMON": "1"}, "environment")
        check(not plain["fds"].get("3", "").startswith("pipe:"),
              "a pipe that is not waited for")
        os.kill(plain["pid"], signal.SIGKILL)
        m.wait_notes("plain", 2)
        m.wait_log("daemon plain: %d died of signal 9" % plain["pid"])
        m.reload(text.replace(" plain cmd=\"{worker:plain stay}\"\n", ""))
        wait_for(lambda: any("hup" in f for f in m.notes("one")), "SIGHUP")
        wait_for(lambda: any("end" in f for f in m.notes("plain")),
                 "end of the removed one")
        equal(m.processes("one"), [one["pid"]], "the daemon that stays")
        m.end()
        ends = {name: max(f["time"] for f in m.notes(name) if "end" in f)
                for name in ("one", "two", "s")}
        check(ends["s"] < ends["two"] < ends["one"], "order of the end")


@tap.test
def a_daemon_that_is_not_ready_ends_the_start():
    with Own('DAEMON {\n a cmd="{worker:a ok}" wait=1\n'
             ' b cmd="{worker:b bad}" wait=1\n}\n', start=False) as m:
        m.start(wait=False)
        equal(m.proc.wait(20), 69, "exit status")
        check("daemon b did not say that it is ready" in m.log(), m.log())
        wait_for(lambda: not session_members(m.proc.pid), "all gone", 5)


@tap.test
def events_run_at_their_time():
    """Local midnight is some seconds away."""
    with Own('EVENTS {\n once cmd="{worker:once note}"\n'
             ' start cmd="{worker:start exit 5}" period=30\n'
             ' night cmd="{worker:night note}" at=0000\n'
             ' noon cmd="{worker:noon note}" at=1200\n}\n',
             start=False) as m:
        left = 86400 - (int(time.time()) + 4) % 86400
        m.env["TZ"] = "XXX-%d:%02d:%02d" % (left // 3600, left // 60 % 60,
                                          left % 60)
        m.start()
        m.wait_notes("once", 1)
        m.wait_notes("start", 1)
        m.wait_log("event start: ")
        check("exited with status 5" in m.log(), m.log())
        m.wait_notes("night", 1)
        time.sleep(1)
        equal([len(m.notes(n)) for n in ("once", "start", "night", "noon")],
              [1, 1, 1, 0], "runs")
        m.end()


# --- reload ----------------------------------------------------------------------

@tap.test
def reload_changes_removes_and_adds():
    old = services(
        'same cmd="{worker:same serve}" listen="{dir}/sock/same" prefork=1',
        'gone cmd="{worker:gone serve}" listen="{dir}/sock/gone" prefork=1',
        'name cmd="{worker:name serve}" listen="{dir}/sock/name" prefork=1')
    new = services(
        'same cmd="{worker:same serve new}" listen="{dir}/sock/same" '
        'prefork=2',
        'added cmd="{worker:added serve}" listen="{dir}/sock/added"',
        'other cmd="{worker:name serve}" listen="{dir}/sock/name" prefork=1')
    with Own(old) as m:
        before = [m.wait_notes(n, 1)[0]["pid"] for n in ("same", "gone")]
        inodes = [os.stat(m.path("sock/" + n)).st_ino
                  for n in ("same", "name")]
        m.reload(new)
        facts = m.wait_notes("same", 3)
        equal({tuple(f["argv"]) for f in facts[1:]}, {("serve", "new")},
              "arguments")
        wait_for(lambda: not set(before) & set(
            m.processes("same") + m.processes("gone")), "old processes")
        check(not os.path.exists(m.path("sock/gone")), "old socket")
        for name in ("same", "added", "name"):
            with connect(m.path("sock/" + name)) as c:
                check(who(c) > 0, name)
        equal(m.wait_notes("name", 2)[1]["env"]["CYRUS_SERVICE"], "other",
              "name")
        equal([os.stat(m.path("sock/" + n)).st_ino for n in ("same", "name")],
              inodes, "sockets were made anew")
        m.end()


@tap.test
def reload_keeps_what_it_has_when_a_file_is_bad():
    text = services('s cmd="{worker:s serve}" listen="{dir}/sock/s" '
                    'prefork=1')
    with Own(text) as m:
        pid = m.wait_notes("s", 1)[0]["pid"]
        m.reload(text.replace("prefork=1", "prefork=many"))
        m.wait_log("keeping the old one")
        check(re.search(r"cyrus.conf:2:\d+: prefork=\"many\": a number",
                        m.log()), "the reason is not in the log")
        m.write(text)
        m.engine.settings["umask"] = "9"
        m.engine.write_conf()
        m.reload()
        time.sleep(0.3)
        equal(m.processes("s"), [pid], "processes")
        with connect(m.path("sock/s")) as c:
            equal(who(c), pid, "service")


# --- files, options ------------------------------------------------------------

USAGE = [("-x",), ("-C",), ("-l", "0"), ("-l", "many"), ("extra",),
         ("-d", "-D")]


@tap.test
def wrong_usage_and_wrong_files_are_told():
    with Own(services("s cmd=x listen=1 prefork=many"), start=False) as m:
        for more in USAGE:
            got = subprocess.run(
                [program("lmtp/master"), *more], stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL, text=True, timeout=20)
            equal(got.returncode, 64, repr(more))
            check("usage: master" in got.stderr, got.stderr)
        m.log_file = open(m.log_path, "ab")
        for options in ((), ("-n",)):
            got = subprocess.run(m.command(*options), text=True, timeout=20,
                                 stdin=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
            equal(got.returncode, 78, "bad cyrus.conf")
            check(m.cyrus_conf + ":2:26: error: prefork" in got.stderr,
                  got.stderr)
        m.write(services("s cmd=x listen=1"))
        equal(subprocess.run(m.command("-n"), timeout=20).returncode, 0, "-n")


@tap.test
def its_files_say_who_runs():
    with Own("", "-D", "-p", "/tmp/x", start=False) as m:
        pid_file, ready = m.path("conf/p"), m.path("conf/r")
        m.options = ("-D", "-p", pid_file, "-r", ready)
        m.ready_file = ready
        m.start()
        with open(pid_file) as f:
            equal(int(f.read()), m.proc.pid, "pid file")
        got = subprocess.run(m.command(), stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, text=True,
                             stderr=subprocess.PIPE, timeout=20)
        equal(got.returncode, 75, "a second one")
        check("already running, pid %d" % m.proc.pid in got.stderr,
              got.stderr)
        check(os.path.exists(ready), "the second one removed the ready file")
        m.end()


@tap.test
def in_the_background_it_returns_when_it_is_ready():
    with Own(services('s cmd="{worker:s serve}" listen="{dir}/sock/s"'),
             "-d", start=False) as m:
        m.options = ("-d", "-L", m.path("conf/log"))
        m.log_file = open(m.log_path, "ab")
        got = subprocess.run(m.command(), timeout=30,
                             stdin=subprocess.DEVNULL)
        equal(got.returncode, 0, "exit status")
        check(os.path.exists(m.ready_file), "not ready")
        with open(m.path("conf/master.pid")) as f:
            pid = int(f.read())
        try:
            equal(os.getsid(pid), pid, "its own session")
            with connect(m.path("sock/s")) as c:
                check(who(c) > 0, "service")
            equal(subprocess.run(m.command(), timeout=30,
                                 stdin=subprocess.DEVNULL).returncode, 75,
                  "a second one")
        finally:
            os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not session_members(pid), "all gone", 10)
        with open(m.path("conf/log")) as f:
            log = f.read()
        check("ready" in log and "shutting down" in log, "log file: " + log)
        check_sanitizer(log)


@tap.test
def addresses_in_use():
    """Of a living one: that service is left out, or nothing starts."""
    with socket.socket(socket.AF_UNIX) as taken:
        text = services(
            'a cmd="{worker:a serve}" listen="{dir}/sock/a"',
            'b cmd="{worker:b serve}" listen="{dir}/sock/b"',
            'c cmd="{worker:c serve}" listen="[::1"')
        with Own(text, start=False) as m:
            taken.bind(m.path("sock/a"))
            taken.listen(1)
            with socket.socket(socket.AF_UNIX) as stale:
                stale.bind(m.path("sock/b"))
            m.start()
            with connect(m.path("sock/b")) as c:
                check(who(c) > 0, "a stale socket is in the way")
            m.wait_log("error: service a: ")
            m.wait_log("error: service c: ")
            check(os.path.exists(m.path("sock/a")), "another's socket")
            m.end()
            m.engine.settings["master_bind_errors_fatal"] = "yes"
            m.engine.write_conf()
            m.start(wait=False)
            equal(m.proc.wait(20), 78, "exit status")
            check(not os.path.exists(m.path("sock/b")), "socket is left")


@tap.test
def datagrams_go_to_one_process():
    with Own(services('n cmd="{worker:n stay}" listen="{dir}/sock/n" '
                      'proto="udp" prefork=3')) as m:
        fact, = m.wait_notes("n", 1)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect(m.path("sock/n"))
            s.send(b"x")
        time.sleep(0.5)
        equal(len(m.notes("n")), 1, "processes")
        m.end()


# --- lmtpd, of both kinds ---------------------------------------------------------

@tap.test
def our_lmtpd_by_all_addresses():
    port = free_port()
    with Own(services(
            'lmtpunix cmd="{lmtpd}" listen="{dir}/sock/lmtp" prefork=1',
            'lmtp cmd="{lmtpd} -a -U 3" listen="127.0.0.1:%d" maxchild=3'
            % port)) as m:
        deliver(m.path("sock/lmtp"), 2)
        deliver(("127.0.0.1", port), 8)
        equal(len(m.engine.box("bob")), 10, "messages")
        m.wait_log("-U after 3 connections")
        begin = time.monotonic()
        m.end()
        print("# gone %.1f s after SIGTERM" % (time.monotonic() - begin))
        check(" error: " not in m.log(), m.log())


@tap.test
def an_open_transaction_survives_reload_and_end():
    with Own(services('lmtpunix cmd="{lmtpd}" listen="{dir}/sock/lmtp" '
                      'maxchild=1')) as m:
        where = m.path("sock/lmtp")
        with Lmtp(where) as old:
            old.envelope("s@example.org", [BOB])
            old.want(354, "DATA")
            m.reload()
            deliver(where)      # maxchild=1, and the old one is still there
            with Lmtp(where) as new:
                new.envelope("s@example.org", [BOB])
                new.want(354, "DATA")
                m.proc.terminate()
                for c in (old, new):
                    c.send(stuffed(message()))
                    equal(c.reply()[0], 250, "reply")
        m.end()
        equal(len(m.engine.box("bob")), 3, "messages")
        check(" error: " not in m.log(), m.log())


@tap.test
def one_that_is_killed_takes_lmtpd_along():
    port = free_port()
    where = "127.0.0.1", port
    with Own(services('lmtp cmd="{lmtpd} -a" listen="127.0.0.1:%d" prefork=2'
                      % port)) as m:
        with Lmtp(where) as c:
            c.envelope("s@example.org", [BOB])
            c.want(354, "DATA")
            m.proc.kill()
            m.proc.wait()
            time.sleep(0.3)
            c.send(stuffed(message()))
            equal(c.reply()[0], 250, "the open transaction")
        wait_for(lambda: not session_members(m.proc.pid), "all gone", 10)
        os.unlink(m.ready_file)     # nobody could
        m.start()       # nobody holds the address or the lock
        deliver(where)
        equal(len(m.engine.box("bob")), 2, "messages")
        m.end()


@tap.test
def systemd_is_told():
    with Own("", start=False) as m, socket.socket(
            socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(m.path("conf/notify"))
        os.chmod(m.path("conf/notify"), 0o666)
        notify.settimeout(20)
        m.env["NOTIFY_SOCKET"] = m.path("conf/notify")
        m.start()
        check("READY=1" in notify.recv(4096).decode().split("\n"), "READY")
        m.reload()
        check("RELOADING=1" in notify.recv(4096).decode(), "RELOADING")
        check("READY=1" in notify.recv(4096).decode(), "READY again")
        m.end()
        check("STOPPING=1" in notify.recv(4096).decode(), "STOPPING")


def cyrus_settings(root, m):
    """A configuration that Cyrus 3.6 and we both take."""
    with open(m.engine.conf, "w") as f:
        for key, value in {
                "configdirectory": m.path("cyrus"),
                "defaultpartition": "default",
                "partition-default": m.path("cyrus/spool"),
                "servername": "tamis.example.test",
                "cyrus_user": m.engine.settings["cyrus_user"],
                "cyrus_group": m.engine.settings["cyrus_group"],
                "sievedir": m.path("cyrus/sieve"),
                "lmtpsocket": m.path("sock/lmtp"),
                "unixhierarchysep": "yes"}.items():
            f.write("%s: %s\n" % (key, value))
    for d in ("", "/spool", "/sieve", "/db", "/socket", "/proc", "/log",
              "/lock", "/msg", "/user", "/quota"):
        os.mkdir(m.path("cyrus") + d)
        m.engine.own(m.path("cyrus") + d)


@tap.test
def lmtpd_of_cyrus_runs_under_it():
    """It waits for one client at a time, and -U ends it: so each word of the
    status pipe counts."""
    try:
        peer.need_root("Cyrus lmtpd")
        root = peer.fetch("cyrus-common")
    except peer.Missing as why:
        raise Skip(str(why))
    lmtpd = root + "/usr/lib/cyrus/bin/lmtpd"
    with Own(services('lmtpunix cmd="%s -C {dir}/imapd.conf -U 2 -T 5" '
                      'listen="{dir}/sock/lmtp" maxchild=3' % lmtpd),
             start=False) as m:
        cyrus_settings(root, m)
        m.ready_file = m.path("cyrus/master.ready")
        m.env["LD_LIBRARY_PATH"] = peer.environment(root)["LD_LIBRARY_PATH"]
        m.start()
        where = m.path("sock/lmtp")

        def session():
            with Lmtp(where) as c:
                check("Cyrus LMTP" in c.greeting[1], c.greeting)
                c.want(250, "MAIL FROM:<s@example.org>")
                equal(c.cmd("RCPT TO:<nobody@example.test>")[0], 550, "RCPT")
                c.quit()
        for _ in range(7):
            session()
        many = [Lmtp(where) for _ in range(3)]
        last = Lmtp(where, greet=False)
        last.sock.settimeout(0.7)
        try:
            raise AssertionError("more than maxchild: %r" % (last.reply(),))
        except socket.timeout:
            last.sock.settimeout(30)
        for c in many:
            c.quit()
        equal(last.reply()[0], 220, "the one that waited")
        last.sock.close()
        m.reload()
        session()
        m.proc.send_signal(signal.SIGUSR1)
        m.wait_log("connections=12 ")
        m.end()
        check(" error: " not in m.log(), m.log())


tap.main()
