"""Lint rules that need other programs: compiler, clang-format, clang-tidy,
mandoc. What is not installed is skipped, with its name."""
import concurrent.futures
import os
import re
import shlex
import shutil
import subprocess

from source import TOP, c_files, files

BUILD = os.environ.get("top_builddir", TOP)
CPPFLAGS = shlex.split(os.environ.get("LINT_CPPFLAGS", "-D_GNU_SOURCE")) + [
    "-I" + TOP, "-I" + BUILD]
CC = shlex.split(os.environ.get("LINT_CC", "cc"))


class Skip(Exception):
    pass


def need(*names):
    for name in names:
        if shutil.which(name):
            return name
    raise Skip("%s is not installed" % names[0])


def run(args):
    return subprocess.run(args, cwd=TOP, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def each(names, args):
    """Run args(name) for all, as many at once as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        return zip(names, pool.map(lambda n: run(args(n)), names))


def format():
    """clang-format has nothing to change"""
    tool = need("clang-format-14")
    for name, got in each(c_files(), lambda n: [tool, "--dry-run", "-Werror",
                                                n]):
        if got.returncode:
            yield got.stdout.split("\n")[0]


def headers_alone():
    """each header compiles alone, and twice in a row"""
    def args(name):
        return CC + CPPFLAGS + ["-std=c11", "-fsyntax-only", "-x", "c",
                                "-include", name, "-include", name,
                                "/dev/null"]
    for name, got in each(c_files(".h"), args):
        if got.returncode:
            yield "%s: %s" % (name, got.stdout.strip().split("\n")[0])


def changed():
    """With LINT_CHANGED=1 only what differs from main is read."""
    if not os.environ.get("LINT_CHANGED"):
        return None
    got = run(["git", "diff", "--name-only", "main"])
    return set(got.stdout.split())


def tidy():
    """clang-tidy: bugprone-* and clang-analyzer-* (see .clang-tidy)"""
    tool = need("clang-tidy-14", "clang-tidy")
    only = changed()
    names = [n for n in c_files(".c") if not n.startswith("testsuite/")
             and (only is None or n in only)]

    def args(name):
        model = [] if name == "lib/fail.c" else [
            "-include", TOP + "/tools/lint/model.h"]
        return [tool, "--quiet", name, "--"] + CPPFLAGS + [
            "-std=c11"] + model
    for _, got in each(names, args):
        yield from sorted(set(re.findall(
            r"^%s/(\S+:\d+:\d+: (?:warning|error): .*)$" % re.escape(TOP),
            got.stdout, re.M)))
        if got.returncode and not re.search("warning:|error:", got.stdout):
            yield got.stdout.strip().split("\n")[0]


def manuals():
    """manual pages pass mandoc -Tlint"""
    tool = need("mandoc")
    for name in files():
        if re.fullmatch(r"doc/.*\.[1-8]", name):
            got = run([tool, "-Tlint", "-Wwarning", name])
            # One for all: a cross reference is to a page of another package.
            for line in got.stdout.splitlines():
                if "referenced manual not found" not in line:
                    yield line


RULES = [format, headers_alone, tidy, manuals]
