"""Redirects go out by SMTP before anything is stored, and a next hop that
defers or refuses never loses the message."""
from tamis_test import Instance, Tap, check, equal, message
from sink import Sink

tap = Tap()
SCRIPTS = {
    "fwd": 'redirect "out@example.net";\n',
    "copy": 'require "copy";\nredirect :copy "copy@example.net";\n',
    "two": 'redirect "one@example.net";\nredirect "two@example.net";\n',
    "later": 'redirect "later@example.net";\n',
    "never": 'redirect "never@example.net";\n',
    "cut": 'redirect "cut@example.net";\n',
    "plain": None,
}
ANSWERS = {
    "later@example.net": ("rcpt", "450 4.2.1 come back later"),
    "never@example.net": ("rcpt", "550 5.1.1 no such user there"),
    "cut@example.net": ("end", "drop"),
}


def deliver(users, data=None, **kw):
    return engine.deliver([u + "@example.test" for u in users],
                          data or message("redirected"), **kw)


def one(user, data=None, **kw):
    (_, code, text), = deliver([user], data, **kw)
    return code, text


def taken(rcpt):
    return [m for m in hop.mails if rcpt in m[1]]


@tap.test
def redirect_is_handed_over_and_not_stored():
    data = message("through", "Body.\n.dot\n")
    code, text = one("fwd", data)
    equal(code, 250, text)
    (sender, rcpts, sent), = taken("out@example.net")
    equal(rcpts, ["out@example.net"], "recipients")
    equal(sender, "sender@example.org", "envelope sender")
    check(sent.endswith(data), "the message is not the one received")
    equal(engine.count("fwd"), {}, "stored copies")


@tap.test
def null_sender_stays_null():
    hop.mails.clear()
    code, text = one("fwd", sender="")
    equal(code, 250, text)
    equal([m[0] for m in hop.mails], [""], "envelope senders")


@tap.test
def copy_keeps_one_here():
    equal(one("copy")[0], 250, "reply")
    equal(len(taken("copy@example.net")), 1, "handed over")
    equal(engine.count("copy"), {"": 1}, "stored copies")


@tap.test
def two_redirects_go_to_both():
    equal(one("two")[0], 250, "reply")
    for rcpt in ("one@example.net", "two@example.net"):
        equal(len(taken(rcpt)), 1, "handed over to " + rcpt)
    equal(engine.count("two"), {}, "stored copies")


@tap.test
def temporary_refusal_is_a_temporary_failure():
    code, text = one("later")
    check(400 <= code < 500, "reply %d %s" % (code, text))
    equal(engine.count("later"), {}, "stored copies")


@tap.test
def permanent_refusal_keeps_the_message():
    """I5: only reject may fail a delivery for good; so it is kept and marked,
    or tempfailed, but never bounced or dropped."""
    code, text = one("never")
    check(code == 250 or 400 <= code < 500, "reply %d %s" % (code, text))
    if code == 250:
        equal(engine.count("never"), {"": 1}, "stored copies")
        equal(engine.box("never")[0].keywords, {"$SieveFailed"}, "keywords")


@tap.test
def connection_lost_after_the_dot_is_temporary():
    code, text = one("cut")
    check(400 <= code < 500, "reply %d %s" % (code, text))
    equal(engine.count("cut"), {}, "stored copies")


@tap.test
def other_recipients_do_not_suffer():
    got = deliver(["plain", "later", "copy"], message("mixed"))
    codes = [code for _, code, _ in got]
    equal(codes[0], 250, "plain")
    check(400 <= codes[1] < 500, "later: %r" % (got[1],))
    equal(codes[2], 250, "copy")
    equal(engine.count("plain"), {"": 1}, "plain")


@tap.test
def own_mark_stops_a_loop():
    """What we redirected comes back to the same address."""
    hop.mails.clear()
    code, text = one("fwd", message("loop"))
    equal(code, 250, text)
    back = hop.mails[0][2]
    seen = 0
    for _ in range(4):
        code, text = one("fwd", back)
        if code != 250 or len(hop.mails) == seen + 1:
            break
        seen = len(hop.mails)
        back = hop.mails[-1][2]
    check(len(hop.mails) <= 3, "%d rounds and no end" % len(hop.mails))
    check(code < 500, "mail lost in a loop: %d %s" % (code, text))


@tap.test
def no_next_hop_at_all_is_temporary():
    before = engine.count("fwd")
    hop.close()
    code, text = one("fwd", message("nobody there"))
    check(400 <= code < 500, "reply %d %s" % (code, text))
    equal(engine.count("fwd"), before, "stored copies")


hop = Sink(ANSWERS)
with Instance(SCRIPTS, {"smtp_host": hop.host}) as engine:
    tap.main()
