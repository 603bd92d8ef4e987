"""make lint: one TAP line for each rule, offences as comments."""
import sys

import rules
import tools


def main():
    todo = rules.RULES + tools.RULES
    wanted = sys.argv[1:]
    todo = [r for r in todo if not wanted or r.__name__ in wanted]
    print("1..%d" % len(todo), flush=True)
    bad = 0
    for n, rule in enumerate(todo, 1):
        name = "%s: %s" % (rule.__name__, rule.__doc__.split("\n")[0])
        try:
            offences = list(rule())
        except tools.Skip as why:
            print("ok %d - %s # SKIP %s" % (n, name, why), flush=True)
            continue
        bad += bool(offences)
        print("%s %d - %s" % ("not ok" if offences else "ok", n, name))
        for line in offences:
            print("# " + line.replace("\n", "\n# "))
        sys.stdout.flush()
    sys.exit(1 if bad else 0)


sys.dont_write_bytecode = True
main()
