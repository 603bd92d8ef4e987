"""Vacation, reject and notify, from the client's data to the next hop: who
gets what, once, and never at the cost of the delivery."""
import email
import email.policy
import time

from tamis_test import Instance, Lmtp, Tap, check, equal, stuffed, wait_for
from sink import Sink

tap = Tap()
VACATION = 'require "vacation";\n'
SCRIPTS = {
    "vac": VACATION + 'vacation :subject "Away" "I am away.\n.\nLast line.";\n',
    "sec": 'require ["vacation", "vacation-seconds"];\n'
           'vacation :seconds 0 "Every time.";\n',
    "zwei": VACATION + 'vacation :days 3 :from "Jörg <j@example.test>" '
            ':addresses "alias@example.test" "Bin im Urlaub, größtenteils.";\n',
    "mime": VACATION + 'vacation :mime "Content-Type: text/html\n\n'
            '<p>Away</p>";\n',
    "copy": 'require ["vacation", "fcc", "mailbox"];\n'
            'vacation :fcc "Sent" :create "A copy is kept.";\n',
    "no": 'require "reject";\nreject "I want no mail.\nNone at all.";\n',
    "nein": 'require "reject";\nreject "Keine Post für mich.";\n',
    "enein": 'require "ereject";\nereject "Keine Post für mich.";\n',
    "tell": 'require "enotify";\n'
            'notify :message "New mail" :importance "1" '
            '"mailto:pager@example.net?body=Look!";\n',
    "dup": 'require "duplicate";\nif duplicate { discard; }\n',
    "down": VACATION + 'vacation "Nobody hears this.";\n',
    "plain": None,
}


def mail(user, extra="", n=0):
    return ("From: Sue <sue@example.org>\r\nTo: %s@example.test\r\n"
            "Subject: Dinner\r\nMessage-ID: <%s%d@example.org>\r\n%s\r\n"
            "Hello.\r\n" % (user, user, n, extra)).encode()


def come(user, extra="", n=0, sender="sue@example.org", to=None):
    (_, code, text), = engine.deliver(
        [(to or user) + "@example.test"], mail(user, extra, n),
        sender=sender)
    return code, text


def settled():
    """What was sent goes out behind the result: the next delivery of the
    same connection waits for nothing, so wait until nothing comes."""
    seen = -1
    while seen != len(hop.mails):
        seen = len(hop.mails)
        time.sleep(0.25)


def sent(user, extra="", n=0, **kw):
    """The messages that a delivery causes, parsed; (sender, rcpts, mail)"""
    hop.mails.clear()
    equal(come(user, extra, n, **kw)[0], 250, "reply")
    settled()
    return [(m[0], m[1], email.message_from_bytes(
        m[2], policy=email.policy.default)) for m in hop.mails]


@tap.test
def vacation_answers_once():
    (sender, rcpts, m), = sent("vac")
    equal((sender, rcpts), ("", ["sue@example.org"]), "envelope")
    equal(m["From"], "vac@example.test", "From")
    equal(str(m["To"]), "Sue <sue@example.org>", "To")
    equal(m["Subject"], "Away", "Subject")
    equal(m["In-Reply-To"], "<vac0@example.org>", "In-Reply-To")
    equal(m["References"], "<vac0@example.org>", "References")
    check(m["Auto-Submitted"].startswith("auto-replied"), "Auto-Submitted")
    check(m["Date"] and m["Message-ID"], "Date and Message-ID")
    equal(m.get_content().replace("\r\n", "\n"),
          "I am away.\n.\nLast line.\n", "text")
    equal(engine.count("vac"), {"": 1}, "stored copies")
    equal(sent("vac", n=1), [], "a second one")
    equal(len(sent("vac", n=2, sender="bob@example.org")), 1, "to another")


@tap.test
def vacation_does_not_answer():
    for extra, kw in (
            ("List-Id: <a.example.org>\r\n", {}),
            ("Auto-Submitted: auto-generated\r\n", {}),
            ("Precedence: bulk\r\n", {}),
            ("X-Auto-Response-Suppress: DR, OOF\r\n", {}),
            ("", {"sender": ""}),
            ("", {"sender": "mailer-daemon@example.org"}),
            ("", {"sender": "a-request@example.org"}),
            ("", {"sender": "No-Reply@example.org"}),
            ("", {"sender": "news-bounces+vac=example.test@example.org"}),
            ("", {"sender": "VAC@example.test"})):
        kw.setdefault("sender", "ann@example.org")
        equal(sent("vac", extra, 5, **kw), [], "answer to %r %r"
              % (extra, kw))
    hop.mails.clear()
    (_, code, _), = engine.deliver(
        ["vac@example.test"], mail("somebodyelse"), sender="eve@example.org")
    settled()
    equal((code, hop.mails), (250, []), "mail whose To names another")


