#!/usr/bin/python3
"""doc/rfc-map: every test it names is there and is not empty, and each RFC
has as many rows as it has sentences that demand something. TAP."""
import collections
import os
import re
import sys

TOP = os.path.abspath(os.environ.get("top_srcdir", os.path.join(
    os.path.dirname(__file__), "..")))
NONE = ("not for the engine", "not tested", "not done")


def read(*path):
    with open(os.path.join(TOP, *path), errors="replace") as f:
        return f.read()


def golden(path, name):
    """A case of a golden file holds a script, and what comes of it."""
    text = read("testsuite", "script", path)
    m = re.search(r"^=== %s\n(.*?)(?=^=== |\Z)" % re.escape(name), text,
                  re.M | re.S)
    return m and "--- script" in m.group(1) and re.search(
        r"^--- (plan|errors|warnings)", m.group(1), re.M)


def suite(path, name):
    """A case of a suite can fail, or does something that can."""
    text = read("testsuite", "svtest", path)
    m = re.search(r'^test "%s" \{\n(.*?)^\}' % re.escape(name), text,
                  re.M | re.S)
    return m and re.search(r"test_fail|test_message", m.group(1))


def words(folder):
    return lambda path, name: name in read("testsuite", folder, path)


KINDS = {".t": golden, ".svtest": suite, ".c": words("unit"),
         ".lmtp": words("session"), ".py": words("e2e")}


def complaint(rfc, test):
    """What is wrong with the last column; None: nothing."""
    kind, _, reason = test.partition(": ")
    if kind in NONE:
        return None if reason else "no reason"
    if kind in ("", test):
        return "neither test nor reason"
    path, name, ending = kind, reason, os.path.splitext(kind)[1]
    if ending not in KINDS:
        return "no kind of test: " + path
    if ending == ".t" and "/" not in path:
        path = "rfc%s/%s" % (rfc, path)
    try:
        return None if KINDS[ending](path, name) else "no such test"
    except OSError as why:
        return why.strerror


def main():
    rfc, number, bad = None, 0, 0
    wanted, found = {}, collections.Counter()
    tally = collections.Counter()
    for n, line in enumerate(read("doc", "rfc-map").split("\n"), 1):
        head = re.match(r"RFC (\d+) .*: (\d+) sentences?$", line)
        row = re.match(r"([\d.]+) ((?:MUST|SHOULD|SHALL|RECOMMENDED).*?) "
                       r"\| (.*)$", line)
        if head:
            rfc = head.group(1)
            wanted[rfc] = int(head.group(2))
        elif row and rfc:
            found[rfc] += 1
            number += 1
            test = row.group(3)
            tally[test.split(":")[0] if test.startswith("not ")
                  else "tested"] += 1
            why = complaint(rfc, test)
            bad += why is not None
            print("%sok %d - RFC %s s. %s %s" % (
                "not " if why else "", number, rfc, *row.group(1, 2)))
            if why:
                print("# doc/rfc-map:%d: %s: %s" % (n, why, test))
        elif line and rfc:
            number += 1
            bad += 1
            print("not ok %d - line %d is no row" % (number, n))
    for rfc in sorted(wanted):
        number += 1
        ok = wanted[rfc] == found[rfc]
        bad += not ok
        print("%sok %d - RFC %s: %d rows for %d sentences" % (
            "" if ok else "not ", number, rfc, found[rfc], wanted[rfc]))
    print("# " + ", ".join("%s %d" % t for t in sorted(tally.items())))
    print("1..%d" % number)
    return bad > 0


sys.exit(main())
