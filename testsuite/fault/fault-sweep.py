#!/usr/bin/python3
"""Each system call of a delivery, in every role, fails once; then its process
dies before it. Counted role by role, because a worker makes the same calls in
the same order each time, and which call of which role comes next differs. Whatever was answered 250 is stored whole, nothing else is
visible, and the next delivery works.

  --every N     only each N-th call
  --rounds N    so many times: which call is the k-th differs a little
  --shape NAME  only this shape of delivery
  --strace      instead: strace injects, role by role (needs strace, slow)
  --verbose     which calls were met, and how each ended
"""
import argparse
import collections
import contextlib
import errno
import os
import re
import shutil
import subprocess
import time

from fault import (ANY, COUNT, ERROR, KILL, OFF, PARTIAL, SHORT, Engine,
                   QUIET_S, Judge, attempt, report)
from sink import Sink
from tamis_test import (BUILD, Skip, Tap, check, crlf, session_members,
                        wait_for)

ERRNOS = ("EIO", "ENOSPC", "EDQUOT", "EINTR", "ENOMEM", "EMFILE", "EROFS")
FAULTS = [(name, ERROR, getattr(errno, name), ANY) for name in ERRNOS] + [
    ("SIGKILL", KILL, 0, ANY), ("short", SHORT, 0, PARTIAL)]
ROLES = (b"front", b"worker", b"ask", b"out")
RECOVERY_S = 1.0        # real seconds until deliveries work again
REPLY_S = 3.0           # and until a delivery that meets a fault is over
SLOW_S = 0.4
ENOUGH = 10             # violations; a broken engine may cost seconds a point

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--every", type=int, default=1)
parser.add_argument("--rounds", type=int, default=1)
parser.add_argument("--shape")
parser.add_argument("--strace", action="store_true")
parser.add_argument("--verbose", action="store_true")
args = parser.parse_args()
tap = Tap()
grand = collections.Counter()


def folder_script():
    """Flags, when the engine can set them."""
    known = subprocess.run([os.path.join(BUILD, "tools/tamis"), "ext"],
                           stdout=subprocess.PIPE, text=True).stdout
    if "imap4flags" in known:
        return ('require ["fileinto", "imap4flags"];\n'
                'addflag ["\\\\Flagged", "work"];\nfileinto "New/Folder";\n')
    return 'require "fileinto";\nfileinto "New/Folder";\n'


class Shape:
    """
    users   {name: script}, in the order of RCPT
    fails   one whose mailbox is broken for good
    size    of the message; above 4 K it is spooled into a file
    """

    def __init__(self, users, conf=None, size=200, fails=None, named=False,
                 sink=False):
        self.users, self.size, self.fails = users, size, fails
        self.conf = {"lmtp_spool_memory": "4K", **(conf or {})}
        self.named = named
        self.sink = Sink() if sink else None
        if sink:
            self.conf["smtp_host"] = self.sink.host


SHAPES = {
    "plain": lambda: Shape({"ann": None}),
    "folder": lambda: Shape({"fred": folder_script(),
                             "kate": "this is no Sieve script"}),
    "redirect": lambda: Shape(
        {"rob": 'require "copy";\nredirect :copy "away@example.net";\n'},
        sink=True, size=6000),
    "five": lambda: Shape({"ann": None, "bob": None, "cid": None,
                           "dan": None, "eve": None}, fails="cid",
                          size=20000),
    "write-out": lambda: Shape({"ann": None, "bob": None},
                               {"maildir_sync_order": "write-out"},
                               size=20000),
    "one-commit": lambda: Shape({"ann": None, "bob": None},
                                {"maildir_sync_order": "one-commit"},
                                size=20000),
    "quota": lambda: Shape({"ann": None}, {"autocreate_quota": "1G"}),
    "named": lambda: Shape({"ann": None}, named=True),
}


