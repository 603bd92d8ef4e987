#!/usr/bin/python3
"""The front between peers that vanish and roles that die: at every point,
with queues full, descriptors gone, and while it drains."""
import os
import re
import signal
import socket
import struct
import time

from race import (Crowd, Instance, address, cpu_seconds, limited, new_role,
                  open_files, option, readable, roles, set_nofile,
                  signal_all, stopped)
from tamis_test import (Lmtp, Skip, Tap, check, equal, has_test_hooks,
                        message, stuffed, wait_for)

tap = Tap()
USERS = {"alice": None, "bob": None, "carol": None}
counts = {"cuts": 0}


def still_serves(engine, front):
    # The ends of earlier connections may still be on their way.
    wait_for(lambda: Lmtp(engine.unix, greet=False).reply()[0] == 220,
             "greeting")
    (_, code, text), = engine.deliver([address("carol")], message("after"))
    equal(code, 250, text)
    equal(roles(engine, "front"), [front], "the front")


# --- a peer that vanishes ---------------------------------------------------

def dialogue(user, number):
    data = stuffed(message("cut", X_Number=str(number)))
    return (b"LHLO client.example.org\r\nMAIL FROM:<s@example.org>\r\n"
            b"RCPT TO:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n"
            % (address(user).encode(), address(user).encode())), data


def vanish(sock, how):
    if how == "reset":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
    if how == "half":
        sock.shutdown(socket.SHUT_WR)
        sock.settimeout(20)
        while sock.recv(65536):
            pass
    sock.close()


@tap.test
def a_peer_vanishes_behind_every_octet():
    """Cut behind each octet of the commands, some of the message, and all
    of it, by close, reset and half-close; what was whole is stored once for
    each recipient, the rest never."""
    with Instance(USERS) as engine:
        front, = roles(engine, "front")
        head, data = dialogue("alice", 0)
        points = list(range(0, len(head), option("cuts", 7, 1)))
        points += [len(head), len(head) + 1, len(head) + len(data) // 2,
                   len(head) + len(data) - 3, len(head) + len(data) - 1]
        engine.deliver([address("carol")], message("warm"))
        files = open_files(front)
        whole = 0
        for how in ("close", "reset", "half"):
            for point in points + [None]:
                sock = socket.create_connection(engine.tcp)
                sock.sendall((head + data)[:point])
                whole += point is None and how == "half"
                vanish(sock, how)
                counts["cuts"] += 1
        still_serves(engine, front)
        wait_for(lambda: open_files(front) <= files,
                 "descriptors of the front: %d, were %d"
                 % (open_files(front), files))
        got = len(engine.box("alice"))
        # A reset takes octets with it; a close does not.
        check(2 * whole <= got <= 6 and got % 2 == 0, "%d stored" % got)


@tap.test
def a_peer_vanishes_during_look_ups_and_deliveries():
    with Instance(USERS) as engine:
        front, = roles(engine, "front")
        files = open_files(front)
        head, data = dialogue("alice", 1)
        socks = []
        with stopped(engine, "ask"):
            for how in ("close", "reset", "half") * 5:
                sock = socket.create_connection(engine.tcp)
                sock.sendall(head)
                time.sleep(0.01)
                if how != "half":
                    vanish(sock, how)
                else:
                    sock.shutdown(socket.SHUT_WR)
                    socks.append(sock)
                counts["cuts"] += 1
            time.sleep(0.3)
        for sock in socks:
            with Lmtp(sock, greet=False) as c:
                equal([c.reply()[0] for _ in range(2)], [220, 250], "begin")
                equal([c.reply()[0] for _ in range(4)],
                      [250, 250, 250, 354], "replies after half-close")
                equal(sock.recv(10), b"", "and then the end")
        for how in ("close", "reset", "half"):
            with Lmtp(engine.tcp) as c:
                c.envelope("s@example.org", [address("bob")] * 3)
                c.want(354, "DATA")
                with stopped(engine, "worker"):
                    c.send(data)
                    time.sleep(0.2)
                    if how == "half":
                        c.sock.shutdown(socket.SHUT_WR)
                    else:
                        vanish(c.sock, how)
                    counts["cuts"] += 1
                    time.sleep(0.2)
                if how == "half":
                    equal([c.reply()[0] for _ in range(3)], [250] * 3,
                          "replies after half-close")
                    equal(c.sock.recv(10), b"", "and then the end")
        still_serves(engine, front)
        wait_for(lambda: len(engine.box("bob")) >= 9, "9 messages of bob")
        equal(len(engine.box("bob")), 9, "messages of bob")
        wait_for(lambda: open_files(front) <= files, "descriptors are back")


