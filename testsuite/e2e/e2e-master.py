"""Under the real Cyrus master(8), and under ours: nobody notices when
processes come and go.

  --long    10 000 deliveries instead of some hundreds
  --rate    only measure what -U costs, with more deliveries
"""
import multiprocessing
import os
import re
import resource
import shutil
import signal
import statistics
import sys
import time

from tamis_test import (TOP, Instance, Lmtp, Skip, Tap, check,
                        check_sanitizer, equal, message, program, stuffed,
                        wait_for)

sys.path.insert(0, os.path.join(TOP, "testsuite", "peer"))
import cyrus
import peer

tap = Tap()
LONG = "--long" in sys.argv
CLIENTS = 4


def with_both(fn):
    """The test with either master: None is that of Cyrus."""
    for name, master in (("Cyrus", None), ("our", "lmtp/master")):
        def run(master=master):
            fn(master and program(master))
        run.__name__ = fn.__name__ + "_under_%s_master" % name
        tap.test(run)
    return fn


class Service:
    """lmtpd as a service of master; its store is an Instance's."""

    def __init__(self, options, limits="prefork=2 maxchild=5", master=None):
        self.engine = Instance({"bob": None}, {
            "lmtp_workers": "4", "syslog_prefix": "cyrus",
            "syslog_facility": "local6"})
        self.program = self.engine.path("lmtpd")
        self.swap()
        self.line = 'cmd="%s -C %s %s" listen="%s" %s' % (
            self.program, self.engine.conf, options, self.engine.unix, limits)
        try:
            self.master = cyrus.Master(
                self.engine.dir, self.engine.conf, {"lmtpunix": self.line},
                master)
        except peer.Missing as why:
            self.engine.__exit__(None)
            raise Skip(str(why))
        self.master.server.wait_for(self.greets)

    def swap(self):
        """A new executable with the same content."""
        shutil.copy(self.engine.lmtpd, self.program + ".new")
        os.rename(self.program + ".new", self.program)

    def greets(self):
        try:
            with Lmtp(self.engine.unix, timeout=5):
                return True
        except (OSError, AssertionError):
            return False

    def pids(self):
        """The supervisors that master forked and that have begun."""
        return [p for p in children(self.master.proc.pid) if children(p)]

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind and kind is not Skip:
            for line in self.master.syslog.lines[-40:]:
                print("# %s %s[%d]: %.150s" % line)
        self.master.stop()
        self.engine.__exit__(None)


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


def errors_of(log):
    """At err level, but for one thing that nobody can help: a signal from
    master that comes between its fork and the first line of our main."""
    begun = {line[2] for line in log.lines if "master" not in line[1]}
    return [line for line in log.bad() if not (
        re.search(r"signal (1 .Hangup|15 .Terminated)", line[3]) and
        int(re.search(r" pid:(\d+)", line[3]).group(1)) not in begun)]


def post(where):
    """One message by one connection. The reply to the dot, or 421 when we
    were sent away before MAIL was accepted."""
    with Lmtp(where, greet=False, timeout=60) as c:
        if c.reply()[0] == 421:
            return 421
        if c.cmd("LHLO client.example.org")[0] == 421:
            return 421
        code, text = c.cmd("MAIL FROM:<s@example.org>")
        if code == 421:
            return 421
        equal(code, 250, "MAIL: " + text)
        c.want(250, "RCPT TO:<bob@example.test>")
        c.want(354, "DATA")
        c.send(stuffed(message()))
        code, _ = c.reply()
        c.send(b"QUIT\r\n")
        c.reply()
        return code


def client(where, n, done, sent_away, errors):
    for _ in range(n):
        try:
            code = post(where)
            while code == 421:
                with sent_away:
                    sent_away.value += 1
                code = post(where)
            equal(code, 250, "reply")
        except (OSError, AssertionError) as e:
            errors.put(repr(e))
        with done:
            done.value += 1


class Load:
    """n deliveries by some processes."""

    def __init__(self, where, n):
        self.done = multiprocessing.Value("i", 0)
        self.sent_away = multiprocessing.Value("i", 0)
        self.errors = multiprocessing.SimpleQueue()
        self.n = n // CLIENTS * CLIENTS
        self.begin = time.monotonic()
        self.procs = [multiprocessing.Process(
            target=client, args=(where, n // CLIENTS, self.done,
                                 self.sent_away, self.errors))
            for _ in range(CLIENTS)]
        for p in self.procs:
            p.start()

    def at(self, share, seconds=300):
        wait_for(lambda: self.done.value >= share * self.n,
                 "%d deliveries" % (share * self.n), seconds)

    def finish(self):
        self.at(1, 3000)
        for p in self.procs:
            p.join()
        self.seconds = time.monotonic() - self.begin
        found = []
        while not self.errors.empty():
            found.append(self.errors.get())
        return found


