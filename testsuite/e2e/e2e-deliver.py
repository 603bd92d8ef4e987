"""tamis deliver: exit codes as MTAs read them, and where the message goes."""
import os
import shutil
import subprocess

from tamis_test import (BUILD, MAIL_USER, Instance, Tap, check, equal,
                        message, program)

tap = Tap()
SCRIPT = 'require "fileinto"; if header :is "subject" "box" ' \
         '{ fileinto "Box"; }\n'


def deliver(*args, data=None, env=None):
    """(exit status, stderr); as the user who owns the mail."""
    who = {"user": MAIL_USER, "group": MAIL_USER, "extra_groups": []} \
        if os.geteuid() == 0 else {}
    got = subprocess.run(
        [tamis, "deliver", "-C", engine.conf, *args],
        input=message() if data is None else data, capture_output=True,
        cwd=engine.dir, env=dict(os.environ, **(env or {})), timeout=60,
        **who)
    return got.returncode, got.stderr.decode()


def fresh(user, script=None):
    engine.add_user(user, script)
    return user


@tap.test
def message_is_stored_with_CRLF_or_LF_line_ends():
    for n, data in enumerate((message("a"), b"Subject: a\n\n.dot\nlast")):
        user = fresh("plain%d" % n)
        equal(deliver(user, data=data), (0, ""), "result")
        stored, = engine.box(user)
        want = data.replace(b"\r\n", b"\n")
        stored.trace(want if want.endswith(b"\n") else want + b"\n")


@tap.test
def mbox_line_and_sender():
    user = fresh("mbox")
    data = b"From someone Fri Nov 21 09:00:00 2025\nSubject: x\n\nhi\n"
    equal(deliver("-f", "<me@example.org>", user, data=data), (0, ""),
          "result")
    stored, = engine.box(user)
    check(stored.trace(b"Subject: x\n\nhi\n").startswith(
        "Return-Path: <me@example.org>\n"), "Return-Path")


@tap.test
def sender_from_the_environment():
    user = fresh("environ")
    equal(deliver(user, env={"SENDER": "env@example.org"}), (0, ""), "result")
    check(b"Return-Path: <env@example.org>" in engine.box(user)[0].bytes,
          "Return-Path")


@tap.test
def script_runs():
    user = fresh("scripted", SCRIPT)
    equal(deliver(user, data=message("box")), (0, ""), "result")
    equal(engine.count(user), {".Box": 1}, "copies")


@tap.test
def mailbox_option_takes_a_mailbox_that_exists():
    user = fresh("boxed", SCRIPT)
    deliver(user, data=message("box"))
    equal(deliver("-m", "Box", user), (0, ""), "result")
    equal(deliver("-m", "Nowhere", user), (0, ""), "result")
    equal(engine.count(user), {".Box": 2, "": 1}, "copies")


@tap.test
def mailbox_name_may_hold_blanks():
    user = fresh("blanks")
    box = engine.path("store/%s/.Sent Mail" % user)
    for sub in ("", "cur", "new", "tmp"):
        os.mkdir(os.path.join(box, sub), 0o700)
        engine.own(os.path.join(box, sub))
    equal(deliver("-m", "Sent Mail", user), (0, ""), "bare local part")
    equal(deliver("-m", "Sent Mail", user + "@x.org"), (0, ""), "address")
    equal(engine.count(user), {".Sent Mail": 2}, "copies")


@tap.test
def addresses_are_quoted_where_they_have_to_be():
    user = fresh("quoted")
    for n, (sender, path) in enumerate((
            (b"a..b@example.org", b'"a..b"@example.org'),
            (b"a b@example.org", b'"a b"@example.org'),
            (b'"a b"@example.org', b'"a b"@example.org'),
            (b'<a"b@c>', b'"a\\"b"@c'),
            (b"MAILER-DAEMON", b"MAILER-DAEMON"))):
        equal(deliver("-f", sender.decode(), user), (0, ""), sender)
        check(any(m.bytes.startswith(b"Return-Path: <" + path + b">\n")
                  for m in engine.box(user)), path)
        equal(len(engine.box(user)), n + 1, "copies")
    equal(deliver('"%s"' % user), (0, ""), "quoted recipient")


@tap.test
def address_cannot_bring_parameters():
    user = fresh("params")
    equal(deliver("-f", "a@b> SIZE=1", user)[0], 64, "sender")
    equal(deliver(user + "@b> X=Y")[0], 64, "recipient")
    equal(deliver(user + "> X=Y")[0], 67, "recipient without domain")
    equal(engine.count(user), {}, "copies")


@tap.test
def wrong_sender_is_no_unknown_user():
    equal(deliver("-f", "a@b..c", fresh("wrong"))[0], 69, "status")


@tap.test
def unknown_user_is_67():
    status, text = deliver("nobody-here")
    equal(status, 67, text)
    check("5.1.1" in text, text)


@tap.test
def one_unknown_of_two_is_67_and_the_other_gets_it():
    user = fresh("known")
    equal(deliver(user, "nobody-here")[0], 67, "status")
    equal(engine.count(user), {"": 1}, "copies")


@tap.test
def usage_is_64():
    equal(deliver()[0], 64, "no user")
    equal(deliver("-Z", "x")[0], 64, "unknown flag")
    equal(deliver("a\nb")[0], 64, "line end in an address")


@tap.test
def wrong_configuration_waits_and_does_not_bounce():
    bad = engine.path("bad.conf")
    with open(bad, "w") as f:
        f.write("configdirectory: relative\n")
    equal(deliver("-C", bad, fresh("waits"))[0], 75, "status")


@tap.test
def store_that_cannot_be_written_waits():
    user = fresh("readonly")
    box = engine.path("store/%s/new" % user)
    shutil.rmtree(box)
    with open(box, "w"):
        pass
    equal(deliver(user)[0], 75, "status")


@tap.test
def flags_of_other_programs_are_taken():
    user = fresh("flags")
    equal(deliver("-d", user, "-a", "me", "-q", "-e", "-k", "-r", "a@b.c"),
          (0, ""), "result")
    equal(engine.count(user), {"": 1}, "copies")


@tap.test
def lmtp_on_standard_input():
    user = fresh("lmtp")
    talk = (b"LHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n"
            b"Subject: x\r\n\r\n.\r\nQUIT\r\n" % user.encode())
    equal(deliver("-l", data=talk)[0], 0, "status")
    equal(engine.count(user), {"": 1}, "copies")


@tap.test
def through_the_running_daemon():
    user = fresh("daemon")
    for n, where in enumerate(("unix:" + engine.unix,
                               "127.0.0.1:%d" % engine.port), 1):
        equal(deliver("-s", where, user), (0, ""), where)
        equal(engine.count(user), {"": n}, "copies")
    equal(deliver("-s", "unix:/nonexistent/lmtp", user)[0], 75, "no daemon")


@tap.test
def large_message():
    user = fresh("large")
    data = message("big", "0123456789abcdef\n" * 200000)
    equal(deliver(user, data=data), (0, ""), "result")
    engine.box(user)[0].trace(data.replace(b"\r\n", b"\n"))


with Instance({"alice": None}) as engine:
    tamis = engine.path("tamis")
    shutil.copy(program("tools/tamis"), tamis)
    os.chmod(engine.conf, 0o644)
    tap.main()
