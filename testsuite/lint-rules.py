"""Every text rule of lint must fire on a tree made to break it, and be quiet
on a good one."""
import os
import shutil
import subprocess
import sys
import tempfile

SRC = os.environ.get("top_srcdir") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..")
LONG = "int\nlong_one(void)\n{\n%s}\n" % ("\tx();\n" * 81)

# rule, file, content that breaks it
BAD = [
    ("include_table", "lib/a.c", '#include "conf/conf.h"\n'),
    ("include_table", "sieve/a.c", '#include "mailstore/mailstore.h"\n'),
    ("include_table", "mailstore/a.c", '#include "sieve/plan.h"\n'),
    ("include_table", "sieve/a.c", '#include "conf/conf.h"\n'),
    ("include_table", "lmtp/a.c", '#include "sieve/plan.h"\n'),
    ("include_table", "actions/a.c", '#include "lmtp/session.h"\n'),
    ("include_table", "sieve/a.c", '#include "plan.h"\n'),
    ("foreign_libraries", "lmtp/a.c", "#include <openssl/evp.h>\n"),
    ("banned_functions", "sieve/a.c", "int f(void) { p = malloc(1); }\n"),
    ("banned_functions", "sieve/a.c", "int f(void) { free (p); }\n"),
    ("banned_functions", "lib/a.c", "int f(void) { strtok_r(a, b, c); }\n"),
    ("long_functions", "sieve/a.c", LONG),
    ("long_functions", "tools/lint/long-functions", "sieve/x.c:gone why\n"),
    ("function_lengths", "sieve/a.c", LONG),
    ("file_lengths", "sieve/a.c", "int x;\n" * 701),
    ("first_comments", "sieve/a.c", "int x;\n"),
    ("no_promises", "sieve/a.c", "/* TO" "DO: later */\n"),
    ("blanks", "sieve/a.c", "int x; \n"),
    ("blanks", "sieve/a.c", "int x;\r\n"),
    ("blanks", "sieve/a.c", "int x;"),
    ("machine_paths", "sieve/a.c", '/* see "/ro' 'ot/x" */\n'),
    ("shell_syntax", "testsuite/a.sh", "if true\n"),
    ("python_syntax", "testsuite/a.py", "def f(:\n"),
]
RULES = sorted({row[0] for row in BAD})

# What must not disturb any of them.
GOOD = {
    "lmtp/a.c": '/* a: an example; malloc( and "free(" are words. */\n'
                '#include "actions/deliver.h"\n#include "lib/str.h"\n'
                'const char *s = "strcpy(";\n\nint\nf(void)\n{\n'
                "\treturn obj->free(1) + 1; /* malloc() */\n}\n",
    "lib/a.c": "/* a: lib may allocate. */\nvoid *p = malloc(1);\n",
    "testsuite/a.c": '/* a: tests see all. */\n#include "sieve/plan.h"\n'
                     '#include "lmtp/session.h"\n',
}
HEADERS = ("conf/conf.h", "mailstore/mailstore.h", "sieve/plan.h",
           "lmtp/session.h", "actions/deliver.h", "lib/str.h", "lib/fail.h")


def tree(contents):
    top = tempfile.mkdtemp(prefix="tamis-lint.")
    shutil.copytree(os.path.join(SRC, "tools", "lint"),
                    os.path.join(top, "tools", "lint"),
                    ignore=shutil.ignore_patterns("__pycache__"))
    for d, _, _ in os.walk(top):
        os.chmod(d, 0o755)
    files = {h: "/* h */\n" for h in HEADERS}
    files["tools/lint/long-functions"] = "# none\n"
    files.update(contents)
    for name, text in files.items():
        path = os.path.join(top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.exists(path):
            os.unlink(path)
        with open(path, "w", newline="") as f:
            f.write(text)
    return top


def lint(contents, rules):
    """(status, output) of these rules on a tree with these files"""
    top = tree(contents)
    try:
        got = subprocess.run(
            [sys.executable, os.path.join(top, "tools/lint/lint.py"),
             *rules], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd=top,
            env=dict(os.environ, GIT_CEILING_DIRECTORIES=top))
    finally:
        shutil.rmtree(top)
    return got.returncode, got.stdout


def main():
    print("1..%d" % (len(BAD) + 1))
    bad = 0
    for n, (rule, name, text) in enumerate(BAD, 1):
        status, out = lint({name: text}, [rule])
        ok = status == 1 and ("not ok 1 - %s:" % rule) in out
        bad += not ok
        print("%s %d - %s fires on %s" % ("ok" if ok else "not ok", n, rule,
                                          name))
        if not ok:
            print("# %r gave %d: %s" % (text[:60], status,
                                        out.replace("\n", "\n# ")))
    status, out = lint(GOOD, RULES)
    print("%s %d - no rule fires on a good tree"
          % ("not ok" if status else "ok", len(BAD) + 1))
    if status:
        print("# " + out.replace("\n", "\n# "))
    sys.exit(1 if bad or status else 0)


main()
