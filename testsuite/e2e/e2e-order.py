"""The order on disk, read from the system calls of a running lmtpd: which
file is synced when it gets its name, that its directory is synced behind it,
and that nobody is told 250 before both are. A disk that forgets is another
test's; this one sees a missing fsync on any disk.

Every fsync is held up for some milliseconds, as by a slow disk, so that who
does not wait for it is seen to be early.
"""
import os
import re
import shutil
import sys

from tamis_test import Instance, Tap, check, equal, message, skip_all
from sink import Sink

CALLS = ("open,openat,openat2,mkdir,mkdirat,write,writev,pwrite64,pwritev,"
         "ftruncate,fallocate,sync_file_range,fsync,fdatasync,linkat,rename,"
         "renameat,renameat2,sendto,sendmsg")
SLOW_US = 15000

LINE = re.compile(r"(\d+) +(.*)")
CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)(?:<(.*)>)?(?: .*)?$")
UNFINISHED = re.compile(r"(\w+)\((.*?) ?<unfinished \.\.\.>$")
RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)$")
FD = re.compile(r"(\d+)<([^>]*)>")
DIRFD = re.compile(r"(?:AT_FDCWD|\d+)<([^>]*)>")
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')

tap = Tap()


class Call:
    """begin and end are places in the trace: what ends before another
    begins came before it, in whatever process."""

    def __init__(self, pid, name, args, result, begin, end):
        self.pid, self.name, self.args = pid, name, args
        self.result, self.begin, self.end = result, begin, end
        self.strings = TEXT.findall(args)
        hit = FD.match(args)
        self.fd = int(hit.group(1)) if hit else -1
        self.path = hit.group(2) if hit else ""
        self.dirs = DIRFD.findall(args)

    def __repr__(self):
        return "%d %s(%s) = %d" % (self.pid, self.name, self.args[:200],
                                   self.result)


def read_trace(path):
    calls, open_calls = [], {}
    with open(path, errors="replace") as f:
        for at, line in enumerate(f):
            pid, text = LINE.match(line.rstrip("\n")).groups()
            begin, rest = at, text
            hit = RESUMED.match(text)
            if hit:
                begin, head = open_calls.pop(pid)
                rest = head + hit.group(2)
            hit = UNFINISHED.match(rest)
            if hit:
                open_calls[pid] = (at, "%s(%s" % hit.groups())
                continue
            rest = rest.replace(" (DELAYED)", "")
            hit = CALL.match(rest)
            if hit:
                calls.append(Call(int(pid), hit.group(1), hit.group(2),
                                  int(hit.group(3)), begin, at))
    return calls


class Traced(Instance):
    """-D: the tracer is nobody's parent, so the process that was started is
    lmtpd itself."""

    def command(self, *args):
        return ["strace", "-D", "-f", "-y", "-s", "400", "-o",
                self.path("trace"), "-e", "trace=" + CALLS, "-e", "inject="
                "fsync:delay_enter=%d" % SLOW_US,
                *super().command(*args)]


# --- what must be true ------------------------------------------------------

class Count:
    links = directories = renames = replies = 0


count = Count()


def synced(calls, path, after, before):
    """Was path synced by a call that began behind one place and ended
    before the other?"""
    return any(c.name in ("fsync", "fdatasync") and c.result == 0 and
               c.path == path and after < c.begin and c.end < before
               for c in calls)


def reply_place(calls, rcpt, txn):
    """Where the reply that says 250 for one recipient begins to leave."""
    for c in calls:
        if c.name in ("sendto", "write", "writev", "sendmsg") and \
           c.strings and re.search(r"250 2\.1\.5 <%s> %s" % (
               re.escape(rcpt), txn), "".join(c.strings)):
            return c.begin
    raise AssertionError("no 250 for %s in the trace" % rcpt)


def linked_fd(link):
    return int(re.search(r"/proc/self/fd/(\d+)", link.args).group(1))


