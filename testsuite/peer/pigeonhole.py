"""Pigeonhole's command line tools on a Maildir: sievec compiles a script,
sieve-filter runs it over all messages of a mailbox."""
import os
import pwd

import peer

CONF = """
log_path = {dir}/log
ssl = no
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = daemon
first_valid_uid = 1
mail_location = maildir:{dir}/mail
mail_uid = {user}
mail_gid = {user}
plugin {{
  sieve_max_script_size = 16M
}}
"""


class Pigeonhole:
    """
    work  directory for its files
    user  who runs it: the tools do not run as root
    """

    def __init__(self, work, user="mail"):
        peer.need_root("Pigeonhole")
        self.root = peer.fetch("dovecot-core", "dovecot-lmtpd",
                               "dovecot-sieve")
        self.dir = os.path.join(work, "pigeonhole")
        self.env = dict(peer.environment(self.root), HOME=self.dir,
                        USER=user)
        self.user = user
        self.conf = self.dir + "/dovecot.conf"
        for d in ("", "mail", "mail/new", "mail/cur", "mail/tmp"):
            os.makedirs(os.path.join(self.dir, d), 0o755)
        with open(self.conf, "w") as f:
            f.write(CONF.format(dir=self.dir, user=user))
        self.own()

    def own(self):
        who = pwd.getpwnam(self.user)
        for where, dirs, names in os.walk(self.dir):
            for name in [""] + dirs + names:
                os.chown(os.path.join(where, name), who.pw_uid, who.pw_gid)

    def put(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)
        self.own()
        return os.path.join(self.dir, name)

    def set_messages(self, text, count):
        """So many copies in INBOX, and nothing else known about it."""
        new = self.dir + "/mail/new"
        for name in os.listdir(new):
            os.unlink(os.path.join(new, name))
        for n in range(count):
            with open("%s/%d.M%dP1.bench" % (new, 1700000000 + n, n),
                      "w") as f:
                f.write(text)
        self.own()

    def command(self, *args):
        """To run with self.env. Its parts are looked for where they were
        compiled to be: see Dovecot.command."""
        return ["unshare", "-m", "sh", "-c",
                "mount -t overlay overlay -o lowerdir=%s/usr:/usr /usr && "
                'exec "$@"' % self.root, "sh", "setpriv", "--reuid",
                self.user, "--regid", self.user, "--clear-groups", *args]

    def sievec(self, script):
        return self.command("/usr/bin/sievec", "-c", self.conf, script)

    def sieve_filter(self, script):
        """Shows what it would do, and does nothing."""
        return self.command("/usr/bin/sieve-filter", "-c", self.conf, script,
                            "INBOX")
