"""Start lmtpd as a service manager does: sockets at fixed descriptors, an
environment that says so, and a socket for what it has to tell."""
import fcntl
import os
import socket
import subprocess

RUN = """
import os, sys
high, env, args = eval(sys.argv[1]), eval(sys.argv[2]), sys.argv[3:]
for to, fd in high.items():
    os.dup2(fd, to, True)
for fd in high.values():
    os.close(fd)
env = {k: v.replace("PID", str(os.getpid())) for k, v in env.items()}
os.execve(args[0], args, {**os.environ, **env})
"""


def spawn(command, fds, env, log):
    """fds: {descriptor in the child: socket}; PID in env becomes its own."""
    high = {to: fcntl.fcntl(s.fileno(), fcntl.F_DUPFD, 30)
            for to, s in fds.items()}
    try:
        return subprocess.Popen(
            ["/usr/bin/python3", "-S", "-c", RUN, repr(high), repr(env),
             *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            pass_fds=tuple(high.values()), start_new_session=True)
    finally:
        for fd in high.values():
            os.close(fd)


def listening(where, backlog=64):
    s = socket.socket(socket.AF_UNIX if isinstance(where, str)
                      else socket.AF_INET)
    s.bind(where)
    s.listen(backlog)
    if isinstance(where, str):
        os.chmod(where, 0o666)
    return s


class Systemd:
    """As much of systemd as a service sees of it: start(instance, sockets)
    and then messages()."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "notify")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        os.chmod(self.path, 0o666)
        self.sock.settimeout(20)
        self.seen = []

    def start(self, engine, sockets, *args, names=None, **env):
        all_env = {"NOTIFY_SOCKET": self.path, "LISTEN_PID": "PID",
                   "LISTEN_FDS": str(len(sockets)), **env}
        if names:
            all_env["LISTEN_FDNAMES"] = names
        engine.log_file = open(engine.log_path, "ab")
        engine.proc = spawn(engine.command(*args),
                            dict(enumerate(sockets, 3)), all_env,
                            engine.log_file)

    def wait(self, word):
        """The next message that has this line; what came before is kept."""
        while True:
            got = self.sock.recv(4096).decode().split("\n")
            self.seen.append(got)
            if word in got:
                return got

    def close(self):
        self.sock.close()
