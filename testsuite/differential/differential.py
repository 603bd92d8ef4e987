#!/usr/bin/python3
"""The same scripts and messages through another engine and through tamis.

  differential.py [--cases N] [--seed S] [--show] [pigeonhole] [libsieve]

Each case is made from a number (cases.py); what the two engines would do is
compared as a set of actions. A difference that KNOWN explains is counted
there, with the words that prove us right; any other is a failure, and more
than 3 of 100 known ones are, too. Prints TAP.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "peer"))
import cases  # noqa: E402
import oracle_libsieve  # noqa: E402
import peer  # noqa: E402
import oracle_pigeonhole  # noqa: E402

TAMIS = os.path.abspath(os.path.join(
    os.environ.get("top_builddir", "."), "tools", "tamis"))
ENGINES = {"pigeonhole": oracle_pigeonhole, "libsieve": oracle_libsieve}
SHARE = 3           # of 100 cases may be known differences


def write(work, case):
    d = os.path.join(work, "%d" % case.seed)
    os.mkdir(d)
    for name, text in (("script", case.script), ("message", case.message),
                       ("from", case.sender), ("to", case.rcpt)):
        with open(os.path.join(d, name), "w", newline="") as f:
            f.write(text)
    return d


def ours(d, case):
    got = subprocess.run(
        [TAMIS, "run", "script", "message", "--from", case.sender, "--to",
         case.rcpt, "--mailboxes", ",".join(cases.MAILBOXES)],
        cwd=d, capture_output=True, text=True, errors="replace")
    if not got.stdout:
        return "does not compile"
    if got.returncode:
        return "fails"
    found = set()
    for line in got.stdout.split("\n"):
        m = re.match(r'(store|redirect) "([^"]*)"(.*)', line)
        if m and m.group(1) == "store":
            flags = re.findall(r'"([^"]*)"', m.group(3))
            found.add(("store", m.group(2), frozenset(
                f.replace("\\\\", "\\").lower() for f in flags)))
        elif m:
            found.add(("redirect", m.group(2)))
    return found


def compare(engine, module, args):
    """(agree, {known: count}, [unknown case])"""
    agree, known, unknown = 0, {}, []
    made = []
    seed = args.seed
    while len(made) < args.cases:
        case = cases.Case(seed)
        seed += 1
        if module.takes(case):
            made.append(case)
    with tempfile.TemporaryDirectory(prefix="tamis-diff-") as work:
        os.chmod(work, 0o755)
        dirs = [write(work, c) for c in made]
        module.run_all(work, dirs)
        for case, d in zip(made, dirs):
            mine, theirs = ours(d, case), module.actions(d)
            if mine == theirs:
                agree += 1
                continue
            name = next((n for n, _, explains in module.KNOWN
                         if explains(case, mine, theirs)), None)
            if name:
                known[name] = known.get(name, 0) + 1
                continue
            unknown.append(case.seed)
            if args.show:
                print("# seed %d\n%s\n-- message\n%s\n-- ours   %s\n"
                      "-- theirs %s" % (case.seed, case.script, case.message,
                                        mine, theirs))
    return agree, known, unknown


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("engine", nargs="*", default=sorted(ENGINES))
    args = parser.parse_args()
    if not os.access(TAMIS, os.X_OK):
        sys.exit("no %s: set top_builddir" % TAMIS)
    number = bad = 0
    for engine in args.engine:
        module = ENGINES[engine]
        number += 1
        try:
            agree, known, unknown = compare(engine, module, args)
        except peer.Missing as why:
            print("ok %d - %s # SKIP %s" % (number, engine, why))
            continue
        reasons = {n: r for n, r, _ in module.KNOWN}
        for name, count in sorted(known.items()):
            print("# %s: known, %d: %s: %s" % (
                engine, count, name, reasons[name]))
        many = 100 * sum(known.values()) > SHARE * args.cases
        ok = not unknown and not many
        bad += not ok
        print("%sok %d - %s: %d cases from seed %d, %d agree, %d known"
              % ("" if ok else "not ", number, engine, args.cases, args.seed,
                 agree, sum(known.values())))
        if unknown:
            print("# %d cannot be explained: seeds %s"
                  % (len(unknown), unknown[:20]))
        if many:
            print("# more than %d of 100 are known differences" % SHARE)
    print("1..%d" % number)
    return 1 if bad else 0


sys.exit(main())
