"""Quotas: who is refused, when, with which reply, and what maildirsize says
afterwards."""
import contextlib
import os
import re
import signal
import subprocess
import threading
import time

from tamis_test import (Instance, Lmtp, Tap, check, equal, message, program,
                        session_members, stuffed)

tap = Tap()
WORKERS = 8
KEEP_AND_SEND = 'redirect "elsewhere@example.org"; keep;'
FILE = 'require "fileinto"; fileinto "Folder";'


def size_file(engine, user):
    return engine.path("store/%s/maildirsize" % user)


def write_size(engine, user, text, age=0):
    path = size_file(engine, user)
    with open(path, "w") as f:
        f.write(text)
    engine.own(path)
    if age:
        then = os.stat(path).st_mtime - age
        os.utime(path, (then, then))


def usage(engine, user):
    """(limits, octets, messages) by maildirsize."""
    with open(size_file(engine, user)) as f:
        limits, *lines = f.read().splitlines()
    sums = [tuple(map(int, line.split())) for line in lines]
    return limits, sum(s[0] for s in sums), sum(s[1] for s in sums)


def real(engine, user):
    files = [f for box in engine.boxes(user).values() for f in box]
    return sum(f.size for f in files), len(files)


def exact(engine, user):
    equal(usage(engine, user)[1:], real(engine, user), "maildirsize")


def fresh(engine, script=None):
    """A new user's name."""
    fresh.n += 1
    user = "user%d" % fresh.n
    engine.add_user(user, script)
    return user


fresh.n = 0


def rcpt(engine, user, mail="", parameter=""):
    with engine.client() as c:
        c.want(250, "MAIL FROM:<a@example.org>" + mail)
        return c.cmd("RCPT TO:<%s@example.test>%s" % (user, parameter))


def send(engine, users, data, mail="", parameter=""):
    """[(code, text)], those of RCPT where that was refused."""
    with engine.client() as c:
        c.want(250, "MAIL FROM:<a@example.org>" + mail)
        got = [c.cmd("RCPT TO:<%s@example.test>%s" % (u, parameter))
               for u in users]
        if not any(code == 250 for code, _ in got):
            return got
        c.want(354, "DATA")
        c.send(stuffed(data))
        return [c.reply() if code == 250 else (code, text)
                for code, text in got]


def until_refused(engine, user, data, most):
    for n in range(most):
        (code, text), = send(engine, [user], data)
        if code != 250:
            return n, code, text
    raise AssertionError("still accepted after %d" % most)


@tap.test
def ignorequota_is_announced():
    with lenient.client() as c:
        check("IGNOREQUOTA" in c.lhlo[1].split("\n"), c.lhlo[1])


@tap.test
def one_message_may_go_over_and_the_next_is_refused():
    user = fresh(lenient)
    big = message("big", "x" * 9000 + "\n")
    n, code, text = until_refused(lenient, user, big, 5)
    equal((n, code), (2, 452), text)        # 10 kB: the second goes over
    check(text.startswith("4.2.2 "), text)
    exact(lenient, user)
    equal(usage(lenient, user)[0], "10240S,20C", "limits")


@tap.test
def refused_at_rcpt_when_maildirsize_says_so():
    user = fresh(lenient)
    write_size(lenient, user, "10240S,20C\n10241 1\n")
    code, text = rcpt(lenient, user)
    equal((code, text[:6]), (452, "4.2.2 "), text)
    # an old one is not believed: that is for the delivery to find out
    write_size(lenient, user, "10240S,20C\n10241 1\n", age=1000)
    equal(rcpt(lenient, user)[0], 250, "RCPT with an old maildirsize")
    equal(send(lenient, [user], message())[0][0], 250, "counted anew")
    exact(lenient, user)


