#!/usr/bin/python3
"""What a delivery costs, all processes of lmtpd together, against
testsuite/bench/budget: system calls, syncs, messages between its processes,
memory from the system, instructions of the program.

Counts, not times: they are the same on a busy machine.

  --write   put what was counted into doc/performance
"""
import os
import re
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
from bench import (Bench, HERE, check, have_all, load,          # noqa: E402
                   meters, private_mounts)
import grow                                                     # noqa: E402
import report                                                   # noqa: E402
from tamis_test import BUILD, Skip, Tap, has_sanitizer, skip_all  # noqa: E402
from works import WORK                                          # noqa: E402

TRANSACTIONS, OF_LARGE, LARGE_OCTETS = 200, 40, 100000
ROUNDS = 3      # the least of them counts: a tick is nobody's fault
COLUMNS = ("calls", "syncs", "ipc", "memory", "instructions")
LARGE, FLAT = 2000, 1.1     # messages, and what they may cost more
CONNECTION = 5  # system calls of the connection itself, which all share

tap = Tap()
seen = []


def budget():
    with open(os.path.join(HERE, "budget")) as f:
        for line in f:
            words = line.partition("#")[0].split()
            if words:
                yield words[0], words[1], dict(zip(COLUMNS, map(
                    float, words[2:])))


def optimised():
    with open(os.path.join(BUILD, "Makefile")) as f:
        return not re.search(r"^CFLAGS = .*-O[01]", f.read(), re.M)


def transactions(w):
    return TRANSACTIONS if w.size * w.rcpts < LARGE_OCTETS else OF_LARGE


def deliver(b, e, w):
    got = load(e.unix, 1, w.size, w.rcpts, n=transactions(w), **w.load)
    b.store.verify(got)
    b.store.empty()


def one_round(b, e, w):
    """{column: cost of a transaction}, and how often each call was made."""
    calls, _ = meters.count_calls(e.pids(), lambda: deliver(b, e, w))
    inside = 0
    if HAVE_PERF:
        inside, _, _ = meters.count_instructions(
            e.pids(), lambda: deliver(b, e, w))
    total = lambda names: sum(n for c, n in calls.items()       # noqa: E731
                              if names is None or c in names
                              ) / transactions(w)
    return {"calls": total(None), "syncs": total(meters.SYNCS),
            "ipc": total(meters.IPC), "memory": total(meters.MEMORY),
            "instructions": inside / transactions(w) / 1000}, calls


def test_row(b, name, order, limits):
    def fn():
        w = WORK[name]
        e = b.engine(order, w.script)
        rounds = [one_round(b, e, w) for _ in range(ROUNDS)]
        least = {c: min(r[0][c] for r in rounds) for c in rounds[0][0]}
        line = "%-3s %-9s" % (name, order) + "".join(
            "  %s %.2f of %g" % (c, least[c], limits[c]) for c in COLUMNS)
        print("# " + line)
        seen.append(line)
        calls = min((r[1] for r in rounds), key=lambda c: sum(c.values()))
        which = " ".join("%s %.2f" % (k, n / transactions(w))
                         for k, n in sorted(calls.items(),
                                            key=lambda x: -x[1]))
        for c in COLUMNS:
            slack = CONNECTION / transactions(w) if c == "calls" else 0.01
            check(least[c] <= limits[c] + slack, "more %s: %.2f of %g; "
                  "calls: %s" % (c, least[c], limits[c], which))
    fn.__name__ = "%s_%s_within_its_budget" % (name, order)
    tap.test(fn)


if has_sanitizer():
    skip_all("strace and sanitizers do not go together")
have_all()
HAVE_PERF = meters.can_count_instructions() and optimised()
private_mounts()


@tap.test
def instructions_can_be_counted():
    if not HAVE_PERF:
        raise Skip("no perf that counts, or a build without optimisation; "
                   "only calls are compared")


@tap.test
def a_large_mailbox_costs_no_more_than_a_small_one():
    f = report.found()
    try:
        lines = grow.grow(bench, "auto", LARGE, f, 2)
    except meters.NoPerf as why:
        raise Skip(str(why))
    print("\n".join("# " + line for line in lines))
    for what in ("instructions", "system calls"):
        got = f.numbers[what + ", large over small mailbox"]
        check(got <= FLAT, "%s: %.3f of those for a small mailbox" % (what,
                                                                      got))


with Bench(extra=grow.EXTRA_USERS) as bench:
    rows = list(budget())
    for row in rows:
        test_row(bench, *row)
    try:
        tap.main()
    finally:
        if "--write" in sys.argv and len(seen) == len(rows):
            report.put_block(os.path.join(HERE, "..", "..", "doc",
                                          "performance"),
                             "testsuite/bench/bench-gate.py", seen)
