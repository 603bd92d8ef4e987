#!/usr/bin/env python3
"""Golden tests of Sieve scripts: each case is a script, a message, and what
must come of them. Emits TAP, a line per case; with --update it rewrites the
expected sections instead (make golden).

A .t file holds cases; each starts with "=== name" and has sections:

  --- script    the script. "--- script crlf": with CRLF line ends;
                "--- script raw": \\xHH and \\n are octets, nothing else is
  --- message   the message, also with crlf or raw; without this section that
                of the case before
  --- file NAME another file, such as a script to include
  --- options   arguments of "tamis run", such as --from a@b
  --- plan      expected standard output of "tamis run"; absent: there is
                none, because the script does not compile
  --- errors    expected standard error without quoted lines; absent: none.
                The script's file is called "script"
  --- check     arguments of "tamis check", perhaps none: the script is not
                run, and instead of plan and errors
  --- warnings  is the output of check without quoted lines, and "exit N"
                unless N is 0
  --- code      expected output of "tamis dump"; not looked at when absent

A line "#" in front of the first case is a comment; "# needs: CAPABILITY"
skips a file when this build lacks an extension. A plan is checked twice,
the second time from the saved form of the script.
"""
import concurrent.futures
import os
import re
import shlex
import subprocess
import sys
import tempfile

# Local zone of all runs: +0530, in summer +0630.
ZONE = "WIN-5:30SUM,M3.5.0,M10.5.0"

EXPECTED = ("plan", "errors", "warnings", "code")


class Case:
    def __init__(self, name):
        self.name = name
        self.sections = {}
        self.modes = {}


def read_cases(path):
    preamble, cases, lines = [], [], None
    with open(path, encoding="utf-8", errors="surrogateescape",
              newline="\n") as f:
        for line in f:
            if line.startswith("=== "):
                cases.append(Case(line[4:].strip()))
                lines = None
            elif line.startswith("--- ") and cases:
                words = line[4:].split()
                if words[0] == "file":
                    words[:2] = [" ".join(words[:2])]
                lines = cases[-1].sections[words[0]] = []
                cases[-1].modes[words[0]] = words[1:]
            elif lines is not None:
                lines.append(line)
            else:
                preamble.append(line)
    return preamble, cases


def octets(case, section):
    data = "".join(case.sections[section]).encode(
        "utf-8", errors="surrogateescape")
    mode = case.modes[section]
    if "raw" in mode:
        data = data.replace(b"\n", b"")
        data = data.replace(b"\\n", b"\n")
        data = re.sub(rb"\\x([0-9a-fA-F]{2})",
                      lambda m: bytes([int(m.group(1), 16)]), data)
    if "crlf" in mode:
        data = data.replace(b"\n", b"\r\n")
    return data


def tamis(cwd, *args):
    return subprocess.run([TAMIS, *args], cwd=cwd, capture_output=True,
                          check=False, env=dict(os.environ, TZ=ZONE))


def text(data):
    return data.decode("utf-8", errors="surrogateescape")


def brief(errors):
    """Without the lines of the script and the carets below them."""
    return re.sub(r"^    .*\n", "", errors, flags=re.M)


def perform_check(case, cwd):
    options = shlex.split("".join(case.sections["check"]))
    run = tamis(cwd, "check", *options, "script")
    out = brief(text(run.stdout + run.stderr))
    if run.returncode:
        out += "exit %d\n" % run.returncode
    return {"warnings": out}


def perform(case, message):
    """What the case gives: a dict of sections, and complaints."""
    bad = []
    with tempfile.TemporaryDirectory() as cwd:
        files = [("script", octets(case, "script")), ("message", message)]
        files += [(s[5:], octets(case, s)) for s in case.sections
                  if s.startswith("file ")]
        for name, data in files:
            path = os.path.join(cwd, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(data)
        if "check" in case.sections:
            return perform_check(case, cwd), bad
        options = shlex.split("".join(case.sections.get("options", [])))
        run = tamis(cwd, "run", "script", "message", *options)
        got = {"plan": text(run.stdout), "errors": brief(text(run.stderr))}
        if run.returncode not in (0, 1):
            bad.append("exit status %d" % run.returncode)
        if (run.returncode == 0) != (not run.stderr):
            bad.append("exit status %d does not fit the errors"
                       % run.returncode)
        if "code" in case.sections:
            got["code"] = text(tamis(cwd, "dump", "script").stdout)
        if run.stdout and "--trace" not in options:
            tamis(cwd, "compile", "script", "-o", "script.bc")
            again = tamis(cwd, "run", "script.bc", "message", *options)
            if again.stdout != run.stdout:
                bad.append("the saved form gives another plan:\n"
                           + text(again.stdout + again.stderr))
    return got, bad


def compare(case, got):
    bad = []
    for section in EXPECTED:
        want = "".join(case.sections.get(section, []))
        have = got.get(section, "")
        if section == "code" and section not in case.sections:
            continue
        if want.rstrip("\n") != have.rstrip("\n"):
            bad.append("%s: expected\n%sgot\n%s" % (section, want, have))
    return bad


def rewrite(path, preamble, cases, results):
    with open(path, "w", encoding="utf-8", errors="surrogateescape",
              newline="\n") as f:
        f.write("".join(preamble))
        for case, (got, _) in zip(cases, results):
            f.write("=== %s\n" % case.name)
            files = [s for s in case.sections if s.startswith("file ")]
            for section in ["script", *files, "message", "options", "check"]:
                if section in case.sections:
                    head = " ".join([section, *case.modes[section]])
                    f.write("--- %s\n" % head)
                    f.write("".join(case.sections[section]))
            for section in EXPECTED:
                if got.get(section):
                    f.write("--- %s\n%s" % (section, got[section]))


def lacking(preamble):
    known = text(tamis(".", "ext").stdout).split()
    for line in preamble:
        if line.startswith("# needs:"):
            return [c for c in line[8:].split() if c not in known]
    return []


def run_files(paths, update):
    failed = number = 0
    lines = []
    pool = concurrent.futures.ThreadPoolExecutor(max_workers=4)
    for path in paths:
        preamble, cases = read_cases(path)
        message, jobs = b"\n", []
        if lacking(preamble):
            number += 1
            lines.append("ok %d - %s # SKIP without %s" % (
                number, os.path.relpath(path, HERE),
                " ".join(lacking(preamble))))
            continue
        for case in cases:
            if "message" in case.sections:
                message = octets(case, "message")
            jobs.append(pool.submit(perform, case, message))
        results = [job.result() for job in jobs]
        if update:
            rewrite(path, preamble, cases, results)
            continue
        for case, (got, bad) in zip(cases, results):
            bad = bad + compare(case, got)
            number += 1
            failed += bool(bad)
            lines.append("%sok %d - %s: %s" % (
                "not " if bad else "", number,
                os.path.relpath(path, HERE), case.name))
            for complaint in bad:
                lines += ["# " + part for part in complaint.splitlines()]
    if not update:
        print("1..%d" % number)
        print("\n".join(lines))
    return 1 if failed else 0


HERE = os.path.join(os.environ.get("top_srcdir", "."), "testsuite", "script")
TAMIS = os.path.abspath(os.path.join(
    os.environ.get("top_builddir", "."), "tools", "tamis"))


def main():
    args = sys.argv[1:]
    update = "--update" in args
    paths = [a for a in args if a != "--update"]
    if not paths:
        for top, _, names in os.walk(HERE):
            paths += [os.path.join(top, n) for n in names
                      if n.endswith(".t")]
    return run_files(sorted(paths), update)


if __name__ == "__main__":
    sys.exit(main())
