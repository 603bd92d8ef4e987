"""A private Cyrus master(8) that runs our lmtpd as its service, and the
syslog both write to."""
import os
import re
import socket
import threading

import peer

SEVERITY = "emerg alert crit err warning notice info debug".split()

# A /dev of its own: syslog(3) knows no other place than /dev/log. Without a
# second argument there is none.
DEV = """
set -e
dev=$1; log=$2; shift 2
mount -t tmpfs tmpfs "$dev"
for n in null zero random urandom; do
	touch "$dev/$n"; mount --bind "/dev/$n" "$dev/$n"
done
[ -z "$log" ] || { touch "$dev/log"; mount --bind "$log" "$dev/log"; }
mount --rbind "$dev" /dev
exec "$@"
"""


class Syslog:
    """Lines of (severity, program, pid, text)."""

    LINE = re.compile(r"<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d (\S+?)"
                      r"\[(\d+)\]: (.*)", re.S)

    def __init__(self, path):
        self.lines = []
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind(path)
        os.chmod(path, 0o666)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            got = self.sock.recv(8192)
            if got == b"end":
                return
            m = self.LINE.match(got.decode(errors="replace"))
            if m:
                self.lines.append((SEVERITY[int(m[1]) & 7], m[2], int(m[3]),
                                   m[4]))
            else:
                self.lines.append(("err", "?", 0, repr(got)))

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect(self.sock.getsockname())
            s.send(b"end")
        self.thread.join()
        self.sock.close()

    def bad(self, program=""):
        """What is at err or above."""
        return [line for line in list(self.lines)
                if SEVERITY.index(line[0]) <= 3 and program in line[1]]

    def find(self, text):
        return [line for line in list(self.lines) if text in line[3]]


class Master:
    """
    work      directory for its files
    conf      imapd.conf
    services  {name: text of its line in cyrus.conf}
    program   another master than that of Cyrus
    """

    def __init__(self, work, conf, services, program=None):
        peer.need_root("Cyrus master")
        if program is None:
            self.root = peer.fetch("cyrus-common")
            program = self.root + "/usr/lib/cyrus/bin/master"
            env = peer.environment(self.root)
        else:
            env = dict(os.environ)
        self.dir = os.path.join(work, "cyrus")
        for d in ("", "dev"):
            os.mkdir(os.path.join(self.dir, d), 0o755)
        self.conf = os.path.join(self.dir, "cyrus.conf")
        self.write(services)
        laid = ["unshare", "-m", "sh", "-c", DEV, "sh", self.dir + "/dev",
                self.dir + "/log"]
        self.syslog = Syslog(self.dir + "/log")
        tried = peer.run(laid + ["true"])
        if tried.returncode:
            self.syslog.close()
            raise peer.Missing("no mount name space for a /dev/log: "
                               + tried.stdout.strip())
        self.server = peer.Server(
            "Cyrus master", laid + [
                program, "-C", conf, "-M", self.conf, "-p",
                self.dir + "/pid"],
            env, self.dir + "/out")
        self.proc = self.server.proc

    def write(self, services):
        with open(self.conf + ".new", "w") as f:
            f.write("START {\n}\nSERVICES {\n")
            for name, text in services.items():
                f.write("  %s %s\n" % (name, text))
            f.write("}\nEVENTS {\n}\n")
        os.rename(self.conf + ".new", self.conf)

    def stop(self):
        self.server.stop()
        self.syslog.close()
