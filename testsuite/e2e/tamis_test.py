"""What all end-to-end tests share: TAP, a private lmtpd, an LMTP client that
hides nothing, and a Maildir reader that trusts no name.

An Instance is a store, a configuration and a running lmtpd in a directory of
its own; everything it starts is ended by its process id.
"""
import base64
import contextlib
import os
import pwd
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("top_builddir", TOP)
KEEP = bool(os.environ.get("TAMIS_KEEP"))

# As root the engine drops to this user, who owns the store; "mail" is in
# every Debian's base-passwd.
MAIL_USER = "mail"


# Ended from outside: leave through the exits, so that servers are stopped.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


# --- TAP ------------------------------------------------------------------

class Skip(Exception):
    pass


class Tap:
    """Run functions marked with @tap.test in order, one TAP line each."""

    def __init__(self):
        self.tests = []

    def test(self, fn):
        self.tests.append(fn)
        return fn

    def main(self):
        print("1..%d" % len(self.tests), flush=True)
        bad = 0
        for n, fn in enumerate(self.tests, 1):
            name = fn.__name__.replace("_", " ")
            try:
                fn()
            except Skip as why:
                print("ok %d - %s # SKIP %s" % (n, name, why), flush=True)
                continue
            except Exception:
                bad += 1
                print("not ok %d - %s" % (n, name))
                for line in traceback.format_exc().splitlines():
                    print("# " + line)
                sys.stdout.flush()
                continue
            print("ok %d - %s" % (n, name), flush=True)
        sys.exit(1 if bad else 0)


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError("%s: got %s, want %s"
                             % (what, short(got), short(want)))


def check(cond, what):
    if not cond:
        raise AssertionError(what)


def short(value):
    text = repr(value)
    return text if len(text) < 600 else text[:600] + "... (%d)" % len(text)


def wait_for(fn, what, seconds=20):
    """Poll fn until it returns something true; that is returned."""
    end = time.monotonic() + seconds
    while True:
        got = fn()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError("timed out after %d s: %s" % (seconds, what))
        time.sleep(0.05)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def program(path):
    full = os.path.join(BUILD, path)
    if not os.access(full, os.X_OK):
        print("Bail out! %s is not built" % full)
        sys.exit(1)
    return full


def has_test_hooks():
    with contextlib.suppress(OSError):
        with open(os.path.join(BUILD, "config.h")) as f:
            return "#define TAMIS_TEST_HOOKS 1" in f.read()
    return False


def has_sanitizer():
    with open(program("lmtp/lmtpd"), "rb") as f:
        return b"__asan_init" in f.read()


# --- messages -------------------------------------------------------------

def crlf(text):
    """Test text with LF line ends, as it goes over the wire."""
    if isinstance(text, str):
        text = text.encode()
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def message(subject="hello", body="Hello.\n", **headers):
    lines = ["From: Sender <sender@example.org>", "To: you@example.test",
             "Subject: " + subject,
             "Message-ID: <%s@example.org>" % os.urandom(8).hex(),
             "Date: Fri, 21 Nov 2025 12:00:00 +0000"]
    lines += ["%s: %s" % (k.replace("_", "-"), v) for k, v in headers.items()]
    return crlf("\n".join(lines) + "\n\n" + body)


def stuffed(data):
    """DATA form: dots doubled, CRLF.CRLF behind. Only CRLF ends a line."""
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    data = data.replace(b"\r\n.", b"\r\n..")
    return (b"." if data.startswith(b".") else b"") + data + b".\r\n"


# --- LMTP client ----------------------------------------------------------

