"""smtp-source of Postfix: somebody else's load generator."""
import subprocess
import time

import peer


def smtp_source(sock, sessions, messages, size, rcpt):
    """Seconds that so many messages to one recipient took over LMTP; each
    session keeps its connection. It stops at the first reply it does not
    like."""
    root = peer.fetch("postfix")
    args = [root + "/usr/sbin/smtp-source", "-L", "-d", "-s", str(sessions),
            "-m", str(messages), "-l", str(size), "-f", "s@example.org",
            "-t", rcpt, "unix:" + sock]
    start = time.monotonic()
    got = subprocess.run(args, stdin=subprocess.DEVNULL, text=True,
                         env=peer.environment(root), timeout=300,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    took = time.monotonic() - start
    if got.returncode or "bad" in got.stdout or "fatal" in got.stdout:
        raise RuntimeError("smtp-source: %d %s" % (got.returncode,
                                                   got.stdout[-500:]))
    return took
