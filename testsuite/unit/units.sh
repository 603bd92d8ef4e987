#!/bin/sh
# The units are what systemd understands, and expose little: its own score,
# 0 (safe) to 10, is to stay under 2.
unit=$top_builddir/conf/systemd/tamis-lmtpd.service

echo 1..2
if grep -q '@[a-z]*@' "$unit" || ! [ -s "$unit" ]; then
	echo "not ok 1 - paths are filled in"
else
	echo "ok 1 - paths are filled in"
fi
if ! command -v systemd-analyze >/dev/null; then
	echo "ok 2 # SKIP no systemd-analyze"
elif said=$(systemd-analyze security --offline=yes --threshold=20 "$unit" \
	2>&1); then
	echo "ok 2 - exposure: ${said##*level for }"
elif echo "$said" | grep -q 'unrecognized option\|Unknown option'; then
	echo "ok 2 # SKIP systemd-analyze is too old"
else
	echo "not ok 2 - systemd-analyze security"
	echo "$said" | grep -v '✓' | tail -20 | sed 's/^/# /'
fi
