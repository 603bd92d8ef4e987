#!/usr/bin/python3
"""Clocks that jump, stand still, or were never set: the wall clock is set by
libfaketime while the engine runs. The monotonic clock goes on, as it does
when somebody sets the clock of a machine."""
import glob
import os
import socket
import sys
import time

from race import (Crowd, Instance, address, all_files, all_roles, cpu_seconds,
                  option, roles)
from tamis_test import Tap, check, equal, message, skip_all, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peer"))
import peer  # noqa: E402

tap = Tap()
CLOCKS = [("an hour back", "-3600"), ("ten years on", "+10y"),
          ("1970", "1970-01-01 00:00:01"), ("frozen", "2026-02-03 04:05:06"),
          ("on from 1970", "@1970-01-02 03:04:05"), ("right", "+0")]
CLIENTS, EACH = 8, option("messages", 25, 500)
BROKEN = "this is no script;\n"
CPU_LIMIT = 0.2         # seconds of all processes in two idle seconds


def find_library():
    name = "*/faketime/libfaketime.so.1"
    here = glob.glob("/usr/lib/" + name)
    if not here:
        try:
            root = peer.fetch("libfaketime")
        except peer.Missing as why:
            skip_all(str(why))
        here = glob.glob(os.path.join(root, "usr/lib", name))
    return here[0]


class Clock:
    """An engine that runs by a clock of ours."""

    def __init__(self, library, users, conf=None):
        self.engine = Instance(users, conf)
        self.control = self.engine.path("clock")
        self.set("+0")
        plain = self.engine.command
        env = ["LD_PRELOAD=" + library,
               "FAKETIME_TIMESTAMP_FILE=" + self.control,
               "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
               "DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1",
               "ASAN_OPTIONS=verify_asan_link_order=0"]
        self.engine.command = lambda *a: ["env", *env, *plain(*a)]

    def set(self, text):
        with open(self.control + ".temp", "w") as f:
            f.write(text + "\n")
        os.chmod(self.control + ".temp", 0o644)
        os.rename(self.control + ".temp", self.control)


def names_of(engine, user):
    return {os.path.basename(p).partition(":")[0]
            for p in all_files(engine.path("store/" + user))
            if p.startswith(("new/", "cur/"))}


def burst(engine, user):
    """CLIENTS x EACH deliveries at once; each must be a new name."""
    before = names_of(engine, user)

    def one():
        with engine.client() as c:
            for _ in range(EACH):
                (_, code, text), = c.deliver(
                    "s@example.org", [address(user)], message("clock"))
                equal(code, 250, text)
    crowd = Crowd()
    for _ in range(CLIENTS):
        crowd.start(one)
    crowd.join(60)
    gain = names_of(engine, user) - before
    check(before <= names_of(engine, user), "a message was swept")
    equal(len(gain), CLIENTS * EACH, "new names")
    return gain


def seconds_in(names):
    return {int(n.split(".")[0]) for n in names}


def year(second):
    return time.gmtime(second).tm_year


@tap.test
def deliveries_by_any_clock():
    """One engine, its clock set while it runs and delivers; what lies in
    tmp/ is nobody's business."""
    clock = Clock(LIBRARY, {"alice": None, "bob": BROKEN},
                  {"lmtp_timeout": "2s"})
    with clock.engine as engine:
        pids = all_roles(engine, ("front", "worker"))
        strangers = []
        for age in (0, 7 * 86400, 4000 * 86400):
            path = engine.path("store/alice/tmp/stranger%d" % age)
            open(path, "wb").close()
            engine.own(path)
            os.utime(path, (time.time() - age,) * 2)
            strangers.append(path)
        total = 0
        for what, text in CLOCKS:
            clock.set(text)
            gain = burst(engine, "alice")
            total += len(gain)
            seconds = seconds_in(gain)
            if what == "frozen":
                equal(len(seconds), 1, "seconds in names: the clock is not "
                      "ours")
            want = {"ten years on": year(time.time()) + 10, "frozen": 2026,
                    "right": year(time.time())}.get(what)
            if "1970" in what:
                want = 1970
            if want:
                equal({year(s) for s in seconds}, {want}, "years in names")
            # A script that does not compile marks its message, which takes
            # locks with a time: nothing may hang.
            start = time.monotonic()
            engine.deliver([address("bob")], message("marked"))
            check(time.monotonic() - start < 1.5, "marking took %.1f s, %s"
                  % (time.monotonic() - start, what))
            silent = socket.create_connection(engine.tcp)
            silent.settimeout(10)
            before = cpu_seconds(engine)
            start = time.monotonic()
            said = b""
            while b"421" not in said:
                got = silent.recv(4096)
                check(got, "closed without 421, %s" % what)
                said += got
            took = time.monotonic() - start
            check(1.5 < took < 4, "421 after %.1f s, %s" % (took, what))
            spent = cpu_seconds(engine) - before
            check(spent < CPU_LIMIT, "%.2f CPU s while idle, %s"
                  % (spent, what))
            silent.close()
        for path in strangers:
            check(os.path.exists(path), "swept: " + path)
        equal(len(names_of(engine, "bob")), len(CLOCKS), "messages of bob")
        equal({r: roles(engine, r) for r in pids}, pids, "processes")
        print("# %d deliveries by %d clocks" % (total, len(CLOCKS)))


@tap.test
def the_clock_changes_during_deliveries():
    clock = Clock(LIBRARY, {"alice": 'require "fileinto";\nkeep;\n'})
    with clock.engine as engine:
        crowd, done = Crowd(), []

        def jump():
            n = 0
            while not done:
                clock.set(CLOCKS[n % len(CLOCKS)][1])
                n += 1
                time.sleep(0.01)
        crowd.start(jump)
        names = set()
        for _ in range(option("bursts", 5, 50)):
            names |= burst(engine, "alice")
        done.append(True)
        crowd.join(10)
        check(len({year(s) for s in seconds_in(names)}) > 1,
              "the clock did not jump")
        print("# %d deliveries while the clock jumped" % len(names))


@tap.test
def a_script_changed_by_any_clock():
    """A clock far from that of the file system must not make an old
    program look fresh."""
    clock = Clock(LIBRARY, {"alice": None}, {"lmtp_workers": "2"})
    text = 'require "fileinto"; fileinto "%s";\n'
    with clock.engine as engine:
        for n, (what, at) in enumerate(CLOCKS):
            clock.set(at)
            for k in range(6):
                box = "b%d" % (n * 6 + k)
                engine.set_script("alice", text % box.ljust(4, "x"))
                for _ in range(2):
                    engine.deliver([address("alice")], message("x"))
                got = engine.count("alice").get("." + box.ljust(4, "x"))
                equal(got, 2, "in %s, %s" % (box, what))


@tap.test
def started_and_stopped_by_any_clock():
    for what, text in CLOCKS:
        clock = Clock(LIBRARY, {"alice": None})
        clock.set(text)
        with clock.engine as engine:
            engine.deliver([address("alice")], message(what))
            start = time.monotonic()
            engine.stop()
            check(time.monotonic() - start < 5, "stop took %.1f s, %s"
                  % (time.monotonic() - start, what))
            wait_for(lambda: len(names_of(engine, "alice")) == 1, what)


LIBRARY = find_library()
tap.main()