@tap.test
def half_closed_and_slow_to_read():
    """Everything is sent, then half-closed, and read only when the front
    can send no more: each of the replies comes."""
    with Instance(USERS) as engine:
        rcpts = [address("alice+" + "x" * 60 + "%d" % i) for i in range(400)]
        head = "MAIL FROM:<s@example.org>\r\n" + "".join(
            "RCPT TO:<%s>\r\n" % r for r in rcpts) + "DATA\r\n"
        rounds = 6
        with engine.client(unix=True, timeout=30) as c:
            c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

            def send():
                for _ in range(rounds):
                    c.send(head.encode() + stuffed(message("many")))
                c.sock.shutdown(socket.SHUT_WR)
            crowd = Crowd()
            crowd.start(send)
            time.sleep(2)
            codes = []
            for _ in range(rounds):
                equal(c.reply()[0], 250, "MAIL")
                codes += [c.reply()[0] for _ in range(400)]
                equal(c.reply()[0], 354, "DATA")
                codes += [c.reply()[0] for _ in range(400)]
                time.sleep(0.1)
            crowd.join()
            equal(set(codes), {250}, "replies")
            equal(len(codes), rounds * 800, "replies")
            equal(c.sock.recv(10), b"", "and then the end")
        stored = sum(engine.count("alice").values())
        equal(stored, rounds * 400, "stored")


# --- roles that die -----------------------------------------------------------

@tap.test
def look_ups_survive_the_end_of_ask():
    with Instance(USERS) as engine:
        front, = roles(engine, "front")
        clients = [engine.client() for _ in range(8)]
        for c in clients:
            c.want(250, "MAIL FROM:<s@example.org>")
        with stopped(engine, "ask") as old:
            for c in clients:
                c.send("RCPT TO:<%s>\r\n" % address("alice") * 3)
            time.sleep(0.3)
            signal_all(old, signal.SIGKILL)
            for c in clients:
                equal([c.reply()[0] for _ in range(3)], [250] * 3, "RCPT")
        new_role(engine, "ask", old)
        for c in clients:
            c.sock.close()
        still_serves(engine, front)


@tap.test
def deliveries_survive_the_end_of_workers():
    with Instance(USERS, {"lmtp_workers": "2"}) as engine:
        front, = roles(engine, "front")
        with engine.client() as c:
            c.envelope("s@example.org", [address(u) for u in USERS])
            c.want(354, "DATA")
            with stopped(engine, "worker") as old:
                c.send(stuffed(message("twice")))
                time.sleep(0.3)
                signal_all(old, signal.SIGKILL)
                equal([c.reply()[0] for _ in USERS], [250] * 3, "replies")
        for user in USERS:
            equal(len(engine.box(user)), 1, "messages of " + user)
        still_serves(engine, front)


