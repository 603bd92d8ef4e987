#!/usr/bin/python3
"""Silent and slow peers cost memory, never a delivery; and they go when
lmtp_timeout is over."""
import selectors
import socket
import time

from race import Crowd, Instance, address, option, roles
from tamis_test import Tap, check, equal, message, wait_for

tap = Tap()
SILENT, SLOW, HONEST = 300, 200, 8
SECONDS = option("seconds", 5, 60)
LIMIT = 2.0         # seconds an honest client may wait

# Where the silent ones fall silent, and the slow ones become slow.
POINTS = [
    b"",
    b"LHLO slow.example.org\r\n",
    b"LHLO slow.example.org\r\nMAIL FROM:<s@example.org>\r\n"
    b"RCPT TO:<alice@example.test>\r\n",
    b"LHLO slow.example.org\r\nMAIL FROM:<s@example.org>\r\n"
    b"RCPT TO:<alice@example.test>\r\nDATA\r\n",
]
DRIP = [b"LHLO a.name.of.many.octets.example.org", b"MAIL FROM:<" + b"x" * 99,
        b"RCPT TO:<" + b"y" * 99, b"Subject: " + b"z" * 999]


class Dripping:
    """Peers that send an octet each second, all in one thread."""

    def __init__(self, engine, n, per_second=1):
        self.pause = 1 / per_second
        self.peers = []
        self.closed = []
        for i in range(n):
            at = i % len(POINTS)
            self.peers.append((open_at(engine, at), iter(DRIP[at])))
        self.ended = False
        self.crowd = Crowd()
        self.crowd.start(self.run)

    def run(self):
        while not self.ended:
            time.sleep(self.pause)
            for sock, octets in self.peers:
                octet = next(octets, None)
                if octet is not None:
                    try:
                        sock.send(bytes([octet]))
                    except OSError:
                        pass

    def end(self):
        self.ended = True
        self.crowd.join(10)


def open_at(engine, at):
    sock = socket.create_connection(engine.tcp)
    sock.sendall(POINTS[at])
    return sock


def honest(engine, waits):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        start = time.monotonic()
        with engine.client(unix=False) as c:
            for _ in range(10):
                (_, code, text), = c.deliver(
                    "s@example.org", [address("bob")], message("honest"))
                equal(code, 250, text)
                now = time.monotonic()
                waits.append(now - start)
                start = now
            c.quit()
            time.sleep(0.05)


@tap.test
def honest_clients_among_slow_ones():
    with Instance({"alice": None, "bob": None}) as engine:
        silent = [open_at(engine, i % len(POINTS)) for i in range(SILENT)]
        slow = Dripping(engine, SLOW)
        crowd, waits = Crowd(), []
        for _ in range(HONEST):
            crowd.start(honest, engine, waits)
        crowd.join()
        slow.end()
        equal(len(engine.box("bob")), len(waits), "messages")
        check(len(waits) >= 20 * HONEST, "%d deliveries" % len(waits))
        print("# %d honest deliveries among %d silent and %d slow peers, "
              "longest wait %.3f s, errors 0"
              % (len(waits), SILENT, SLOW, max(waits)))
        check(max(waits) < LIMIT, "longest wait %.2f s" % max(waits))
        for sock in silent + [s for s, _ in slow.peers]:
            sock.close()


@tap.test
def peers_that_do_not_read():
    """Replies nobody takes stop the reading, not the others; and no memory
    is eaten by them."""
    with Instance({"alice": None, "bob": None}) as engine:
        deaf = []
        for _ in range(20):
            sock = socket.create_connection(engine.tcp)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.setblocking(False)
            deaf.append(sock)
        noise = b"NOOP\r\n" * 20000
        end = time.monotonic() + 2
        sent = 0
        while time.monotonic() < end:
            for sock in deaf:
                try:
                    sent += sock.send(noise)
                except BlockingIOError:
                    time.sleep(0.001)
        waits = []
        for _ in range(20):
            start = time.monotonic()
            engine.deliver([address("bob")], message("between"))
            waits.append(time.monotonic() - start)
        with open("/proc/%d/status" % roles(engine, "front")[0]) as f:
            rss = int(f.read().partition("VmRSS:")[2].split()[0])
        print("# 20 deaf peers, %d KiB sent, front holds %d KiB, longest "
              "wait %.3f s" % (sent >> 10, rss, max(waits)))
        check(max(waits) < LIMIT, "longest wait %.2f s" % max(waits))
        # 20 x (input 256 KiB + output 64 KiB and some) and itself
        check(rss < 64 << 10, "the front holds %d KiB" % rss)
        for sock in deaf:
            sock.close()


def read_to_end(socks, seconds):
    """{what each socket said before its end, without replies of success:
    count}; b"" is no word, None is still open."""
    selector = selectors.DefaultSelector()
    said = {s: b"" for s in socks}
    left = set(socks)
    for s in socks:
        s.setblocking(False)
        selector.register(s, selectors.EVENT_READ)
    end = time.monotonic() + seconds
    while left and time.monotonic() < end:
        for key, _ in selector.select(0.2):
            try:
                got = key.fileobj.recv(65536)
            except ConnectionError:
                got = b""
            said[key.fileobj] += got
            if not got:
                left.discard(key.fileobj)
                selector.unregister(key.fileobj)
    totals = {}
    for s in socks:
        last = said[s].rstrip(b"\r\n").split(b"\n")[-1][:9].decode()
        last = "open" if s in left else last
        totals[last] = totals.get(last, 0) + 1
    return totals


@tap.test
def silent_and_slow_peers_get_421():
    with Instance({"alice": None, "bob": None},
                  {"lmtp_timeout": "2s"}) as engine:
        silent = [open_at(engine, i % len(POINTS)) for i in range(SILENT)]
        slow = Dripping(engine, SLOW, per_second=5)
        start = time.monotonic()
        got = read_to_end(silent + [s for s, _ in slow.peers], 12)
        took = time.monotonic() - start
        slow.end()
        equal(got, {"421 4.4.2": SILENT + SLOW}, "last words")
        print("# %d peers told 421 after %.1f s" % (SILENT + SLOW, took))
        # An honest one, slower than the limit altogether, is not cut.
        with engine.client(unix=False) as c:
            for _ in range(4):
                time.sleep(1)
                c.want(250, "NOOP")
            c.envelope("s@example.org", [address("bob")])
            c.want(354, "DATA")
            for _ in range(4):
                time.sleep(1)
                c.send(b"0123456789abcdef" * 63 + b"0123456789abcd\r\n")
            c.send(b".\r\n")
            equal(c.reply()[0], 250, "reply")
        wait_for(lambda: len(engine.box("bob")) == 1, "the message")


tap.main()
