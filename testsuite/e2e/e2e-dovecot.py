"""A real Dovecot reads by IMAP what we stored, on the same Maildirs."""
import imaplib
import os
import re
import sys

from tamis_test import (Instance, Tap, check, crlf, equal, free_port,
                        message, mutf7, skip_all)
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peer"))
import dovecot
import peer

tap = Tap()
FOLDER = "Entw\u00fcrfe/\u65e5\u672c & Co"
SCRIPT = """require ["fileinto", "imap4flags", "editheader", "mailbox"];
if header :is "subject" "folder" { fileinto "%s"; }
elsif header :is "subject" "flags" {
  fileinto :flags ["\\\\Flagged", "$Label1"] "Flags";
}
elsif header :is "subject" "internal" {
  setflag "\\\\Seen \\\\Draft $Label2 $Label1"; removeflag "\\\\Draft";
}
elsif header :is "subject" "exists" {
  if mailboxexists ["INBOX", "Later"] { setflag "there"; }
  fileinto :create "Later";
}
elsif header :is "subject" "edit" {
  addheader "X-Edited" "k\u00e4se"; deleteheader "X-Gone"; fileinto "Edited";
  fileinto "Edited2";
}
elsif header :is "subject" "broken" { fileinto "/bad//name/"; }
""" % FOLDER


class Imap:
    def __init__(self, user):
        self.imap = imaplib.IMAP4("127.0.0.1", server.port)
        self.imap.login(user, "secret")

    def __enter__(self):
        return self.imap

    def __exit__(self, *_):
        self.imap.logout()


def ok(answer):
    equal(answer[0], "OK", "IMAP answer %r" % (answer,))
    return answer[1]


def last(imap, mailbox):
    """(BODY[], RFC822.SIZE, flags) of the last message."""
    count = int(ok(imap.select('"%s"' % mailbox, readonly=True))[0])
    check(count > 0, "mailbox %s is empty" % mailbox)
    n = str(count)
    head = ok(imap.fetch(n, "(RFC822.SIZE FLAGS)"))[0].decode()
    size = int(re.search(r"RFC822.SIZE (\d+)", head).group(1))
    flags = set(re.search(r"FLAGS \((.*?)\)", head).group(1).split())
    body = ok(imap.fetch(n, "(BODY.PEEK[])"))[0][1]
    return body, size, flags - {"\\Recent"}


def same_by_imap(user, sent):
    """Deliver, and compare what IMAP gives with what was sent."""
    engine.add_user(user, None)
    (_, code, text), = engine.deliver([user + "@example.test"], sent)
    equal(code, 250, text)
    stored, = engine.box(user)
    with Imap(user) as imap:
        body, size, flags = last(imap, "INBOX")
    equal(size, stored.wsize, "RFC822.SIZE and W=")
    equal(len(body), size, "length of BODY[] and RFC822.SIZE")
    clean = not re.search(rb"\0|\r(?!\n)", sent)
    stored.trace(sent.replace(b"\r\n", b"\n") if clean else sent)
    # IMAP literals cannot hold a NUL (RFC 3501 s. 4.3.1); Dovecot shows 0x80
    check(body.endswith(sent.replace(b"\0", b"\x80")),
          "BODY[] does not end in what was sent")
    trace = body[:-len(sent)]
    check(trace.startswith(b"Return-Path: <sender@example.org>\r\n"
                           b"Received: "), "trace lines: %r" % trace)
    equal(flags, set(), "flags")
    check("rror" not in server.log(), "Dovecot complains: " + server.log())


@tap.test
def list_shows_a_folder_the_script_made():
    data = message("folder")
    (_, code, text), = engine.deliver(["alice@example.test"], data)
    equal(code, 250, text)
    with Imap("alice") as imap:
        names = [re.search(rb'"/" (.*)$', row).group(1).strip(b'"')
                 for row in ok(imap.list())]
        check(mutf7(FOLDER).encode() in names, "LIST gave %r" % names)


@tap.test
def non_ascii_folder_holds_the_message():
    with Imap("alice") as imap:
        body, _, _ = last(imap, mutf7(FOLDER))
        check(b"Subject: folder\r\n" in body, "wrong message")
        equal(int(ok(imap.select("INBOX"))[0]), 0, "messages in INBOX")


@tap.test
def flags_of_fileinto_are_seen():
    engine.deliver(["alice@example.test"], message("flags"))
    with Imap("alice") as imap:
        _, _, flags = last(imap, "Flags")
        equal(flags, {"\\Flagged", "$Label1"}, "flags")


@tap.test
def flags_of_the_implicit_keep_are_seen():
    engine.deliver(["alice@example.test"], message("internal"))
    with Imap("alice") as imap:
        body, _, flags = last(imap, "INBOX")
        check(b"Subject: internal\r\n" in body, "wrong message")
        equal(flags, {"\\Seen", "$Label1", "$Label2"}, "flags")


