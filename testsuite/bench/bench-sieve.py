#!/usr/bin/python3
"""What a script costs: user instructions for each message and each compile,
start of the process removed by difference (perf stat), and system calls made
by 1000 runs that 100 runs do not make: none, once warm.

Prints TAP. Each rule of the scripts asks for two header fields.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
from bench import rules                                         # noqa: E402
from tamis_test import Tap, check, program, skip_all            # noqa: E402

MESSAGE = ("Return-Path: <s@example.org>\nReceived: from a by b; x\n"
           "From: Sender <s@example.org>\nTo: You <you@example.org>\n"
           "Subject: a message\nDate: Fri, 21 Nov 2025 12:00:00 +0000\n"
           "Message-ID: <1@example.org>\nX-Rule: 17\n"
           "MIME-Version: 1.0\nContent-Type: text/plain\n\n"
           + "A line of the body of the message, as long as lines are.\n"
           * 60)
LIMITS = [      # what, rules, rule that fires; thousands of instructions:
    # the budget, which a change may lower, and the goal
    ("run", 20, 17, 28, 30),
    ("run", 500, 0, 590, 300),
    ("compile", 20, 17, 425, 5 * 20),
    ("compile", 5000, 0, 105000, 5 * 5000),
]

tap = Tap()
work = tempfile.mkdtemp(prefix="tamis-sieve.")


def put(name, text):
    path = os.path.join(work, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def command(what, count, script):
    return [program("testsuite/bench/sieve"), what, str(count), script,
            os.path.join(work, "message")]


def instructions(args):
    got = subprocess.run(["perf", "stat", "-x", ",", "-e", "instructions:u",
                          *args], stderr=subprocess.PIPE, text=True)
    m = re.search(r"^(\d+),", got.stderr, re.M)
    check(got.returncode == 0 and m, "perf: " + got.stderr)
    return int(m.group(1))


def cost(what, script, n):
    return (instructions(command(what, 2 * n, script))
            - instructions(command(what, n, script))) / n / 1000


def add(what, count, hit, limit, goal):
    def fn():
        script = put("script", rules(count, hit))
        got = cost(what, script, 200 if count < 5000 else 5)
        print("# %s of %d rules: %.1f k instructions, %.2f k a rule, limit "
              "%d k, goal %d k" % (what, count, got, got / count, limit, goal))
        check(got <= limit, "%.1f k, limit %d k" % (got, limit))
    fn.__name__ = "%s_of_%d_rules" % (what, count)
    tap.test(fn)


def calls(script, n):
    out = os.path.join(work, "calls")
    got = subprocess.run(["strace", "-o", out, *command("run", n, script)])
    check(got.returncode == 0, "strace")
    with open(out) as f:
        return len(f.readlines())


@tap.test
def no_system_call_for_a_message():
    script = put("script", rules(20, 17))
    more = calls(script, 1000) - calls(script, 100)
    check(more == 0, "%d system calls for 900 messages" % more)


for row in LIMITS:
    add(*row)
if not shutil.which("perf") or subprocess.run(
        ["perf", "stat", "-e", "instructions:u", "true"],
        stderr=subprocess.PIPE).returncode:
    skip_all("no perf that counts instructions")
if not shutil.which("strace"):
    skip_all("no strace")
put("message", MESSAGE)
try:
    tap.main()
finally:
    shutil.rmtree(work)
