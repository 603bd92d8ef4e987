"""Who gets mail: lists of accounts, Dovecot's user database, shared mailboxes,
and what RCPT says of those who cannot take it."""
import base64
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time

from tamis_test import (Instance, Skip, Tap, check, equal, free_port, message,
                        program, read_maildir)
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "peer"))
import dovecot
import peer

tap = Tap()


class World(Instance):
    """An engine whose accounts stand in self.users; lines go to its file."""

    def __init__(self, lines, conf=None, backends="passwd-file", users=None):
        super().__init__(users or {}, {"account_backends": backends,
                                       **(conf or {})})
        self.users = self.path("users")
        self.settings["account_passwd_file"] = self.users
        self.write_users(lines)
        self.write_conf()

    def write_users(self, lines):
        with open(self.users + ".new", "w") as f:
            f.write("".join(line + "\n" for line in lines))
        os.chmod(self.users + ".new", 0o644)
        os.rename(self.users + ".new", self.users)

    def rcpt(self, *rcpts):
        with self.client() as c:
            _, replies = c.envelope("s@example.org", rcpts)
        return [(code, text.split()[0]) for code, text in replies]

    def send(self, rcpt, **kw):
        (_, code, text), = self.deliver([rcpt], message(**kw))
        equal(code, 250, text)


@tap.test
def a_list_says_who_and_where():
    """Home, Maildir and quota by line; made at the first delivery."""
    with World([]) as w:
        w.write_users([
            "joe:x:8:8::%s/joe::" % w.path("store"),
            "ann:x:8:8::%s/home/ann::userdb_mail=maildir:~/Maildir"
            % w.path("store"),
            "off:::::::disabled=On%20leave", "odd:::::nowhere::"])
        equal(w.rcpt("joe@a", "ann@a", "eva@a", "off@a", "odd@a"),
              [(250, "2.1.5"), (250, "2.1.5"), (550, "5.1.1"),
               (451, "4.2.1"), (451, "4.3.0")])
        w.send("joe+x@a.example")
        equal(len(w.box("joe")), 1)
        w.send("ann@a.example")
        equal(len(read_maildir(w.path("store/home/ann/Maildir"))[""]), 1)
        check("users:4" in w.log(), "the log does not say which line is bad")
        w.write_users(["ann:"])
        equal(w.rcpt("joe@a", "ann@a"), [(550, "5.1.1"), (250, "2.1.5")])
        os.rename(w.users, w.users + ".away")
        equal(w.rcpt("joe@a", "ann@a", "eva@a"), 3 * [(451, "4.3.0")])


@tap.test
def fileinto_into_a_mailbox_that_is_not_there_yet():
    with World(["joe:"]) as w:
        w.set_script("joe", 'require ["fileinto"]; fileinto "Lists";')
        w.send("joe@a.example")
        equal(len(w.box("joe", "Lists")), 1)


@tap.test
def a_path_of_ones_own():
    with World(["joe@a.example:"], {"virtdomains": "on"}) as w:
        w.settings["account_mail_path"] = w.path("store/%d/%n")
        w.write_conf()
        w.stop()
        w.start()
        w.send("Joe@A.example")
        equal(len(read_maildir(w.path("store/a.example/joe"))[""]), 1)
        equal(w.rcpt("joe@b.example", '"joe@a.example"@internal'),
              2 * [(550, "5.1.1")])


@tap.test
def shared_mailboxes():
    with World(["joe:"], {"postuser": "bb"}) as w:
        for d in ("", "cur", "new", "tmp"):
            os.makedirs(w.path("store/.shared/.news.local/" + d),
                        exist_ok=True)
        for d in (".shared", ".shared/.news.local",
                  *(".shared/.news.local/" + d for d in ("cur", "new",
                                                         "tmp"))):
            w.own(w.path("store/" + d))
        w.send("bb+news/local@a.example")
        equal(len(read_maildir(w.path("store/.shared"))[".news.local"]), 1)
        equal(w.rcpt("bb+other@a", "bb@a"), 2 * [(550, "5.1.1")])
        check(not os.path.exists(w.path("store/.shared/cur")),
              "an INBOX came into being among the shared mailboxes")


