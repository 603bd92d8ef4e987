"""A next hop for redirects: accepts, defers or refuses as it is told, and
remembers every transaction. Knows SMTP as far as a client needs it."""
import contextlib
import re
import socket
import threading
import time


class Sink:
    """
    answers  {recipient or "*": (step, reply)}; step is "mail", "rcpt",
             "data" (the 354) or "end" (after the dot); "drop" as reply
             closes the connection there without a word, "wait" takes
             three seconds to say the good one
    """

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.mails = []         # (sender, [recipients], bytes)
        self.commands = []
        self.open = []
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(20)
        self.host = "127.0.0.1:%d" % self.sock.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def close(self):
        """Refuse connections, and end those a client keeps open."""
        for conn in self.open:
            with contextlib.suppress(OSError):
                conn.shutdown(socket.SHUT_RDWR)
        self.sock.shutdown(socket.SHUT_RDWR)     # wakes accept
        self.sock.close()

    def run(self):
        while True:
            try:
                conn, _ = self.sock.accept()
            except OSError:
                return
            self.open.append(conn)
            threading.Thread(target=self.serve, args=(conn,),
                             daemon=True).start()

    def serve(self, conn):
        conn.settimeout(30)
        try:
            with conn, conn.makefile("rwb") as f:
                self.talk(f)
        except (OSError, Drop):
            pass

    def say(self, f, step, rcpts, good):
        for who in list(rcpts) + ["*"]:
            at, reply = self.answers.get(who, ("", ""))
            if at == step:
                if reply == "drop":
                    raise Drop
                if reply == "wait":
                    time.sleep(3)
                    break
                f.write(reply.encode() + b"\r\n")
                f.flush()
                return reply[0] in "23"
        f.write(good.encode() + b"\r\n")
        f.flush()
        return True

    def talk(self, f):
        sender, rcpts = None, []
        self.say(f, "greet", [], "220 sink.example.org ESMTP")
        for line in f:
            verb = line.decode("utf-8", "replace").strip()
            self.commands.append(verb)
            word = verb.split(" ")[0].split(":")[0].upper()
            addr = re.search("<(.*?)>", verb)
            if word == "EHLO":
                f.write(b"250-sink.example.org\r\n250-PIPELINING\r\n"
                        b"250-8BITMIME\r\n250 SIZE 100000000\r\n")
            elif word == "MAIL":
                rcpts = []
                if self.say(f, "mail", [], "250 2.1.0 ok"):
                    sender = addr.group(1)
            elif word == "RCPT":
                if self.say(f, "rcpt", [addr.group(1)], "250 2.1.5 ok"):
                    rcpts.append(addr.group(1))
            elif word == "DATA":
                if not rcpts:
                    f.write(b"554 5.5.1 no recipients\r\n")
                elif self.say(f, "data", rcpts, "354 go on"):
                    self.message(f, sender, rcpts)
                rcpts = []
            elif word == "QUIT":
                f.write(b"221 2.0.0 bye\r\n")
                f.flush()
                return
            else:
                f.write(b"250 2.0.0 ok\r\n")
            f.flush()

    def message(self, f, sender, rcpts):
        lines = []
        for line in f:
            if line == b".\r\n":
                if self.say(f, "end", rcpts, "250 2.0.0 queued"):
                    self.mails.append((sender, list(rcpts), b"".join(lines)))
                return
            lines.append(line[1:] if line.startswith(b".") else line)
        raise Drop


class Drop(Exception):
    pass
