"""swaks, a passive SMTP and LMTP client in Perl."""
import os
import shutil
import subprocess

import peer


def swaks(*args):
    """(exit status, transcript)"""
    if not shutil.which("perl"):
        raise peer.Missing("no perl to run swaks with")
    root = peer.fetch("swaks")
    script = os.path.join(root, "usr/bin/swaks")
    got = subprocess.run(["perl", script, *args], text=True,
                         env=peer.environment(root), timeout=120,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    return got.returncode, got.stdout
