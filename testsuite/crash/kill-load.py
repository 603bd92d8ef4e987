#!/usr/bin/python3
"""SIGKILL under load: worker, front, out, ask, supervisor or the whole tree
dies at random moments while clients deliver numbered messages and retry like
an MTA. Nothing acknowledged may be lost or damaged, copies are bounded, and
service is back within a second.

  --kills N   how often (30)      --clients N  4 to 8 (6)
  --victims worker,front      only these
  --seed N    repeat a run's choice of victims and moments
"""
import argparse
import contextlib
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "e2e"))
from crash_load import (Client, Judge, Ledger, Load, Message,  # noqa: E402
                        Writer, deliver_until)
from sink import Sink                                           # noqa: E402
from tamis_test import (Instance, Tap, check, equal,            # noqa: E402
                        session_members, wait_for)

VICTIMS = ("worker", "front", "out", "ask", "supervisor", "tree")
USERS = {"u0": "plain", "u1": "plain", "u2": "plain", "u3": "plain",
         "filer": "filer", "marked": "marked", "fwd": "fwd", "fwd2": "fwd"}
SCRIPTS = {
    "filer": 'require "fileinto"; if header :is "X-Box" "A" '
             '{ fileinto "A"; } else { fileinto "B/C"; }\n',
    "marked": "this is no script\n",
    "fwd": 'redirect "fwd@example.net";\n',
    "fwd2": 'redirect "fwd2@example.net";\n',
}
SERVING = 1.0       # seconds from the kill to the next 250
GONE = 5.0          # seconds in which an old generation has to end

PAUSE = 0.02        # between two messages of a client: 6 fill the machine

tap = Tap()


def proc_stat(pid):
    """(name, start time) of a living process, or None."""
    with contextlib.suppress(OSError):
        with open("/proc/%d/stat" % pid) as f:
            head, _, rest = f.read().rpartition(")")
        fields = rest.split()
        if fields[0] not in "ZX":
            return head.partition("(")[2], fields[19]
    return None


class Engine(Instance):
    """A server that can die; its zombie is kept until the next one runs."""

    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        self.zombies = []

    def __exit__(self, *args):
        self.reap()
        return super().__exit__(*args)

    def reap(self):
        for proc in self.zombies:
            proc.wait(10)
            proc.stdout.close()
        self.zombies = []

    def log(self):
        return super().log()[-3000:]    # it is quoted when something fails

    def members(self):
        """{(pid, start time): name}"""
        found = {}
        for pid in session_members(self.proc.pid):
            stat = proc_stat(pid)
            if stat:
                found[pid, stat[1]] = stat[0]
        return found

    def find(self, role):
        return [pid for (pid, _), name in sorted(self.members().items())
                if name == role]

    def restart_at_once(self):
        """Same pid file, same socket, the predecessor still a zombie."""
        self.zombies.append(self.proc)
        self.log_file.close()
        self.start("-a", "-l", "unix:" + self.unix,
                   "-l", "inet:127.0.0.1:%d" % self.port)
        self.reap()