@tap.test
def zero_seconds_answers_every_time():
    equal([len(sent("sec", n=i)) for i in range(3)], [1, 1, 1], "answers")


@tap.test
def words_that_are_not_ascii_arrive():
    (_, _, m), = sent("zwei", "Cc: alias@example.test\r\n")
    equal(str(m["From"]), "Jörg <j@example.test>", "From")
    equal(m.get_content().strip(), "Bin im Urlaub, größtenteils.", "text")
    equal(m["Subject"], "Auto: Dinner", "Subject")


@tap.test
def mime_reason_is_the_entity():
    (_, _, m), = sent("mime")
    equal(m.get_content_type(), "text/html", "type")
    check("<p>Away</p>" in m.get_content(), "text")


@tap.test
def copy_of_the_answer_is_kept():
    (_, _, m), = sent("copy")
    wait_for(lambda: engine.count("copy") == {"": 1, ".Sent": 1},
             "copy in Sent")
    box, = engine.box("copy", "Sent")
    check(str(m["Message-ID"]).encode() in box.bytes, "another message")


@tap.test
def next_hop_is_down_and_nobody_notices():
    hop.answers["sue@example.org"] = ("rcpt", "450 4.2.1 later")
    equal(sent("down"), [], "sent")
    equal(engine.count("down"), {"": 1}, "stored copies")
    del hop.answers["sue@example.org"]
    equal(len(sent("down", n=1)), 1, "what was not sent is not remembered")


@tap.test
def reject_is_the_reply():
    hop.mails.clear()
    code, text = come("no")
    equal(code, 550, text)
    for part in ("5.7.1", "I want no mail.", "None at all."):
        check(part in text, "%r is not in %r" % (part, text))
    settled()
    equal((hop.mails, engine.count("no")), ([], {}), "mail sent and stored")


@tap.test
def reject_refuses_for_one_of_three_only():
    got = engine.deliver(["plain@example.test", "no@example.test",
                          "vac@example.test"], mail("plain"))
    equal([code for _, code, _ in got], [250, 550, 250], "replies")


@tap.test
def words_that_no_reply_can_say_go_by_mail():
    (sender, rcpts, m), = sent("nein")
    equal((sender, rcpts), ("", ["sue@example.org"]), "envelope")
    equal(m.get_content_type(), "multipart/report", "type")
    parts = list(m.iter_parts())
    equal([p.get_content_type() for p in parts],
          ["text/plain", "message/disposition-notification",
           "text/rfc822-headers"], "parts")
    equal(parts[0].get_content().strip(), "Keine Post für mich.", "text")
    check("deleted" in parts[1].as_string(), "disposition")
    equal(engine.count("nein"), {}, "stored copies")
    equal(come("nein", n=1, sender="")[0], 550, "null sender")
    equal(come("enein")[0], 550, "ereject")


@tap.test
def notification_goes_out():
    (sender, rcpts, m), = sent("tell")
    equal((sender, rcpts), ("tell@example.test", ["pager@example.net"]),
          "envelope")
    equal(m["Auto-Submitted"],
          'auto-notified; owner-email="tell@example.test"', "Auto-Submitted")
    equal((m["Subject"], m["To"], m["Importance"]),
          ("New mail", "pager@example.net", "High"), "fields")
    equal(m.get_content().strip(), "Look!", "text")
    equal(engine.count("tell"), {"": 1}, "stored copies")
    equal(sent("tell"), [], "the same message again")
    equal([m[0] for m in sent("tell", n=1, sender="")], [""], "null sender")
    equal(sent("tell", "Auto-Submitted: auto-replied\r\n", 2), [],
          "an automatic message")


@tap.test
def duplicate_is_found_by_every_worker():
    equal([come("dup", n=i % 3)[0] for i in range(9)], [250] * 9, "replies")
    equal(engine.count("dup"), {"": 3}, "stored copies")


@tap.test
def client_does_not_wait_for_the_answer():
    hop.answers["slow@example.org"] = ("end", "wait")
    with Lmtp(engine.unix) as c:
        for i in range(3):
            begin = time.monotonic()
            c.envelope("slow@example.org", ["vac@example.test"])
            c.want(354, "DATA")
            c.send(stuffed(mail("vac", n=10 + i)))
            equal(c.reply()[0], 250, "reply")
            check(time.monotonic() - begin < 1.5, "the client waited")


hop = Sink()
with Instance(SCRIPTS, {
        "smtp_host": hop.host, "defaultdomain": "example.test",
        "sieve_vacation_min_response": "0", "lmtp_workers": "4"}) as engine:
    tap.main()
