#!/usr/bin/python3
"""A sync that failed is not believed a second time (the kernel reports lost
data once): the recipients get 451, the names are gone, nothing syncs the same
file again, and the next delivery works. For all orders on disk."""
import errno

from fault import (COUNT, DIR_SYNC, ERROR, FILE_SYNC, OFF, Engine, Judge,
                   attempt, report)
from tamis_test import Tap, check, equal

tap = Tap()
USERS = {"ann": None, "bob": None, "cid": None}
SIZES = {"in memory": 200, "spooled": 20000}


def count_syncs(engine, judge, mask, size):
    m = judge.new_message(size)
    engine.cell.arm(COUNT, mask=mask)
    codes = attempt(engine, m, USERS)
    engine.cell.settle()
    equal(codes, {u: 250 for u in USERS}, "without fault")
    judge.stored(m)
    n = engine.cell.get("count")
    check(n > 0, "a delivery without this kind of sync")
    return n


def fail_one(engine, judge, mask, size, k, err):
    """The k-th sync of this kind fails."""
    cell = engine.cell
    m = judge.new_message(size)
    cell.arm(ERROR, k, err, mask)
    codes = attempt(engine, m, USERS)
    cell.settle()
    again = cell.get("again")
    fired, call = cell.get("fired"), cell.get("call")
    cell.set("mode", OFF)
    judge.where += " (%s)" % call
    check(fired == 1, "%s was not met" % judge.where)
    judge.codes(codes)
    said = 451 if err == errno.EIO else 452
    failed = {u for u, code in codes.items() if code == said}
    equal(set(codes) - failed, m.ok, "recipients with 250")
    check(failed, "%s: nobody was told: %r" % (judge.where, codes))
    if mask == FILE_SYNC and again:
        judge.blame("synced %d times more" % again)
    judge.stored(m)
    for user in failed & set(m.seen):
        judge.blame("%s got 451, and the name is there" % user)
    equal(attempt(engine, m, failed), {u: 250 for u in failed},
          "the next delivery")
    judge.stored(m)
    return failed


def both_sizes(order, mask):
    points = 0
    with Engine(USERS, {"lmtp_spool_memory": "4K",
                        "maildir_sync_order": order}) as engine:
        judge = Judge(engine, USERS)
        for what, size in SIZES.items():
            for k in range(1, count_syncs(engine, judge, mask, size) + 1):
                for err in (errno.EIO, errno.ENOSPC, errno.EDQUOT):
                    judge.where = "%s, %s, sync %d, %s" % (
                        order, what, k, errno.errorcode[err])
                    failed = fail_one(engine, judge, mask, size, k, err)
                    points += 1
                    # All link the spool file. What was in memory can be
                    # written into a new file, until there is a name.
                    if mask == FILE_SYNC and (
                            size == SIZES["spooled"] or
                            order != "strict" and
                            engine.cell.get("call") == "fsync"):
                        equal(failed, set(USERS), "who failed")
                    else:
                        equal(len(failed), 1, "how many failed")
        report(judge)
    print("# %s: %d syncs failed, violations 0" % (order, points))


def add(order, mask, what):
    def test():
        both_sizes(order, mask)
    test.__name__ = "failed_sync_of_%s_is_final_with_%s_order" % (what, order)
    tap.test(test)


for order_name in ("strict", "write-out"):
    add(order_name, FILE_SYNC, "a_message")
    add(order_name, DIR_SYNC, "a_directory")
add("one-commit", FILE_SYNC, "a_message")

tap.main()
