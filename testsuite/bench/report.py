"""What was measured, as text: tables, targets; and where in a document it
goes. The drawing is plot.py's."""
import collections
import os
import statistics

from bench import PEERS, check
from meters import SYNCS

Row = collections.namedtuple("Row", "rate cpu flushes p50 p99 generator pss")

# What one run found. rows: {(work, conns, subject): [Row of each round]};
# calls: {(work, conns, subject): ({system call: number}, deliveries)};
# numbers: {name: value} of what is not a cell.
Found = collections.namedtuple("Found", "rows calls numbers")


def found():
    return Found(collections.defaultdict(list), {}, {})


def median(rows, field):
    return statistics.median(getattr(row, field) for row in rows)


def ratio(rows, other):
    """Of the rates of the same round, then the median; None if there is
    nothing to divide by."""
    if not rows or not other:
        return None
    return statistics.median(a.rate / b.rate for a, b in zip(rows, other))


def best_peer(rows, work, conns):
    """The fastest peer of each round."""
    peers = [rows[work, conns, p] for p in PEERS if rows.get((work, conns,
                                                              p))]
    return [max(row, key=lambda r: r.rate) for row in zip(*peers)]


def number(value, width=6, digits=2):
    return "%*s" % (width, "-") if value is None else "%*.*f" % (
        width, digits, value)


# --- tables -----------------------------------------------------------------

def cell_lines(rows, work, conns, subject):
    v = rows[work, conns, subject]
    rates = [r.rate for r in v]
    times = [median(v, f) or None for f in ("p50", "p99")]
    other = [rows.get((work, conns, x)) for x in ("full", "hard1")]
    return "%-4s %5d  %-10s %8.0f %13s %s %s %s %s %s %s %s %s %s" % (
        work, conns, subject, statistics.median(rates),
        "%.0f-%.0f" % (min(rates), max(rates)), number(ratio(v, other[0])),
        number(ratio(v, other[1])),
        number(ratio(v, best_peer(rows, work, conns))),
        number(median(v, "cpu"), 6, 3), number(median(v, "generator"), 6, 3),
        number(median(v, "flushes"), 7, 3), number(times[0], 7),
        number(times[1], 7), number(median(v, "pss") or None, 5, 0))


def table(rows):
    out = ["%-4s %5s  %-10s %8s %13s %6s %6s %6s %6s %6s %7s %7s %7s %5s" % (
        "work", "conns", "subject", "per sec", "range", "/full", "/hard1",
        "/best", "CPU ms", "gen ms", "flushes", "p50 ms", "p99 ms", "PSS")]
    last = None
    for work, conns, subject in rows:
        if last not in (None, (work, conns)):
            out.append("")
        last = work, conns
        out.append(cell_lines(rows, work, conns, subject))
    return out


def per_delivery(calls, names=None):
    counts, n = calls
    return sum(c for name, c in counts.items()
               if names is None or name in names) / n


def calls_table(calls):
    out = ["%-4s %5s  %-10s %8s %8s   most frequent, per delivery" % (
        "work", "conns", "subject", "calls", "syncs")]
    for (work, conns, subject), got in calls.items():
        most = sorted(got[0].items(), key=lambda c: -c[1])[:8]
        out.append("%-4s %5d  %-10s %8.2f %8.2f   %s" % (
            work, conns, subject, per_delivery(got),
            per_delivery(got, SYNCS),
            " ".join("%s %.2f" % (k, v / got[1]) for k, v in most)))
    return out


# --- targets ----------------------------------------------------------------

# kind of value, workload, connections, what else the kind needs, limit. A
# ratio has to reach its limit, everything else must not exceed it. Rates are
# compared with the limit program full or hard1, the best peer ("best"), or
# another workload of the same engine.
Target = collections.namedtuple("Target", "kind work conns other limit")
TARGETS = [Target(*t) for t in (
    ("ratio", "W1", 1, "full", 0.9), ("ratio", "W1", 1, "best", 2.5),
    ("ratio", "W1", 8, "full", 0.7), ("ratio", "W1", 8, "best", 4),
    ("ratio", "W1", 32, "full", 0.7), ("ratio", "W1", 32, "best", 5),
    ("ratio", "W3", 8, "best", 4.5),
    ("ratio", "W4", 8, "best", 15), ("ratio", "W4", 8, "hard1", 0.4),
    ("ratio", "W5", 8, "best", 7), ("ratio", "W6", 8, "W2", 0.85),
    ("cpu", "W1", 1, None, 0.24), ("cpu", "W1", 8, None, 0.24),
    ("cpu", "W1", 32, None, 0.24), ("cpu", "W2", 8, None, 0.29),
    ("cpu", "W6", 8, None, 0.38), ("cpu", "W4s", 8, None, 0.045),
    ("cpu", "W4", 8, None, 0.03), ("cpu", "W5", 8, None, 1.0),
    ("syncs", "W1", 1, None, 2), ("calls", "W1", 1, None, 32),
    ("syncs", "W1", 32, None, 0.6),
    ("flushes", "W1", 1, None, 2.0), ("flushes", "W1", 8, None, 1.3),
    ("flushes", "W1", 32, None, 0.7), ("flushes", "W4", 8, None, 0.06),
    ("number", "W8", 0, "MiB PSS with 500 idle connections", 24),
    ("number", "W9", 0, "instructions, large over small mailbox", 1.1),
    ("number", "W9", 0, "system calls, large over small mailbox", 1.1),
    ("number", "W9", 0, "time, large over small mailbox", 1.1),
)]
# The file system commits by itself, every five seconds, and when others sync.
OWN_FLUSHES = 0.02
UNITS = {"cpu": "CPU ms", "syncs": "syncs", "calls": "system calls",
         "flushes": "device flushes"}