@tap.test
def refused_at_data_when_counting_says_so():
    user = fresh(lenient)
    for n in range(21):
        path = lenient.path("store/%s/cur/%d.x,S=1:2," % (user, n))
        with open(path, "w") as f:
            f.write("x")
    (code, text), = send(lenient, [user], message())
    equal((code, text[:6]), (452, "4.2.2 "), text)
    # and from now on at RCPT
    equal(rcpt(lenient, user)[0], 452, "RCPT")
    equal(usage(lenient, user), ("10240S,20C", 21, 21), "maildirsize")


@tap.test
def ignorequota_stores_and_counts():
    user = fresh(lenient)
    write_size(lenient, user, "10240S,20C\n10241 1\n")
    equal(send(lenient, [user], message(), parameter=" IGNOREQUOTA")[0][0],
          250, "IGNOREQUOTA")
    equal(usage(lenient, user)[2], 2, "messages by maildirsize")
    equal(rcpt(lenient, user, parameter=" IGNOREQUOTA=1")[0], 501,
          "IGNOREQUOTA with a value")


@tap.test
def one_of_eight_over_quota():
    users = [fresh(lenient) for _ in range(8)]
    write_size(lenient, users[3], "10240S,20C\n10241 1\n10 1\n")
    os.mkdir(lenient.path("store/%s/.Full" % users[3]), 0o700)
    for sub in ("cur", "new", "tmp"):
        path = lenient.path("store/%s/.Full/%s" % (users[3], sub))
        os.mkdir(path, 0o700)
        lenient.own(path)
    lenient.own(lenient.path("store/%s/.Full" % users[3]))
    with open(lenient.path("store/%s/.Full/cur/1.x:2," % users[3]),
              "wb") as f:
        f.truncate(20000)
    got = send(lenient, users, message("eight", "x" * 100000))
    equal([code for code, _ in got], [250] * 3 + [452] + [250] * 4,
          "replies")
    check(got[3][1].startswith("4.2.2 "), got[3][1])
    equal([len(os.listdir(lenient.path("store/%s/new" % u)))
           for u in users], [1] * 3 + [0] + [1] * 4, "copies")
    inodes = {os.stat(lenient.box(u)[0].path).st_ino
              for u in users if u != users[3]}
    equal(len(inodes), 1, "inodes of seven copies")
    for u in users:
        if u != users[3]:
            exact(lenient, u)


@tap.test
def fileinto_is_no_way_around():
    user = fresh(lenient, FILE)
    write_size(lenient, user, "10240S,20C\n10241 1\n1 1\n")
    for n in range(2):
        path = lenient.path("store/%s/cur/%d.x,S=6000:2," % (user, n))
        with open(path, "w") as f:
            f.write("x")
    (code, text), = send(lenient, [user], message())
    equal((code, text[:6]), (452, "4.2.2 "), text)
    equal(os.listdir(lenient.path("store/%s/.Folder/new" % user)), [],
          "messages")


@tap.test
def nothing_is_redirected_for_who_is_full():
    user = fresh(lenient, KEEP_AND_SEND)
    for n in range(21):
        path = lenient.path("store/%s/cur/%d.x,S=1:2," % (user, n))
        with open(path, "w") as f:
            f.write("x")
    (code, text), = send(lenient, [user], message())
    # the next hop is dead: a try would have said 4.4.1
    equal((code, text[:6]), (452, "4.2.2 "), text)


@tap.test
def strict_takes_size_at_rcpt_and_the_real_one_after_data():
    user = fresh(strict)
    write_size(strict, user, "10240S\n5000 1\n")
    equal(rcpt(strict, user, " SIZE=5000")[0], 250, "it fits")
    code, text = rcpt(strict, user, " SIZE=6000")
    equal((code, text[:6]), (552, "5.2.2 "), text)
    equal(rcpt(strict, user, " SIZE=6000", " IGNOREQUOTA")[0], 250,
          "IGNOREQUOTA")
    user = fresh(strict)
    big = message("big", ("x" * 70 + "\n") * 100)       # 7 kB
    equal(send(strict, [user], big)[0][0], 250, "the first")
    (code, text), = send(strict, [user], big, " SIZE=10")   # a lie
    equal((code, text[:6]), (552, "5.2.2 "), text)
    equal(send(strict, [user], message())[0][0], 250, "a small one")
    exact(strict, user)