class Sweep:
    def __init__(self, name, shape, engine):
        self.name, self.shape, self.engine = name, shape, engine
        self.cell = engine.cell
        self.judge = Judge(engine, list(shape.users))
        self.good = [u for u in shape.users if u != shape.fails]
        self.role = b""
        self.points = collections.Counter()     # fault -> points
        self.met = collections.Counter()        # (role, call)
        self.ends = collections.Counter()       # (fault, call, how it ended)
        self.slowest = self.recovery = 0.0
        if shape.fails:
            self.break_mailbox(shape.fails)
        self.cell.set("no_tmpfile", shape.named)

    def break_mailbox(self, user):
        """Links where new/ and cur/ should be are not followed: 451."""
        for sub in ("new", "cur"):
            path = self.engine.path("store/%s/%s" % (user, sub))
            os.rmdir(path)
            os.symlink("tmp", path)

    def learn(self):
        """Calls of one delivery: the most of several."""
        most = 0
        for _ in range(3):
            self.judge.where = "%s without fault" % self.name
            m = self.judge.new_message(self.shape.size)
            self.cell.arm(COUNT, only=self.role)
            codes = attempt(self.engine, m, self.shape.users)
            self.cell.settle()
            most = max(most, self.cell.get("count"))
            self.judge.stored(m)
            want = {u: 250 for u in self.good}
            got = {u: c for u, c in codes.items() if u in self.good}
            check(got == want, "without fault: %r" % codes)
        self.cell.arm(OFF)
        return most

    def point(self, fault, k):
        """False: this delivery had no k-th call."""
        name, mode, err, mask = fault
        self.judge.where = "%s %s %d" % (self.name, name, k)
        m = self.judge.new_message(self.shape.size)
        self.cell.arm(mode, k, err, mask, only=self.role)
        start = time.monotonic()
        codes = attempt(self.engine, m, self.shape.users)
        took = time.monotonic() - start
        self.cell.settle()
        fired = self.cell.get("fired")
        call, role = self.cell.get("call"), self.cell.get("role")
        self.cell.set("mode", OFF)
        self.judge.where += " %s in %s" % (call, role)
        self.judge.may_leave = self.may_leave(mode, call, role)
        self.judge.codes(codes)
        if took > REPLY_S:
            self.judge.blame("took %.1f s" % took)
        if took > SLOW_S and args.verbose:
            print("# slow, %.1f s: %s: %r" % (took, self.judge.where, codes),
                  flush=True)
        if self.shape.fails in m.ok:
            self.judge.blame("250 for a mailbox that is broken")
        failed = [u for u in self.good if codes.get(u) != 250]
        self.again(m, failed)
        if self.shape.sink:
            self.redirected(m)
        if not fired:
            return False
        self.slowest = max(self.slowest, took)
        self.points[name] += 1
        self.met[role, call] += 1
        self.ends[name, call, "250" if not failed else
                  "cut" if failed[0] not in codes else "4yz"] += 1
        return True

    def again(self, m, failed):
        """What a sender does: the same message for those who have no 250.
        Who has nothing to repeat sends a new one."""
        first = m
        if not failed:
            failed, m = self.good[:1], self.judge.new_message()
        start = time.monotonic()
        while failed:
            codes = attempt(self.engine, m, failed)
            self.judge.codes(codes)
            failed = [u for u in failed if codes.get(u) != 250]
            took = time.monotonic() - start
            if failed and took > RECOVERY_S:
                self.judge.blame("no delivery after %.1f s: %r"
                                 % (took, codes))
                break
        self.recovery = max(self.recovery, time.monotonic() - start)
        self.judge.stored(first, m)

    def may_leave(self, mode, call, role):
        """Files with a name, by who is killed (a front that cannot talk to
        its worker ends it) and by the call that should have removed them.
        An unnamed file is never left."""
        if mode == KILL or role == "front" or call == "unlinkat":
            named = self.shape.named or "autocreate_quota" in self.shape.conf
            return ("lock", "tmp") if named else ("lock",)
        return ()

    def redirected(self, m):
        """The sink notes a message a moment after it said 250."""
        end = time.monotonic() + 1
        while "rob" in m.ok and not m.sent and time.monotonic() < end:
            self.count_sent()
            time.sleep(QUIET_S)
        self.count_sent()
        if "rob" in m.ok and not m.sent:
            self.judge.blame("250, but %s was not redirected" % m.id)

    def count_sent(self):
        while self.shape.sink.mails:
            data = self.shape.sink.mails.pop(0)[2]
            m = self.judge.whose(data.replace(b"\r\n", b"\n"))
            if m is None or not data.endswith(crlf(m.text)):
                self.judge.blame("redirected damaged: %r" % data[:200])
                continue
            m.sent += 1
            if m.sent > 2:
                self.judge.blame("%s was redirected %d times"
                                 % (m.id, m.sent))

    def run(self):
        calls = 0
        for self.role in ROLES:
            most = self.learn()
            calls += most
            for fault in FAULTS * args.rounds if most else ():
                self.fault(fault, most)
        n = sum(self.points.values())
        print("# %s: calls %d, points %d, slowest %.2f s, next delivery "
              "after at most %.2f s" % (self.name, calls, n, self.slowest,
                                        self.recovery), flush=True)
        if args.verbose:
            self.tell()
        grand["points"] += max(self.points.values())
        grand["n"] += n
        grand["violations"] += len(self.judge.wrong)
        for kind, n in self.judge.left.items():
            grand["left " + kind] += n

    def fault(self, fault, calls):
        """All k, until deliveries are over before the k-th call."""
        missed, k = 0, 0
        while missed < 3 or k < calls - 5 and fault[3] == ANY:
            k += args.every
            if len(self.judge.wrong) > ENOUGH:
                return
            if self.point(fault, k) or self.point(fault, k):
                missed = 0
            else:
                missed += 1

    def tell(self):
        for (role, call), n in sorted(self.met.items()):
            print("#   %-8s %-16s %d" % (role, call, n))
        for key, n in sorted(self.ends.items()):
            print("#   %-8s %-16s %-4s %d" % (*key, n))