def same_file(calls, link):
    """All calls of that process on the descriptor that got a name. Behind
    an earlier open of that number it is this file."""
    fd = linked_fd(link)
    own = [c for c in calls if c.pid == link.pid and c.fd == fd]
    at_link = [c for c in own if c.end < link.begin]
    check(at_link, "nothing was done to the file before %r" % link)
    path = at_link[-1].path
    return [c for c in own if c.path == path], path


def covered(calls, link, reply):
    """Did the process sync, between this name and the reply, the file that
    it had named last by then?"""
    own = [c for c in calls if c.pid == link.pid and c.result == 0]
    for c in own:
        if c.name == "fsync" and link.end < c.begin and c.end < reply:
            last = [n for n in own if n.name == "linkat" and n.end < c.begin]
            if linked_fd(last[-1]) == c.fd:
                return True
    return False


def check_link(calls, link, order, reply):
    """One name of a message: file, name, directory, reply."""
    own, path = same_file(calls, link)
    where = link.dirs[1]
    name = link.strings[-1]
    syncs = [c for c in own if c.name == "fsync" and c.result == 0]
    check(syncs or order == "one-commit",
          "%s: its file was never synced" % name)
    if order == "strict":
        first = syncs[0]
        check(first.end < link.begin, "%s: named before it was synced" % name)
    else:
        out = [c for c in own if c.name == "sync_file_range"
               and c.result == 0]
        check(out and out[0].end < link.begin,
              "%s: named before it was written out" % name)
        check("SYNC_FILE_RANGE_WAIT_AFTER" in out[0].args,
              "%s: written out without waiting" % name)
        first = out[0]
        check(order == "one-commit" or
              any(s.begin > out[0].end for s in syncs),
              "%s: not synced behind writing out" % name)
    for c in calls:
        if c.path == path and c.begin > first.begin and c.name in (
                "write", "writev", "pwrite64", "pwritev", "ftruncate",
                "fallocate"):
            raise AssertionError("%s was changed behind its sync: %r"
                                 % (name, c))
    if order == "one-commit":
        check(covered(calls, link, reply),
              "%s: 250 before the commit that holds it" % name)
    else:
        check(any(s.end < reply for s in syncs),
              "%s: 250 before its file was synced" % name)
        check(synced(calls, where, link.end, reply),
              "%s: 250 before its directory was synced" % name)
    count.links += 1


def parent_and_name(call):
    path = call.strings[0]
    if not path.startswith("/"):
        path = os.path.join(call.dirs[0], path)
    return os.path.split(path)


def check_directories(calls, last_reply):
    for c in calls:
        if c.name not in ("mkdir", "mkdirat") or c.result != 0:
            continue
        parent, name = parent_and_name(c)
        check(synced(calls, parent, c.end, last_reply),
              "directory %s was not synced into %s" % (name, parent))
        count.directories += 1


def check_renames(calls, last_reply):
    for c in calls:
        if not c.name.startswith("rename") or c.result != 0:
            continue
        source = os.path.join(c.dirs[0], c.strings[0])
        check(synced(calls, source, -1, c.begin),
              "%s took another's place before it was synced" % source)
        check(synced(calls, c.dirs[1], c.end, last_reply),
              "%s: 250 before the rename was synced" % c.dirs[1])
        count.renames += 1


def check_delivery(calls, order, rcpts, txn, names):
    """calls: those of one delivery. names: how many each recipient got."""
    store = {r: 0 for r in rcpts}
    replies = [reply_place(calls, r, txn) for r in rcpts]
    for c in calls:
        if c.name != "linkat" or c.result != 0 or "Q" not in c.args:
            continue
        index = int(re.search(r"R(\d+)N\d+\.", c.strings[-1]).group(1))
        check_link(calls, c, order, replies[index])
        store[rcpts[index]] += 1
    check_directories(calls, max(replies))
    check_renames(calls, max(replies))
    count.replies += len(replies)
    equal(store, dict(zip(rcpts, names)), "names in the trace")


