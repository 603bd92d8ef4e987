"""What Pigeonhole would do: the sieve-test of Debian's dovecot-sieve, from a
tree that is unpacked privately and laid over /usr in a mount name space of
its own (see peer/dovecot.py)."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "peer"))
import peer  # noqa: E402

CONF = """
protocols =
log_path = /dev/stderr
mail_location = maildir:{dir}/home/md
mail_home = {dir}/home
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
recipient_delimiter = +
postmaster_address = postmaster@example.org
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = daemon
plugin {{
  sieve_extensions = +editheader
  sieve_max_redirects = 100
  sieve_max_actions = 100
}}
"""

RUN = """
for d in "$@"; do
    cd "$d" || exit 1
    sieve-test -c ../d.conf -f "$(cat from)" -a "$(cat to)" -r "$(cat to)" \
        script message > out 2> err
    echo $? > status
done
"""


def run_all(work, dirs):
    """Leaves out, err and status in each directory."""
    peer.need_root("sieve-test")
    root = peer.fetch("dovecot-sieve")
    os.chmod(work, 0o777)
    os.makedirs(work + "/home", exist_ok=True)
    os.chmod(work + "/home", 0o777)
    with open(work + "/d.conf", "w") as f:
        f.write(CONF.format(dir=work))
    for d in dirs:
        os.chmod(d, 0o777)
    laid = ["unshare", "-m", "sh", "-c",
            "mount -t overlay overlay -o lowerdir=%s/usr:/usr /usr && "
            'exec "$@"' % root, "sh"]
    tried = peer.run(laid + ["true"])
    if tried.returncode:
        raise peer.Missing("cannot lay a tree over /usr: "
                           + tried.stdout.strip())
    peer.run(laid + ["sh", "-c", RUN, "sh", *dirs],
             env=peer.environment(root))


def flags_of(line):
    return frozenset(w.lower() for w in line.split())


def actions(d):
    """A set of what it would do, or a string: why it failed."""
    with open(d + "/status") as f:
        status = f.read().strip()
    with open(d + "/err", errors="replace") as f:
        err = f.read()
    with open(d + "/out", errors="replace") as f:
        out = f.read()
    if status != "0":
        compiled = "failed to compile" not in err and "parse failed" not in err
        return "fails" if compiled else "does not compile"
    found = []
    for line in out.split("\n"):
        store = re.match(r" \* store message in folder: (.*)", line)
        flags = re.match(r" +\+ add IMAP flags: (.*)", line)
        redirect = re.match(r" \* redirect message to: <(.*)>", line)
        if store:
            found.append(["store", store.group(1), frozenset()])
        elif flags and found:
            found[-1][2] = flags_of(flags.group(1))
        elif redirect:
            found.append(["redirect", redirect.group(1)])
    return {tuple(a) for a in found}


def takes(_):
    return True


def question_mark(case, mine, theirs):
    return re.search(r'"[^"]*\?[^"]*\*[^"]*"', case.script) is not None


def plain(actions):
    """Where to, without flags."""
    return {a[:2] for a in actions} if isinstance(actions, set) else None


def same_mailbox(_, mine, theirs):
    return plain(mine) is not None and plain(mine) == plain(theirs) \
        and len(theirs) > len(mine)


def copy_and_not(case, mine, theirs):
    return plain(mine) is not None and plain(theirs) is not None \
        and plain(theirs) - plain(mine) == {("store", "INBOX")} \
        and plain(mine) <= plain(theirs) and "fileinto :copy" in case.script


def edited_body(case, _, __):
    return "editheader" in case.needs and "body" in case.needs \
        and not case.message.endswith("\n")


# (name, why we are right, does it explain case, ours, theirs)
KNOWN = [
    ("question mark in front of a star",
     'RFC 5228 s. 2.7.1: "?" matches a single character; here "??????*" '
     'matches "hello", and "?z*" too', question_mark),
    ("one mailbox twice",
     "RFC 5228 s. 2.10.3: delivering twice to one mailbox is one delivery; "
     "its implicit keep is listed apart", same_mailbox),
    (":copy behind a fileinto of the same mailbox",
     "RFC 5228 s. 4.1: the fileinto without :copy has cancelled the implicit "
     "keep; RFC 3894 s. 3: :copy does not bring it back", copy_and_not),
    ("an edited header, and a body without a line end",
     "RFC 5293 s. 7: an edit changes the header; a last line without CRLF is "
     "body all the same, and is not seen there", edited_body),
]
