"""What is read from outside of the processes that are measured: CPU time,
memory, descriptors, instructions, system calls."""
import contextlib
import os
import re
import signal
import subprocess
import tempfile

from tamis_test import check

TICK = os.sysconf("SC_CLK_TCK")
SYNCS = ("fsync", "fdatasync", "syncfs", "sync", "msync")
# Between the processes of an engine: the front's sockets to its roles.
IPC = ("sendmsg", "recvmsg", "sendmmsg", "recvmmsg")
# Memory from the system.
MEMORY = ("mmap", "munmap", "mremap", "brk")


def cpu_seconds(pids):
    """Of these, to the nanosecond, and of the children they outlived."""
    return sum(cpu_of(pid) for pid in pids)


def cpu_of(pid):
    with contextlib.suppress(OSError):
        with open("/proc/%d/schedstat" % pid) as f:
            own = int(f.read().split()[0]) / 1e9
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rpartition(")")[2].split()
        return own + (int(fields[13]) + int(fields[14])) / TICK
    return 0.0


def pss_kib(pids):
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            with open("/proc/%d/smaps_rollup" % pid) as f:
                total += int(re.search(r"^Pss:\s+(\d+)", f.read(),
                                       re.M).group(1))
    return total


def descriptors(pids):
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += len(os.listdir("/proc/%d/fd" % pid))
    return total


def role(pid):
    """What an lmtpd's process calls itself."""
    with contextlib.suppress(OSError):
        with open("/proc/%d/comm" % pid) as f:
            return f.read().strip()
    return "?"


def count_calls(pids, work):
    """{system call: how often} of these processes while work() runs, and
    what work gave."""
    out = tempfile.mktemp(prefix="tamis-strace.")
    args = ["strace", "-f", "-c", "-U", "name,calls", "-o", out]
    for pid in pids:
        args += ["-p", str(pid)]
    proc = subprocess.Popen(args, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)
    try:
        for _ in pids:          # "Process N attached"
            proc.stderr.readline()
        got = work()
    finally:
        proc.send_signal(signal.SIGINT)
        proc.stderr.read()
        proc.wait(20)
    calls = {}
    with open(out) as f:
        for line in f:
            m = re.match(r"\s*(\w+)\s+(\d+)\s*$", line)
            if m and m.group(1) != "total":
                calls[m.group(1)] = int(m.group(2))
    os.unlink(out)
    return calls, got


def can_count_instructions():
    try:
        return subprocess.run(
            ["perf", "stat", "-e", "instructions:u", "true"],
            stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


class NoPerf(Exception):
    """There is no perf(1) that counts instructions here."""


def count_instructions(pids, work):
    """(user, kernel, what work gave): instructions of these processes while
    work() runs."""
    if not can_count_instructions():
        raise NoPerf("no perf that counts instructions")
    to_perf, to_us = os.pipe(), os.pipe()
    out = tempfile.mktemp(prefix="tamis-perf.")
    proc = subprocess.Popen(
        ["perf", "stat", "-x", ",", "-o", out, "-D", "-1", "-e",
         "instructions:u,instructions:k", "-p", ",".join(map(str, pids)),
         "--control", "fd:%d,%d" % (to_perf[0], to_us[1])],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, pass_fds=(to_perf[0], to_us[1]))
    os.close(to_perf[0])
    os.close(to_us[1])
    try:
        tell_perf(to_perf[1], to_us[0], b"enable\n")
        got = work()
        tell_perf(to_perf[1], to_us[0], b"disable\n")
    finally:
        proc.send_signal(signal.SIGINT)
        error = proc.communicate(timeout=20)[1]
        os.close(to_perf[1])
        os.close(to_us[0])
    with open(out) as f:
        text = f.read()
    os.unlink(out)
    count = {m[2]: int(m[1]) for m in re.finditer(
        r"^(\d+),,instructions:([uk])", text, re.M)}
    check(len(count) == 2, "perf: %r %r" % (text, error))
    return count["u"], count["k"], got


def tell_perf(to, back, word):
    os.write(to, word)
    check(os.read(back, 16).startswith(b"ack"), "perf does not answer")
