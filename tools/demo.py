"""Build Tamis, start it on a store of its own and deliver six messages.

  --keep    leave it running and say how to talk to it and how to stop it
"""
import argparse
import email
import email.header
import glob
import os
import re
import shlex
import smtplib
import subprocess
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BUILD = os.path.join(os.environ.get("TAMIS_BUILD")
                     or os.path.join(TOP, "build"), "demo")
os.environ["top_builddir"] = BUILD
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, "testsuite", "e2e"))
import tamis_test as harness

SENDER = "sender@example.org"
LOG = os.path.join(BUILD, "demo.log")


def step(name, args, cwd):
    print("  %-24s" % name, end="", flush=True)
    start = time.monotonic()
    with open(LOG, "a") as log:
        code = subprocess.call(args, cwd=cwd, stdin=subprocess.DEVNULL,
                               stdout=log, stderr=log)
    print("%s %6.1f s" % ("ok    " if code == 0 else "FAILED",
                          time.monotonic() - start), flush=True)
    if code:
        with open(LOG, errors="replace") as log:
            print("".join(log.readlines()[-30:]))
        sys.exit("%s failed; all output is in %s" % (name, LOG))


def build():
    print("Building in %s" % BUILD)
    os.makedirs(BUILD, exist_ok=True)
    open(LOG, "w").close()
    step("autogen.sh", ["./autogen.sh"], TOP)
    step("configure", [TOP + "/configure", "-q", "--disable-tests"], BUILD)
    step("make", ["make", "-s", "-j%d" % (os.cpu_count() or 2)], BUILD)


def read(path, mode="r"):
    with open(path, mode) as f:
        return f.read()


def reply_of(client, rcpt, data):
    """smtplib only tells refusals; so say the words one by one."""
    for verb in ("MAIL FROM:<%s>" % SENDER, "RCPT TO:<%s>" % rcpt):
        code, text = client.docmd(verb)
        if code != 250:
            return "%d %s" % (code, text.decode())
    code, text = client.data(data)
    return "%d %s" % (code, text.decode())


def stored(engine):
    """{path: (user, mailbox directory)} of all messages there are."""
    return {m.path: (user, box) for user in ("alice", "bob")
            for box, mails in engine.boxes(user).items() for m in mails}


def decided(engine, user, log):
    """Which line of which script it was, in the script's own words."""
    if user != "alice":
        return "none: bob has no script, so the message is kept"
    failed = re.search(r"script not carried out.* line=(\d+)"
                       r".*reason=(\".*?[^\\\\]\"|\S+)", log)
    line = failed or re.search(r" line=(\d+)", log)
    if not line:
        return "no rule matched: implicit keep"
    with open(engine.path("sieve/a/alice/main.script")) as f:
        text = f.read().splitlines()[int(line.group(1)) - 1].strip()
    said = "line %s: %s" % (line.group(1), text)
    return said + ("  FAILED: " + failed.group(2) if failed else "")


def deliver(engine, client, eml):
    user = "bob" if "bob" in os.path.basename(eml) else "alice"
    before, logged = stored(engine), len(engine.log())
    data = read(eml, "rb").replace(b"\n", b"\r\n")
    subject = email.message_from_bytes(data)["subject"]
    reply = reply_of(client, user + "@example.test", data)
    print("\n%s to %s: %s" % (
        os.path.basename(eml), user,
        email.header.make_header(email.header.decode_header(subject))))
    print("  script   " + decided(engine, user, engine.log()[logged:]))
    new = {p: where for p, where in stored(engine).items()
           if p not in before}
    where = re.search(r" mailbox=(\"[^\"]*\"|\S+)", engine.log()[logged:])
    for path in sorted(new):
        print("  mailbox  " + (where.group(1) if where else "?"))
        print("  file     " + os.path.relpath(path, engine.path("store")))
    print("  reply    " + reply)
    return reply.startswith("250") and len(new) == 1


def next_steps(engine, kept):
    script = "doc/demo/alice.sieve"
    print("\nWhat to do next")
    print("  change %s and see what it would do, touching nothing:" % script)
    print("    build/demo/tools/tamis run %s doc/demo/2-boss.eml" % script)
    print("  is a script right?   build/demo/tools/tamis check FILE")
    print("  all settings:        build/demo/tools/tamis config")
    print("  build, test, lint:   ./check")
    if not kept:
        print("  leave it running:    ./demo --keep")
        return
    print("\nIt is running (process %d)." % engine.proc.pid)
    print("  LMTP      %s and 127.0.0.1:%d" % (engine.unix, engine.port))
    print("  script    %s" % engine.path("sieve/a/alice/main.script"))
    print("  store     %s   log %s" % (engine.path("store"),
                                       engine.log_path))
    print("  by hand   curl --url, swaks --protocol LMTP, or"
          " python3 -c 'import smtplib; ...'; for example")
    print("    python3 -c \"import smtplib; print(smtplib.LMTP('127.0.0.1', "
          "%d).sendmail('me@example.org', 'alice@example.test', "
          "'Subject: hello\\r\\n\\r\\nhi'))\"" % engine.port)
    print("  stop      kill %d && rm -r %s" % (engine.proc.pid,
                                               shlex.quote(engine.dir)))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--keep", action="store_true")
    keep = parser.parse_args().keep
    build()
    engine = harness.Instance({
        "alice": read(TOP + "/doc/demo/alice.sieve"), "bob": None})
    engine.start()
    print("\nlmtpd listens on %s and 127.0.0.1:%d" % (engine.unix,
                                                      engine.port))
    ok = False
    try:
        with smtplib.LMTP("127.0.0.1", engine.port) as client:
            client.ehlo_or_helo_if_needed()
            ok = all([deliver(engine, client, eml) for eml in
                      sorted(glob.glob(TOP + "/doc/demo/*.eml"))])
        next_steps(engine, keep and ok)
    finally:
        if not (keep and ok):
            engine.__exit__(None)
    sys.exit(0 if ok else "not everything was delivered")


main()