class Campaign:
    def __init__(self, options):
        self.options = options
        self.rng = random.Random(options.seed)
        self.ledger = Ledger()
        self.hop = Sink()
        self.engine = Engine(
            dict.fromkeys(USERS) | {"probe": None} | SCRIPTS,
            {"smtp_host": self.hop.host, "lmtp_workers": "4",
             "anysievefolder": "yes"})
        writers = [Writer("%d/%d" % (options.seed, i), USERS, ("A", "B/C"))
                   for i in range(options.clients)]
        self.load = Load(self.ledger, self.engine.tcp, options.clients,
                         writers, PAUSE)
        self.prober = Client(self.ledger, self.engine.unix)
        self.killed = dict.fromkeys(VICTIMS, 0)
        self.recovery = []      # (seconds, victim, when ready)
        self.dying = []         # (deadline, victim, processes)
        self.stayed = []
        self.finished = False

    def plan(self):
        """Each victim equally often, in random order."""
        n = self.options.kills
        of = self.options.victims.split(",")
        order = (of * (n // len(of) + 1))[:n]
        self.rng.shuffle(order)
        return order

    def kill(self, victim):
        """Also says who has to be gone soon."""
        members = self.engine.members()
        leader = self.engine.proc.pid
        if victim in ("worker", "front", "out", "ask"):
            pids = wait_for(lambda: self.engine.find(victim),
                            "a running " + victim, 10)
            target = self.rng.choice(pids)
            doomed = {p for p in members if p[0] == target or
                      victim == "front" and p[0] != leader}
        else:
            target, doomed = leader, set(members)
        begin = time.monotonic()
        if victim == "tree":
            os.killpg(leader, signal.SIGKILL)
        else:
            os.kill(target, signal.SIGKILL)
        self.ledger.kills.append((begin, time.monotonic()))
        self.killed[victim] += 1
        self.dying.append((time.monotonic() + GONE, victim, doomed))

    def probe(self, number):
        message = Message("probe-%06d" % number,
                          b"X-Load: probe-%06d\r\n\r\nback?\r\n" % number,
                          {"probe": "INBOX"}, set())
        self.ledger.add(message)
        return deliver_until(self.prober, message)

    def one(self, number, victim):
        self.kill(victim)
        at = self.ledger.kills[-1][0]
        if victim in ("supervisor", "tree"):
            self.engine.restart_at_once()
        ready = time.monotonic() - at
        took = self.probe(number)
        check(took is not None, "never served again after " + victim)
        self.recovery.append((time.monotonic() - at, victim,
                              "ready after %.2f s" % ready))
        self.look_for_survivors(time.monotonic())

    def look_for_survivors(self, now):
        for entry in [e for e in self.dying if e[0] <= now]:
            self.dying.remove(entry)
            left = [p for p in entry[2]
                    if (proc_stat(p[0]) or (0, 0))[1] == p[1]]
            if left:
                self.stayed.append((entry[1], left))

    def run(self):
        self.load.start()
        for number, victim in enumerate(self.plan(), 1):
            self.load.join(self.rng.uniform(0.05, 0.9))
            self.one(number, victim)
        while self.dying:
            time.sleep(0.2)
            self.look_for_survivors(time.monotonic())
        self.finished = self.load.finish()
        self.prober.close()
        time.sleep(0.3)         # the sink writes down what it answered

    def close(self):
        self.load.halt(5)
        self.hop.close()


@tap.test
def kills_under_load():
    with campaign.engine:
        campaign.run()
        campaign.verdict = Judge(
            campaign.ledger, campaign.engine.path("store")).judge(
                campaign.hop.mails)
    v = campaign.verdict
    print("# " + ", ".join("%s %d" % k for k in campaign.killed.items()))
    print("# kills %d, clients %d, messages %d, acks %d, lost %d, damaged "
          "%d, extra copies %d, serving again after at most %.2f s (%s, %s)"
          % (options.kills, options.clients, len(campaign.ledger.messages),
             v.acked, len(v.lost), len(v.damaged), v.extra,
             *max(campaign.recovery)))


def verdict():
    check(hasattr(campaign, "verdict"), "the campaign did not end")
    return campaign.verdict


@tap.test
def no_acknowledged_message_is_lost():
    equal(verdict().lost, [], "lost")
    check(campaign.finished, "clients could not deliver the rest")
    check(verdict().acked > 10 * options.kills, "hardly any load")


@tap.test
def nothing_visible_is_damaged():
    equal(verdict().damaged, [], "damaged")


@tap.test
def at_most_one_extra_copy_for_each_kill_and_open_transaction():
    equal(verdict().copies, [], "too many copies")


@tap.test
def no_permanent_refusal_no_hang_no_odd_reply():
    equal(campaign.ledger.violations, [], "violations")


@tap.test
def serving_again_within_a_second():
    verdict()
    late = [r for r in campaign.recovery if r[0] > SERVING]
    equal(late, [], "late")


@tap.test
def no_process_of_an_old_generation_is_left():
    verdict()
    equal(campaign.stayed, [], "still running after %d s" % GONE)


@tap.test
def tmp_holds_no_more_than_the_kills_explain():
    cut = sum(m.open_at(campaign.ledger.kills, u)
              for m in campaign.ledger.messages.values() for u in m.where)
    names = verdict().tmp_names
    check(len(names) <= cut, "%d cut transactions, in tmp/: %r"
          % (cut, names))


parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("--kills", type=int, default=30)
parser.add_argument("--clients", type=int, default=6)
parser.add_argument("--victims", default=",".join(VICTIMS))
parser.add_argument("--seed", type=int,
                    default=int.from_bytes(os.urandom(4), "big"))
options = parser.parse_args()
print("# seed %d" % options.seed, flush=True)
campaign = Campaign(options)
try:
    tap.main()
finally:
    campaign.close()
