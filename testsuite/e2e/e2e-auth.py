"""AUTH by Cyrus SASL: passwords by a saslauthd of ours, secrets in a sasldb."""
import base64
import contextlib
import hashlib
import hmac
import os
import re
import socket
import struct
import subprocess
import sys
import threading

from tamis_test import (BUILD, TOP, Instance, Lmtp, Skip, Tap, check, equal,
                        message, skip_all)
sys.path.insert(0, os.path.join(TOP, "testsuite", "peer"))
import peer

tap = Tap()
BOB = "bob@example.test"


def b64(text):
    return base64.b64encode(
        text if isinstance(text, bytes) else text.encode()).decode()


def plain(user, password):
    return b64("\0%s\0%s" % (user, password))


class Saslauthd(threading.Thread):
    """Its socket protocol: four counted strings in, one out."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen(8)
        self.start()

    def string(self, s):
        n, = struct.unpack(">H", s.recv(2, socket.MSG_WAITALL))
        return s.recv(n, socket.MSG_WAITALL) if n else b""

    def run(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            with s:
                user, password, _, _ = (self.string(s) for _ in range(4))
                answer = b"OK" if (user, password) == (b"mta", b"secret") \
                    else b"NO"
                s.sendall(struct.pack(">H", len(answer)) + answer)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@contextlib.contextmanager
def instance(*args, **conf):
    engine = Instance({"bob": None})
    try:
        settings = {"sasl_pwcheck_method": "saslauthd",
                    "sasl_mech_list": "PLAIN LOGIN",
                    "sasl_saslauthd_path": "{dir}/mux",
                    "allowplaintext": "yes", **conf}
        engine.settings.update(
            (k, v.format(dir=engine.dir)) for k, v in settings.items())
        engine.write_conf()
        engine.start(*args, "-l", "unix:" + engine.unix, "-l",
                     "inet:127.0.0.1:%d" % engine.port)
        yield engine
    except BaseException as e:
        engine.__exit__(type(e), e, None)
        raise
    engine.__exit__(None, None, None)


@contextlib.contextmanager
def checker(engine):
    s = Saslauthd(engine.path("mux"))
    try:
        yield
    finally:
        s.stop()


def mechanisms(c):
    for line in c.lhlo[1].split("\n"):
        if line.startswith("AUTH "):
            return set(line.split()[1:])
    return set()


def deliver(c):
    (_, code, text), = c.deliver("s@example.org", [BOB], message())
    equal(code, 250, text)


@tap.test
def plain_and_login():
    with instance() as engine, checker(engine):
        c = Lmtp(engine.tcp)
        equal(mechanisms(c), {"PLAIN", "LOGIN"}, "mechanisms")
        equal(c.cmd("MAIL FROM:<a@b.c>")[0], 530, "before AUTH")
        equal(c.cmd("AUTH PLAIN " + plain("mta", "wrong"))[0], 535, "wrong")
        equal(c.cmd("AUTH CRAM-MD5")[0], 504, "not offered")
        c.want(235, "AUTH PLAIN " + plain("mta", "secret"))
        deliver(c)
        equal(c.cmd("AUTH PLAIN =")[0], 503, "a second one")
        trace = engine.box("bob")[0].bytes.split(b"\n\n")[0]
        check(b" with LMTPA id " in trace, trace)
        c = Lmtp(engine.tcp)
        equal(c.want(334, "AUTH LOGIN")[1], b64("Username:"), "challenge")
        equal(c.want(334, b64("mta"))[1], b64("Password:"), "challenge")
        c.want(235, b64("secret"))
        deliver(c)
        check("user=mta" in engine.log(), engine.log())
        check("secret" not in engine.log(), "a password in the log")


@tap.test
def nobody_to_ask_is_no_wrong_password():
    with instance() as engine:
        c = Lmtp(engine.tcp)
        equal(c.cmd("AUTH PLAIN " + plain("mta", "secret"))[0], 454, "reply")
        with checker(engine):
            c.want(235, "AUTH PLAIN " + plain("mta", "secret"))


@tap.test
def passwords_in_the_clear_only_if_allowed():
    with instance(allowplaintext="no") as engine, checker(engine):
        c = Lmtp(engine.tcp)
        equal(mechanisms(c), set(), "mechanisms")
        code = c.cmd("AUTH PLAIN " + plain("mta", "secret"))[0]
        check(code in (504, 538), code)
        equal(c.cmd("MAIL FROM:<a@b.c>")[0], 530, "MAIL")


@tap.test
def who_is_trusted_is_not_asked():
    with instance("-a") as engine:
        for unix in True, False:
            c = engine.client(unix=unix)
            equal(mechanisms(c), set(), "mechanisms")
            equal(c.cmd("AUTH PLAIN =")[0], 503, "AUTH")
            deliver(c)
    with instance() as engine:
        deliver(engine.client())


@tap.test
def trust_in_one_peer_is_not_trust_in_the_next():
    with instance() as engine, checker(engine):
        deliver(engine.client())
        c = Lmtp(engine.tcp)
        c.want(235, "AUTH PLAIN " + plain("mta", "secret"))
        equal(Lmtp(engine.tcp).cmd("MAIL FROM:<a@b.c>")[0], 530, "MAIL")


@tap.test
def no_mechanism_is_said():
    with instance(sasl_mech_list="NONESUCH") as engine:
        check("no mechanism is there" in engine.log(), engine.log())


def scram(c, user, password):
    """RFC 5802 s. 3 with SHA-256; the code of the last reply."""
    def mac(key, data):
        return hmac.new(key, data, hashlib.sha256).digest()

    bare = "n=%s,r=abcdefgh" % user
    code, text = c.cmd("AUTH SCRAM-SHA-256 " + b64("n,," + bare))
    if code != 334:
        return code
    first = base64.b64decode(text).decode()
    nonce, salt, rounds = re.fullmatch(
        r"r=([^,]+),s=([^,]+),i=(\d+)", first).groups()
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(),
                                 base64.b64decode(salt), int(rounds))
    client, final = mac(salted, b"Client Key"), "c=biws,r=" + nonce
    signed = ",".join((bare, first, final)).encode()
    proof = bytes(a ^ b for a, b in zip(
        client, mac(hashlib.sha256(client).digest(), signed)))
    code, text = c.cmd(b64(final + ",p=" + b64(proof)))
    if code != 334:
        return code
    equal(base64.b64decode(text).decode(), "v=" + b64(
        mac(mac(salted, b"Server Key"), signed)), "the server's proof")
    return c.cmd("")[0]


@tap.test
def scram_from_a_sasldb():
    try:
        root = peer.fetch("sasl2-bin")
    except peer.Missing as why:
        raise Skip(str(why))
    with instance(sasl_pwcheck_method="auxprop", sasl_auxprop_plugin="sasldb",
                  sasl_mech_list="SCRAM-SHA-256", allowplaintext="no",
                  sasl_sasldb_path="{dir}/sasldb2") as engine:
        db = engine.path("sasldb2")
        made = subprocess.run(
            [root + "/usr/sbin/saslpasswd2", "-c", "-p", "-f", db, "-u",
             engine.settings["servername"], "mta"], input=b"secret",
            env=peer.environment(root), capture_output=True)
        if not os.path.exists(db):
            raise Skip("saslpasswd2: %r" % made.stderr)
        engine.own(db)
        c = Lmtp(engine.tcp)
        equal(mechanisms(c), {"SCRAM-SHA-256"}, "mechanisms")
        equal(scram(c, "mta", "wrong"), 535, "wrong password")
        equal(scram(c, "nobody", "wrong"), 535, "unknown user")
        equal(scram(c, "mta", "secret"), 235, "right one")
        deliver(c)


with open(os.path.join(BUILD, "config.h")) as config:
    if "#define HAVE_SASL 1" not in config.read():
        skip_all("built without Cyrus SASL")
tap.main()
