"""How lmtpd starts, stops, and outlives its own workers."""
import contextlib
import os
import re
import signal
import socket
import subprocess
import time

from tamis_test import (Instance, Lmtp, Skip, Tap, check, check_sanitizer,
                        equal, has_test_hooks, message, session_members,
                        stuffed, wait_gone)

tap = Tap()
USERS = {"alice": None, "bob": None, "carol": None, "dave": None}


def address(user):
    return user + "@example.test"


@tap.test
def ready_is_said_when_connections_are_accepted():
    with Instance(USERS) as engine:
        for unix in (True, False):
            (_, code, text), = engine.deliver([address("bob")], message(),
                                              unix=unix)
            equal(code, 250, text)
        equal(len(engine.box("bob")), 2, "messages")


@tap.test
def SIGTERM_lets_an_open_transaction_finish():
    """Told to stop between DATA and the dot: 250 or 421/4yz, and what was
    answered 250 is there."""
    engine = Instance(USERS)
    with engine:
        idle, busy = engine.client(), engine.client()
        busy.envelope("s@example.org", [address("bob")])
        busy.want(354, "DATA")
        busy.send(b"Subject: drain\r\n\r\n")
        time.sleep(0.2)
        engine.proc.send_signal(signal.SIGTERM)
        equal(idle.reply()[0], 421, "reply to the idle session")
        busy.send(b"Body.\r\n.\r\n")
        equal(busy.reply()[0], 250, "reply after the dot")
        equal(engine.proc.wait(30), 0, "exit status")
        equal(len(engine.box("bob")), 1, "messages")


@tap.test
def SIGTERM_refuses_new_connections():
    with Instance(USERS) as engine:
        busy = engine.client()
        busy.envelope("s@example.org", [address("bob")])
        busy.want(354, "DATA")
        engine.proc.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        try:
            late = Lmtp(engine.tcp, greet=False, timeout=10)
            code = late.reply()[0]
        except (ConnectionError, OSError):
            code = 421
        equal(code, 421, "greeting while draining")
        busy.send(b"Subject: x\r\n\r\n.\r\n")
        equal(busy.reply()[0], 250, "reply after the dot")


@tap.test
def second_instance_is_refused_by_the_pid_file():
    with Instance(USERS) as engine:
        with open(engine.settings["lmtp_pid_file"]) as f:
            equal(int(f.read()), engine.proc.pid, "pid file")
        second = subprocess.run(
            engine.command("-l", "unix:" + engine.path("sock/other")),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=20)
        check(second.returncode != 0, "a second instance started")
        check("ready" not in second.stdout, "it said ready")
        check(str(engine.proc.pid) in second.stderr or
              "lmtpd.pid" in second.stderr, "says why: " + second.stderr)
        (_, code, text), = engine.deliver([address("bob")], message())
        equal(code, 250, text)


@tap.test
def killed_supervisor_leaves_a_store_that_starts_again():
    """SIGKILL: its children go too; the stale socket and pid file are no
    obstacle."""
    with Instance(USERS) as engine:
        engine.deliver([address("bob")], message("one"))
        first = engine.proc
        first.kill()
        first.wait()
        first.stdout.close()
        end = time.monotonic() + 10
        while session_members(first.pid) and time.monotonic() < end:
            time.sleep(0.05)
        equal(session_members(first.pid), [], "orphans")
        check(os.path.exists(engine.unix), "the stale socket is gone: "
              "this test tests nothing")
        engine.start()
        engine.deliver([address("bob")], message("two"))
        equal(len(engine.box("bob")), 2, "messages")


@tap.test
def killed_supervisor_does_not_keep_its_successor_waiting():
    """Its front still has a transaction open, and nobody has reaped it."""
    with Instance(USERS) as engine:
        busy = engine.client()
        busy.envelope("s@example.org", [address("carol")])
        busy.want(354, "DATA")
        first, first_log = engine.proc, engine.log_file
        first.kill()
        engine.start()
        (_, code, text), = engine.deliver([address("bob")], message())
        equal(code, 250, text)
        busy.send(stuffed(message()))
        equal(busy.reply()[0], 250, "reply of the old front")
        equal(busy.reply()[0], 421, "and then")
        equal(wait_gone(first.pid), [], "orphans")
        equal(len(engine.box("carol")), 1, "messages")
        first.wait()
        first.stdout.close()
        first_log.close()