class Lmtp:
    """
    A blunt LMTP client: it sends what it is told and reads replies.
      where  (host, port), path of a unix socket, or a socket (or what
             looks like one)
    """

    def __init__(self, where, timeout=60, greet=True):
        if isinstance(where, tuple):
            self.sock = socket.create_connection(where)
        elif isinstance(where, str):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(where)
        else:
            self.sock = where
        self.sock.settimeout(timeout)
        self.have = b""
        if greet:
            self.greeting = self.reply()
            self.lhlo = self.cmd("LHLO client.example.org")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes)
                          else data.encode())

    def line(self):
        while b"\n" not in self.have:
            got = self.sock.recv(65536)
            if not got:
                raise ConnectionError("closed by lmtpd; had %r" % self.have)
            self.have += got
        line, self.have = self.have.split(b"\n", 1)
        check(line.endswith(b"\r"), "reply line without CR: %r" % line)
        return line[:-1].decode()

    def reply(self):
        """(code, text); lines of a multi-line reply joined by newline."""
        texts = []
        while True:
            line = self.line()
            check(re.fullmatch(r"[2-5]\d\d[ -].*|[2-5]\d\d", line),
                  "not a reply: %r" % line)
            texts.append(line[4:])
            if line[3:4] != "-":
                return int(line[:3]), "\n".join(texts)

    def cmd(self, line):
        self.send(line + "\r\n")
        return self.reply()

    def want(self, code, line):
        got = self.cmd(line)
        check(got[0] == code, "%s: got %r, want %d" % (line, got, code))
        return got

    def envelope(self, sender, rcpts):
        """Recipients that were accepted, and all RCPT replies."""
        self.want(250, "MAIL FROM:<%s>" % sender)
        replies = [self.cmd("RCPT TO:<%s>" % r) for r in rcpts]
        return [r for r, (code, _) in zip(rcpts, replies)
                if code == 250], replies

    def deliver(self, sender, rcpts, data):
        """[(recipient, code, text)] of the accepted recipients, in order."""
        accepted, replies = self.envelope(sender, rcpts)
        check(accepted, "no recipient accepted: %r" % replies)
        self.want(354, "DATA")
        self.send(stuffed(data))
        return [(r,) + self.reply() for r in accepted]

    def quit(self):
        self.want(221, "QUIT")
        self.sock.close()


# --- Maildir --------------------------------------------------------------

def mailbox_to_dir(name):
    """Maildir++ directory of a mailbox; "" for INBOX."""
    if name == "INBOX":
        return ""
    return "." + ".".join(mutf7(part) for part in name.split("/"))


def mutf7(text):
    """Modified UTF-7, RFC 3501 s. 5.1.3."""
    out = []
    for run in re.findall("[ -~]+|[^ -~]+", text):
        if run[0] >= " " and run[0] <= "~":
            out.append(run.replace("&", "&-"))
        else:
            b64 = base64.b64encode(run.encode("utf-16-be")).decode()
            out.append("&" + b64.rstrip("=").replace("/", ",") + "-")
    return "".join(out)


class Stored:
    """A message file, checked against what its name says."""

    def __init__(self, path, keywords):
        self.path = path
        self.new = os.path.basename(os.path.dirname(path)) == "new"
        with open(path, "rb") as f:
            self.bytes = f.read()
        base, _, info = os.path.basename(path).partition(":")
        flags = info[2:] if info.startswith("2,") else ""
        self.flags = {c for c in flags if c.isupper()}
        self.keywords = {keywords.get(c, "unknown-" + c)
                         for c in flags if c.islower()}
        sizes = dict(re.findall(r",([SW])=(\d+)", base))
        check(set(sizes) == {"S", "W"}, "no S= and W= in " + path)
        self.size, self.wsize = int(sizes["S"]), int(sizes["W"])
        equal(self.size, len(self.bytes), "S= of " + path)
        bare = len(re.findall(rb"(?<!\r)\n", self.bytes))
        equal(self.wsize, self.size + bare, "W= of " + path)

    def trace(self, sent):
        """Our own header lines; behind them must be what was sent."""
        check(self.bytes.endswith(sent), "stored %s, sent %s"
              % (short(self.bytes[-len(sent):]), short(sent)))
        lines = self.bytes[:-len(sent)].decode()
        check(re.fullmatch(
            r"Return-Path: <.*>\r?\nReceived: .*\r?\n([ \t].*\r?\n)*", lines),
            "trace lines: " + short(lines))
        return lines


