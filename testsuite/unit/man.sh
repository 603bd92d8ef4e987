#!/bin/sh
# The manual page is what the tables say, and mandoc has nothing against it.
page=$top_srcdir/doc/tamis-imapd.conf.5
made=$(mktemp) || exit 99
trap 'rm -f "$made"' EXIT

echo 1..2
if "$top_builddir/tools/gen-conf-man" >"$made" && cmp -s "$made" "$page"; then
	echo "ok 1 - tamis-imapd.conf.5 is up to date"
else
	echo "not ok 1 - tamis-imapd.conf.5 is out of date: run make man"
	diff "$page" "$made" | sed 's/^/# /'
fi
if ! command -v mandoc >/dev/null; then
	echo "ok 2 # SKIP no mandoc"
elif said=$(mandoc -Tlint -Wwarning "$page"); then
	echo "ok 2 - mandoc -Tlint"
else
	echo "not ok 2 - mandoc -Tlint"
	echo "$said" | sed 's/^/# /'
fi
