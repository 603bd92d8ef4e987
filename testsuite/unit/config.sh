#!/bin/sh
# tamis config: what it prints, where, and its exit status.
tool=$top_builddir/testsuite/unit/config-main
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
unset CYRUS_SERVICE
n=0

# check NAME EXPECTED-STATUS STATUS EXPECTED-TEXT FILE
check() {
	n=$((n + 1))
	if [ "$2" = "$3" ] && { [ -z "$4" ] || grep -qxF -e "$4" "$5"; }; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1 (status $3, wanted $2)"
		sed 's/^/# /' "$dir/out" "$dir/err"
	fi
}
run() {
	"$tool" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

cat >"$dir/good" <<END
configdirectory: $dir
partition-default: {configdirectory}/mail
maxmessagesize: 10M
lmtpx_maxmessagesize: 20M
munge8bit: yes
debug: t
END
cat >"$dir/bad" <<END
configdirectory: $dir
maxmesagesize: 10
debug: maybe
END

run -C "$dir/good"
check 'a setting of the file' 0 $status \
	"maxmessagesize: 10M  # $dir/good:3" "$dir/out"
check 'a default' 0 $status 'umask: 077  # default' "$dir/out"
check 'an unset one' 0 $status 'servername: (unset)  # default' "$dir/out"
check 'a switch' 0 $status "debug: yes  # $dir/good:6" "$dir/out"
check 'a partition' 0 $status \
	"partition-default: $dir/mail  # $dir/good:2" "$dir/out"
check 'warnings on stderr' 0 $status \
	"$dir/good:5: warning: munge8bit is not honoured by this version" \
	"$dir/err"

run --changed -C"$dir/good"
check 'changed ones' 0 $status \
	"maxmessagesize: 10M  # $dir/good:3" "$dir/out"
check 'changed ones only' 0 "$(grep -c default$ "$dir/out")"

CYRUS_SERVICE=lmtpx run -C "$dir/good"
check 'service from the environment' 0 $status \
	"maxmessagesize: 20M  # $dir/good:4" "$dir/out"

run check -C "$dir/good"
check 'check of a good file' 0 $status
check 'check prints messages only' 1 "$(wc -l <"$dir/out")"

run check -C "$dir/bad"
check 'all errors, 1' 78 $status \
	"$dir/bad:2: warning: unknown option \"maxmesagesize\"; did you mean \"maxmessagesize\"?" \
	"$dir/out"
check 'all errors, 2' 78 $status \
	"$dir/bad:3: error: debug: \"maybe\" must be yes or no" "$dir/out"
check 'all errors, 3' 78 $status \
	"$dir/bad: error: no partition is set, as in \"partition-default: /var/spool/mail\"" \
	"$dir/out"
run -C "$dir/bad"
check 'nothing shown of a bad file' 78 $status
check 'but its errors' 78 $status \
	"$dir/bad:3: error: debug: \"maybe\" must be yes or no" "$dir/err"

run -C "$dir/none"
check 'no such file' 78 $status \
	"$dir/none: error: cannot read \"$dir/none\": No such file or directory" \
	"$dir/err"
for args in '-C' '-x' 'check --changed' 'chekc'; do
	run $args
	check "usage: $args" 64 $status
done
"$tool" -C "$dir/good" >/dev/full 2>/dev/null
check 'output cannot be written' 74 $?
echo "1..$n"
