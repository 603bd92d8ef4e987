"""Everything a change must pass: two compilers, sanitizers, unit tests, lint,
a distribution tarball, and the end-to-end tests with real peers.

  --quick   one build (gcc with sanitizers and test hooks), its tests and lint
  --long    every mutant instead of the fast ones
  --keep    keep the stores and logs of the end-to-end tests

Builds under ./build or $TAMIS_BUILD. The last line is the sum:
N passed, N failed, N skipped.
"""
import argparse
import glob
import os
import re
import signal
import subprocess
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BASE = os.environ.get("TAMIS_BUILD") or os.path.join(TOP, "build")
JOBS = "-j%d" % (os.cpu_count() or 2)
STEP_LIMIT = 900        # seconds; a step that hangs is a failure

BUILDS = {
    "gcc": ["CC=gcc", "--enable-werror"],
    "clang": ["CC=clang-14", "--enable-werror"],
    "asan": ["CC=gcc", "CFLAGS=-O1 -g", "--enable-werror", "--enable-asan",
             "--enable-test-hooks"],
}

# What proves that no mail is lost: (step, program, build, its options).
# doc/promises says what each of them holds.
GATES = [
    ("system call sweep", "fault/fault-sweep.py", "gcc"),
    ("failed syncs", "fault/fault-sync.py", "gcc"),
    ("full disk", "fault/fault-disk.py", "gcc"),
    ("poison", "fault/fault-poison.py", "asan"),
    ("hostile store", "fault/fault-hostile.py", "gcc"),
    ("kill under load", "crash/kill-load.py", "gcc"),
    ("power cut", "crash/power-cut.py", "gcc"),
    # with test hooks, and where a wrong pointer is seen
    ("races of the front", "race/race-front.py", "asan"),
    ("races in the store", "race/race-store.py", "gcc"),
    ("races of scripts", "race/race-script.py", "gcc"),
    ("rot", "race/race-rot.py", "gcc"),
    ("clocks", "race/race-clock.py", "gcc"),
    ("slow peers", "race/race-peers.py", "gcc"),
    ("cost of a delivery", "bench/bench-gate.py", "gcc"),
    ("cost of a script", "bench/bench-sieve.py", "gcc"),
    ("nothing grows", "bench/bench-soak.py", "gcc"),
    ("load", "race/race-load.py", "gcc"),
    ("other engines", "differential/differential.py", "gcc"),
    ("generated mutants", "mutants/generate", "gcc"),
]

# End-to-end tests for the optimised build: under strace, where a leak checker
# does not work, or because they measure.
OPTIMISED = ["e2e-order", "e2e-master"]


class Sum:
    def __init__(self):
        self.passed = self.failed = 0
        self.skipped = []       # (what, reason)
        self.failures = []
        self.times = []

    def add(self, where, ok, name):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            self.failures.append("%s: %s" % (where, name))

    def skip(self, where, name, reason):
        self.skipped.append(("%s: %s" % (where, name), reason))


total = Sum()


def run(args, cwd, log, env=None):
    """Exit status; output to the log. What hangs is ended with all it
    started, by the id of the session made for it."""
    with open(log, "ab") as out:
        proc = subprocess.Popen(args, cwd=cwd, stdin=subprocess.DEVNULL,
                                stdout=out, stderr=out, env=env,
                                start_new_session=True)
        try:
            return proc.wait(STEP_LIMIT)
        except BaseException as why:
            os.killpg(proc.pid, signal.SIGTERM)
            try:
                proc.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(proc.pid, signal.SIGKILL)
                proc.wait()
            if not isinstance(why, subprocess.TimeoutExpired):
                raise
            out.write(b"\ncheck: ended after %d s\n" % STEP_LIMIT)
            return -1


def step(name, fn, *args):
    """Run one step, say how it went and how long it took."""
    print("%-34s " % name, end="", flush=True)
    start, failed = time.monotonic(), total.failed
    note = fn(*args) or ""
    took = time.monotonic() - start
    total.times.append((name, took))
    print("%-6s %6.1f s  %s" % (
        "ok" if total.failed == failed else "FAILED", took, note),
        flush=True)
    return total.failed == failed


def tail(log, lines=40):
    with open(log, errors="replace") as f:
        for line in f.read().splitlines()[-lines:]:
            print("    " + line)


def fresh_log(name):
    path = os.path.join(BASE, "log", name + ".log")
    if os.path.exists(path):
        os.unlink(path)
    return path


def command(where, name, args, cwd):
    """A step that is one command and counts as one test."""
    log = fresh_log(where + "-" + name)
    ok = run(args, cwd, log) == 0
    total.add(where, ok, "%s (see %s)" % (name, log))
    if not ok:
        print()
        tail(log)
    return ok


def autogen():
    return None if command("tree", "autogen", ["./autogen.sh"], TOP) \
        else "see above"


def build(kind):
    d = os.path.join(BASE, kind)
    os.makedirs(d, exist_ok=True)
    if command(kind, "configure",
               [os.path.join(TOP, "configure"),
                "PYTHON3=/usr/bin/python3", *BUILDS[kind]], d):
        command(kind, "make", ["make", JOBS], d)


def make_check(kind):
    """make check; one test for each TAP line of each program."""
    d = os.path.join(BASE, kind)
    for trs in glob.glob(d + "/**/*.trs", recursive=True):
        os.unlink(trs)
    log = fresh_log(kind + "-check")
    status = run(["make", JOBS, "check"], d, log)
    before = total.failed
    seen = 0
    for trs in sorted(glob.glob(d + "/**/*.trs", recursive=True)):
        if os.sep + "tamis-" not in trs:        # not those of distcheck
            seen += read_trs(kind, d, trs)
    if status and total.failed == before:
        total.add(kind, False, "make check (see %s)" % log)
    if total.failed > before:
        print()
        tail(log)
    return "%d results" % seen


