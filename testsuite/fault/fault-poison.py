#!/usr/bin/python3
"""A message that kills or hangs the worker of one recipient among many costs
nobody else anything. Needs a build with --enable-test-hooks."""
import time

from fault import Instance, tamis_test
from tamis_test import Tap, check, equal, has_test_hooks, message

if not has_test_hooks():
    tamis_test.skip_all("needs a build with --enable-test-hooks")

tap = Tap()
SCRIPT = 'require "fileinto";\nfileinto "Box";\n'
MANY = ["u%02d" % n for n in range(50)]
FEW = MANY[:10]
LIMIT_S = 6


def deliver(engine, users, data, seconds):
    """Replies in order, one for each recipient, in time."""
    start = time.monotonic()
    got = engine.deliver(["%s@example.test" % u for u in users], data)
    took = time.monotonic() - start
    equal([r.split("@")[0] for r, _, _ in got], users, "order of replies")
    check(took <= seconds, "replies took %.1f s" % took)
    return {u: code for u, (_, code, _) in zip(users, got)}, took


def all_stored(engine, users, data, victim):
    text = data.replace(b"\r\n", b"\n")
    for user in users:
        boxes = {d: m for d, m in engine.boxes(user).items() if m}
        if user == victim:
            equal(list(boxes), [""], "mailboxes of the victim")
            equal([m.keywords for m in boxes[""]], [{"$SieveFailed"}],
                  "keywords of the victim")
        else:
            equal({d: len(m) for d, m in boxes.items()}, {".Box": 1}, user)
        for found in boxes.values():
            for m in found:
                m.trace(text)


def poison(victim):
    with Instance({u: SCRIPT for u in MANY}) as engine:
        data = message("poison", X_Tamis_Test="crash " + victim)
        codes, took = deliver(engine, MANY, data, 60)
        equal(codes, {u: 250 for u in MANY}, "codes")
        all_stored(engine, MANY, data, victim)
        check(victim in engine.log(), "the log does not name the victim")
        codes, _ = deliver(engine, MANY, message("after"), 60)
        equal(codes, {u: 250 for u in MANY}, "codes of the next delivery")
    print("# %s of %d: %d delivered once, 1 in INBOX marked, %d replies in "
          "order, %.1f s" % (victim, len(MANY), len(MANY) - 1, len(MANY),
                             took))


@tap.test
def worker_killed_by_the_first_of_fifty():
    poison(MANY[0])


@tap.test
def worker_killed_in_the_middle_of_fifty():
    poison(MANY[27])


@tap.test
def worker_killed_by_the_last_of_fifty():
    poison(MANY[-1])


@tap.test
def worker_that_hangs_is_ended_in_time():
    """With its script it hangs, without it does not: all are delivered."""
    with Instance({u: SCRIPT for u in FEW},
                  {"lmtp_delivery_timeout": "%ds" % LIMIT_S}) as engine:
        victim = FEW[4]
        data = message("hang", X_Tamis_Test="hang " + victim)
        codes, took = deliver(engine, FEW, data, LIMIT_S)
        equal(codes, {u: 250 for u in FEW}, "codes")
        all_stored(engine, FEW, data, victim)
    print("# hang: %d replies after %.1f s of %d" % (len(FEW), took, LIMIT_S))


@tap.test
def recipient_that_always_hangs_is_put_off_in_time():
    with Instance({u: SCRIPT for u in FEW},
                  {"lmtp_delivery_timeout": "%ds" % LIMIT_S}) as engine:
        victim = FEW[4]
        data = message("slow", X_Tamis_Test="slow %s 60000" % victim)
        # one tick of the front's clock more
        codes, took = deliver(engine, FEW, data, LIMIT_S + 1)
        want = {u: 250 for u in FEW}
        want[victim] = 451
        equal(codes, want, "codes")
        others = [u for u in FEW if u != victim]
        all_stored(engine, others, data, None)
        equal(engine.count(victim), {}, "mail of the victim")
        codes, _ = deliver(engine, FEW, message("after"), LIMIT_S)
        equal(codes, {u: 250 for u in FEW}, "codes of the next delivery")
    print("# always: %d replies after %.1f s of %d"
          % (len(FEW), took, LIMIT_S))


tap.main()
