"""lmtpd -H: the PROXY protocol, by hand and by a real HAProxy."""
import contextlib
import os
import re
import socket
import struct
import sys
import time

from tamis_test import (TOP, Instance, Lmtp, Skip, Tap, check, equal,
                        free_port, message, wait_for)

sys.path.insert(0, os.path.join(TOP, "testsuite", "peer"))
import peer

tap = Tap()
BOB = "bob@example.test"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 192.0.2.9 10.0.0.1 1234 24\r\n"


def v2(command=1, family=0x11, addresses=None, tlv=b""):
    if addresses is None:
        addresses = socket.inet_aton("192.0.2.9") + socket.inet_aton(
            "10.0.0.1") + struct.pack(">HH", 1234, 24)
    rest = addresses + tlv
    return SIGNATURE + struct.pack(">BBH", 0x20 | command, family,
                                   len(rest)) + rest


LOCAL = v2(command=0, family=0, addresses=b"")
NOOP_TLV = struct.pack(">BH", 4, 3) + b"xyz"


@contextlib.contextmanager
def instance(*args, conf=None, prefix=""):
    engine = Instance({"bob": None}, conf)
    try:
        engine.start(*args, "-l", "unix:" + engine.unix, "-l",
                     "%sinet:127.0.0.1:%d" % (prefix, engine.port))
        yield engine
    except BaseException as e:
        engine.__exit__(type(e), e, None)
        raise
    engine.__exit__(None)


def connect(where):
    sock = socket.socket(socket.AF_UNIX if isinstance(where, str)
                         else socket.AF_INET)
    sock.connect(where)
    return sock


def session(where, *pieces, pause=0.0):
    """A session behind a header that comes in pieces."""
    sock = connect(where)
    for piece in pieces:
        sock.sendall(piece)
        time.sleep(pause)
    return Lmtp(sock)


def received(engine):
    """What the newest message says of its peer."""
    newest = max(engine.box("bob"), key=lambda m: [
        int(n) for n in re.findall(r"/(\d+)\.M(\d+)", m.path)[0]])
    return newest.bytes.split(b"Received: ")[1].split(b"\n\n")[0]


def deliver(c):
    (_, code, text), = c.deliver("s@example.org", [BOB], message())
    equal(code, 250, text)
    c.quit()


@tap.test
def each_connection_says_for_whom_it_comes():
    with instance("-aH") as engine:
        for n in range(3):
            for header in (V1, v2(), v2(tlv=NOOP_TLV),
                           v2(tlv=b"\xee\xff\x00" + bytes(0xff00))):
                deliver(session(engine.tcp, header))
                check(b"[192.0.2.9]" in received(engine), received(engine))
        deliver(session(engine.tcp, b"PROXY TCP6 2001:db8::7 ::1 1 2\r\n"))
        check(b"[IPv6:2001:db8::7]" in received(engine), received(engine))
        for header in LOCAL, b"PROXY UNKNOWN\r\n":
            deliver(session(engine.tcp, header))
            check(b"[127.0.0.1]" in received(engine), received(engine))
        equal(len(engine.box("bob")), 15, "messages")


@tap.test
def headers_come_in_pieces_and_with_commands_behind():
    with instance("-aH") as engine:
        for header in V1, v2(tlv=NOOP_TLV):
            deliver(session(engine.tcp, *(
                bytes([c]) for c in header), pause=0.01))
            for n in (1, 5, 12, 13, 15, 16, 20, len(header) - 1):
                c = session(engine.tcp, header[:n], header[n:], pause=0.02)
                c.quit()
            # The greeting is not waited for.
            c = Lmtp(connect(engine.tcp), greet=False)
            c.send(header + b"NOOP\r\nQUIT\r\n")
            equal([c.reply()[0] for _ in range(3)], [220, 250, 221],
                  "replies")
            c.sock.close()


@tap.test
def a_client_of_the_network_is_not_trusted_for_the_way_it_came():
    with instance("-H") as engine:
        for where, header, code in (
                (engine.tcp, v2(), 530), (engine.tcp, LOCAL, 530),
                (engine.unix, V1, 530), (engine.unix, v2(), 530),
                (engine.unix, LOCAL, 250),
                (engine.unix, v2(family=0x31, addresses=bytes(216)), 250)):
            c = session(where, header)
            equal(c.cmd("MAIL FROM:<s@example.org>")[0], code,
                  "%r %r" % (where, header[:20]))
            c.sock.close()