@tap.test
def mailbox_exists_the_second_time():
    for want in (set(), {"there"}):
        (_, code, text), = engine.deliver(["alice@example.test"],
                                          message("exists"))
        equal(code, 250, text)
        with Imap("alice") as imap:
            equal(last(imap, "Later")[2], want, "flags")


@tap.test
def edited_header_has_exact_sizes():
    data = message("edit", "One.\nTwo.\n", X_Gone="x")
    check(b"X-Gone" in data or b"X_Gone" in data, "no field to delete")
    (_, code, text), = engine.deliver(["alice@example.test"], data)
    equal(code, 250, text)
    for mailbox in ("Edited", "Edited2"):
        stored, = engine.box("alice", mailbox)
        with Imap("alice") as imap:
            body, size, _ = last(imap, mailbox)
        equal(size, stored.wsize, "RFC822.SIZE and W=")
        equal(len(body), size, "length of BODY[] and RFC822.SIZE")
        check(b"\r\nX-Edited: =?utf-8?B?" in body, "no added field")
        check(b"X-Gone" not in body, "field was not deleted")
        check(body.endswith(b"\r\n\r\nOne.\r\nTwo.\r\n"), "body changed")


@tap.test
def edited_header_of_an_unclean_message():
    data = b"Subject: edit\r\nX-Gone: x\r\n\r\na\x00b\rc\r\nd\ne\r\n"
    (_, code, text), = engine.deliver(["alice@example.test"], data)
    equal(code, 250, text)
    stored = engine.box("alice", "Edited")[-1]
    with Imap("alice") as imap:
        body, size, _ = last(imap, "Edited")
    equal(size, stored.wsize, "RFC822.SIZE and W=")
    equal(len(body), size, "length of BODY[] and RFC822.SIZE")
    check(b"\r\nX-Edited: =?utf-8?B?" in body, "no added field")
    check(b"X-Gone" not in body, "field was not deleted")
    check(b"\n\r\na\x80b\rc\r\nd" in body, "body changed: %r" % body)


@tap.test
def failed_script_is_marked_in_INBOX_and_not_seen():
    (_, code, text), = engine.deliver(["alice@example.test"],
                                      message("broken"))
    equal(code, 250, text)
    with Imap("alice") as imap:
        body, _, flags = last(imap, "INBOX")
        check(b"Subject: broken\r\n" in body, "wrong message")
        equal(flags, {"$SieveFailed"}, "flags")


@tap.test
def bytes_of_a_plain_message():
    same_by_imap("plain", message("plain", "One.\n.dot\n..dots\n\nEnd.\n"))


@tap.test
def bytes_of_an_8_bit_message():
    same_by_imap("eight", crlf(b"Subject: 8\nContent-Type: text/plain; "
                               b"charset=utf-8\n\n\xc3\xbc \xff\x80\xfe\n"))


@tap.test
def bytes_of_a_message_with_NUL_and_bare_CR():
    same_by_imap("unclean", b"Subject: u\r\n\r\na\x00b\rc\r\n\r\rd\r\n")


@tap.test
def bytes_of_a_message_with_bare_CR_only():
    same_by_imap("barecr", b"Subject: u\r\n\r\nbare\rCR\r\nline\r\n")


@tap.test
def bytes_of_one_mebibyte():
    body = "".join("%07d %s\n" % (i, "y" * 55) for i in range(16384))
    same_by_imap("mega", message("mega", body))


@tap.test
def bytes_without_header_end():
    same_by_imap("nobody", b"Subject: only a header\r\n")


@tap.test
def search_finds_it_and_expunge_removes_it():
    with Imap("plain") as imap:
        ok(imap.select("INBOX"))
        equal(ok(imap.search(None, "SUBJECT", "plain"))[0], b"1", "SEARCH")
        ok(imap.store("1", "+FLAGS", "\\Deleted"))
        ok(imap.expunge())
    equal(engine.box("plain"), [], "files left")


@tap.test
def uids_rise_in_the_order_of_delivery():
    engine.add_user("order", None)
    for n in range(5):
        engine.deliver(["order@example.test"], message("n%d" % n))
    with Imap("order") as imap:
        ok(imap.select("INBOX"))
        subjects = [ok(imap.fetch(str(i), "(BODY.PEEK[HEADER.FIELDS "
                                  "(SUBJECT)])"))[0][1].strip()
                    for i in range(1, 6)]
    equal(subjects, [b"Subject: n%d" % n for n in range(5)], "order")


engine = Instance({"alice": SCRIPT})
try:
    with engine:
        server = dovecot.Dovecot(engine.dir, engine.path("store"),
                                 engine.owner(), free_port())
        try:
            tap.main()
        finally:
            server.stop()
except peer.Missing as why:
    skip_all(str(why))
