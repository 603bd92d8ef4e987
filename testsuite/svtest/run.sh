# The suites, each extension that was built in; then the runner itself: what
# fails must be seen to fail.
tamis=${top_builddir:-.}/tools/tamis
case $tamis in /*) ;; *) tamis=$PWD/$tamis ;; esac
cd "${top_srcdir:-.}/testsuite/svtest" || exit 99
suites=
for f in *.svtest; do
	case $f in
	regex.svtest | spamtest.svtest) "$tamis" ext | grep -q '^regex' || continue ;;
	esac
	suites="$suites $f"
done
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' 0
# shellcheck disable=SC2086
"$tamis" test $suites > "$dir/out" 2>&1
status=$?
grep -v '^1\.\.' "$dir/out"
n=$(grep -c '^\(not \)\{0,1\}ok ' "$dir/out")
result() {
	n=$((n + 1))
	echo "$1 $n - $2"
}
if [ $status = 0 ]; then result ok "exit status 0"; else
	result "not ok" "exit status 0: got $status"
fi

# fails NAME PATTERN: the suite on standard input exits 1 and prints that
fails() {
	cat > "$dir/x.svtest"
	out=$("$tamis" test "$dir/x.svtest" 2>&1)
	got=$?
	case $got,$out in
	1,$2) result ok "$1" ;;
	*)
		result "not ok" "$1: exit $got"
		echo "$out" | sed 's/^/# /'
		;;
	esac
}
req='require "vnd.dovecot.testsuite";'
nl='
'
fails "test_fail" "*not ok 1 - a: line 2: why${nl}ok 2 - b${nl}1..2" << EOF
$req
test "a" { test_fail "why"; test_fail "never"; }
test "b" { }
EOF
fails "the innermost block is left" "*not ok 1 - a: *: one${nl}1..1" << EOF
$req
test "a" { if true { if not false { test_fail "one"; } } test_fail "two"; }
EOF
fails "test_fail outside of a case" "*ok 1 - a${nl}not ok 2 - *: out${nl}1..2" << EOF
$req
test "a" { }
test_fail "out";
test "b" { }
EOF
fails "does not compile" "*:2:*${nl}not ok 1 - *does not compile${nl}1..1" << EOF
$req
test "a" { frop; }
EOF
fails "a case in a block" "*:2:*${nl}not ok 1 - *does not compile${nl}1..1" << EOF
$req
if true { test "a" { } }
EOF
fails "a case in a case" "*:2:*${nl}not ok 1 - *does not compile${nl}1..1" << EOF
$req
test "a" { test "b" { } }
EOF
fails "an object nobody knows" "*unknown object*" << EOF
$req
test_set "frop" "x";
EOF
fails "a message that is not there" "*not ok 1 - a: *message 3*ok 2*" << EOF
$req
test "a" { test_message :smtp 3; }
test "b" { }
EOF
fails "mailboxes cannot be deleted" "*not ok 1 - a: *" << EOF
$req
test "a" { test_mailbox_delete "INBOX"; }
EOF
fails "a setting with a bad value" "*not ok 1 - a: *sieve_max_actions*" << EOF
$req
test "a" { test_config_set "sieve_max_actions" "x"; test_config_reload; }
EOF
fails "an unknown extension" "*not ok 1 - a: *unknown extension*" << EOF
$req
test "a" { test_config_reload :extension "frop"; }
EOF
fails "nothing saved" "*not ok 1 - a: *saved*" << EOF
$req
test "a" { test_binary_load "x"; }
EOF
fails "a case that cannot go on" "*not ok 1 - a: line 2: redirect*ok 2 - b*" << EOF
require ["vnd.dovecot.testsuite", "variables"];
test "a" { set "x" "none"; redirect "\${x} \${x}"; }
test "b" { }
EOF
fails "no cases" "*no tests*1..0" << EOF
$req
EOF
fails "names are one line" "*not ok 1 - a*b: *c*d${nl}1..1" << EOF
$req
test "a
b" { test_fail "c
d"; }
EOF

# usage NAME STATUS PATTERN ARGUMENT...
usage() {
	name=$1 want=$2 pattern=$3
	shift 3
	out=$("$tamis" "$@" 2>&1)
	got=$?
	case $got,$out in
	$want,$pattern) result ok "$name" ;;
	*) result "not ok" "$name: exit $got, $out" ;;
	esac
}
usage "no file named" 64 "*which test suite*" test
usage "no such file" 1 "*No such file*not ok 1*" test "$dir/none.svtest"
printf '%s\ntest "a" { }\n' "$req" > "$dir/good.svtest"
usage "two files are numbered on" 0 "# *ok 1 - a${nl}# *ok 2 - a${nl}1..2" \
	test "$dir/good.svtest" "$dir/good.svtest"
usage "only tamis test knows the language" 1 "*unknown capability*" \
	check "$dir/good.svtest"
usage "tamis ext does not list it" 0 "*fileinto*" ext
case $("$tamis" ext) in
*testsuite*) result "not ok" "tamis ext lists it" ;;
*) result ok "it is not in tamis ext" ;;
esac
echo "1..$n"
