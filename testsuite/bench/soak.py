"""Deliveries without end: no process of lmtpd may grow, in memory or in
descriptors."""
import os
import statistics
import sys
import time

from bench import Bench, check, load, meters
from disk import Memory

USERS = 50      # few: each worker soon knows all their scripts
SAMPLES = 40
# PSS of all processes together, from the second quarter of the samples to
# the last: what the caches of malloc and the kernel's accounting move.
GROWTH_KIB = 256

# (options of load, deliveries of a transaction): they take turns.
MIX = (
    ({"conns": 8}, 1),
    ({"conns": 32}, 1),
    ({"conns": 8, "1": None}, 1),
    ({"conns": 4, "rcpts": 50}, 50),
    ({"conns": 4, "size": 200 << 10, "m": None}, 1),
)


def one_sample(b, e, count):
    """So many deliveries, each verified and removed; then what is left."""
    for options, rcpts in MIX:
        left = count // len(MIX)
        while left > 0:
            n = min(left, 4000 if "size" not in options else 400)
            got = load(e.unix, users=USERS, n=max(1, n // rcpts), **options)
            b.store.verify(got)
            b.store.empty()
            left -= n
    os.truncate(e.log_path, 0)
    time.sleep(0.3)
    pids = e.pids()
    return meters.pss_kib(pids), meters.descriptors(pids), len(pids)


def soak(order, count, samples=SAMPLES, growth_kib=GROWTH_KIB):
    """Lines of a table; raises if something grew."""
    with Bench(users=USERS, disk=Memory, warm=False) as b:
        e = b.engine(order, "rules20")
        one_sample(b, e, 20 * USERS)
        seen = []
        for n in range(samples):
            seen.append(one_sample(b, e, count // samples))
            print("# soak %d of %d: PSS %d KiB, %d descriptors, %d processes"
                  % ((n + 1, samples) + seen[-1]), file=sys.stderr,
                  flush=True)
    return judge(seen, order, count, growth_kib)


def judge(seen, order, count, growth_kib):
    quarter = len(seen) // 4
    early, late = (statistics.median(s[0] for s in part) for part in (
        seen[quarter:2 * quarter], seen[-quarter:]))
    out = ["%d deliveries, %s, 20 rules: 8 and 32 connections, one for each "
           "message, 50 recipients, 200 KiB multipart, in turn" % (count,
                                                                  order),
           "%-28s %9s %9s %9s %9s" % ("", "first", "quarter", "half",
                                      "last")]
    at = [0, quarter, len(seen) // 2, -1]
    for i, name in enumerate(("PSS KiB, all processes", "descriptors",
                              "processes")):
        out.append("%-28s" % name + "".join("%10d" % seen[k][i] for k in at))
    out.append("growth from the second to the last quarter: %d KiB PSS "
               "(at most %d), %d descriptors" % (
                   late - early, growth_kib, seen[-1][1] - seen[0][1]))
    check(late - early <= growth_kib, "memory grew: %r" % seen)
    check(seen[-1][1:] == seen[0][1:], "descriptors grew: %r" % seen)
    return out
