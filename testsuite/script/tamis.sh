# The command tamis: exit statuses, file names, what goes where.
tamis=${top_builddir:-.}/tools/tamis
case $tamis in /*) ;; *) tamis=$PWD/$tamis ;; esac
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' 0
cd "$dir" || exit 99
n=0

# check NAME STATUS EXPECTED COMMAND...: EXPECTED is a pattern for all output
check() {
	name=$1 status=$2 want=$3
	shift 3
	out=$("$@" 2>&1)
	got=$?
	n=$((n + 1))
	case $out in
	$want) ;;
	*) got="$got, output: $out" ;;
	esac
	if [ "$got" = "$status" ]; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		echo "# expected $status, got $got" | sed '2,$s/^/# /'
	fi
}

echo 'keep;' > good.sieve
echo 'keep' > bad.sieve
echo 'discard;' > b.script
printf 'Subject: x\n\nbody\n' > m.eml

check "no command" 64 "usage: tamis*" "$tamis"
check "help" 0 "usage: tamis*" "$tamis" help
check "unknown command" 64 "*did you mean \"check\"*" "$tamis" chekc
check "check: no script" 64 "*usage: tamis check*" "$tamis" check
check "check: unknown option" 64 "*unknown option*" "$tamis" check -x good.sieve
check "check: good" 0 "" "$tamis" check good.sieve b.script
check "check: one of two is bad" 1 "bad.sieve:1:5: error: *" \
	"$tamis" check bad.sieve good.sieve
check "check: the line, and a caret below" 1 "bad.sieve:1:5: *
    keep
        ^" "$tamis" check bad.sieve
echo 'require "copy"; keep;' > warn.sieve
check "check: a warning is no failure" 0 "*warning: *unused-require*" \
	"$tamis" check warn.sieve
check "check: --werror" 1 "*unused-require*" "$tamis" check --werror warn.sieve
check "check: --no-warn" 0 "" "$tamis" check --no-warn unused-require warn.sieve
check "check: --no-warn, unknown name" 64 "*--list-warnings*" \
	"$tamis" check --no-warn frop warn.sieve
check "check: --list-warnings" 0 "*unused-require *" \
	"$tamis" check --list-warnings
check "check: --separator" 64 "*/ or .*" \
	"$tamis" check --separator x warn.sieve
check "check: --json, nothing" 0 "[]" "$tamis" check --json good.sieve
# json NAME STATUS EXPECTED FILE...: the values of each object, a line each
json() {
	title=$1 exit=$2 values=$3
	shift 3
	check "$title: exit status" "$exit" "*" sh -c \
		'"$0" check --json "$@" > out.json' "$tamis" "$@"
	check "$title" 0 "$values" ${PYTHON3:-/usr/bin/python3} -c '
import json, sys
for d in json.load(open("out.json")):
    print(*(repr(v) for v in d.values()))'
}
json "check: --json, a warning" 0 \
	"'warn.sieve' 1 9 'warning' 'unused-require' * 'remove it' 'require *;'" \
	warn.sieve
json "check: --json, several files" 1 "'bad.sieve' 1 5 'error' 'syntax' *
'none.sieve' 0 0 'error' 'unreadable' 'No such file*' '' ''" \
	bad.sieve good.sieve none.sieve
printf 'keep "\\\\\303\244\tx\177 \377"; frop;' > ctl.sieve
json "check: --json, odd octets" 1 "*'script' *'keep ?????*?tx? ?*
*frop*" ctl.sieve
check "check: --json, the keys" 0 "*ok*" ${PYTHON3:-/usr/bin/python3} -c '
import json
d = json.load(open("out.json"))[0]
assert list(d) == ["file", "line", "column", "severity", "name", "message",
                   "hint", "source"]
assert "\x7f" not in open("out.json").read()
print("ok")'
check "check: --json, full disk" 1 "*cannot write*" \
	sh -c "'$tamis' check --json good.sieve > /dev/full"
check "check: no such file" 1 "none.sieve: No such file*" \
	"$tamis" check none.sieve
check "check: a directory" 1 "*: *" "$tamis" check .
check "compile: bad script" 1 "bad.sieve:1:5: *" "$tamis" compile bad.sieve
check "compile: nothing is written then" 1 "" test -e bad.bc
check "compile: .sieve becomes .bc" 0 "" "$tamis" compile good.sieve
check "compile: it is there" 0 "" test -s good.bc
check "compile: .script becomes .bc" 0 "" "$tamis" compile b.script
check "compile: it is there, too" 0 "" test -s b.bc
check "compile: -o" 0 "" "$tamis" compile good.sieve -o "$dir/other"
check "compile: -o is there" 0 "" cmp other good.bc
check "compile: -o without name" 64 "*lacks its argument*" \
	"$tamis" compile good.sieve -o
check "compile: no such directory" 1 "*No such file*" \
	"$tamis" compile good.sieve -o none/x
check "dump: text" 0 "0000  1:1  keep" "$tamis" dump good.sieve
check "dump: saved form" 0 "0000  1:1  keep" "$tamis" dump good.bc
head -c 60 good.bc > cut.bc
check "dump: damaged" 1 "cut.bc: compiled script: *" "$tamis" dump cut.bc
check "run: text" 0 'discard line 1' "$tamis" run b.script m.eml
check "run: saved form" 0 'discard line 1' "$tamis" run b.bc m.eml
check "run: trace" 0 '*discard*T=0*discard line 1' \
	"$tamis" run --trace b.bc m.eml
check "run: bad time" 64 "*--now*" "$tamis" run b.bc m.eml --now x
check "run: one file" 64 "*usage: tamis run*" "$tamis" run b.bc
check "run: standard input" 0 'store "INBOX" line 1' \
	sh -c "'$tamis' run good.sieve - < m.eml"
check "ext" 0 "*fileinto*RFC 5228*" "$tamis" ext
check "ext: arguments" 64 "*usage: tamis ext*" "$tamis" ext x
check "full disk" 1 "*cannot write*" sh -c "'$tamis' dump good.sieve > /dev/full"
echo "1..$n"
