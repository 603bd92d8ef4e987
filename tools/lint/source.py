"""The tree as the lint rules see it: which files there are, and C without
comments and strings."""
import os
import re
import subprocess

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
MODULES = ("lib", "conf", "sieve", "mailstore", "actions", "lmtp", "tools",
           "testsuite")
MADE = {"sieve/ext.am", "sieve/ext_table.inc"}


def files():
    """All files of the project, by path from the top, sorted."""
    got = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"],
                         cwd=TOP, text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
    if got.returncode == 0 and os.path.exists(os.path.join(TOP, ".git")):
        names = got.stdout.splitlines()
    else:
        names = []
        for d in MODULES + ("doc",):
            for base, _, found in os.walk(os.path.join(TOP, d)):
                names += [os.path.relpath(os.path.join(base, n), TOP)
                          for n in found]
    return sorted(n for n in names if os.path.isfile(os.path.join(TOP, n)))


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8",
              errors="replace", newline="") as f:
        return f.read()


def c_files(*ends):
    return [n for n in files() if n.endswith(ends or (".c", ".h"))
            and n.split("/")[0] in MODULES]


TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
                   r"|'(?:\\.|[^'\\\n])*'", re.S)


def bare(text):
    """C with comments and literals blanked; line numbers stay."""
    def blank(m):
        if m.group(0)[0] in "\"'":
            return '""'
        return "\n" * m.group(0).count("\n") + " "
    return TOKEN.sub(blank, text)


def functions(name):
    """(function, line, lines between the braces): `{` and `}` in column 0,
    the function's name in column 0 above."""
    lines = read(name).split("\n")
    start = None
    for n, line in enumerate(lines, 1):
        if line == "{":
            start = n
        elif line.startswith("}") and start:
            head = next((x for x in reversed(lines[:start - 1])
                         if re.match(r"\w+\(", x)), "?(")
            if line == "}":
                yield head.split("(")[0], start, n - start - 1
            start = None
