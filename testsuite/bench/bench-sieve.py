#!/usr/bin/python3
"""What a script costs: instructions of the program for each message and each
compile, start of the process removed by difference (perf stat); system calls
made by 1000 runs that 100 runs do not make: none, once warm; and memory asked
of libc. Each rule of the scripts asks for two header fields.

Prints TAP.

  --peers  instead: a table with Pigeonhole's tools and libSieve (the package)
           beside ours, same scripts, same message
  --goals  instead: our figures beside the goals, reached or not
  --write  put the table into doc/performance
"""
import contextlib
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
from bench import HERE, check, meters                           # noqa: E402
import peer                                                     # noqa: E402
from pigeonhole import Pigeonhole                               # noqa: E402
from report import number, put_block                            # noqa: E402
from tamis_test import Tap, program, skip_all                   # noqa: E402
from works import rules                                         # noqa: E402

MESSAGE = ("Return-Path: <s@example.org>\nReceived: from a by b; x\n"
           "From: Sender <s@example.org>\nTo: You <you@example.org>\n"
           "Subject: a message\nDate: Fri, 21 Nov 2025 12:00:00 +0000\n"
           "Message-ID: <1@example.org>\nX-Rule: 17\n"
           "MIME-Version: 1.0\nContent-Type: text/plain\n\n"
           + "A line of the body of the message, as long as lines are.\n"
           * 60)
LIMITS = [      # what, rules, rule that fires; thousands of instructions:
    # the budget, which a change may lower, and the goal
    ("run", 20, 17, 25, 30),
    ("run", 500, 0, 450, 300),
    ("compile", 20, 17, 560, 5 * 20),
    ("compile", 5000, 0, 138000, 5 * 5000),
]
# Calls of malloc and its like for a message, by rules of the script.
MALLOCS = ((20, 17, 2), (500, 0, 0))
COMPILE_MS = 15         # goal for 5000 rules


class Cost:
    """Of one message or compile: thousands of instructions of the program,
    and microseconds of CPU."""

    def __init__(self, thousands, micros):
        self.thousands, self.micros = thousands, micros

    def __sub__(self, other):
        return Cost(self.thousands - other.thousands,
                    self.micros - other.micros)


def perf(args, env=None):
    got = subprocess.run(
        ["perf", "stat", "-x", ",", "-e", "instructions:u,task-clock:u",
         *args], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, env=env)
    found = [re.search(r"^([\d.]+),[^,]*,%s" % what, got.stderr, re.M)
             for what in ("instructions", "task-clock")]
    check(got.returncode == 0 and all(found), "perf: " + got.stderr)
    return Cost(int(found[0][1]) / 1e3, float(found[1][1]) * 1e3)


def each_of(more, less, n):
    """Of each of the n that more did and less did not."""
    both = more - less
    return Cost(both.thousands / n, both.micros / n)


# --- subjects: cost(what, rules, rule that fires) ---------------------------

class Driver:
    """sieve.c, or libsieve.c, which takes the same arguments."""

    def __init__(self, work, path):
        self.work, self.path = work, path
        self.message = put(work, "message", MESSAGE)

    def command(self, what, count, script):
        return [self.path, what, str(count), script, self.message]

    def cost(self, what, count, hit):
        script = put(self.work, "script", rules(count, hit))
        n = 200 if count < 5000 else 5
        return each_of(perf(self.command(what, 2 * n, script)),
                       perf(self.command(what, n, script)), n)


class Filter:
    """sieve-filter over a mailbox, less what it costs with "keep;" alone;
    sievec, less what it costs for that."""

    MESSAGES = 300

    def __init__(self, work):
        self.tools = Pigeonhole(work)

    def measure(self, args):
        perf(args, self.tools.env)      # warm: indexes, compiled script
        return perf(args, self.tools.env)

    def run(self, text):
        script = self.tools.put("script.sieve", text)
        costs = []
        for n in (self.MESSAGES, 2 * self.MESSAGES):
            self.tools.set_messages(MESSAGE, n)
            costs.append(self.measure(self.tools.sieve_filter(script)))
        return each_of(costs[1], costs[0], self.MESSAGES)

    def compile(self, text):
        return perf(self.tools.sievec(self.tools.put("compile.sieve", text)),
                    self.tools.env)

    def cost(self, what, count, hit):
        how = self.run if what == "run" else self.compile
        return how(rules(count, hit)) - how("keep;\n")


