#!/usr/bin/python3
"""System calls and syncs of a delivery against testsuite/bench/budget.

Counts, not times: they are the same on a busy machine.
"""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
from bench import (Bench, SYNCS, count_calls, have_all, load,   # noqa: E402
                   private_mounts)
from tamis_test import Tap, check, has_sanitizer, skip_all      # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TRANSACTIONS = 200
ROUNDS = 3      # the least of them counts: a tick is nobody's fault
WORK = {        # script, octets, recipients
    "W1": ("none", 4096, 1),
    "W2": ("rules20", 4096, 1),
    "W4": ("none", 4096, 50),
}

tap = Tap()


def budget():
    with open(os.path.join(HERE, "budget")) as f:
        for line in f:
            words = line.partition("#")[0].split()
            if words:
                name, order, calls, syncs = words
                yield name, order, float(calls), float(syncs)


def one_round(b, name, order):
    script, size, rcpts = WORK[name]
    e = b.engine(order, script)
    calls, got = count_calls(e.pids(), lambda: load(
        e.unix, 1, size, rcpts, n=TRANSACTIONS))
    b.store.verify(got)
    b.store.empty()
    return calls


def sum_of(calls, names=None):
    return sum(n for call, n in calls.items()
               if names is None or call in names) / TRANSACTIONS


def test_row(b, name, order, max_calls, max_syncs):
    def fn():
        calls = min((one_round(b, name, order) for _ in range(ROUNDS)),
                    key=sum_of)
        print("# %s %s: %.2f calls of %g, %.2f syncs of %g" % (
            name, order, sum_of(calls), max_calls, sum_of(calls, SYNCS),
            max_syncs))
        check(sum_of(calls, SYNCS) <= max_syncs, "more syncs: %r" % calls)
        check(sum_of(calls) <= max_calls, "more calls: %s" % " ".join(
            "%s %.2f" % (c, n / TRANSACTIONS)
            for c, n in sorted(calls.items(), key=lambda x: -x[1])))
    fn.__name__ = "%s_%s_within_its_budget" % (name, order)
    tap.test(fn)


if has_sanitizer():
    skip_all("strace and sanitizers do not go together")
have_all()
private_mounts()
with Bench() as bench:
    for row in budget():
        test_row(bench, *row)
    tap.main()
