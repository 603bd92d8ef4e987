"""Clients that are not ours: smtplib, swaks, and a raw pipelining one."""
import os
import re
import smtplib
import sys

from tamis_test import (Instance, Skip, Tap, check, equal, message, stuffed)
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peer"))
import peer
import swaks

tap = Tap()
SCRIPT = 'require "fileinto";\n' \
         'if header :is "x-box" "yes" { fileinto "Box"; }\n'


def by_smtplib(client, user):
    before = len(engine.box(user))
    refused = client.sendmail("sender@example.org",
                              [user + "@example.test"], message("lib"))
    equal(refused, {}, "refused recipients")
    equal(len(engine.box(user)), before + 1, "messages")


@tap.test
def smtplib_over_TCP():
    with smtplib.LMTP("127.0.0.1", engine.port) as client:
        by_smtplib(client, "bob")
        by_smtplib(client, "bob")


@tap.test
def smtplib_over_a_unix_socket():
    with smtplib.LMTP(engine.unix) as client:
        by_smtplib(client, "bob")


@tap.test
def capabilities_that_are_announced():
    with engine.client() as c:
        code, text = c.lhlo
        equal(code, 250, "LHLO")
        words = {line.split(" ")[0] for line in text.split("\n")[1:]}
        for word in ("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME",
                     "SIZE"):
            check(word in words, "%s not in %r" % (word, words))


@tap.test
def HELO_and_EHLO_are_refused():
    with engine.client() as c:
        for verb in ("HELO", "EHLO"):
            code, _ = c.cmd(verb + " x")
            equal(code, 500, verb)


@tap.test
def replies_stand_in_the_order_of_the_recipients():
    with engine.client() as c:
        rcpts = ["bob@example.test", "nobody@example.test",
                 "alice@example.test"]
        accepted, replies = c.envelope("s@example.org", rcpts)
        equal([r[0] for r in replies], [250, 550, 250], "RCPT replies")
        check(replies[1][1].startswith("5.1.1"), replies[1][1])
        c.want(354, "DATA")
        c.send(stuffed(message("order", X_Box="yes")))
        equal([c.reply()[0] for _ in accepted], [250, 250], "after the dot")
        c.quit()


@tap.test
def whole_session_in_one_write():
    """RFC 2920, and DATA content behind its 354 too: a pushy client."""
    before = engine.count("alice").get(".Box", 0)
    one = (b"MAIL FROM:<s@example.org>\r\nRCPT TO:<alice@example.test>\r\n"
           b"RCPT TO:<nobody@example.test>\r\n"
           b"RCPT TO:<bob@example.test>\r\nDATA\r\n"
           + stuffed(message("pipe", X_Box="yes")))
    with engine.client() as c:
        c.send(one * 3 + b"QUIT\r\n")
        for _ in range(3):
            equal([c.reply()[0] for _ in range(7)],
                  [250, 250, 550, 250, 354, 250, 250], "replies")
        equal(c.reply()[0], 221, "QUIT")
        equal(c.sock.recv(10), b"", "octets behind the last reply")
    equal(engine.count("alice")[".Box"], before + 3, "messages")


@tap.test
def one_octet_at_a_time():
    data = b"MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n" \
        + stuffed(message("slow", ".leading dot\n..two\n"))
    with engine.client(unix=False) as c:
        for octet in data:
            c.send(bytes([octet]))
        equal([c.reply()[0] for _ in range(4)], [250, 250, 354, 250],
              "replies")
    stored = [m for m in engine.box("bob") if b"Subject: slow" in m.bytes]
    check(stored[0].bytes.endswith(b"\n\n.leading dot\n..two\n"), "dots")


@tap.test
def only_CRLF_dot_CRLF_ends_the_data():
    odd = b"Subject: smuggle\r\n\r\na\n.\nb\r\n.\nc\n.\r\nd\r.\re\r\n.\rf"
    with engine.client() as c:
        (_, code, text), = c.deliver("s@example.org", ["bob@example.test"],
                                     odd)
        equal(code, 250, text)
        c.quit()
    stored = [m for m in engine.box("bob") if b"smuggle" in m.bytes]
    equal(len(stored), 1, "messages")


@tap.test
def DATA_without_recipients():
    with engine.client() as c:
        c.want(250, "MAIL FROM:<s@example.org>")
        equal(c.cmd("RCPT TO:<nobody@example.test>")[0], 550, "RCPT")
        check(c.cmd("DATA")[0] in (503, 554), "DATA accepted")
        c.quit()


@tap.test
def connection_lost_within_data_stores_nothing():
    before = engine.count("bob")
    with engine.client() as c:
        c.envelope("s@example.org", ["bob@example.test"])
        c.want(354, "DATA")
        c.send(b"Subject: half\r\n\r\nhalf a mess")
    with engine.client() as c:
        c.want(250, "NOOP")
        c.quit()
    equal(engine.count("bob"), before, "messages")


@tap.test
def hundred_idle_connections_do_not_hinder():
    idle = [engine.client(unix=i % 2 == 0) for i in range(100)]
    (_, code, text), = engine.deliver(["bob@example.test"], message("busy"))
    equal(code, 250, text)
    for c in idle:
        c.quit()


@tap.test
def eight_clients_at_once_lose_nothing():
    before = len(engine.box("bob"))
    clients = [engine.client(unix=i % 2 == 0) for i in range(8)]
    for n in range(10):
        for i, c in enumerate(clients):
            c.send(b"MAIL FROM:<s@example.org>\r\n"
                   b"RCPT TO:<bob@example.test>\r\nDATA\r\n"
                   + stuffed(message("many %d %d" % (i, n))))
    for c in clients:
        for n in range(10):
            equal([c.reply()[0] for _ in range(4)], [250, 250, 354, 250],
                  "replies")
        c.quit()
    subjects = [re.search(rb"Subject: (many.*)", m.bytes)
                for m in engine.box("bob")]
    equal(len({m.group(1) for m in subjects if m}), 80, "different ones")
    equal(len(engine.box("bob")), before + 80, "messages")


@tap.test
def swaks_over_TCP():
    try:
        status, text = swaks.swaks(
            "--protocol", "LMTP", "--server", "127.0.0.1", "--port",
            str(engine.port), "--from", "s@example.org", "--to",
            "alice@example.test,bob@example.test", "--header",
            "Subject: swaks", "--body", "by swaks", "--helo", "localhost",
            "--pipeline")
    except peer.Missing as why:
        raise Skip(str(why))
    equal(status, 0, "status of swaks:\n" + text)
    for user in ("alice", "bob"):
        hits = [m for m in engine.box(user) if b"by swaks" in m.bytes]
        equal(len(hits), 1, "messages of " + user)


@tap.test
def mail_in_flight_has_a_budget():
    with Instance({"carol": None}, {"lmtp_spool_budget": "1M"}) as small:
        big = message("big", "0123456789abcde\n" * 100000)
        for _ in range(2):
            got = small.deliver(["carol@example.test"] * 2, big)
            equal([(code, text.split()[0]) for _, code, text in got],
                  [(452, "4.3.1")] * 2, "replies")
        equal(small.count("carol"), {}, "copies")
        (_, code, text), = small.deliver(["carol@example.test"], message())
        equal(code, 250, text)


with Instance({"alice": SCRIPT, "bob": None}) as engine:
    tap.main()