def libsieve(work):
    """The driver, made with the library of the package."""
    root = peer.fetch("libsieve2-dev", "libsieve2-1")
    found = glob.glob(root + "/usr/lib/*/libsieve.a")
    check(found, "libsieve2-dev has no libsieve.a")
    out = os.path.join(work, "libsieve")
    got = subprocess.run(
        [os.environ.get("CC", "cc"), "-O2", "-o", out,
         "-I%s/usr/include" % root, HERE + "/libsieve.c", found[0]],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(got.returncode == 0, got.stdout)
    return Driver(work, out)


def put(work, name, text):
    path = os.path.join(work, name)
    with open(path, "w") as f:
        f.write(text)
    return path


# --- the gate ---------------------------------------------------------------

def calls(work, ours, script, n):
    out = os.path.join(work, "calls")
    got = subprocess.run(["strace", "-o", out, *ours.command("run", n,
                                                             script)])
    check(got.returncode == 0, "strace")
    with open(out) as f:
        return len(f.readlines())


def mallocs(ours, script, n):
    got = subprocess.run(
        ours.command("run", n, script), stderr=subprocess.PIPE, text=True,
        env={**os.environ,
             "LD_PRELOAD": program("testsuite/bench/alloc.so")})
    m = re.fullmatch(r"alloc: (\d+) calls\n", got.stderr)
    check(got.returncode == 0 and m, got.stderr)
    return int(m[1])


def gate(work, ours):
    tap = Tap()

    @tap.test
    def no_system_call_for_a_message():
        script = put(work, "script", rules(20, 17))
        more = calls(work, ours, script, 1000) - calls(work, ours, script,
                                                       100)
        check(more == 0, "%d system calls for 900 messages" % more)

    def count_mallocs(count, hit, limit):
        def fn():
            script = put(work, "script", rules(count, hit))
            got = (mallocs(ours, script, 1000) - mallocs(ours, script, 100)
                   ) / 900
            print("# malloc: %.2f a message, limit %d" % (got, limit))
            check(got <= limit, "%.2f calls of malloc a message" % got)
        fn.__name__ = "no_more_mallocs_for_a_message_by_%d_rules" % count
        tap.test(fn)

    def count_instructions(what, count, hit, limit, goal):
        def fn():
            got = ours.cost(what, count, hit).thousands
            print("# %s of %d rules: %.1f k instructions, %.2f k a rule, "
                  "limit %d k, goal %d k" % (what, count, got, got / count,
                                             limit, goal))
            check(got <= limit, "%.1f k, limit %d k" % (got, limit))
        fn.__name__ = "%s_of_%d_rules" % (what, count)
        tap.test(fn)

    for row in MALLOCS:
        count_mallocs(*row)
    for row in LIMITS:
        count_instructions(*row)
    tap.main()


# --- tables -----------------------------------------------------------------

def compare(work, ours):
    subjects = {"tamis": ours, "pigeonhole": Filter(work),
                "libsieve": libsieve(work)}
    out = ["Sieve alone: thousands of user instructions (microseconds of "
           "CPU) for each message or compile",
           "%-22s" % "" + "".join("%20s" % s for s in subjects)]
    for what, count, hit, _, _ in LIMITS:
        costs = [s.cost(what, count, hit) for s in subjects.values()]
        out.append("%-22s" % ("%s, %d rules" % (what, count)) + "".join(
            "%11.1f (%6.0f)" % (c.thousands, c.micros) for c in costs))
    return out


def goals(ours):
    out = []
    for what, count, hit, _, goal in LIMITS:
        got = ours.cost(what, count, hit)
        rows = [(got.thousands, goal, "k instructions")]
        if count == 5000:
            rows = [(got.micros / 1e3, COMPILE_MS, "ms")]
        for value, limit, unit in rows:
            out.append("%-9s %-42s %s <= %6g  %s" % (
                "sieve", "%s of %d rules, %s" % (what, count, unit),
                number(value, 7, 3), limit,
                "reached" if value <= limit else "NOT REACHED"))
    return [line for line in out if "compile of 20 " not in line]


def main():
    if not meters.can_count_instructions():
        skip_all("no perf that counts instructions")
    if not shutil.which("strace"):
        skip_all("no strace")
    work = tempfile.mkdtemp(prefix="tamis-sieve.")
    try:
        os.chmod(work, 0o755)
        ours = Driver(work, program("testsuite/bench/sieve"))
        if "--peers" in sys.argv or "--goals" in sys.argv:
            lines = compare(work, ours) if "--peers" in sys.argv \
                else goals(ours)
            print("\n".join(lines))
            if "--write" in sys.argv:
                put_block(os.path.join(HERE, "..", "..", "doc",
                                       "performance"),
                          "testsuite/bench/bench-sieve.py --peers", lines)
            return
        gate(work, ours)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(work)


main()
