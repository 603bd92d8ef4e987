"""The workloads, and the scripts they run under."""
import collections

# load: options of the load generator; limits: modes of limit.c.
Work = collections.namedtuple(
    "Work", "text script size rcpts conns limits load", defaults=({},))
WORK = {
    "W1": Work("4 KiB, no script", "none", 4096, 1, (1, 8, 32),
               ("full", "one", "out", "log")),
    "W2": Work("4 KiB, 20 rules, fileinto", "rules20", 4096, 1, (1, 8, 32),
               ("full",)),
    "W3": Work("50 KiB, multipart", "none", 50 << 10, 1, (8,), ("full",),
               {"m": None}),
    "W4": Work("4 KiB, 50 recipients", "none", 4096, 50, (1, 8, 32),
               ("full", "hard1")),
    "W4s": Work("as W4 with the script of W2", "rules20", 4096, 50, (8,),
                ()),
    "W5": Work("1 MiB", "none", 1 << 20, 1, (8,), ("full",)),
    "W6": Work("4 KiB, 500 rules, none fires", "rules500", 4096, 1, (8,),
               ("full",)),
    "W7": Work("as W1, a connection for each message", "none", 4096, 1,
               (8,), ("full",), {"1": None}),
}


def rules(count, hit):
    """A script of so many rules, of which number hit is the first to do
    something to a message of the load generator, or none."""
    text = ['require ["fileinto"];']
    for n in range(1, count + 1):
        value = "17" if n == hit else "no-%d" % n
        text.append('if header :is ["X-Rule", "X-Rule-%d"] "%s" '
                    '{ fileinto "Lists"; stop; }' % (n, value))
    return "\n".join(text) + "\n"


SCRIPTS = {"none": None, "rules20": rules(20, 17), "rules500": rules(500, 0)}