def read_maildir(root):
    """{mailbox directory: [Stored]}; "" is INBOX."""
    found = {}
    for name in [""] + sorted(n for n in os.listdir(root)
                              if n.startswith(".")):
        box = os.path.join(root, name)
        if not os.path.isdir(os.path.join(box, "cur")):
            continue
        keywords = {}
        with contextlib.suppress(OSError):
            with open(os.path.join(box, "dovecot-keywords")) as f:
                for line in f:
                    index, _, word = line.rstrip("\n").partition(" ")
                    keywords[chr(ord("a") + int(index))] = word
        found[name] = [Stored(os.path.join(box, sub, f), keywords)
                       for sub in ("new", "cur")
                       if os.path.isdir(os.path.join(box, sub))
                       for f in sorted(os.listdir(os.path.join(box, sub)))]
    return found


# --- an engine of our own ---------------------------------------------------

class Instance:
    """
    users   {name: Sieve script or None}
    conf    further settings
    """

    def __init__(self, users, conf=None):
        self.dir = tempfile.mkdtemp(prefix="tamis-e2e.")
        os.chmod(self.dir, 0o755)
        self.lmtpd = program("lmtp/lmtpd")
        self.unix = os.path.join(self.dir, "sock", "lmtp")
        self.port = free_port()
        self.tcp = ("127.0.0.1", self.port)
        self.log_path = os.path.join(self.dir, "lmtpd.log")
        self.proc = None
        self.settings = {
            "configdirectory": self.path("conf"),
            "partition-default": self.path("store"),
            "defaultpartition": "default",
            "servername": "tamis.example.test",
            "sievedir": self.path("sieve"),
            "anysievefolder": "yes",
            "lmtp_pid_file": self.path("conf/lmtpd.pid"),
            "smtp_host": "127.0.0.1:1",     # nobody listens there
        }
        if os.geteuid() == 0:
            self.settings["cyrus_user"] = MAIL_USER
            self.settings["cyrus_group"] = MAIL_USER
        # any test with another order: one-commit lets workers take several
        if os.environ.get("TAMIS_SYNC_ORDER"):
            self.settings["maildir_sync_order"] = os.environ[
                "TAMIS_SYNC_ORDER"]
        self.settings.update(conf or {})
        for d in ("conf", "store", "sieve", "sock"):
            os.mkdir(self.path(d))
            self.own(self.path(d))
        for user, script in users.items():
            self.add_user(user, script)
        self.write_conf()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if kind and kind is not SystemExit:
                print("# last lines of the log of %s:" % self.dir)
                for line in self.log().splitlines()[-25:]:
                    print("#   " + line)
        finally:
            self.end(kind)

    def end(self, kind):
        try:
            if self.proc:
                self.stop(check_exit=kind in (None, SystemExit))
        finally:
            if not KEEP:
                shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, rel):
        return os.path.join(self.dir, rel)

    def own(self, path):
        if os.geteuid() == 0:
            who = pwd.getpwnam(MAIL_USER)
            os.chown(path, who.pw_uid, who.pw_gid)

    def owner(self):
        return pwd.getpwnam(MAIL_USER).pw_uid if os.geteuid() == 0 \
            else os.getuid()

    def write_conf(self):
        self.conf = self.path("imapd.conf")
        with open(self.conf, "w") as f:
            for key, value in self.settings.items():
                f.write("%s: %s\n" % (key, value))

    def add_user(self, user, script):
        for d in ("", "cur", "new", "tmp"):
            os.mkdir(self.path(os.path.join("store", user, d)), 0o700)
            self.own(self.path(os.path.join("store", user, d)))
        if script is not None:
            self.set_script(user, script)

    def set_script(self, user, script, name="main"):
        """Cyrus layout; the link's target need not exist."""
        base = self.path("sieve/" + user[0])
        for d in (base, os.path.join(base, user)):
            os.makedirs(d, exist_ok=True)
            self.own(d)
        base = os.path.join(base, user)
        with open(os.path.join(base, name + ".script"), "w") as f:
            f.write(script)
        self.own(os.path.join(base, name + ".script"))
        link = os.path.join(base, "defaultbc")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(link)
        os.symlink(name + ".bc", link)

    def command(self, *args):
        return [self.lmtpd, "-C", self.conf, *args]

    def start(self, *args, wait=True):
        args = args or ("-a", "-l", "unix:" + self.unix,
                        "-l", "inet:127.0.0.1:%d" % self.port)
        self.log_file = open(self.log_path, "ab")
        self.proc = subprocess.Popen(
            self.command(*args), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.log_file,
            start_new_session=True, cwd=self.dir)
        if wait:
            self.wait_ready()
        return self.proc

    def wait_ready(self, seconds=30):
        end = time.monotonic() + seconds
        line = b""
        while not line.endswith(b"\n"):
            left = end - time.monotonic()
            if left <= 0 or not select.select(
                    [self.proc.stdout], [], [], left)[0]:
                raise AssertionError("lmtpd not ready; log: " + self.log())
            got = os.read(self.proc.stdout.fileno(), 1)
            if not got:
                raise AssertionError("lmtpd exited with %s; log: %s"
                                     % (self.proc.wait(), self.log()))
            line += got
        check(re.fullmatch(rb"ready( \S+)*\n", line),
              "first line on stdout: %r" % line)
        if os.geteuid() == 0 and os.path.exists(self.unix):
            os.chmod(self.unix, 0o666)      # the peers run as other users

    def stop(self, check_exit=True, seconds=35):
        """SIGTERM, wait; what is left after that is killed by id."""
        proc, self.proc = self.proc, None
        code = None
        if proc.poll() is None:
            proc.send_signal(signal.SIGTERM)
        try:
            code = proc.wait(seconds)
        except subprocess.TimeoutExpired:
            proc.kill()
            proc.wait()
        proc.stdout.close()
        self.log_file.close()
        left = wait_gone(proc.pid)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if check_exit:
            equal(code, 0, "exit status after SIGTERM")
            equal(left, [], "processes left behind")
            check_sanitizer(self.log())
        return code

    def log(self):
        with contextlib.suppress(OSError):
            with open(self.log_path, errors="replace") as f:
                return f.read()
        return ""

    def client(self, unix=True, **kw):
        return Lmtp(self.unix if unix else self.tcp, **kw)

    def deliver(self, rcpts, data, sender="sender@example.org", unix=True):
        with self.client(unix) as c:
            return c.deliver(sender, rcpts, data)

    def boxes(self, user):
        return read_maildir(self.path("store/" + user))

    def box(self, user, mailbox="INBOX"):
        return self.boxes(user).get(mailbox_to_dir(mailbox), [])

    def count(self, user):
        return {d: len(m) for d, m in self.boxes(user).items() if m}


def check_sanitizer(log):
    """A report of ASan or UBSan fails the test, whatever the replies."""
    # No ".*" in front: that is quadratic, and logs are large.
    hit = re.search(r"(AddressSanitizer|LeakSanitizer|runtime error:).*",
                    log)
    check(not hit, "sanitizer report: " + (hit.group(0) if hit else ""))


def session_members(sid):
    """Processes of the session started for an lmtpd."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                with open("/proc/%s/stat" % name) as f:
                    fields = f.read().rpartition(")")[2].split()
                if int(fields[3]) == sid and fields[0] not in "ZX":
                    found.append(int(name))
    return found


def wait_gone(sid, seconds=3):
    end = time.monotonic() + seconds
    while True:
        left = session_members(sid)
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.05)