def read_trs(kind, d, trs):
    """The driver's lines in the log have the names; the .trs has no more
    than the results, and one line for each of them."""
    with open(trs, errors="replace") as f:
        count = len(re.findall(r"^:test-result: ", f.read(), re.M))
    name = os.path.relpath(trs, d)[:-len(".trs")]
    with open(trs[:-4] + ".log", errors="replace") as f:
        log = f.read()
    rows = re.findall(r"^(PASS|FAIL|SKIP|XFAIL|XPASS|ERROR): %s(?:\.\w+)? ?"
                      r"(.*)$" % re.escape(name), log, re.M)
    for result, what in rows:
        if result == "SKIP":
            what, _, reason = what.partition("# SKIP")
            total.skip(kind, "%s %s" % (name, what.strip()),
                       reason.strip() or "no reason given")
        else:
            total.add(kind, result in ("PASS", "XFAIL"),
                      "%s %s" % (name, what))
    if count == 0 or count != len(rows):
        total.add(kind, False, "%s: %d results, %d in its log"
                  % (name, count, len(rows)))
    return len(rows)


def tap(where, args, cwd, env=None):
    """Run one TAP program and count its lines."""
    log = fresh_log(where)
    status = run(args, cwd, log, env)
    with open(log, errors="replace") as f:
        text = f.read()
    before = total.failed
    plan = re.search(r"^1\.\.(\d+)(?:.*# SKIP ?(.*))?", text, re.M)
    if plan and plan.group(1) == "0":
        total.skip(where, "all", plan.group(2) or "no reason given")
        return "skipped"
    lines = re.findall(r"^(not ok|ok) \d+ ?-? ?(.*)$", text, re.M)
    for word, name in lines:
        skip = re.match(r"(.*?) *# SKIP ?(.*)", name, re.I)
        if word == "ok" and skip:
            total.skip(where, skip.group(1), skip.group(2))
        else:
            total.add(where, word == "ok", name)
    if not plan or len(lines) != int(plan.group(1)):
        total.add(where, False, "%d of %s planned tests ran (see %s)" % (
            len(lines), plan.group(1) if plan else "no", log))
    elif status and total.failed == before:
        total.add(where, False, "exit status %d (see %s)" % (status, log))
    if total.failed > before:
        print()
        for block in re.findall(r"^(not ok .*\n(?:#.*\n)*)", text, re.M):
            print("    " + block.rstrip().replace("\n", "\n    "))
        if not lines:
            tail(log)
    return "%d results" % len(lines)


def lint(kind):
    d = os.path.join(BASE, kind)
    return tap("lint", ["make", "-s", "lint"], d)


def distcheck():
    command("gcc", "distcheck",
            ["make", JOBS, "distcheck", "AM_COLOR_TESTS=no"],
            os.path.join(BASE, "gcc"))


def e2e(name, kind, keep):
    env = dict(os.environ, top_builddir=os.path.join(BASE, kind),
               top_srcdir=TOP, PYTHONDONTWRITEBYTECODE="1")
    env.setdefault("TAMIS_PEERS", os.path.join(BASE, "peers"))
    if keep:
        env["TAMIS_KEEP"] = "1"
    return tap(name, ["/usr/bin/python3", os.path.join(
        TOP, "testsuite", "e2e", name + ".py")], TOP, env)


def gate(name, path, kind, *options):
    env = dict(os.environ, top_builddir=os.path.join(BASE, kind),
               top_srcdir=TOP, PYTHONDONTWRITEBYTECODE="1")
    env.setdefault("TAMIS_PEERS", os.path.join(BASE, "peers"))
    return tap(name.replace(" ", "-"), ["/usr/bin/python3", os.path.join(
        TOP, "testsuite", path), *options], TOP, env)


def mutants(words):
    return tap("mutants", ["/usr/bin/python3", os.path.join(
        TOP, "testsuite", "mutants", "run"), *words], TOP)


def report():
    print("\nseconds by step")
    for name, took in total.times:
        print("%8.1f  %s" % (took, name))
    print("%8.1f  all" % sum(t for _, t in total.times))
    if total.failures:
        print("\nfailed")
        for name in total.failures:
            print("  " + name)
    if total.skipped:
        print("\nskipped")
        for name, reason in total.skipped:
            print("  %s: %s" % (name, reason))
    print("\n%d passed, %d failed, %d skipped" % (
        total.passed, total.failed, len(total.skipped)), flush=True)


def steps(args):
    if not step("autogen", autogen):
        return
    kinds = ["asan"] if args.quick else ["gcc", "clang", "asan"]
    built = []
    for kind in kinds:
        if step("build %s" % kind, build, kind):
            built.append(kind)
            step("make check %s" % kind, make_check, kind)
    if built:
        step("lint", lint, built[0])
    if "gcc" in built:
        step("make distcheck", distcheck)
    if "asan" in built:
        for path in sorted(glob.glob(TOP + "/testsuite/e2e/e2e-*.py")):
            name = os.path.basename(path)[:-3]
            if name not in OPTIMISED:
                step(name, e2e, name, "asan", args.keep)
    if "gcc" in built:
        for name in OPTIMISED:
            step(name, e2e, name, "gcc", args.keep)
    for name, path, kind, *options in GATES:
        if kind in built and not args.quick:
            step(name, gate, name, path, kind, *options)
    if "gcc" in built:
        step("mutants", mutants, ["--all"] if args.long else [])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    os.makedirs(os.path.join(BASE, "log"), exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        steps(args)
    except KeyboardInterrupt:
        total.add("check", False, "interrupted")
    report()
    sys.exit(1 if total.failed else 0)


main()