@tap.test
def bad_configuration_is_refused_at_start():
    engine = Instance(USERS, {"lmtp_workers": "many"})
    got = subprocess.run(engine.command("-l", "unix:" + engine.unix),
                         stdin=subprocess.DEVNULL, timeout=20, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(got.returncode != 0, "started with a bad setting")
    check("lmtp_workers" in got.stderr, "names the setting: " + got.stderr)


def one_process(make_ends):
    engine = Instance(USERS)
    ours, theirs_in, theirs_out = make_ends()
    with open(engine.log_path, "wb") as log:
        proc = subprocess.Popen(engine.command(), stdin=theirs_in,
                                stdout=theirs_out, stderr=log)
    theirs_in.close()
    theirs_out.close()
    client = Lmtp(ours)
    got = client.deliver("s@example.org", [address("bob"), address("alice")],
                         message("one process"))
    equal([code for _, code, _ in got], [250, 250], "replies %r" % (got,))
    client.quit()
    equal(proc.wait(20), 0, "exit status")
    check_sanitizer(engine.log())
    equal(len(engine.box("bob")), 1, "messages of bob")
    equal(len(engine.box("alice")), 1, "messages of alice")


@tap.test
def one_process_mode_on_a_socketpair():
    def ends():
        ours, theirs = socket.socketpair()
        return ours, theirs, theirs.dup()
    one_process(ends)


class PipePair:
    """Two pipes with the face of a socket."""

    def __init__(self, r, w):
        self.r, self.w = r, w

    def settimeout(self, _):
        pass

    def sendall(self, data):
        self.w.write(data)
        self.w.flush()

    def recv(self, n):
        return os.read(self.r.fileno(), n)

    def close(self):
        self.r.close()
        self.w.close()


@tap.test
def one_process_mode_on_pipes():
    def ends():
        in_r, in_w = os.pipe()
        out_r, out_w = os.pipe()
        return (PipePair(os.fdopen(out_r, "rb"), os.fdopen(in_w, "wb")),
                os.fdopen(in_r, "rb"), os.fdopen(out_w, "wb"))
    one_process(ends)


def children(engine):
    return [p for p in session_members(engine.proc.pid)
            if p != engine.proc.pid]


@tap.test
def killed_children_are_replaced():
    with Instance(USERS) as engine:
        before = children(engine)
        check(before, "no child processes at all")
        for pid in before:
            # who was started by one that is gone may be gone already
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 20
        while True:
            try:
                (_, code, text), = engine.deliver([address("bob")],
                                                  message())
                break
            except (OSError, AssertionError):
                check(time.monotonic() < end, "no recovery: " + engine.log())
                time.sleep(0.2)
        equal(code, 250, text)
        check(engine.proc.poll() is None, "the supervisor died")


def crash(engine, who, rcpts):
    data = message("crash", X_Tamis_Test="crash " + who)
    got = engine.deliver([address(r) for r in rcpts], data)
    equal([r for r, _, _ in got], [address(r) for r in rcpts], "order")
    equal([code for _, code, _ in got], [250] * len(rcpts),
          "replies %r" % (got,))


@tap.test
def worker_that_dies_costs_nobody_their_mail():
    """The one whose delivery kills workers gets it in INBOX, marked and
    without script; everybody else exactly once."""
    if not has_test_hooks():
        raise Skip("needs a build with --enable-test-hooks")
    script = 'require "fileinto";\nfileinto "Box";\n'
    with Instance({u: script for u in USERS}) as engine:
        crash(engine, "carol", ["alice", "bob", "carol", "dave"])
        for user in ("alice", "bob", "dave"):
            equal(engine.count(user), {".Box": 1}, user)
        equal(engine.count("carol"), {"": 1}, "carol")
        stored, = engine.box("carol")
        equal(stored.keywords, {"$SieveFailed"}, "keywords")
        check("carol" in engine.log(), "nothing about carol in the log")


@tap.test
def worker_that_dies_for_the_first_and_the_last_recipient():
    if not has_test_hooks():
        raise Skip("needs a build with --enable-test-hooks")
    with Instance(USERS) as engine:
        crash(engine, "alice", ["alice", "bob"])
        crash(engine, "bob", ["alice", "bob"])
        crash(engine, "dave", ["dave"])
        equal({u: engine.count(u) for u in ("alice", "bob", "dave")},
              {"alice": {"": 2}, "bob": {"": 2}, "dave": {"": 1}}, "mails")


@tap.test
def crashes_of_one_session_do_not_touch_others():
    if not has_test_hooks():
        raise Skip("needs a build with --enable-test-hooks")
    with Instance(USERS) as engine:
        clients = [engine.client() for _ in range(6)]
        for n, c in enumerate(clients):
            c.envelope("s@example.org", [address("alice"), address("bob")])
            c.want(354, "DATA")
        for n, c in enumerate(clients):
            extra = {"X_Tamis_Test": "crash alice"} if n % 2 else {}
            c.send(stuffed(message("mixed %d" % n, **extra)))
        for c in clients:
            equal([c.reply()[0] for _ in range(2)], [250, 250], "replies")
            c.quit()
        for user in ("alice", "bob"):
            subjects = sorted(re.search(rb"Subject: mixed (\d)",
                                        m.bytes).group(1)
                              for m in engine.box(user))
            equal(subjects, [b"%d" % n for n in range(6)], user)


tap.main()
