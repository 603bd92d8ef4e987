"""One mailbox with a slow script does not hold the workers of the others."""
import threading
import time

from tamis_test import (Instance, Tap, check, equal, has_test_hooks, message,
                        skip_all)

tap = Tap()
SLOW_MS = 2000


def deliver(user, data, out):
    start = time.monotonic()
    (_, code, text), = engine.deliver([user + "@example.test"], data)
    out.append((code, time.monotonic() - start, text))


@tap.test
def honest_mail_passes_a_slow_mailbox():
    slow, honest = [], []
    data = message("slow", X_Tamis_Test="slow alice %d" % SLOW_MS)
    crowd = [threading.Thread(target=deliver, args=("alice", data, slow))
             for _ in range(8)]
    for t in crowd:
        t.start()
    time.sleep(0.3)
    while any(t.is_alive() for t in crowd):
        deliver("bob", message("honest"), honest)
        time.sleep(0.05)
    for t in crowd:
        t.join()
    equal({code for code, _, _ in slow + honest}, {250}, "replies")
    equal(engine.count("alice"), {"": 8}, "copies of the slow one")
    worst = max(took for _, took, _ in honest)
    print("# %d honest deliveries, longest %.3f s" % (len(honest), worst))
    check(worst < SLOW_MS / 1000, "an honest delivery took %.2f s" % worst)
    # two at a time: the limit is a limit, and it is used
    total = max(took for _, took, _ in slow)
    check(total > 3.5 * SLOW_MS / 1000, "more than two at a time")
    check(total < 7 * SLOW_MS / 1000, "fewer than two at a time")


@tap.test
def several_recipients_wait_for_the_slow_one_and_get_it():
    data = message("both", X_Tamis_Test="slow alice 200")
    got = engine.deliver(["bob@example.test", "alice@example.test",
                          "alice@example.test"], data)
    equal([code for _, code, _ in got], [250] * 3, "replies")


if not has_test_hooks():
    skip_all("built without --enable-test-hooks")
with Instance({"alice": "keep;\n", "bob": None},
              {"lmtp_workers": "4"}) as engine:
    tap.main()
