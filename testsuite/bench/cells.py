"""One measurement of each kind: rates, counts, idle connections, and another
load generator beside ours."""
import socket
import statistics
import time

from bench import check, load, meters, tool
from report import Row
from smtp_source import smtp_source
from works import WORK

IDLE = 500
COUNTED = 100           # transactions of a connection under strace
LIMITS = {m for w in WORK.values() for m in w.limits}


def one_limit(b, mode, w, conns, seconds):
    flushes = b.disk.flushes()
    got = tool("limit", "-d", b.disk.where, "-m", mode, "-c", str(conns),
               "-t", str(seconds), "-s", str(w.size), "-r",
               str(w.rcpts if mode.startswith("hard") else 1))
    n = got["accepted"]
    row = Row(n / got["seconds"], got["cpu"] * 1e3 / n,
              (b.disk.flushes() - flushes) / n, 0, 0, 0, 0)
    b.store.empty()
    return row


def one_server(b, subject, w, conns, seconds):
    s = b.subject(subject, w.script)
    flushes, cpu = b.disk.flushes(), meters.cpu_seconds(s.pids())
    got = load(s.unix, conns, w.size, w.rcpts, t=seconds, **w.load)
    cpu = meters.cpu_seconds(s.pids()) - cpu
    flushes = b.disk.flushes() - flushes
    s.store.verify(got)
    s.store.empty()
    n = got["accepted"]
    return Row(n / got["seconds"], cpu * 1e3 / n, flushes / n, got["p50"],
               got["p99"], got["cpu"] * 1e3 / n,
               meters.pss_kib(s.pids()) / 1024)


def rates(b, cells, rounds, seconds, found, say):
    """
    Every subject once in each round, a different one first each time.
      cells  [(workload, connections, [subjects])]
    """
    for r in range(rounds):
        for name, conns, subjects in cells:
            turn = r % len(subjects) if subjects else 0
            for s in subjects[turn:] + subjects[:turn]:
                one = one_limit if s in LIMITS else one_server
                row = one(b, s, WORK[name], conns, seconds)
                b.disk.sync()
                found.rows[name, conns, s].append(row)
                say("round %d of %d, %-3s at %2d %-9s %7.0f/s %.3f ms CPU" % (
                    r + 1, rounds, name, conns, s, row.rate, row.cpu))
    order = [(n, c, s) for n, c, subjects in cells for s in subjects]
    for key in sorted(found.rows, key=order.index):
        found.rows[key] = found.rows.pop(key)


def counts(b, cells, found, say):
    """System calls of all processes, under strace."""
    for name, conns, subjects in cells:
        w = WORK[name]
        for subject in subjects:
            say("system calls of %s at %d, %s" % (name, conns, subject))
            s = b.subject(subject, w.script)
            calls, got = meters.count_calls(s.pids(), lambda: load(
                s.unix, conns, w.size, w.rcpts, n=COUNTED * conns))
            s.store.verify(got)
            s.store.empty()
            found.calls[name, conns, subject] = calls, got["accepted"]


def idle_pss(e):
    """MiB of all processes: before, and with IDLE connections that said
    LHLO."""
    before = meters.pss_kib(e.pids())
    socks = []
    for _ in range(IDLE):
        s = socket.socket(socket.AF_UNIX)
        s.connect(e.unix)
        s.sendall(b"LHLO idle.example.org\r\n")
        socks.append(s)
    for s in socks:
        have = b""
        while b"250 " not in have:
            got = s.recv(4096)
            check(got, "an idle connection was closed")
            have += got
    time.sleep(0.5)
    after = meters.pss_kib(e.pids())
    for s in socks:
        s.close()
    return before / 1024, after / 1024


def idle(b, order, peers, found):
    out = ["W8 PSS of all processes, MiB: without a connection, with %d idle "
           "ones" % IDLE]
    before, after = idle_pss(b.engine(order, "none"))
    found.numbers["MiB PSS with %d idle connections" % IDLE] = after
    out.append("%-12s %8.1f %8.1f" % (order, before, after))
    for name in peers:
        with b.many_processes(name, IDLE + 20) as e:
            out.append("%-12s %8.1f %8.1f" % ((name,) + idle_pss(e)))
    return out


def cross_check(b, subjects, messages):
    """smtp-source of Postfix and our generator in turn: 4 KiB to one
    recipient."""
    out = ["smtp-source -L of Postfix beside our generator, messages a "
           "second to one mailbox, medians of 3",
           "%5s  %-10s %12s %8s %6s" % ("conns", "subject", "smtp-source",
                                        "ours", "ratio")]
    for conns in (1, 8):
        for subject in subjects:
            s = b.subject(subject, "none")
            pairs = [one_pair(s, conns, messages) for _ in range(3)]
            theirs, ours = (statistics.median(p[i] for p in pairs)
                            for i in (0, 1))
            out.append("%5d  %-10s %12.0f %8.0f %6.2f" % (
                conns, subject, theirs, ours, statistics.median(
                    a / b for a, b in pairs)))
    return out


def one_pair(s, conns, messages):
    took = smtp_source(s.unix, conns, messages, 4096, "u0")
    s.store.verify_count(messages, 4096)
    s.store.empty()
    got = load(s.unix, conns, users=1, n=messages)
    s.store.verify(got)
    s.store.empty()
    return messages / took, messages / got["seconds"]


