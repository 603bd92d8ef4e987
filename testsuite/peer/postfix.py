"""A private Postfix: SMTP in on a loopback port, LMTP out to a socket.

Postfix wants a user for its queue and a group for its drop directory that
nothing else shares. Instead of making `postfix` and `postdrop` it borrows two
of base-passwd's that own nothing here, for files in the work directory only.
"""
import os
import pwd
import socket

import peer

OWNER, DROP = "uucp", "news"

MAIN = """
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = {root}/usr/sbin
daemon_directory = {root}/usr/lib/postfix/sbin
shlib_directory = {root}/usr/lib/postfix
meta_directory = {dir}/etc
sendmail_path = {root}/usr/sbin/sendmail
import_environment = MAIL_CONFIG={dir}/etc LC_ALL=C LD_LIBRARY_PATH={libs}
mail_owner = {owner}
setgid_group = {drop}
default_privs = nobody
maillog_file = {dir}/maillog
maillog_file_prefixes = /
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = postfix.example.test
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:no local mail
virtual_mailbox_domains = {domain}
virtual_transport = lmtp:unix:{socket}
default_transport = error:this Postfix sends nothing out
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
lmtp_destination_recipient_limit = 50
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, reject
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 2s
message_size_limit = 50000000
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""

QUEUES = ("active bounce corrupt defer deferred flush hold incoming private "
          "saved trace").split()


class Postfix:
    """Listens on .port once made; .stop() ends it."""

    def __init__(self, work, lmtp_socket, domain, port, more=""):
        """more: lines of main.cf that override ours"""
        peer.need_root("Postfix")
        self.root = peer.fetch("postfix")
        self.dir = os.path.join(work, "postfix")
        self.port = port
        self.env = peer.environment(self.root)
        self.fields = dict(dir=self.dir, root=self.root, owner=OWNER,
                           drop=DROP, domain=domain, socket=lmtp_socket,
                           port=port)
        self.prepare(more)
        self.server = peer.Server(
            "Postfix", [self.root + "/usr/lib/postfix/sbin/master", "-c",
                        self.dir + "/etc", "-d"],
            dict(self.env, MAIL_CONFIG=self.dir + "/etc"),
            self.dir + "/stderr")
        self.server.wait_for(self.listening)

    def prepare(self, more):
        uid, drop = pwd.getpwnam(OWNER).pw_uid, pwd.getpwnam(DROP).pw_gid
        for d in ("", "etc", "data", "queue", "queue/pid"):
            os.mkdir(os.path.join(self.dir, d), 0o755)
        os.chown(self.dir + "/data", uid, -1)
        for d in QUEUES:
            os.mkdir(self.dir + "/queue/" + d, 0o700)
            os.chown(self.dir + "/queue/" + d, uid, -1)
        for d, mode in (("public", 0o710), ("maildrop", 0o1730)):
            os.mkdir(self.dir + "/queue/" + d)
            os.chown(self.dir + "/queue/" + d, uid, drop)
            os.chmod(self.dir + "/queue/" + d, mode)
        self.write("main.cf", MAIN.format(
            libs=self.env["LD_LIBRARY_PATH"], **self.fields) + more)
        self.write("master.cf", MASTER.format(**self.fields).lstrip())

    def write(self, name, text):
        with open(os.path.join(self.dir, "etc", name), "w") as f:
            f.write(text)

    def listening(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as s:
                s.settimeout(5)
                return s.recv(100).startswith(b"220")
        except OSError:
            return False

    def log(self):
        try:
            with open(self.dir + "/maillog", errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def stop(self):
        self.server.stop()
