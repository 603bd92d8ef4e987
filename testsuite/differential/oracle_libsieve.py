"""What libsieve would do: a small program linked with it (Debian's
libsieve2-dev), one process for each case. It knows RFC 3028 and drafts, so
only the base language and fileinto are compared."""
import os
import shutil
import subprocess

import peer

HERE = os.path.dirname(os.path.abspath(__file__))


def takes(case):
    return case.needs <= {"fileinto"}


def run_all(work, dirs):
    program = work + "/oracle"
    if not shutil.which("cc"):
        raise peer.Missing("no C compiler")
    got = peer.run(["cc", "-o", program, HERE + "/oracle_libsieve.c",
                    "-lsieve"])
    if got.returncode:
        raise peer.Missing("libsieve2-dev is not there")
    for d in dirs:
        with open(d + "/out", "w") as out:
            status = subprocess.run(
                [program, "script", "message"], cwd=d, stdout=out,
                stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        with open(d + "/status", "w") as f:
            f.write("%d" % status.returncode)


def actions(d):
    with open(d + "/status") as f:
        status = int(f.read())
    if status < 0:
        return "crashes"
    if status:
        return "does not compile"
    with open(d + "/out", errors="replace") as f:
        lines = f.read().splitlines()
    found = set()
    for line in lines:
        verb, _, target = line.partition(" ")
        found.add((verb, target, frozenset()) if verb == "store"
                  else (verb, target))
    return found


# None was needed: what libsieve does in another way (it unescapes nothing,
# decodes no headers, wants lower case keywords) hardly comes up in what it
# takes at all.
KNOWN = []
