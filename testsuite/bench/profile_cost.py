"""Where the time of a delivery goes: which role, program or kernel, which
functions."""
import collections
import os
import re
import subprocess

from bench import check, load, meters
from works import WORK

SECONDS = 2
FUNCTIONS = 20


def by_role(pids):
    roles = collections.defaultdict(list)
    for pid in pids:
        roles[meters.role(pid)].append(pid)
    return roles


def role_lines(b, e, w, conns):
    roles = by_role(e.pids())
    before = {r: meters.cpu_seconds(p) for r, p in roles.items()}
    got = load(e.unix, conns, w.size, w.rcpts, t=SECONDS)
    cpu = {r: meters.cpu_seconds(p) - before[r] for r, p in roles.items()}
    finish(b, got)
    out = []
    for role, pids in roles.items():
        if cpu[role] * 1e6 / got["accepted"] < 0.5:
            continue
        inside, outside, counted = meters.count_instructions(
            pids, lambda: load(e.unix, conns, w.size, w.rcpts, n=500))
        finish(b, counted)
        n = counted["accepted"]
        out.append("%-12s %3d  %10.1f %12.1f %12.1f" % (
            role, len(pids), cpu[role] * 1e6 / got["accepted"],
            inside / n / 1e3, outside / n / 1e3))
    return out


def finish(b, got):
    b.store.verify(got)
    b.store.empty()


def functions(b, e, conns):
    """The most frequent of perf record's samples of all roles."""
    data = os.path.join(b.base, "perf.data")
    proc = subprocess.Popen(
        ["perf", "record", "-q", "-F", "2000", "-o", data, "-p",
         ",".join(map(str, e.pids())), "--", "sleep", str(SECONDS)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    finish(b, load(e.unix, conns, t=SECONDS))
    proc.wait(60)
    got = subprocess.run(
        ["perf", "report", "-i", data, "--stdio", "-q", "-F",
         "overhead,comm,dso,sym"], stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    check(got.returncode == 0, "perf report failed")
    lines = [re.sub(r"\s+", " ", line.strip())
             for line in got.stdout.splitlines() if "%" in line]
    return lines[:FUNCTIONS]


def profile(b, order):
    out = ["Where the time goes, %s: thousands of instructions of a delivery"
           % order]
    for name, conns in (("W1", 1), ("W1", 8), ("W2", 8)):
        w = WORK[name]
        e = b.engine(order, w.script)
        out += ["%s at %d" % (name, conns), "%-12s %3s  %10s %12s %12s" % (
            "role", "", "CPU us", "program", "kernel")]
        out += role_lines(b, e, w, conns)
    out += ["Samples of W1 at 8, all roles:"]
    return out + functions(b, b.engine(order, "none"), 8)