# --- deliveries -------------------------------------------------------------

BOX = 'require "fileinto";\nfileinto "New/Box";\n'
TWO = 'require "fileinto";\nfileinto "One";\nkeep;\n'
USERS = {
    "alice": None, "bob": None, "boxy": BOX, "twice": TWO,
    "broken": 'this is no script',      # $SieveFailed: a table of keywords
    "copy": 'require "copy";\nredirect :copy "out@example.net";\n',
}
# what is delivered: recipients, names each gets, octets
DELIVERIES = (
    (("alice",), (1,), 100),
    (("boxy",), (1,), 100),
    (("boxy",), (1,), 100),
    (("twice",), (2,), 100),
    (("broken",), (1,), 100),
    (("copy",), (1,), 100),
    (("newcomer",), (1,), 100),                 # an account that is made
    (("alice", "bob", "boxy", "twice", "broken"), (1, 1, 1, 2, 1), 100),
    (("alice",), (1,), 3000000),                # spooled to a file
    (("bob", "alice", "twice"), (1, 1, 2), 3000000),
)


def address(user):
    return user + "@example.test"


def split(calls, ids):
    """The calls of each delivery. They came one after the other, so one
    begins where the last reply of the one before ended."""
    ends = []
    for txn in ids:
        ends.append(max(c.end for c in calls if c.name == "sendto" and
                        c.strings and txn in c.strings[0]))
    start = -1
    for end in ends:
        yield [c for c in calls if start < c.begin <= end]
        start = end


def deliver_all(order, layout):
    """The trace of all deliveries, cut in pieces."""
    conf = {"maildir_sync_order": order, "smtp_host": hop.host,
            "maildir_layout": layout, "autocreate_post": "yes",
            "autocreate_inbox_folders": "Spam | Deep/In/Here",
            "autocreate_subscribe_folders": "Spam",
            "lmtp_workers": "2"}
    ids = []
    with Traced(USERS, conf) as engine:
        with engine.client() as c:
            for users, _, size in DELIVERIES:
                body = ("x" * 70 + "\n") * (size // 71 + 1)
                got = c.deliver("s@example.org", [address(u) for u in users],
                                message("order", body))
                equal([code for _, code, _ in got], [250] * len(users),
                      "replies %r" % (got,))
                ids.append(got[0][2].split()[2])
        engine.stop()
        calls = read_trace(engine.path("trace"))
    return ids, split(calls, ids)


def check_order(order, layout="maildir++"):
    ids, parts = deliver_all(order, layout)
    bad = []
    for (users, names, size), txn, calls in zip(DELIVERIES, ids, parts):
        try:
            check_delivery(calls, order, [address(u) for u in users], txn,
                           names)
        except AssertionError as why:
            bad.append("%s, %d octets: %s" % ("+".join(users), size, why))
    check(not bad, "\n".join(bad))


@tap.test
def strict_syncs_the_file_before_its_name():
    check_order("strict")


@tap.test
def write_out_waits_for_the_device_before_the_name():
    check_order("write-out")


@tap.test
def one_commit_syncs_the_file_that_was_named_last():
    check_order("one-commit")


@tap.test
def every_level_of_a_folder_is_synced():
    check_order("strict", "fs")


@tap.test
def every_promise_was_looked_at():
    per = sum(sum(names) for _, names, _ in DELIVERIES)
    equal(count.links, 4 * per, "names checked")
    check(count.directories >= 80, "directories: %d" % count.directories)
    check(count.renames >= 16, "renames: %d" % count.renames)
    print("# names %d, directories %d, renames %d, replies %d, violations 0"
          % (count.links, count.directories, count.renames, count.replies))


if not shutil.which("strace"):
    skip_all("no strace")
hop = Sink({})
tap.main()