def everything_of(service):
    """Master and all that run our copy of lmtpd."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                exe = os.readlink("/proc/%s/exe" % name)
            except OSError:
                continue
            if exe.startswith(service.program):
                found.append(int(name))
    return found


@with_both
def deliveries_while_processes_come_and_go(program):
    n = 10000 if LONG else 800
    with Service("-U 50", master=program) as service:
        master, log = service.master, service.master.syslog
        load = Load(service.engine.unix, n)
        load.at(0.2)
        master.proc.send_signal(signal.SIGHUP)
        load.at(0.4)
        print("# after a SIGHUP of master: %d lmtpd drain"
              % len(log.find("shutting down")))
        service.swap()
        load.at(0.6)
        master.proc.send_signal(signal.SIGHUP)
        load.at(0.8)
        for pid in service.pids():      # what master does to old ones
            os.kill(pid, signal.SIGHUP)
        errors = load.finish()
        print("# %d deliveries, %d times 421 before MAIL, %.0f/s" % (
            load.n, load.sent_away.value, load.n / load.seconds))
        equal(errors, [], "client errors")
        equal(errors_of(log), [], "at err level")
        equal(len(service.engine.box("bob")), load.n, "messages")
        check(log.find("-U after 50 connections"), "-U was not reached")
        service.swap()      # now that -U cannot be first
        wait_for(lambda: log.find("the executable was replaced"), "upgrade")
        equal(post(service.engine.unix), 250, "afterwards")
        check(any(line[1] == "cyrus/lmtpunix" for line in log.lines),
              "syslog_prefix is not used")
        check(len(service.pids()) <= 5, "more than maxchild")
        begin = time.monotonic()
        master.proc.terminate()
        wait_for(lambda: not everything_of(service) and
                 master.proc.poll() is not None, "all gone", 5)
        print("# gone %.1f s after SIGTERM" % (time.monotonic() - begin))
        equal(errors_of(log), [], "at err level")
        with open(master.dir + "/out") as f:
            check_sanitizer(f.read())


@with_both
def a_service_that_master_drops_ends(program):
    """Its socket is shut: accept says EINVAL."""
    with Service("", master=program) as service:
        service.master.write({"other": service.line.replace(
            "sock/lmtp", "sock/other")})
        open_ = Lmtp(service.engine.unix)
        open_.envelope("s@example.org", ["bob@example.test"])
        old = set(everything_of(service))
        service.master.proc.send_signal(signal.SIGHUP)
        open_.want(354, "DATA")
        open_.send(stuffed(message()))
        equal(open_.reply()[0], 250, "the open transaction")
        service.engine.unix = service.engine.path("sock/other")
        wait_for(service.greets, "the new service")
        wait_for(lambda: not old & set(everything_of(service)),
                 "the old ones end", 30)
        equal(errors_of(service.master.syslog), [], "at err level")


@with_both
def a_master_that_is_killed_is_not_survived(program):
    """Its successor finds the address free, and no mail is cut short."""
    with Service("", master=program) as service:
        busy = Lmtp(service.engine.unix)
        busy.envelope("s@example.org", ["bob@example.test"])
        busy.want(354, "DATA")
        service.master.proc.kill()
        service.master.proc.wait()
        time.sleep(0.5)
        busy.send(stuffed(message()))
        equal(busy.reply()[0], 250, "the open transaction")
        wait_for(lambda: not everything_of(service), "the services end", 10)


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rate(options, n):
    """Deliveries by the second, and processor time of each."""
    with Service(options, "prefork=1 maxchild=5") as service:
        load = Load(service.engine.unix, n)
        equal(load.finish(), [], "client errors")
        before = children_cpu()
    return load.n / load.seconds, (children_cpu() - before) / load.n


@tap.test
def default_U_costs_less_than_a_fifth():
    with open(os.path.join(Instance({}).lmtpd), "rb") as f:
        if b"__asan_init" in f.read():
            raise Skip("an optimised build is wanted for rates")
    # The bar is 0.8, on a machine that has nothing else to do: --rate. The
    # gate runs beside other work and only sees a collapse.
    judged = "--rate" in sys.argv or LONG
    bar = 0.8 if judged else 0.4
    n = 10000 if judged else 2000
    ratios, best = [], {"": 0, "-U 100000": 0}

    def kept():
        """By pairs, or by the best of each: others use this machine too, and
        what they do makes neither faster."""
        return max(statistics.median(ratios), best[""] / best["-U 100000"])

    while len(ratios) < 3 or (len(ratios) < 7 and kept() < bar + 0.05):
        pair = ["-U 100000", ""][::-1 if len(ratios) % 2 else 1]
        got = {options: rate(options, n) for options in pair}
        (few, few_cpu), (many, many_cpu) = got[""], got["-U 100000"]
        ratios.append(few / many)
        best = {options: max(best[options], got[options][0])
                for options in got}
        print("# default -U %.0f/s %.0f us, -U 100000 %.0f/s %.0f us of "
              "processor each: %.2f" % (few, few_cpu * 1e6, many,
                                        many_cpu * 1e6, ratios[-1]))
    print("# kept %.2f" % kept())
    check(kept() >= bar, "default -U is too slow")


if "--rate" in sys.argv:
    del tap.tests[:-1]
tap.main()