@tap.test
def who_is_denied_or_unknown():
    conf = {"lmtp_catchall_mailbox": "joe",
            "lmtp_disabled_perm_failure": "yes"}
    with World(["joe:", "ann:", "off:::::::disabled"], conf) as w:
        with open(w.path("conf/user_deny.db"), "w") as f:
            f.write("ann\t2\tlmtp*\tPlease wait\n")
        equal(w.rcpt("ann@a", "off@a", "eva@a"),
              [(451, "4.2.1"), (550, "5.2.1"), (250, "2.1.5")])
        w.send("eva+x@a.example")
        equal(len(w.box("joe")), 1)
        os.unlink(w.path("conf/user_deny.db"))
        equal(w.rcpt("ann@a"), [(250, "2.1.5")])


@tap.test
def two_recipients_of_one_mailbox_get_a_copy_each():
    with World(["joe:"]) as w:
        got = w.deliver(["joe@a.example", "JOE+x@b.example", "joe@a.example"],
                        message())
        equal([code for _, code, _ in got], 3 * [250])
        equal(len(w.box("joe")), 3)


# --- tools ---------------------------------------------------------------------

def tamis(w, *args, stdin="", code=0):
    """(stdout, stderr) of a run as the owner of the store, or as root."""
    got = subprocess.run([program("tools/tamis"), *args, "-C", w.conf],
                         input=stdin, text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    equal(got.returncode, code, "%r: %s%s" % (args, got.stdout, got.stderr))
    return got.stdout, got.stderr


@tap.test
def map_says_how_an_address_is_found():
    conf = {"lmtp_catchall_mailbox": "joe"}
    with World(["joe:::::::quota=1M", "off:::::::disabled=Away"], conf) as w:
        w.set_script("joe", "keep;")
        out, _ = tamis(w, "mailbox", "map", "Joe+x@a.example")
        for want in ("local part Joe, detail x", "account: joe",
                     "passwd-file: %s line 1" % w.users,
                     "mailbox: %s, to be made" % w.path("store/joe"),
                     "script: %s compiles" % w.path("sieve/j/joe/defaultbc"),
                     "quota: 1048576 octets by passwd-file", "reply: 250 2.1.5"):
            check(want in out, "%r is not in %s" % (want, out))
        out, _ = tamis(w, "mailbox", "map", "off@a", code=75)
        check("reply: 451 4.2.1 Away" in out, out)
        out, _ = tamis(w, "mailbox", "map", "eva@a")
        check("passwd-file: knows no such account" in out
              and "lmtp_catchall_mailbox: joe" in out, out)
        w.write_users(["joe:::::::quota=1M", "bob:::::::quota=?"])
        out, _ = tamis(w, "config", "check", code=78)
        check("%s:2: error: quota" % w.users in out, out)
        out, _ = tamis(w, "mailbox", "map", "bob@a", code=75)
        check("error on line 2" in out, out)


def manage(w, user, active):
    """Put, list, activate, rm; active is the link. Returns the names."""
    good = 'require ["fileinto"]; fileinto "Lists";'
    tamis(w, "script", "put", user, "main", stdin=good)
    tamis(w, "script", "put", user, "other", stdin="keep;")
    equal(tamis(w, "script", "list", user)[0], "main\nother\n")
    check(not os.path.lexists(active), "put has activated something")
    tamis(w, "script", "activate", user, "main")
    equal(tamis(w, "script", "list", user)[0], "main ACTIVE\nother\n")
    equal(tamis(w, "script", "get", user, "main")[0], good)
    w.send(user)
    _, err = tamis(w, "script", "put", user, "main", stdin="kepp;", code=1)
    check("1:1: error:" in err, err)
    equal(tamis(w, "script", "get", user, "main")[0], good)
    for bad in ("none", "../main", ".x", ""):
        tamis(w, "script", "activate", user, bad, code=1)
    tamis(w, "script", "rm", user, "main", code=1)
    tamis(w, "script", "put", user, "main",
          stdin='require "fileinto"; fileinto "Changed";')
    w.send(user)
    tamis(w, "script", "deactivate", user)
    check(not os.path.lexists(active), "still active")
    w.send(user)
    tamis(w, "script", "rm", user, "main")
    tamis(w, "script", "rm", user, "main", code=1)
    equal(tamis(w, "script", "list", user)[0], "other\n")
    equal(os.stat(os.path.dirname(active)).st_uid, w.owner(),
          "owner of the directory")


@tap.test
def scripts_in_the_layout_of_cyrus():
    with World(["joe:"]) as w:
        equal(tamis(w, "script", "list", "joe")[0], "")
        link = w.path("sieve/j/joe/defaultbc")
        manage(w, "joe", link)
        equal(w.count("joe"), {"": 1, ".Lists": 1, ".Changed": 1})
        # one that does not compile any more cannot be made active
        with open(w.path("sieve/j/joe/other.script"), "w") as f:
            f.write("kepp;")
        _, err = tamis(w, "script", "activate", "joe", "other", code=1)
        check("error:" in err and not os.path.lexists(link), err)
        tamis(w, "script", "list", "eva", code=1)


@tap.test
def scripts_in_the_layout_of_pigeonhole():
    with World([], {"sieve_script_path": "%h/.dovecot.sieve"}) as w:
        w.write_users(["joe:::::%s/home::" % w.path("store")])
        link = w.path("store/home/.dovecot.sieve")
        manage(w, "joe", link)
        equal(w.count("joe"), {"": 1, ".Lists": 1, ".Changed": 1})
        tamis(w, "script", "put", "joe", "inc",
              stdin='require "include"; include "other";')
        tamis(w, "script", "put", "joe", "other",
              stdin='require "fileinto"; fileinto "Included";')
        tamis(w, "script", "activate", "joe", "inc")
        equal(os.readlink(link), "sieve/inc.sieve")
        w.send("joe")
        equal(len(w.box("joe", "Included")), 1)
        tamis(w, "script", "deactivate", "joe")
        with open(link, "w") as f:
            f.write("keep;")
        _, err = tamis(w, "script", "activate", "joe", "other", code=1)
        check("somebody put there" in err, err)


# --- Dovecot -------------------------------------------------------------------

@contextlib.contextmanager
def with_dovecot(lines, conf=None):
    """(engine, Dovecot): the accounts are Dovecot's."""
    with contextlib.ExitStack() as stack:
        w = World([], {"virtdomains": "on", **(conf or {})}, "dovecot")
        stack.push(w)
        w.write_users(lines(w))
        try:
            d = dovecot.DovecotUsers(w.dir, w.users, w.owner(), free_port())
        except peer.Missing as why:
            raise Skip(why)
        stack.callback(d.stop)
        w.settings["account_dovecot_socket"] = d.userdb
        w.write_conf()
        w.start()
        yield w, d


@tap.test
def dovecots_users():
    def lines(w):
        home = w.path("store/h")
        return ["joe@a.example:x:8:8::%s/joe::userdb_mail=maildir:~/Maildir "
                "userdb_quota_rule=*:storage=1G" % home,
                "ann@a.example:x:8:8::%s/ann::userdb_mail=mdbox:~/m" % home,
                "off@a.example:x:8:8::%s/off::userdb_disabled=Gone" % home]

    with with_dovecot(lines) as (w, d):
        equal(w.rcpt("joe@a.example", "eva@a.example", "ann@a.example",
                     "off@a.example"),
              [(250, "2.1.5"), (550, "5.1.1"), (451, "4.3.0"),
               (451, "4.2.1")])
        w.send("Joe+x@a.example")
        equal(len(read_maildir(w.path("store/h/joe/Maildir"))[""]), 1)
        with w.client() as c:
            begin = time.monotonic()
            many = 200
            c.want(250, "MAIL FROM:<>")
            c.send("".join("RCPT TO:<joe+%d@a.example>\r\n" % i
                           for i in range(many)))
            equal({c.reply()[0] for _ in range(many)}, {250})
            print("# %.0f us a look-up by Dovecot, pipelined"
                  % ((time.monotonic() - begin) / many * 1e6))
        d.stop()
        equal(w.rcpt("joe@a.example", "eva@a.example"), 2 * [(451, "4.3.0")])


class ManageSieve:
    """A client of RFC 5804, as much as is needed."""

    def __init__(self, port, user):
        self.sock = socket.create_connection(("127.0.0.1", port), 10)
        self.file = self.sock.makefile("rb")
        self.answer()
        plain = base64.b64encode(("\0%s\0secret" % user).encode()).decode()
        self.ask('AUTHENTICATE "PLAIN" "%s"' % plain)

    def answer(self):
        lines = []
        while True:
            got = self.file.readline().decode()
            line = got.rstrip("\r\n")
            if line.startswith("OK"):
                return lines
            check(got and not line.startswith(("NO", "BYE")),
                  "ManageSieve: %r after %r" % (line, lines))
            lines.append(line)

    def ask(self, line):
        self.sock.sendall(line.encode() + b"\r\n")
        return self.answer()

    def put(self, name, text):
        self.ask('PUTSCRIPT "%s" {%d+}\r\n%s' % (name, len(text), text))

    def close(self):
        self.sock.sendall(b"LOGOUT\r\n")
        self.file.close()
        self.sock.close()


@tap.test
def managesieve_manages_the_same_scripts():
    """The packaged dovecot-managesieved and tamis script, by turns."""
    def lines(w):
        return ["joe@a.example:x:8:8::%s/joe::userdb_mail=maildir:~/Maildir"
                % w.path("store")]

    user = "joe@a.example"
    conf = {"sieve_script_path": "%h/.dovecot.sieve"}
    with with_dovecot(lines, conf) as (w, d):
        client = ManageSieve(d.port, user)
        client.put("theirs", 'require "fileinto"; fileinto "Theirs";\r\n')
        client.ask('SETACTIVE "theirs"')
        equal(tamis(w, "script", "list", user)[0], "theirs ACTIVE\n")
        w.send(user)
        tamis(w, "script", "put", user, "ours",
              stdin='require "fileinto"; fileinto "Ours";\n')
        equal(sorted(client.ask("LISTSCRIPTS")),
              ['"ours"', '"theirs" ACTIVE'])
        tamis(w, "script", "activate", user, "ours")
        equal(sorted(client.ask("LISTSCRIPTS")),
              ['"ours" ACTIVE', '"theirs"'])
        w.send(user)
        check('fileinto "Ours"' in "".join(client.ask('GETSCRIPT "ours"')),
              "GETSCRIPT")
        client.ask('SETACTIVE ""')
        equal(tamis(w, "script", "list", user)[0], "ours\ntheirs\n")
        client.ask('DELETESCRIPT "ours"')
        tamis(w, "script", "rm", user, "theirs")
        equal(client.ask("LISTSCRIPTS"), [])
        client.close()
        boxes = read_maildir(w.path("store/joe/Maildir"))
        equal({b: len(m) for b, m in boxes.items() if m},
              {".Theirs": 1, ".Ours": 1})


class Silent:
    """Says the right things at first, and then nothing more."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.bind(path)
        os.chmod(path, 0o666)
        self.sock.listen(50)
        self.open = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                s, _ = self.sock.accept()
                s.sendall(b"VERSION\t1\t2\nSPID\t1\n")
                self.open.append(s)

    def stop(self):
        self.sock.close()
        for s in self.open:
            s.close()


@tap.test
def a_database_that_hangs():
    """451 in time, however many recipients; others are not held up."""
    with World(["joe:"], {"account_timeout": "2s"},
               "passwd-file dovecot") as w:
        silent = Silent(w.path("silent"))
        w.settings["account_dovecot_socket"] = w.path("silent")
        w.write_conf()
        w.stop()
        w.start()
        with w.client() as c, w.client() as other:
            c.want(250, "MAIL FROM:<>")
            begin = time.monotonic()
            c.send("".join("RCPT TO:<n%d@a>\r\n" % i for i in range(300)))
            other.want(250, "MAIL FROM:<>")
            other.want(250, "RCPT TO:<joe@a>")
            meanwhile = time.monotonic() - begin
            equal({c.reply()[0] for _ in range(300)}, {451})
            took = time.monotonic() - begin
        print("# 300 recipients: %.1f s; another session meanwhile: %.3f s"
              % (took, meanwhile))
        check(took < 10, "took %.1f s" % took)
        check(meanwhile < 1.5, "the other session waited %.1f s" % meanwhile)
        silent.stop()


if __name__ == "__main__":
    tap.main()
