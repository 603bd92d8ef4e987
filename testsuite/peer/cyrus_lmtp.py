"""A private Cyrus lmtpd under its own master(8), to do what our lmtpd does.

Mailboxes are made by the first delivery to them (autocreate); scripts are
compiled by Cyrus's sievec and put where its mbpath says.
"""
import contextlib
import os
import pwd
import shutil
import socket

import cyrus
import peer

# unix_group_enable would cost some 200 system calls a delivery: off, in
# favour of Cyrus. So is what it would log: there is no /dev/log.
CONF = """
configdirectory: {dir}/conf
defaultpartition: default
partition-default: {dir}/spool
sievedir: {dir}/sieve
servername: cyrus.example.org
admins: cyrus
cyrus_user: {user}
unix_group_enable: 0
virtdomains: off
autocreate_post: yes
autocreate_quota: 0
autocreate_inbox_folders: Lists
anysievefolder: yes
duplicatesuppression: {duplicates}
"""

SERVICE = ('cmd="{bin}/lmtpd -C {dir}/imapd.conf -U 100000000 -T 0" '
           'listen="{dir}/lmtp" prefork={processes} maxchild={processes}')

# Options that make the mailboxes quickly: nobody needs them after a crash.
UNSAFE = "skiplist_unsafe: yes\n"


class CyrusLmtp:
    """
    LMTP on the unix socket self.unix; messages are files named N. in the
    directories below self.spool.
      path        directory for it all, spool and databases, on the disk that
                  is measured
      user        who runs it
      duplicates  with duplicate suppression
      processes   that serve connections at a time
    """

    def __init__(self, path, user, duplicates, processes=40):
        peer.need_root("Cyrus")
        self.root = peer.fetch("cyrus-common")
        self.bin = self.root + "/usr/lib/cyrus/bin"
        self.env = peer.environment(self.root)
        self.dir, self.user = path, user
        self.spool = os.path.join(path, "spool")
        self.unix = os.path.join(path, "lmtp")
        self.duplicates, self.processes = duplicates, processes
        self.server = None
        self.boxes = []         # where each user's scripts go
        for d in ("", "conf", "spool", "sieve", "dev"):
            with contextlib.suppress(FileExistsError):
                os.mkdir(os.path.join(path, d), 0o755)

    def copy_from(self, other):
        """Take over its mailboxes and scripts: both are stopped."""
        for d in ("conf", "spool", "sieve"):
            done = peer.run(["cp", "-a", "--", os.path.join(other.dir, d),
                             self.dir])
            if done.returncode:
                raise peer.Missing("Cyrus: " + done.stdout)

    def start(self, unsafe=False):
        self.conf = self.dir + "/imapd.conf"
        with open(self.conf, "w") as f:
            f.write(CONF.format(dir=self.dir, user=self.user, duplicates=int(
                self.duplicates)) + UNSAFE * unsafe)
        services = self.dir + "/cyrus.conf"
        with open(services, "w") as f:
            f.write("START {\n}\nSERVICES {\n  lmtpunix %s\n}\nEVENTS {\n}\n"
                    % SERVICE.format(dir=self.dir, bin=self.bin,
                                     processes=self.processes))
        self.own(self.dir)
        laid = ["unshare", "-m", "sh", "-c", cyrus.DEV, "sh",
                self.dir + "/dev", ""]
        self.server = peer.Server(
            "Cyrus master", laid + [
                self.bin + "/master", "-C", self.conf, "-M", services, "-p",
                self.dir + "/pid"], self.env, self.dir + "/out")
        self.server.wait_for(self.listening)

    def own(self, path):
        done = peer.run(["chown", "-R", self.user, "--", path])
        if done.returncode:
            raise peer.Missing("Cyrus: " + done.stdout)

    def listening(self):
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(self.unix)
                s.settimeout(5)
                return s.recv(100).startswith(b"220")
        except OSError:
            return False

    def tool(self, name, *args):
        """Drops to self.user itself, where it has to."""
        got = peer.run([self.bin + "/" + name, "-C", self.conf, *args],
                       env=self.env)
        if got.returncode:
            raise peer.Missing("Cyrus %s: %s" % (name, got.stdout[-300:]))
        return got.stdout

    def add_scripts(self, users, scripts):
        """
        users    names; they have mailboxes
        scripts  {name: text}
        """
        who = pwd.getpwnam(self.user)
        self.boxes = self.tool("mbpath", "-u", "-S", *users).split()
        if len(self.boxes) != len(users):
            raise peer.Missing("mbpath: not a directory for each user")
        for name, text in scripts.items():
            source = "%s/%s.script" % (self.dir, name)
            with open(source, "w") as f:
                f.write(text)
            self.tool("sievec", source, source[:-6] + "bc")
            for box in self.boxes:
                os.makedirs(box, exist_ok=True)
                shutil.copy(source[:-6] + "bc", box)
                os.chown("%s/%s.bc" % (box, name), who.pw_uid, who.pw_gid)

    def use_script(self, name):
        """Everybody's from now on; None is no script."""
        for box in self.boxes:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(box + "/defaultbc")
            if name:
                os.symlink(name + ".bc", box + "/defaultbc")

    def message_dirs(self):
        """Of all mailboxes that exist."""
        for top in ("user", "uuid"):
            for where, dirs, _ in os.walk(os.path.join(self.spool, top)):
                if not dirs:
                    yield where

    def pids(self):
        return peer.members(self.server.proc.pid)

    def stop(self):
        if self.server:
            self.server.stop()
        self.server = None
