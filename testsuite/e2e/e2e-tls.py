"""TLS: STARTTLS, listeners that begin with it, client certificates, reload."""
import contextlib
import os
import re
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import time

from tamis_test import (TOP, Instance, Lmtp, Skip, Tap, check, equal, free_port, has_sanitizer,
                        message, skip_all, wait_for)
sys.path.insert(0, os.path.join(TOP, "testsuite", "peer"))
import peer
import postfix

tap = Tap()
BOB = "bob@example.test"
if not shutil.which("openssl"):
    skip_all("no openssl(1) to make certificates with")


def make_certificate(engine, name, cn):
    """A self-signed one: its own authority."""
    cert, key = engine.path(name + ".pem"), engine.path(name + ".key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=" + cn, "-keyout", key, "-out", cert],
        check=True, stderr=subprocess.DEVNULL)
    for path in cert, key:
        engine.own(path)
    return cert, key


@contextlib.contextmanager
def instance(*args, listen="inet", **conf):
    engine = Instance({"bob": None})
    try:
        cert, key = make_certificate(engine, "server", "one.example.test")
        make_certificate(engine, "client", "mta.example.test")
        engine.settings.update(allowstarttls="yes", tls_server_cert=cert,
                               tls_server_key=key)
        engine.settings.update(
            (k, v.format(dir=engine.dir)) for k, v in conf.items())
        engine.write_conf()
        engine.start(*args, "-l", "unix:" + engine.unix, "-l",
                     "%s:127.0.0.1:%d" % (listen, engine.port))
        yield engine
    except BaseException as e:
        engine.__exit__(type(e), e, None)
        raise
    engine.__exit__(None, None, None)


def context(engine, client=False):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.load_verify_locations(engine.path("server.pem"))
    if client:
        c.load_cert_chain(engine.path("client.pem"),
                          engine.path("client.key"))
    return c


def starttls(engine, client=False, ctx=None):
    plain = Lmtp(engine.tcp)
    check("STARTTLS" in plain.lhlo[1].split("\n"), "not offered")
    plain.want(220, "STARTTLS")
    return Lmtp((ctx or context(engine, client)).wrap_socket(
        plain.sock), greet=False)




def deliver(c, data=None):
    c.want(250, "LHLO tls.example.org")
    (_, code, text), = c.deliver("s@example.org", [BOB], data or message())
    equal(code, 250, text)
    c.quit()


def received(engine):
    return sorted(engine.box("bob"), key=lambda m: [
        int(n) for n in re.findall(r"/(\d+)\.M(\d+)", m.path)[0]]
    )[-1].bytes.split(b"Received: ")[1].split(b"\n\n")[0]


@tap.test
def starttls_then_a_delivery():
    with instance("-a") as engine:
        c = starttls(engine)
        check(c.sock.version() in ("TLSv1.2", "TLSv1.3"), c.sock.version())
        equal(c.cmd("MAIL FROM:<a@b.c>")[0], 503, "MAIL before LHLO")
        check("STARTTLS" not in c.want(250, "LHLO x")[1], "still offered")
        equal(c.cmd("STARTTLS")[0], 503, "a second one")
        deliver(c)
        check(b" with LMTPS id " in received(engine), received(engine))


@tap.test
def large_messages_and_pipelines():
    big = message(body="0123456789abcdef" * 4 + "\n", x="y") + \
        b"x" * 70 + b"\r\n"
    big += (b"0123456789" * 7 + b"\r\n") * 60000
    with instance("-a") as engine:
        c = starttls(engine)
        deliver(c, big)
        c = starttls(engine)
        one = b"MAIL FROM:<a@b.c>\r\nRCPT TO:<%s>\r\nRSET\r\n" % BOB.encode()
        c.want(250, "LHLO x")
        c.send(one * 3000)
        for _ in range(3000 * 3):
            equal(c.reply()[0], 250, "reply")
        c.quit()
        equal(len(engine.box("bob")), 1, "messages")


@tap.test
def an_octet_at_a_time():
    """A record for each: it is a slow peer, not a broken one."""
    with instance("-a") as engine:
        c = starttls(engine)
        for octet in b"LHLO x\r\nMAIL FROM:<a@b.c>\r\n":
            c.send(bytes([octet]))
        equal(c.reply()[0], 250, "LHLO")
        equal(c.reply()[0], 250, "MAIL")


@tap.test
def what_follows_starttls_is_not_taken_for_encrypted():
    with instance("-a") as engine:
        c = Lmtp(engine.tcp)
        c.send("STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n")
        equal(c.reply()[0], 501, "reply")
        equal(c.sock.recv(100), b"", "the connection ends")
        c = Lmtp(engine.tcp)
        c.want(220, "STARTTLS")
        c.send("MAIL FROM:<evil@example.org>\r\n")
        with contextlib.suppress(ConnectionError):
            got = c.sock.recv(1000)
            check(b"250" not in got and b"503" not in got, got)
        wait_for(lambda: "TLS:" in engine.log(), "a line in the log")