@tap.test
def a_hand_over_survives_the_end_of_out():
    script = 'redirect "away@example.net";\n'
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(8)
        with Instance({**USERS, "dave": script}, {
                "lmtp_workers": "2",
                "smtp_host": "127.0.0.1:%d" % deaf.getsockname()[1],
        }) as engine:
            front, = roles(engine, "front")
            for _ in range(3):
                with engine.client() as c:
                    c.envelope("s@example.org", [address("dave")])
                    c.want(354, "DATA")
                    c.send(stuffed(message("away")))
                    peer = deaf.accept()[0]     # it waits for a greeting
                    signal_all(roles(engine, "out"), signal.SIGKILL)
                    code, text = c.reply()
                    equal(code // 100, 4, text)
                    peer.close()
                wait_for(lambda: roles(engine, "out"), "a new out")
                still_serves(engine, front)


@tap.test
def the_deadline_passes_with_several_recipients_open():
    """Each gets its 451, in order, and the session goes on with what was
    pipelined behind."""
    with Instance(USERS, {"lmtp_delivery_timeout": "2s",
                          "lmtp_workers": "8"}) as engine:
        front, = roles(engine, "front")
        rcpts = [address(u) for u in USERS] * 3
        with engine.client() as c:
            c.envelope("s@example.org", rcpts)
            c.want(354, "DATA")
            # No worker goes on, and no other takes its place.
            signal_all([engine.proc.pid], signal.SIGSTOP)
            try:
                with stopped(engine, "worker"):
                    c.send(stuffed(message("late")) + b"NOOP\r\n")
                    got = [c.reply()[0] for _ in rcpts]
            finally:
                signal_all([engine.proc.pid], signal.SIGCONT)
            time.sleep(0.5)
            equal(got, [451] * len(rcpts), "replies")
            equal(c.reply()[0], 250, "NOOP behind them")
            check(not readable(c.sock, 1), "more replies than recipients")
            c.quit()
        # Who was told 451 has no copy either: no run began behind it.
        equal([engine.count(u) for u in USERS], [{}, {}, {}], "stored")
        still_serves(engine, front)


@tap.test
def a_recipient_that_takes_three_workers_with_it():
    """451 for it, 250 for the other, and then the transaction that was
    pipelined behind."""
    if not has_test_hooks():
        raise Skip("not built with --enable-test-hooks")
    with Instance(USERS, {"lmtp_workers": "1"}) as engine:
        front, = roles(engine, "front")
        slow = message("poison", X_Tamis_Test="slow alice 3000")
        with engine.client() as c:
            c.envelope("s@example.org", [address("alice"), address("bob")])
            c.want(354, "DATA")
            c.send(stuffed(slow) + b"MAIL FROM:<t@example.org>\r\n"
                   b"RCPT TO:<carol@example.test>\r\nDATA\r\n"
                   + stuffed(message("behind")))
            seen = set()
            for _ in range(3):
                worker = new_role(engine, "worker", seen)
                time.sleep(0.6)
                os.kill(worker, signal.SIGKILL)
                seen.add(worker)
            equal([c.reply()[0] for _ in range(6)],
                  [451, 250, 250, 250, 354, 250], "replies")
        equal(len(engine.box("alice")), 0, "messages of alice")
        equal(len(engine.box("bob")), 1, "messages of bob")
        equal(len(engine.box("carol")), 1, "messages of carol")
        still_serves(engine, front)


# --- queues and limits ----------------------------------------------------------

@tap.test
def records_larger_than_the_socket_buffers():
    """1 000 recipients with long addresses: look-ups and transaction are
    several times what a socket holds; asked and sent to roles that stand
    still, with and without a descriptor."""
    with Instance(USERS, {"anysievefolder": "no"}) as engine:
        front, = roles(engine, "front")
        long = ["alice+%d%s" % (i, "y" * 50) for i in range(1000)]
        for body in ("short\n", "long line of the message\n" * 8000):
            with engine.client(timeout=120) as c:
                c.want(250, "MAIL FROM:<s@example.org>")
                with stopped(engine, "ask"):
                    c.send("".join("RCPT TO:<%s@%s.example.test>\r\n"
                                   % (r, "d" * 60) for r in long))
                    time.sleep(0.3)
                equal({c.reply()[0] for _ in long}, {250}, "RCPT")
                c.want(354, "DATA")
                with stopped(engine, "worker"):
                    c.send(stuffed(message("large", body)))
                    time.sleep(0.3)
                equal({c.reply()[0] for _ in long}, {250}, "replies")
        equal(sum(engine.count("alice").values()), 2000, "stored")
        still_serves(engine, front)


@tap.test
def more_connections_than_allowed():
    with Instance(USERS, {"lmtp_max_connections": "20"}) as engine:
        front, = roles(engine, "front")
        clients = [Lmtp(engine.tcp, greet=False, timeout=10)
                   for _ in range(35)]
        equal([c.reply()[0] for c in clients], [220] * 20 + [421] * 15,
              "greetings")
        for c in clients[20:]:
            equal(c.sock.recv(10), b"", "closed behind 421")
        for c in clients:
            c.sock.close()
        still_serves(engine, front)


@tap.test
def fewer_descriptors_than_connections():
    """Said at start, and 421 instead of a connection nobody accepts; the
    spool files of those that are served always have one."""
    engine = Instance(USERS, {"lmtp_workers": "2"})
    limited(engine, 100)
    with engine:
        check("limit of open files" in engine.log(), "no warning")
        front, = roles(engine, "front")
        clients = [Lmtp(engine.tcp, greet=False, timeout=10)
                   for _ in range(70)]
        codes = [c.reply()[0] for c in clients]
        served = [c for c, code in zip(clients, codes) if code == 220]
        equal(set(codes), {220, 421}, "greetings")
        big = stuffed(message("big", "line of a large message\n" * 4000))
        for c in served:
            c.cmd("LHLO me")
            c.envelope("s@example.org", [address("alice")])
            c.want(354, "DATA")
            c.send(big[:80000])
        for c in served:
            c.send(big[80000:])
        equal({c.reply()[0] for c in served}, {250}, "replies")
        equal(len(engine.box("alice")), len(served), "messages")
        for c in clients:
            c.sock.close()
        still_serves(engine, front)


@tap.test
def no_descriptor_to_accept_with():
    """The limit falls below what is open: nobody is accepted, nothing is
    burnt, the open sessions go on; and it heals."""
    with Instance(USERS) as engine:
        front, = roles(engine, "front")
        with engine.client() as c:
            had = set_nofile(engine, front, 10)
            if had is None:
                raise Skip("may not change the limits of another process")
            before = cpu_seconds(engine)
            late = Lmtp(engine.tcp, greet=False, timeout=20)
            time.sleep(2)
            check(not readable(late.sock, 0), "greeted without descriptor")
            check(cpu_seconds(engine) - before < 0.3, "busy: %.2f CPU s"
                  % (cpu_seconds(engine) - before))
            (_, code, text), = c.deliver("s@example.org", [address("bob")],
                                         message("open"))
            equal(code, 250, text)
            set_nofile(engine, front, had)
            equal(late.reply()[0], 220, "greeting at last")
            late.sock.close()
        check(re.search("accept on .*: Too many open files", engine.log()),
              "the log says why")
        still_serves(engine, front)


# --- drain --------------------------------------------------------------------

@tap.test
def drain_while_delivering():
    """SIGTERM with transactions in the hands of workers, some of them half
    sent, one peer that never pauses: 250 means stored, 421 at the next
    moment, and all is over soon."""
    engine = Instance(USERS)
    with engine:
        acked = []

        def busy(n):
            with engine.client() as c:
                while True:
                    try:
                        code, _ = c.cmd("MAIL FROM:<s@example.org>")
                        if code == 421:
                            return
                        equal(code, 250, "MAIL")
                        c.want(250, "RCPT TO:<%s>" % address("alice"))
                        c.want(354, "DATA")
                        c.send(stuffed(message("busy")))
                        equal(c.reply()[0], 250, "reply")
                        acked.append(n)
                    except (ConnectionError, BrokenPipeError):
                        return
        crowd = Crowd()
        for n in range(6):
            crowd.start(busy, n)
        waiting = engine.client()
        waiting.envelope("s@example.org", [address("bob")] * 2)
        waiting.want(354, "DATA")
        time.sleep(0.5)
        pids = roles(engine, "worker")
        signal_all(pids, signal.SIGSTOP)
        waiting.send(stuffed(message("stopped")))
        time.sleep(0.2)
        engine.proc.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        signal_all(pids, signal.SIGCONT)
        start = time.monotonic()
        equal([waiting.reply()[0] for _ in range(3)], [250, 250, 421],
              "replies while draining")
        equal(engine.proc.wait(20), 0, "exit status")
        crowd.join(10)
        took = time.monotonic() - start
        check(took < 5, "drained in %.1f s" % took)
        equal(len(engine.box("bob")), 2, "messages of bob")
        check(len(acked) > 6, "%d deliveries: too few" % len(acked))
        check(len(engine.box("alice")) >= len(acked), "%d stored of %d"
              % (len(engine.box("alice")), len(acked)))


try:
    tap.main()
finally:
    print("# peers that vanished %(cuts)d" % counts)
