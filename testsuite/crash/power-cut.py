#!/usr/bin/python3
"""Power cuts: the store is on a loop-mounted ext4 (with a journal) or XFS,
and in mid load the file system is shut down without a flush of its log, the
server killed, the file system mounted again. What was acknowledged has to be
there, whole; nothing else may be visible in part; the next start delivers.

  --rounds N    cuts for each file system and order (8)
  --fs ext4     only this file system     --order strict   only this order
  --replay      instead of cutting, log every write of a short run and check
                each state the disk was in, and such in which the writes since
                the last flush arrived in part
  --record S    seconds of load for --replay (0.3)
  --shuffles N  partial states for each flush (2)
  --seed N      repeat a run's choices
"""
import argparse
import ctypes
import fcntl
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "e2e"), os.path.join(HERE, "..",
                                                              "peer")]
import block_log                                                # noqa: E402
from crash_load import (Client, Judge, Ledger, Load, Message,  # noqa: E402
                        Writer, deliver_until)
from tamis_test import (Instance, Skip, Tap, check, equal,      # noqa: E402
                        session_members, skip_all, wait_for)

USERS = {"u0": "plain", "u1": "plain", "u2": "plain", "filer": "filer",
         "marked": "marked"}
MKFS = {
    "ext4": ["mkfs.ext4", "-q", "-F", "-O", "has_journal"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
}
SIZE = {"ext4": 320 << 20, "xfs": 320 << 20}
GOING_DOWN = 0x8004587d     # XFS_IOC_GOINGDOWN, ext4 has it too
NO_LOG_FLUSH = 2
BOXES = 12      # new folders a round
KEEP = 2        # rounds after which a message has proven itself
# Clients, seconds between two messages of each, workers. With more clients
# than workers several transactions are committed together.
LOADS = {"strict": (8, 0.02, 0), "write-out": (8, 0.02, 0),
         "one-commit": (24, 0.0, 2)}

tap = Tap()


# --- the ground we stand on -------------------------------------------------

def private_mounts():
    """What is mounted from here on nobody else sees, and it goes with us."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000) or libc.mount(      # CLONE_NEWNS
            b"none", b"/", None, 0x4000 | 0x40000, None):   # REC, PRIVATE
        skip_all("no private mounts: "
                 + os.strerror(ctypes.get_errno()))


def work_dir():
    """Loop images are best kept in memory: only order matters here."""
    for base in ("/dev/shm", None):
        if base is None or (os.path.isdir(base) and os.access(base, os.W_OK)
                            and shutil.disk_usage(base).free > 2 << 30):
            return tempfile.mkdtemp(prefix="tamis-cut.", dir=base)


def run(*args):
    got = subprocess.run(args, stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if got.returncode:
        raise AssertionError("%s: %s" % (" ".join(args), got.stdout.strip()))
    return got.stdout


def make_fs(kind, path):
    with open(path, "wb") as f:
        f.truncate(SIZE[kind])
    run(*MKFS[kind], path)
    if kind == "ext4":
        check("has_journal" in run("dumpe2fs", "-h", path),
              "ext4 without a journal")


def mount(kind, what, where, *options):
    run("mount", "-t", kind, "-o", ",".join(("loop",) + options), what,
        where)


def umount(where):
    def gone():
        return not subprocess.run(["umount", where],
                                  stderr=subprocess.DEVNULL).returncode
    wait_for(gone, "umount " + where, 10)


def fsck(kind, path):
    """Read only; a dirty log is not a fault."""
    run(*{"ext4": ("e2fsck", "-fn", path),
          "xfs": ("xfs_repair", "-n", path)}[kind])


# --- one server on one file system ----------------------------------------

class Engine(Instance):
    def __init__(self, kind, order, image):
        super().__init__({}, {"maildir_sync_order": order,
                              "anysievefolder": "yes",
                              "lmtp_workers": str(LOADS[order][2])})
        self.kind = kind
        self.image = image
        self.mounted = False

    def log(self):
        return super().log()[-3000:]    # it is quoted when something fails

    def mount(self, image=None):
        mount(self.kind, image or self.image, self.path("store"))
        self.mounted = True

    def umount(self):
        if self.mounted:
            umount(self.path("store"))
        self.mounted = False

    def populate(self):
        self.own(self.path("store"))
        for user in list(USERS) + ["probe"]:
            self.add_user(user, None)
        self.set_script("marked", "this is no script\n")
        os.sync()

    def set_boxes(self, boxes):
        self.set_script("filer", 'require "fileinto";\n' + "".join(
            'if header :is "X-Box" "%s" { fileinto "%s"; }\n' % (b, b)
            for b in boxes))

    def kill(self):
        proc, self.proc = self.proc, None
        os.killpg(proc.pid, 9)          # a session of its own
        proc.wait()
        proc.stdout.close()
        self.log_file.close()
        wait_for(lambda: not session_members(proc.pid), "killed processes")

    def __enter__(self):
        return self     # started when the file system is there

    def __exit__(self, *args):
        if self.proc:
            self.kill()
        self.umount()
        super().__exit__(*args)


class Rounds:
    """Cut after cut on one file system that is never made anew."""

    def __init__(self, kind, order, seed):
        self.rng = random.Random(seed)
        self.ledger = Ledger()
        self.image = os.path.join(WORK, "%s-%s.img" % (kind, order))
        make_fs(kind, self.image)
        self.engine = Engine(kind, order, self.image)
        self.kind = kind
        clients, pause, _ = LOADS[order]
        self.writers = [Writer("%s/%d" % (seed, i), USERS)
                        for i in range(clients)]
        self.load = Load(self.ledger, self.engine.unix, clients,
                         self.writers, pause)
        self.lost, self.damaged, self.copies = [], [], []
        self.after = []         # missing, acknowledged after the cut
        self.acked = self.extra = self.cut_open = 0
        self.worst = 0.0

    def probe(self, number):
        """The next start delivers."""
        message = Message("probe-%06d" % number,
                          b"X-Load: probe-%06d\r\n\r\nback?\r\n" % number,
                          {"probe": "INBOX"}, set())
        self.ledger.add(message)
        client = Client(self.ledger, self.engine.unix)
        took = deliver_until(client, message)
        client.close()
        check(took is not None, "no delivery after the power was back")
        self.worst = max(self.worst, took)

    def begin(self, number):
        boxes = ["r%d-%d" % (number, i) for i in range(BOXES)]
        for w in self.writers:
            w.boxes = boxes
        pending = {m.where["filer"] for m in self.load.pending
                   if m and "filer" in m.where}
        self.engine.set_boxes(sorted(set(boxes) | pending))
        self.ledger.round = number
        self.engine.start()
        self.probe(number)

    def cut(self):
        """What "xfs_io -x -c shutdown" does, at a moment we know."""
        fd = os.open(self.engine.path("store"), os.O_RDONLY)
        begin = time.monotonic()
        fcntl.ioctl(fd, GOING_DOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(fd)
        self.engine.kill()
        self.ledger.kills.append((begin, time.monotonic()))
        check(self.load.halt(), "a client hangs")
        self.cut_open += sum(1 for m in self.load.pending if m)

    def before_cut(self, message, user):
        """
        With real power nobody hears a 250 after the cut. Here the server
        lives on for some ms, and fsync on XFS can be told success while the
        shutdown throws its log items away; such a 250 proves nothing.
        """
        return not any(begin <= message.acked[user] <= end
                       for begin, end in self.ledger.kills)

    def look(self):
        judge = Judge(self.ledger, self.engine.path("store"),
                      self.before_cut)
        verdict = judge.judge()
        verdict.damaged += ["left in tmp: " + n for n in verdict.tmp_names]
        for what in ("lost", "damaged", "copies"):
            seen = getattr(self, what)
            seen += [t for t in getattr(verdict, what) if t not in seen]
        self.extra += verdict.extra
        self.after += [m.name for m in self.ledger.messages.values()
                       for u in m.acked
                       if (m.name, u) not in judge.found
                       and not self.before_cut(m, u)
                       and m.name not in self.after]
        return judge.found

    def forget(self, number, found):
        """Old messages have survived some cuts: make room."""
        store = self.engine.path("store")
        old = {n for n, m in self.ledger.messages.items()
               if m.round <= number - KEEP and m not in self.load.pending}
        if not old:
            return
        for (name, _), paths in found.items():
            if name in old:
                for path in paths:
                    os.unlink(path)
        for name in old:
            self.acked += len(self.ledger.messages.pop(name).acked)
        for box in os.listdir(os.path.join(store, "filer")):
            if box.startswith(".r") and int(
                    box[2:].split("-")[0]) < number - KEEP:
                shutil.rmtree(os.path.join(store, "filer", box))

    def one(self, number):
        self.begin(number)
        self.load.start()
        time.sleep(self.rng.uniform(0.1, 0.5))
        self.cut()
        self.engine.umount()
        self.engine.mount()
        self.forget(number, self.look())

    def run(self, rounds):
        with self.engine:
            self.engine.mount()
            self.engine.populate()
            for number in range(1, rounds + 1):
                self.one(number)
            self.begin(rounds + 1)
            self.engine.stop()
            self.engine.umount()
            fsck(self.kind, self.image)
        os.unlink(self.image)
        self.acked += self.ledger.count_acks()


def cut_power(kind, order):
    rounds = Rounds(kind, order, "%d/%s/%s" % (options.seed, kind, order))
    try:
        rounds.run(options.rounds)
    finally:
        print("# %s %s: cuts %d, acks %d, transactions cut %d, lost %d "
              "(and %d told after the cut), damaged %d, too many "
              "copies %d, first delivery after at most %.2f s" % (
                          kind, order, len(rounds.ledger.kills),
                          rounds.acked, rounds.cut_open, len(rounds.lost),
                          len(rounds.after),
                          len(rounds.damaged), len(rounds.copies),
                          rounds.worst))
    equal(rounds.lost, [], "lost")
    equal(rounds.damaged, [], "damaged")
    equal(rounds.copies, [], "copies")
    equal(rounds.ledger.violations, [], "replies")
    check(rounds.acked > 10 * options.rounds, "hardly any load")


# --- every state of the disk ------------------------------------------------

def replay(kind, order):
    block_log.need()
    seed = "%d/%s/%s" % (options.seed, kind, order)
    base = os.path.join(WORK, "base.img")
    ledger = Ledger()
    make_fs(kind, base)
    engine = Engine(kind, order, base)
    with engine:
        engine.mount()
        engine.populate()
        engine.umount()
        with block_log.Recorder(base, WORK) as recorder:
            record(engine, recorder, ledger, seed)
        states = block_log.States(base, recorder.log, seed,
                                  options.shuffles)
        check_states(engine, ledger, states, kind, order)


def record(engine, recorder, ledger, seed):
    """A short load; each 250 remembers how long the log was by then."""
    boxes = ["r0-%d" % i for i in range(BOXES)]
    clients = LOADS[order][0] // 2
    writers = [Writer("%s/%d" % (seed, i), USERS, boxes)
               for i in range(clients)]
    load = Load(ledger, engine.unix, clients, writers, 0.02)
    load.stamp = recorder.length
    engine.set_boxes(boxes)
    engine.mount(recorder.device)
    engine.start()
    load.start()
    time.sleep(options.record)
    check(load.finish(), "a client hangs")
    engine.stop()
    engine.umount()
    equal(ledger.violations, [], "replies")


def check_states(engine, ledger, states, kind, order):
    lost, damaged = [], []
    n = acks = 0
    try:
        for name, position, image in states:
            n += 1
            engine.mount(image)
            verdict = Judge(ledger, engine.path("store"),
                            lambda m, u: m.acked[u] <= position).judge()
            engine.umount()
            lost += ["%s: %s" % (name, t) for t in verdict.lost]
            damaged += ["%s: %s" % (name, t) for t in verdict.damaged]
            acks = verdict.acked
    finally:
        print("# %s %s: log entries %d, flushes %d, crash states %d, acks "
              "%d, lost %d, damaged %d" % (
                  kind, order, states.entries, states.flushes, n, acks,
                  len(lost), len(damaged)))
    equal(lost, [], "lost")
    equal(damaged, [], "damaged")
    check(n > 20, "hardly any states")


# --- main -------------------------------------------------------------------

def add_tests():
    for kind in ("ext4", "xfs"):
        for order in LOADS:
            if options.fs in (None, kind) and \
                    options.order in (None, order):
                def one(kind=kind, order=order):
                    try:
                        (replay if options.replay else cut_power)(kind,
                                                                  order)
                    except block_log.Missing as why:
                        raise Skip(str(why))
                one.__name__ = "%s %s: nothing lost, nothing in part" % (
                    kind, order)
                tap.test(one)


parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("--rounds", type=int, default=8)
parser.add_argument("--fs", choices=tuple(MKFS))
parser.add_argument("--order", choices=tuple(LOADS))
parser.add_argument("--replay", action="store_true")
parser.add_argument("--record", type=float, default=0.3)
parser.add_argument("--shuffles", type=int, default=2)
parser.add_argument("--seed", type=int,
                    default=int.from_bytes(os.urandom(4), "big"))
options = parser.parse_args()
if os.geteuid() != 0:
    skip_all("needs root to mount file systems")
os.environ["PATH"] += ":/usr/sbin:/sbin"
for tool in ("mkfs.ext4", "dumpe2fs", "e2fsck", "mkfs.xfs",
             "xfs_repair"):
    if not shutil.which(tool):
        skip_all("no " + tool)
if not os.path.exists("/dev/loop-control"):
    skip_all("no loop devices")
private_mounts()
WORK = work_dir()
print("# seed %d" % options.seed, flush=True)
try:
    add_tests()
    tap.main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