@tap.test
def what_is_no_header_is_sent_away():
    with instance("-aH") as engine:
        silent = connect(engine.tcp)
        begin = time.monotonic()
        for octets in (b"LHLO me.example.org\r\n", b"PROXY TCP4 x y 1 2\r\n",
                       SIGNATURE + b"\x11\x11\0\0", b"P" * 200, b"\n"):
            c = Lmtp(connect(engine.tcp), greet=False)
            c.send(octets)
            equal(c.reply()[0], 421, repr(octets))
            try:
                equal(c.sock.recv(100), b"", "the end")
            except ConnectionResetError:
                pass        # there was more than we looked at
        for c in V1[:8]:
            time.sleep(0.5)     # an octet now and then does not help
            silent.sendall(bytes([c]))
        silent.settimeout(10)
        check(silent.recv(100).startswith(b"421 4.3.2"), "time-out")
        check(9 < time.monotonic() - begin < 13, "%.1f s" % (
            time.monotonic() - begin))
        deliver(session(engine.tcp, V1))


@tap.test
def only_trusted_networks_may_say_it():
    with instance("-aH", conf={"lmtp_proxy_networks":
                               "192.0.2.0/24 ::1"}) as engine:
        c = Lmtp(connect(engine.tcp), greet=False)
        equal(c.reply(), (421, "4.7.0 not a trusted proxy"), "greeting")
        deliver(session(engine.unix, V1))
        check("[127.0.0.1] is not in lmtp_proxy_networks" in engine.log(),
              engine.log())
    engine = Instance({"bob": None}, {"lmtp_proxy_networks": "10.0.0/8"})
    proc = engine.start("-H", "-l", "unix:" + engine.unix, wait=False)
    wait_for(lambda: "10.0.0/8 is no network" in engine.log(), "the reason")
    check(proc.poll() is None or proc.returncode != 0, "exit status")
    proc.terminate()
    proc.wait(35)
    engine.__exit__(None)


@tap.test
def one_listener_of_two():
    with instance("-a", prefix="proxy:") as engine:
        deliver(session(engine.tcp, V1))
        check(b"[192.0.2.9]" in received(engine), received(engine))
        deliver(Lmtp(engine.unix, greet=True))


@tap.test
def checks_are_quiet_and_do_not_count():
    """Who connects and goes, or goes within the header."""
    with instance("-aH", "-U3") as engine:
        for octets in (b"", b"PROXY", SIGNATURE) * 5:
            sock = connect(engine.tcp)
            sock.sendall(octets)
            sock.close()
        time.sleep(0.3)
        for _ in range(2):
            deliver(session(engine.tcp, V1))
        for word in ("warning", "error"):
            check(": %s:" % word not in engine.log(), engine.log())


@tap.test
def a_drain_ends_those_whose_header_is_open():
    with instance("-aH") as engine:
        waiting = [connect(engine.tcp) for _ in range(20)]
        for sock in waiting[::2]:
            sock.sendall(V1[:10])
        time.sleep(0.3)
        begin = time.monotonic()
        engine.stop()
        check(time.monotonic() - begin < 5, "the drain took long")
        for sock in waiting:
            sock.settimeout(10)
            with contextlib.suppress(ConnectionResetError):
                check(sock.recv(100).startswith(b"421"), "421")
        engine.start("-aH", "-l", "inet:127.0.0.1:%d" % engine.port)


HAPROXY = """
global
  maxconn 200
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend one
  bind 127.0.0.1:%(one)d
  default_backend v1
frontend two
  bind 127.0.0.1:%(two)d
  default_backend v2
backend v1
  server lmtp 127.0.0.1:%(port)d send-proxy check inter 200ms
backend v2
  server lmtp 127.0.0.1:%(port)d send-proxy-v2 check inter 200ms \
proxy-v2-options ssl,crc32c,unique-id
"""


@tap.test
def a_real_haproxy():
    try:
        root = peer.fetch("haproxy")
    except peer.Missing as why:
        raise Skip(str(why))
    with instance("-aH") as engine:
        ports = {"one": free_port(), "two": free_port(),
                 "port": engine.port}
        with open(engine.path("haproxy.cfg"), "w") as f:
            f.write(HAPROXY % ports)
        server = peer.Server(
            "HAProxy", [root + "/usr/sbin/haproxy", "-db", "-f",
                        engine.path("haproxy.cfg")],
            peer.environment(root), engine.path("haproxy.log"))

        def greets(port):
            with contextlib.suppress(OSError, AssertionError):
                with Lmtp(("127.0.0.1", port), timeout=5):
                    return True
            return False
        try:
            server.wait_for(lambda: greets(ports["one"]))
            for port in (ports["one"], ports["two"]) * 3:
                sock = socket.socket()
                sock.bind(("127.0.0.77", 0))
                sock.connect(("127.0.0.1", port))
                deliver(Lmtp(sock))
                check(b"[127.0.0.77]" in received(engine), received(engine))
            time.sleep(1)       # some checks
        finally:
            server.stop()
        equal(len(engine.box("bob")), 6, "messages")
        for word in ("warning", "error"):
            check(": %s:" % word not in engine.log(), engine.log())


tap.main()
