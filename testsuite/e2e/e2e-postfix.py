"""A real Postfix takes mail by SMTP and hands it to us by its lmtp(8)."""
import os
import re
import smtplib
import sys

from tamis_test import (Instance, Tap, check, equal, free_port, message,
                        skip_all, wait_for)
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peer"))
import peer
import postfix

tap = Tap()
USERS = {
    "alice": 'require "fileinto";\n'
             'if header :contains "subject" "list" '
             '{ fileinto "Lists"; }\n',
    "bob": None,
    "dave": 'discard;\n',
    "sender": None,
}
DOMAIN = "example.test"


def submit(rcpts, data, sender="sender@" + DOMAIN):
    with smtplib.SMTP("127.0.0.1", mta.port) as s:
        s.sendmail(sender, [r + "@" + DOMAIN for r in rcpts], data)


def status_lines(user, since):
    return re.findall(r"to=<%s@.*? status=(\w+) \((.*)\)" % user,
                      mta.log()[since:])


def statuses(users, since):
    """Wait until Postfix logged an outcome for each, return them."""
    got = wait_for(lambda: (lambda r: r if all(r) else None)(
        [status_lines(u, since) for u in users]), "Postfix to log outcomes")
    return [r[0] for r in got]


@tap.test
def postfix_hands_over_and_scripts_are_applied():
    since = len(mta.log())
    submit(["alice", "bob", "dave"], message("list: one"))
    for status, text in statuses(["alice", "bob", "dave"], since):
        equal(status, "sent", "status in the Postfix log: " + text)
    equal(engine.count("alice"), {".Lists": 1}, "alice")
    equal(engine.count("bob"), {"": 1}, "bob")
    equal(engine.count("dave"), {}, "dave, who discards")


@tap.test
def several_recipients_are_one_transaction():
    """The same transaction id stands in the Received line of both."""
    def received(stored):
        return re.search(rb"Received:.*?;", stored.bytes, re.S).group(0)

    def ids(stored):
        return re.findall(rb"\bid\s+(\S+?)[\s;]", received(stored))

    alice, bob = engine.box("alice", "Lists")[0], engine.box("bob")[0]
    check(ids(alice), "no id in " + repr(received(alice)))
    equal(ids(alice), ids(bob), "transaction ids")


@tap.test
def return_path_is_the_envelope_sender():
    check(engine.box("bob")[0].bytes.startswith(
        b"Return-Path: <sender@example.test>\n"), "no Return-Path in front")


@tap.test
def unknown_recipient_bounces_and_the_others_get_the_mail():
    since = len(mta.log())
    before = len(engine.box("bob"))
    submit(["bob", "nobody"], message("half known"))
    (bob, _), (nobody, text) = statuses(["bob", "nobody"], since)
    equal((bob, nobody), ("sent", "bounced"), "statuses")
    check("550" in text and "5.1.1" in text, "reply to Postfix: " + text)
    equal(len(engine.box("bob")), before + 1, "messages of bob")
    bounce = wait_for(lambda: engine.box("sender"), "the bounce")[0]
    check(b"Return-Path: <>" in bounce.bytes, "null sender of the bounce")
    check(b"nobody@example.test" in bounce.bytes, "bounce names the address")


@tap.test
def temporary_failure_stays_queued_and_arrives_later():
    since = len(mta.log())
    before = len(engine.box("bob"))
    engine.stop()
    submit(["bob"], message("queued"))
    equal(statuses(["bob"], since)[0][0], "deferred", "status")
    engine.start()
    wait_for(lambda: len(engine.box("bob")) == before + 1, "the retry", 60)


@tap.test
def message_of_one_mebibyte():
    before = len(engine.box("bob"))
    body = "".join("%06d %s\n" % (i, "x" * 60) for i in range(16000))
    since = len(mta.log())
    submit(["bob"], message("big", body))
    equal(statuses(["bob"], since)[0][0], "sent", "status")
    stored = engine.box("bob")
    equal(len(stored), before + 1, "messages of bob")
    check(any(m.bytes.endswith(body.encode()) for m in stored),
          "body is not the one sent")


engine = Instance(USERS)
try:
    with engine:
        mta = postfix.Postfix(engine.dir, engine.unix, DOMAIN, free_port())
        try:
            tap.main()
        finally:
            mta.stop()
except peer.Missing as why:
    skip_all(str(why))