@tap.test
def listeners_that_begin_with_tls():
    with instance("-a", listen="tls:inet", allowstarttls="no") as engine:
        c = Lmtp(context(engine).wrap_socket(
            socket.create_connection(engine.tcp)))
        check("STARTTLS" not in c.lhlo[1], "offered within TLS")
        deliver(c)
        check(b" with LMTPS id " in received(engine), received(engine))
        check("STARTTLS" not in engine.client().lhlo[1], "offered, and off")


@tap.test
def behind_a_proxy_header():
    with instance("-a", listen="proxy:tls:inet") as engine:
        s = socket.create_connection(engine.tcp)
        s.sendall(b"PROXY TCP4 192.0.2.9 10.0.0.1 1234 24\r\n")
        deliver(Lmtp(context(engine).wrap_socket(s)))
        check(b"[192.0.2.9]" in received(engine), received(engine))


@tap.test
def versions_are_limited():
    with instance("-a", tls_versions="tls1_3") as engine:
        ctx = context(engine)
        ctx.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            starttls(engine, ctx=ctx)
        except (ssl.SSLError, ConnectionError):
            pass
        else:
            raise AssertionError("TLS 1.2 was taken")
        equal(starttls(engine).sock.version(), "TLSv1.3", "version")


@tap.test
def a_client_certificate_is_an_authentication():
    with instance(tls_client_ca_file="{dir}/client.pem") as engine:
        c = starttls(engine)
        c.want(250, "LHLO x")
        equal(c.cmd("MAIL FROM:<a@b.c>")[0], 530, "without certificate")
        deliver(starttls(engine, client=True))
        check("name=mta.example.test" in engine.log(), engine.log())
    with instance(tls_client_ca_file="{dir}/client.pem",
                  tls_client_certs="require") as engine:
        try:
            c = starttls(engine)
            c.want(250, "LHLO x")
        except (ssl.SSLError, ConnectionError):
            pass
        else:
            raise AssertionError("no certificate was taken")
        deliver(starttls(engine, client=True))


def served(engine):
    """The certificate, as octets."""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
    with contextlib.closing(starttls(engine, ctx=ctx).sock) as s:
        return s.getpeercert(True)


@tap.test
def a_reload_reads_the_certificate_again_or_keeps_it():
    with instance("-a") as engine:
        first = served(engine)
        make_certificate(engine, "server", "two.example.test")
        engine.proc.send_signal(signal.SIGHUP)
        # for a moment both generations accept
        wait_for(lambda: first not in [served(engine) for _ in range(8)],
                 "the new certificate")
        second = served(engine)
        with open(engine.path("server.pem"), "w") as f:
            f.write("nonsense\n")
        engine.proc.send_signal(signal.SIGHUP)
        wait_for(lambda: "tls_server_cert" in engine.log(), "an error")
        time.sleep(0.5)
        equal(served(engine), second, "certificate")


@tap.test
def idle_connections_are_small():
    n = 200
    with instance("-a") as engine:
        def rss():
            total = 0
            for pid in os.listdir("/proc"):
                with contextlib.suppress(OSError, IndexError):
                    with open("/proc/%s/stat" % pid) as f:
                        parent = f.read().rsplit(")", 1)[1].split()[1]
                    if parent == str(engine.proc.pid):
                        with open("/proc/%s/smaps_rollup" % pid) as f:
                            total += int(re.search(
                                r"Private_Dirty: +(\d+)", f.read()).group(1))
            return total
        starttls(engine).want(250, "LHLO x")
        before = rss()
        idle = [starttls(engine) for _ in range(n)]
        for c in idle:
            c.want(250, "LHLO x")
        each = (rss() - before) / n
        print("# %.1f KiB for each idle connection" % each, flush=True)
        check(has_sanitizer() or each < 64,
              "%.1f KiB" % each)


@tap.test
def postfix_encrypts_what_it_hands_over():
    try:
        peer.fetch("postfix")
    except peer.Missing as why:
        raise Skip(str(why))
    with instance("-a") as engine:
        mta = postfix.Postfix(
            engine.dir, engine.unix, "example.test", free_port(),
            "virtual_transport = lmtp:inet:127.0.0.1:%d\n"
            "lmtp_tls_security_level = encrypt\n"
            "lmtp_tls_CAfile = %s\n"
            % (engine.port, engine.path("server.pem")))
        try:
            with smtplib.SMTP("127.0.0.1", mta.port) as s:
                s.sendmail("s@example.test", [BOB], message())
            wait_for(lambda: engine.count("bob"), "the message")
            check(b" with LMTPS id " in received(engine), received(engine))
        finally:
            mta.stop()


tap.main()
