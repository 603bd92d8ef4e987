"""A service as the library of Cyrus makes one: it says by the status pipe
what it does, serves one connection at a time, and writes down how it was
started. Arguments: the file for that, and what it shall do."""
import contextlib
import json
import os
import resource
import signal
import socket
import struct
import sys
import time

STATUS_FD, LISTEN_FD = 3, 4
UNAVAILABLE, CONNECTION, AVAILABLE = 2, 3, 1


def note(**more):
    fds = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):      # that of the listing
            fds[name] = os.readlink("/proc/self/fd/" + name)
    facts = {"pid": os.getpid(), "uid": os.getuid(), "argv": sys.argv[2:],
             "env": {k: v for k, v in os.environ.items()
                     if k.startswith("CYRUS")},
             "fds": fds, "nofile": resource.getrlimit(resource.RLIMIT_NOFILE),
             "mask": signal.pthread_sigmask(signal.SIG_BLOCK, []) == set(),
             "time": time.time(), **more}
    with open(sys.argv[1], "a") as f:
        f.write(json.dumps(facts) + "\n")


def say(word):
    os.write(STATUS_FD, struct.pack("@ii", word, os.getpid()))


def serve():
    signal.signal(signal.SIGHUP, lambda *_: os._exit(0))
    with socket.socket(fileno=LISTEN_FD) as door:
        while True:
            sock, _ = door.accept()
            say(UNAVAILABLE)
            say(CONNECTION)
            with contextlib.suppress(OSError):
                sock.sendall(b"%d\n" % os.getpid())
                while sock.recv(100):
                    pass
            sock.close()
            say(AVAILABLE)


what = sys.argv[2] if len(sys.argv) > 2 else "note"
note()
if what == "serve":
    serve()
elif what == "until":       # fails until that file is there
    if not os.path.exists(sys.argv[3]):
        sys.exit(1)
    serve()
elif what == "exit":
    time.sleep(float(sys.argv[4]) if len(sys.argv) > 4 else 0)
    sys.exit(int(sys.argv[3]))
elif what in ("stay", "ok", "bad"):
    signal.signal(signal.SIGTERM, lambda *_: (note(end=True), os._exit(0)))
    signal.signal(signal.SIGHUP, lambda *_: note(hup=True))
    if what != "stay":
        os.write(STATUS_FD, b"ok\r\n" if what == "ok" else b"no\r\n")
        os.close(STATUS_FD)
    while True:
        signal.pause()
