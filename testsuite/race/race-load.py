#!/usr/bin/python3
"""Many at once: a storm of connections, what an idle one costs, and a next
hop for redirects that never answers."""
import resource
import selectors
import socket
import statistics
import threading
import time

from race import Crowd, Instance, address, option, roles
import passing
from tamis_test import Lmtp, Tap, check, equal, message, stuffed

tap = Tap()
STORM = option("connections", 2000, 2000)
IDLE = 1000
IDLE_MAX = 32 * 1024        # octets for each, beyond the base
PAIRS = option("pairs", 5, 15)
# The bar is 0.9, on a machine that has nothing else to do: --long. The gate
# runs beside other work and only sees a collapse.
KEPT = option("kept", 0.5, 0.9)

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE,
                   (min(hard, 65536) if hard > 0 else 65536, hard))


def pss(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        for line in f:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no Pss")


class Storm:
    """All connections in one thread: a fixed dialogue each, pipelined."""

    def __init__(self, engine, n):
        self.sel = selectors.DefaultSelector()
        self.left = n
        self.waits = []
        self.bad = []
        data = stuffed(message("storm"))
        talk = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<%s>\r\nDATA\r\n"
        for i in range(n):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(engine.unix)
            sock.setblocking(False)
            user = address("u%d" % (i % 50))
            self.sel.register(sock, selectors.EVENT_READ, {
                "have": b"", "start": time.monotonic(), "at": 0,
                "say": [b"LHLO storm\r\n", talk % user.encode(), data,
                        b"QUIT\r\n"],
                "want": [b"220", b"250", b"354", b"250", b"221"]})

    def run(self, seconds):
        end = time.monotonic() + seconds
        while self.left and time.monotonic() < end:
            for key, _ in self.sel.select(1):
                self.step(key.fileobj, key.data)

    def step(self, sock, c):
        got = sock.recv(65536)
        c["have"] += got
        while b"\r\n" in c["have"]:
            line, c["have"] = c["have"].split(b"\r\n", 1)
            if line[3:4] == b"-":
                continue
            if c["at"] == 2 and line.startswith(b"250"):
                continue        # MAIL and RCPT, before 354
            self.reply(sock, c, line)
        if not got:
            self.done(sock, c, c["at"] == len(c["want"]))

    def reply(self, sock, c, line):
        if not line.startswith(c["want"][c["at"]]):
            self.bad.append(line)
            return self.done(sock, c, False)
        if c["at"] < len(c["say"]):
            sock.setblocking(True)
            sock.sendall(c["say"][c["at"]])
            sock.setblocking(False)
        c["at"] += 1
        return None

    def done(self, sock, c, ok):
        if "over" in c:
            return
        c["over"] = True
        self.sel.unregister(sock)
        sock.close()
        self.left -= 1
        self.waits.append(time.monotonic() - c["start"])
        if not ok:
            self.bad.append(b"closed at %d" % c["at"])


@tap.test
def two_thousand_connections_on_four_workers():
    users = {"u%d" % i: None for i in range(50)}
    with Instance(users, {"lmtp_workers": "4"}) as engine:
        start = time.monotonic()
        storm = Storm(engine, STORM)
        storm.run(120)
        equal(storm.left, 0, "connections without an end")
        equal(storm.bad[:5], [], "wrong replies")
        stored = sum(sum(engine.count(u).values()) for u in users)
        equal(stored, STORM, "messages stored")
        print("# %d connections at once on 4 workers: all served in %.1f s, "
              "longest %.1f s" % (STORM, time.monotonic() - start,
                                  max(storm.waits)))


@tap.test
def those_who_came_before_the_start_are_served():
    """They wait in the queue of the socket that a service manager holds."""
    users = {"u%d" % i: None for i in range(50)}
    engine = Instance(users, {"lmtp_workers": "4"})
    manager = passing.Systemd(engine.dir)
    door = passing.listening(engine.unix, 1024)
    try:
        with open("/proc/sys/net/core/somaxconn") as f:
            n = min(1000, int(f.read()) - 24)
        storm = Storm(engine, n)
        start = time.monotonic()
        manager.start(engine, [door])
        storm.run(120)
        equal((storm.left, storm.bad[:5]), (0, []), "not served")
        print("# %d waited for the start, all served %.1f s after it"
              % (n, time.monotonic() - start))
    finally:
        door.close()
        manager.close()
        engine.__exit__(None)


@tap.test
def idle_connections_are_cheap():
    with Instance({"alice": None}) as engine:
        front, = roles(engine, "front")
        with Lmtp(engine.unix) as c:
            c.deliver("a@example.org", [address("alice")], message())
        base = pss(front)
        held = [Lmtp(engine.unix) for _ in range(IDLE)]
        for c in held[:100]:    # also those that were in use
            c.deliver("a@example.org", [address("alice")], message())
        time.sleep(0.2)
        each = (pss(front) - base) / IDLE
        for c in held:
            c.sock.close()
        print("# base %d KiB, %d idle connections, %.1f KiB each" % (
            base // 1024, IDLE, each / 1024))
        check(each < IDLE_MAX, "%d octets for an idle connection" % each)


def rate(engine, seconds=1.0, clients=4):
    """Plain deliveries a second."""
    done = []
    end = time.monotonic() + seconds

    def client(i):
        with Lmtp(engine.unix) as c:
            while time.monotonic() < end:
                got = c.deliver("a@example.org", [address("p%d" % i)],
                                message())
                equal(got[0][1], 250, "reply")
                done.append(1)

    crowd = Crowd()
    for i in range(clients):
        crowd.start(client, i)
    crowd.join()
    return len(done) / seconds


class Silent:
    """A next hop that accepts connections and never says a word."""

    def __init__(self):
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(64)
        self.host = "127.0.0.1:%d" % self.sock.getsockname()[1]
        self.held = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                self.held.append(self.sock.accept()[0])
            except OSError:
                return

    def close(self):
        self.sock.close()
        for s in self.held:
            s.close()


@tap.test
def next_hop_that_never_answers_leaves_plain_delivery_alone():
    hop = Silent()
    users = {"p%d" % i: None for i in range(4)}
    users["fwd"] = 'redirect "out@example.net";\n'
    with Instance(users, {"smtp_host": hop.host,
                          "smtp_timeout": "3s"}) as engine:
        rate(engine, 0.5)
        ratios = []
        for _ in range(PAIRS):
            plain = rate(engine)
            waiting = [Lmtp(engine.unix) for _ in range(8)]
            for c in waiting:
                c.envelope("a@example.org", [address("fwd")])
                c.want(354, "DATA")
                c.send(stuffed(message("to the silent one")))
            time.sleep(0.2)
            ratios.append(rate(engine) / plain)
            codes = [c.reply()[0] // 100 for c in waiting]
            equal(set(codes), {4}, "replies of the redirects")
            for c in waiting:
                c.sock.close()
        middle = statistics.median(ratios)
        print("# plain delivery beside 8 redirects to a silent hop: %.2f of "
              "its rate (median of %d pairs, %.2f to %.2f)" % (
                  middle, PAIRS, min(ratios), max(ratios)))
        check(middle > KEPT, "plain delivery falls to %.2f" % middle)
    hop.close()


tap.main()
