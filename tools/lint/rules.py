"""Lint rules that read text only. A rule is a function that yields one line
for each offence; its docstring is its name."""
import os
import re
import subprocess

from source import TOP, bare, c_files, files, functions, read

FUNCTION_MAX, MEDIAN_MAX, P90_MAX, FILE_MAX = 80, 12, 40, 700

# Who may include whom; ARCHITECTURE has the reasons.
MAY = {
    "lib": {"lib"},
    "conf": {"conf", "lib"},
    "sieve": {"sieve", "lib"},
    "mailstore": {"mailstore", "lib"},
    "actions": {"actions", "sieve", "mailstore", "conf", "lib"},
    "lmtp": {"lmtp", "conf", "lib"},
}
LMTP_SEES = {"actions/deliver.h", "actions/recipient.h", "actions/out.h"}

# A foreign library has one home.
FOREIGN = {
    "openssl/": {"lib/digest.c", "lmtp/tls.c"},
    "unicase.h": {"lib/unicode.c"},
    "uninorm.h": {"lib/unicode.c"},
    "iconv.h": {"lib/charset.c", "testsuite/"},
    "cmocka.h": {"testsuite/"},
    "sasl/": {"lmtp/auth.c"},
    "pcre2": {"sieve/ext/regex.c"},
    "sqlite3.h": {"actions/track_sqlite.c", "testsuite/"},
    "libical/": {"actions/calendar.c"},
}
GENERATED = {"config.h", "sieve/ext_table.inc"}

# In lib/banned.h too, where the compiler sees them; here also in what does
# not include it.
BANNED = ("strcpy strcat sprintf vsprintf strtok strtok_r strncat gets mktemp "
          "tmpnam tempnam alloca atoi atol atoll system popen").split()
LIB_ONLY = ("malloc calloc realloc reallocarray free strdup strndup asprintf "
            "vasprintf getline").split()


def include_table():
    """includes follow the table of ARCHITECTURE"""
    for name in c_files():
        top = name.split("/")[0]
        for line, what in includes(name):
            why = refused(top, what)
            if why:
                yield "%s:%d: includes %s: %s" % (name, line, what, why)


def includes(name, kind='"'):
    pattern = r'^#\s*include\s*"([^"]+)"' if kind == '"' \
        else r"^#\s*include\s*<([^>]+)>"
    text = read(name)
    for m in re.finditer(pattern, text, re.M):
        yield text.count("\n", 0, m.start()) + 1, m.group(1)


def refused(top, what):
    if what in GENERATED:
        return None
    if not os.path.exists(os.path.join(TOP, what)):
        return "no such file seen from the top"
    to = what.split("/")[0]
    if top in MAY and to not in MAY[top] and not (
            top == "lmtp" and what in LMTP_SEES):
        return "%s/ may not see it" % top
    return None


def foreign_libraries():
    """each foreign library is included by its home file only"""
    for name in c_files():
        for line, what in includes(name, "<"):
            for start, homes in FOREIGN.items():
                if what.startswith(start) and not any(
                        name == h or h.endswith("/") and name.startswith(h)
                        for h in homes):
                    yield "%s:%d: <%s>" % (name, line, what)


def banned_functions():
    """no banned function; malloc and free in lib/ only"""
    for name in c_files():
        words = list(BANNED)
        if not name.startswith(("lib/", "testsuite/")):
            words += LIB_ONLY
        if name == "lib/banned.h":
            continue
        text = bare(read(name))
        for m in re.finditer(r"(?<![\w.>])(%s)\s*\(" % "|".join(words),
                             text):
            line = text.count("\n", 0, m.start()) + 1
            yield "%s:%d: %s()" % (name, line, m.group(1))


def long_functions():
    """no function over 80 lines unless listed with a reason"""
    listed = {}
    for row in read("tools/lint/long-functions").splitlines():
        if row and not row.startswith("#"):
            where, _, reason = row.partition(" ")
            listed[where] = reason.strip()
    for name in c_files(".c"):
        for fn, line, n in functions(name):
            where = "%s:%s" % (name, fn)
            reason = listed.pop(where, None) if n > FUNCTION_MAX else "short"
            if not reason:
                yield "%s:%d: %s has %d lines" % (name, line, fn, n)
    for where in listed:
        yield "tools/lint/long-functions: %s is not that long" % where


def function_lengths():
    """half of the functions have 12 lines at most, nine in ten 40"""
    got = sorted(n for name in c_files(".c")
                 if not name.startswith("testsuite/")
                 for _, _, n in functions(name))
    if not got:
        return
    median, p90 = got[len(got) // 2], got[len(got) * 9 // 10]
    print("# %d functions: median %d, p90 %d, longest %d lines"
          % (len(got), median, p90, got[-1]))
    if median > MEDIAN_MAX or p90 > P90_MAX:
        yield "median %d (at most %d), p90 %d (at most %d)" % (
            median, MEDIAN_MAX, p90, P90_MAX)


def file_lengths():
    """no file over 700 lines"""
    for name in c_files():
        n = read(name).count("\n")
        if n > FILE_MAX:
            yield "%s has %d lines" % (name, n)


def first_comments():
    """each .c starts with a comment that says what it knows"""
    for name in c_files(".c"):
        if not read(name).startswith("/*"):
            yield name


def no_promises():
    """no TODO, FIXME or XXX"""
    for name in c_files() + code(".py", ".sh"):
        if name == "tools/lint/rules.py":
            continue
        for n, line in enumerate(read(name).split("\n"), 1):
            if re.search(r"\b(TODO|FIXME|XXX)\b(?![-+])", line):
                yield "%s:%d: %s" % (name, n, line.strip())


TEXT = (".c", ".h", ".def", ".am", ".ac", ".py", ".sh", ".md", ".5", ".7",
        ".8", ".1")
TEXT_NAMES = ("README", "HACKING", "ARCHITECTURE", "NEWS", "SECURITY",
              "LICENSE", "check", "demo", ".ci/run")


def text_files():
    """Ours, without data in which odd bytes are the point."""
    return [n for n in files() if n.endswith(TEXT) or n in TEXT_NAMES]


def blanks():
    """no trailing blanks, no CR, a newline at the end"""
    for name in text_files():
        text = read(name)
        for n, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                yield "%s:%d" % (name, n)
        if text and not text.endswith("\n"):
            yield name + ": no newline at the end"


def machine_paths():
    """no paths of a developer's machine"""
    for name in text_files():
        for n, line in enumerate(read(name).split("\n"), 1):
            if re.search(r"(?<![\w.$}])/(work|root|home/\w+|tmp/wt|farm)/",
                         line):
                yield "%s:%d: %s" % (name, n, line.strip()[:70])


def code(*ends):
    return [n for n in files() if n.endswith(ends)]


def shell_syntax():
    """shell scripts pass sh -n"""
    for name in files():
        if name.endswith(".sh") or read_start(name).startswith("#!/bin/sh"):
            got = subprocess.run(["sh", "-n", name], cwd=TOP, text=True,
                                 stderr=subprocess.PIPE)
            if got.returncode:
                yield got.stderr.strip()


def read_start(name):
    with open(os.path.join(TOP, name), "rb") as f:
        return f.read(64).decode("latin-1")


def python_syntax():
    """Python compiles"""
    for name in code(".py"):
        try:
            compile(read(name), name, "exec")
        except SyntaxError as why:
            yield "%s:%s: %s" % (name, why.lineno, why.msg)


RULES = [include_table, foreign_libraries, banned_functions, long_functions,
         function_lengths, file_lengths, first_comments, no_promises, blanks,
         machine_paths, shell_syntax, python_syntax]