class StraceSweep(Sweep):
    """The same judge, another hand: strace counts the calls of one process,
    those of libc itself too. A close that fails has not closed."""
    def run(self):
        if not shutil.which("strace"):
            raise Skip("no strace")
        for self.role in ROLES:
            calls = self.learn()
            for fault in FAULTS if calls else ():
                if fault[1] != SHORT:
                    self.fault(fault, calls)
        n = sum(self.points.values())
        print("# %s: points %d by strace" % (self.name, n), flush=True)
        grand["points"] += max(self.points.values())
        grand["n"] += n
        grand["violations"] += len(self.judge.wrong)

    def pid(self):
        def find():
            for pid in session_members(self.engine.proc.pid):
                with contextlib.suppress(OSError):
                    with open("/proc/%d/comm" % pid) as f:
                        if f.read().strip() == self.role.decode():
                            return pid
        return wait_for(find, "no " + self.role.decode(), 10)

    def point(self, fault, k):
        name, mode, _, _ = fault
        self.judge.where = "%s strace %s %d in %s" % (
            self.name, name, k, self.role.decode())
        how = "signal=SIGKILL" if mode == KILL else "error=" + name
        out = self.engine.path("strace.out")
        tracer = subprocess.Popen(
            ["strace", "-p", str(self.pid()), "-o", out, "-e",
             "inject=all:%s:when=%d" % (how, k)], stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True)
        try:
            tracer.stderr.readline()    # attached
            m = self.judge.new_message(self.shape.size)
            codes = attempt(self.engine, m, self.shape.users)
        finally:
            tracer.terminate()
            tracer.wait()
            tracer.stderr.close()
        with open(out, errors="replace") as f:
            met = re.findall(r"^(\w+)\(.*INJECTED|(killed) by SIGKILL",
                             f.read(), re.M)
        call = met[0][0] or "unlinkat" if met else ""
        self.judge.may_leave = self.may_leave(mode, call,
                                              self.role.decode())
        self.judge.where += " " + call
        self.judge.codes(codes)
        failed = [u for u in self.good if codes.get(u) != 250]
        self.again(m, failed)
        if self.shape.sink:
            self.redirected(m)
        self.points[name] += bool(met)
        return bool(met)


def sweep(name):
    shape = SHAPES[name]()
    with Engine(shape.users, shape.conf) as engine:
        s = (StraceSweep if args.strace else Sweep)(name, shape, engine)
        s.run()
        report(s.judge)
    if shape.sink:
        shape.sink.close()


def add(name):
    def test():
        sweep(name)
    test.__name__ = "every_call_of_a_delivery_%s" % name
    tap.test(test)


for shape_name in SHAPES:
    if args.shape in (None, shape_name):
        add(shape_name)


@tap.test
def sum_of_points():
    print("# points %d x faults %d = %d (few calls can be short), "
          "violations %d, skipped 0" % (grand["points"], len(FAULTS),
                                        grand["n"], grand["violations"]))
    check(grand["n"] > 0, "nothing was tested")


tap.main()