def target_cells():
    """{(work, conns)} that have to be measured for all targets."""
    cells = {(t.work, t.conns) for t in TARGETS if t.conns}
    return cells | {(t.other, t.conns) for t in TARGETS
                    if t.other in ("W2",)}


def target_calls():
    return sorted({(t.work, t.conns) for t in TARGETS
                   if t.kind in ("syncs", "calls")})


def value_of(t, f, order):
    """What this run found for a target, or None."""
    rows = f.rows.get((t.work, t.conns, order))
    if t.kind == "number":
        return f.numbers.get(t.other)
    if t.kind in ("syncs", "calls"):
        got = f.calls.get((t.work, t.conns, order))
        return got and per_delivery(got, SYNCS if t.kind == "syncs"
                                    else None)
    if t.kind != "ratio":
        return rows and median(rows, t.kind)
    if t.other == "best":
        return ratio(rows, best_peer(f.rows, t.work, t.conns))
    return ratio(rows, f.rows.get((t.work, t.conns, t.other))
                 or f.rows.get((t.other, t.conns, order)))


def target_line(t, value):
    what = "rate, of %s" % {
        "best": "the best peer", "full": "limit full",
        "hard1": "limit hard1"}.get(t.other, t.other)
    if t.kind == "number":
        what = t.other
    elif t.kind != "ratio":
        what = "%s for a delivery" % UNITS[t.kind]
    where = "%s at %d" % (t.work, t.conns) if t.conns else t.work
    at_least = t.kind == "ratio"
    most = t.limit + (OWN_FLUSHES if t.kind == "flushes" else 0)
    verdict = "not measured" if value is None else "reached" if (
        value >= t.limit if at_least else value <= most) else "NOT REACHED"
    return "%-9s %-42s %s %s %6g  %s" % (
        where, what, number(value, 7, 3), ">=" if at_least else "<=",
        t.limit, verdict)


def target_lines(f, order):
    return [target_line(t, value_of(t, f, order)) for t in TARGETS]


def capacity_lines(f, order, cores):
    """What the rates of this run mean for a day."""
    out = ["What one machine like this and ten would carry, %s (mailboxes "
           "are independent: ten have ten times the users)" % order,
           "%-9s %12s %16s %16s %20s" % (
               "", "a second", "millions a day", "ten machines",
               "CPU alone a second")]
    for work, conns in (("W1", 32), ("W2", 32), ("W2", 8), ("W3", 8),
                        ("W4", 8)):
        rows = f.rows.get((work, conns, order))
        if rows:
            rate, cpu = median(rows, "rate"), median(rows, "cpu")
            out.append("%-9s %12.0f %16.0f %16.0f %20.0f" % (
                "%s at %d" % (work, conns), rate, rate * 0.0864,
                rate * 0.864, cores * 1e3 / cpu))
    return out


# --- a document that holds what commands printed ----------------------------

# Options that make the same command another one; others only change how
# long it takes.
MODES = {"--targets", "--soak"}


def same_command(line, command):
    words, other = line.split(), ["$"] + command.split()
    return words[:2] == other[:2] and \
        MODES.intersection(words) == MODES.intersection(other)


def put_block(path, command, lines):
    """
    Replace what a command printed before, or add it at the end. A block is
    the line "$ command", its output, and the line "$".
    """
    block = ["$ " + command] + [line.rstrip() for line in lines] + ["$"]
    check("$" not in block[1:-1], "a line of output ends the block")
    have = []
    if os.path.exists(path):
        with open(path) as f:
            have = f.read().splitlines()
    old = [i for i, line in enumerate(have) if same_command(line, command)]
    if old:
        have[old[0]:have.index("$", old[0]) + 1] = block
    else:
        have += [""] + block
    with open(path + ".new", "w") as f:
        f.write("\n".join(have) + "\n")
    os.rename(path + ".new", path)
