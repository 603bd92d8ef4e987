"""Private Dovecot servers on the Maildirs of a test's store: IMAP to read what
our lmtpd stored, LMTP with Pigeonhole to do what our lmtpd does."""
import os
import pwd
import socket

import peer

CONF = """
protocols = imap
base_dir = {dir}/run
state_dir = {dir}/state
import_environment = LD_LIBRARY_PATH LC_ALL
log_path = {dir}/log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = daemon
first_valid_uid = 1
mail_location = maildir:{store}/%u{layout}
mail_uid = {uid}
mail_gid = {uid}
auth_mechanisms = plain
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={dir}/home
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""

# What a delivery may cost is tuned in Dovecot's favour: processes stay, and
# the log goes to a file.
LMTP = """
protocols = lmtp
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = {script}
}}
mail_fsync = {fsync}
lda_mailbox_autocreate = yes
lda_mailbox_autosubscribe = no
postmaster_address = postmaster@example.org
hostname = dovecot.example.org
lmtp_save_to_detail_mailbox = no
service lmtp {{
  process_min_avail = {processes}
  process_limit = {processes}
  chroot =
  unix_listener {dir}/lmtp {{
    mode = 0666
  }}
}}
"""

# The maildirsize of Maildir++, the file we share.
QUOTA = """
mail_plugins = quota
protocol imap {{
  mail_plugins = quota imap_quota
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage={storage}K:messages={messages}
  quota_grace = 0
}}
"""


class Dovecot:
    """
    store   directory that holds USER/ Maildirs
    uid     who owns them
    layout  "" is Maildir++; "fs"
    Password of everybody: secret.
    """
    layout = ""

    def __init__(self, work, store, uid, port, layout="", more=""):
        self.port = port
        self.layout = layout and ":LAYOUT=" + layout
        self.begin(work, store, uid, more, "dovecot-core", "dovecot-imapd")

    def begin(self, work, store, uid, more, *packages):
        peer.need_root("Dovecot")
        self.root = peer.fetch(*packages)
        self.dir = os.path.join(work, "dovecot")
        for d in ("", "run", "state", "home"):
            os.mkdir(os.path.join(self.dir, d), 0o755)
        os.chown(self.dir + "/home", uid, -1)
        conf = os.path.join(self.dir, "dovecot.conf")
        with open(conf, "w") as f:
            f.write(CONF.format(dir=self.dir, root=self.root, store=store,
                                uid=uid, port=self.port,
                                layout=self.layout) + more)
        self.server = peer.Server(
            "Dovecot", self.command(conf),
            peer.environment(self.root), self.dir + "/log")
        self.server.wait_for(self.listening)

    def command(self, conf):
        """Dovecot looks for its parts where it was compiled to be: lay the
        unpacked tree over /usr in a mount name space of its own, which goes
        when the last process in it ends."""
        laid = ["unshare", "-m", "sh", "-c",
                "mount -t overlay overlay -o lowerdir=%s/usr:/usr /usr && "
                'exec "$@"' % self.root, "sh"]
        tried = peer.run(laid + ["true"])
        if tried.returncode:
            raise peer.Missing("no mount name space with overlay for Dovecot:"
                               " " + tried.stdout.strip())
        return laid + ["/usr/sbin/dovecot", "-F", "-c", conf]

    def listening(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as s:
                s.settimeout(5)
                return s.recv(100).startswith(b"* OK")
        except OSError:
            return False

    def log(self):
        with open(self.dir + "/log", errors="replace") as f:
            return f.read()

    def stop(self):
        self.server.stop()


class DovecotLmtp(Dovecot):
    """
    LMTP on the unix socket self.unix.
      script     of every user; None is no script
      processes  that serve connections at a time
      fsync      mail_fsync: optimized, always
    """

    def __init__(self, work, store, uid, script=None, processes=40,
                 fsync="optimized"):
        self.port = 0
        path = os.path.join(work, "dovecot", "script.sieve")
        self.script = script
        self.unix = os.path.join(work, "dovecot", "lmtp")
        self.begin(work, store, uid, LMTP.format(
            script=path, fsync=fsync, processes=processes,
            dir=os.path.join(work, "dovecot")), "dovecot-core",
            "dovecot-lmtpd", "dovecot-sieve")

    def command(self, conf):
        path = os.path.join(self.dir, "script.sieve")
        if self.script is not None:
            with open(path, "w") as f:
                f.write(self.script)
            os.chmod(path, 0o644)
        command = super().command(conf)
        if self.script is not None:
            # Compiled before the first message, and readable for all.
            done = peer.run(command[:-4] + [
                "/usr/bin/sievec", "-c", conf, path],
                env=peer.environment(self.root))
            if done.returncode:
                raise peer.Missing("sievec: " + done.stdout)
            os.chmod(path[:-6] + ".svbin", 0o644)
        return command

    def listening(self):
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(self.unix)
                s.settimeout(5)
                return s.recv(100).startswith(b"220")
        except OSError:
            return False

    def pids(self):
        return peer.members(self.server.proc.pid)


# Users from a file, asked for on a socket; ManageSieve on a port.
USERS = """
userdb {{
  driver = passwd-file
  args = {users}
}}
"""
AUTH = """
protocols = sieve
service auth {{
  unix_listener {dir}/userdb {{
    mode = 0600
    user = {owner}
  }}
}}
service managesieve-login {{
  chroot =
  inet_listener sieve {{
    port = {port}
  }}
}}
plugin {{
  sieve = file:~/sieve;active=~/.dovecot.sieve
}}
"""


class DovecotUsers(Dovecot):
    """
    Look-ups of users on the unix socket self.userdb, for the user with the
    id owner; ManageSieve on self.port. users: a passwd-file.
    """

    def __init__(self, work, users, owner, port):
        self.users = users
        self.port = port
        where = os.path.join(work, "dovecot")
        self.userdb = os.path.join(where, "userdb")
        self.begin(work, "/nonexistent", owner, AUTH.format(
            dir=where, owner=pwd.getpwuid(owner).pw_name, port=port),
            "dovecot-core", "dovecot-managesieved")

    def command(self, conf):
        with open(conf) as f:
            text = f.read()
        begin = text.index("userdb {")
        end = text.index("}\n", begin) + 2
        with open(conf, "w") as f:
            f.write(text[:begin] + USERS.format(users=self.users)
                    + text[end:])
        return super().command(conf)

    def listening(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as s:
                s.settimeout(5)
                return s.recv(100).startswith(b'"IMPLEMENTATION"')
        except OSError:
            return False