@tap.test
def without_configured_quota_the_file_of_others_counts():
    with Instance({"ann": None, "bob": None}) as plain:
        write_size(plain, "bob", "2C\n100 3\n")
        equal(rcpt(plain, "bob")[0], 452, "RCPT")
        write_size(plain, "bob", "2C\n0 0\n")
        equal([c for c, _ in send(plain, ["ann", "bob"], message())],
              [250, 250], "replies")
        exact(plain, "bob")
        check(not os.path.exists(size_file(plain, "ann")),
              "a quota for who has none")


@tap.test
def parallel_deliveries_overshoot_by_a_message_for_each_worker():
    user = fresh(lenient)
    codes, lock = [], threading.Lock()

    def client():
        with Lmtp(lenient.unix) as c:
            for _ in range(3):
                c.want(250, "MAIL FROM:<a@example.org>")
                code, text = c.cmd("RCPT TO:<%s@example.test>" % user)
                if code == 250:
                    c.want(354, "DATA")
                    c.send(stuffed(message()))
                    code, text = c.reply()
                else:
                    c.want(250, "RSET")
                with lock:
                    codes.append((code, text))

    threads = [threading.Thread(target=client) for _ in range(32)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal({code for code, _ in codes}, {250, 452}, "replies")
    check(all(re.match("4.2.2 ", t) for c, t in codes if c == 452), codes)
    _, n = real(lenient, user)
    equal(n, sum(code == 250 for code, _ in codes), "copies")
    print("# limit 20, stored %d, workers %d" % (n, WORKERS))
    check(20 < n <= 20 + WORKERS, "%d stored" % n)


@tap.test
def broken_files_stop_no_mail():
    for text in ("", "nonsense\n", "10240S,20C\n5", "10240S,20C\n-5 -5\n",
                 "\0" * 100, "10240S,20C\n" + "1 1\n" * 2000):
        user = fresh(lenient)
        write_size(lenient, user, text)
        equal(send(lenient, [user], message())[0][0], 250, repr(text[:20]))
        exact(lenient, user)
    user = fresh(lenient)
    os.mkdir(size_file(lenient, user))
    equal(send(lenient, [user], message())[0][0], 250, "a directory")
    with contextlib.suppress(OSError):
        os.rmdir(size_file(lenient, user))


@tap.test
def the_account_says_its_own_limits():
    engine = Instance({"ann": None, "bob": None, "cid": None},
                      {"autocreate_quota_messages": "1",
                       "account_backends": "passwd-file"})
    engine.settings["account_passwd_file"] = engine.path("users")
    engine.write_conf()
    with open(engine.path("users"), "w") as f:
        f.write("ann:::::::quota=10K,2\nbob:::::::\n"
                "cid:::::::userdb_quota_rule=*:storage=1K\n")
    with engine:
        stored = {u: until_refused(engine, u, message(), 9)[0]
                  for u in ("ann", "bob", "cid")}
        equal(stored, {"ann": 3, "bob": 2, "cid": 4}, "stored")
        equal([usage(engine, u)[0] for u in sorted(stored)],
              ["10240S,2C", "1C", "1024S"], "limits")


@tap.test
def tamis_deliver_ignores_quotas_with_q():
    user = fresh(lenient)
    write_size(lenient, user, "10240S,20C\n10241 1\n")

    def deliver(*flags):
        return subprocess.run(
            [program("tools/tamis"), "deliver", "-C", lenient.conf, *flags,
             user], input=message(), stderr=subprocess.DEVNULL,
            user=lenient.owner() if os.geteuid() == 0 else None).returncode

    equal(deliver(), 75, "status without -q")
    equal(deliver("-q"), 0, "status with -q")
    equal(usage(lenient, user)[2], 2, "messages")


def tool(engine, *args):
    """(status, output) of tamis mailbox VERB OPTIONS USER."""
    verb, *rest = args
    got = subprocess.run([program("tools/tamis"), "mailbox", verb, "-C",
                          engine.conf, *rest], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    return got.returncode, got.stdout


@tap.test
def the_quota_is_shown_and_counted_anew():
    user = fresh(lenient)
    equal(tool(lenient, "quota", user), (
        0, "not counted yet\nlimit: octets 0 of 10240\n"
        "limit: messages 0 of 20\n"), "no file")
    send(lenient, [user], message())
    octets, _ = real(lenient, user)
    equal(tool(lenient, "quota", user), (
        0, "octets %d of 10240\nmessages 1 of 20\n" % octets), "one")
    write_size(lenient, user, "10240S,20C\n20000 30\n")
    equal(tool(lenient, "quota", user), (
        1, "octets 20000 of 10240\nmessages 30 of 20\nover quota\n"),
        "over quota")
    equal(tool(lenient, "quota", "--recount", user)[0], 0, "counted anew")
    exact(lenient, user)
    equal(tool(lenient, "quota", "nobody")[0], 67, "no such user")
    equal(tool(lenient, "quota")[0], 64, "no user")


@tap.test
def check_finds_and_repair_puts_right():
    user = fresh(lenient)
    send(lenient, [user], message())
    equal(tool(lenient, "check", user), (0, ""), "a clean one")
    stored, = lenient.box(user)
    base = lenient.path("store/" + user)
    wrong = re.sub(r"S=\d+", "S=1", stored.path)
    os.rename(stored.path, wrong)
    write_size(lenient, user, "10240S,20C\n5 5\n")
    os.rmdir(os.path.join(base, "cur"))
    status, text = tool(lenient, "check", user)
    equal((status, [n.split()[0] for n in text.splitlines()]),
          (1, ["size", "part", "quota"]), text)
    dry = tool(lenient, "repair", "--dry-run", user)
    equal(dry, (1, text), "only said")
    check(os.path.exists(wrong), "not repaired yet")
    status, text = tool(lenient, "repair", user)
    equal((status, text.count("; put right\n")), (0, 3), text)
    equal(tool(lenient, "check", user), (0, ""), "afterwards")
    exact(lenient, user)
    equal(os.stat(os.path.join(base, "cur")).st_uid, lenient.owner(),
          "owner of what was made")


def workers(engine):
    found = []
    for pid in session_members(engine.proc.pid):
        with contextlib.suppress(OSError):
            with open("/proc/%d/comm" % pid) as f:
                if f.read().strip() == "worker":
                    found.append(pid)
    return found


@tap.test
def killed_workers_leave_sums_that_heal():
    with Instance({"ann": None}, {"autocreate_quota": "100M",
                                  "lmtp_workers": 4}) as engine:
        codes = []

        def client():
            for _ in range(15):
                codes.extend(c for c, _ in send(engine, ["ann"], message()))

        threads = [threading.Thread(target=client) for _ in range(4)]
        for t in threads:
            t.start()
        while any(t.is_alive() for t in threads):
            for pid in workers(engine)[:2]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        for t in threads:
            t.join()
        check({250, 451} >= set(codes), "replies %r" % set(codes))
        octets, n = real(engine, "ann")
        check(n >= codes.count(250), "lost: %d of %d" % (n, len(codes)))
        said = usage(engine, "ann")[2]
        print("# %d stored, maildirsize says %d" % (n, said))
        status, text = tool(engine, "quota", "--recount", "ann")
        equal(status, 0, text)
        exact(engine, "ann")


QUOTA = {"autocreate_quota": "10", "autocreate_quota_messages": "20",
         "lmtp_workers": WORKERS, "lmtp_user_concurrency_limit": WORKERS}
with Instance({}, QUOTA) as lenient, Instance({}, {
        "autocreate_quota": "10", "lmtp_strict_quota": "yes",
        "lmtp_over_quota_perm_failure": "yes"}) as strict:
    tap.main()
