"""A private Dovecot IMAP server on the Maildirs of a test's store."""
import os
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
mail_location = maildir:{store}/%u
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


class Dovecot:
    """
    store   directory that holds USER/ Maildirs
    uid     who owns them
    Password of everybody: secret.
    """

    def __init__(self, work, store, uid, port):
        peer.need_root("Dovecot")
        self.root = peer.fetch("dovecot-core", "dovecot-imapd")
        self.dir = os.path.join(work, "dovecot")
        self.port = port
        for d in ("", "run", "state", "home"):
            os.mkdir(os.path.join(self.dir, d), 0o755)
        os.chown(self.dir + "/home", uid, -1)
        conf = os.path.join(self.dir, "dovecot.conf")
        with open(conf, "w") as f:
            f.write(CONF.format(dir=self.dir, root=self.root, store=store,
                                uid=uid, port=port))
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
