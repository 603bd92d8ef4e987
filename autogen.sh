#!/bin/sh
# Make configure. Also lists the Sieve extensions: one file in sieve/ext/ is
# one extension, and no list is kept by hand.
set -e
cd "$(dirname "$0")"

# sieve/ext.am for the build, sieve/ext_table.inc for sieve/ext.c
sources= table=
for f in $(LC_ALL=C ls sieve/ext/*.c 2>/dev/null); do
	name=$(basename "$f" .c | tr - _)
	sources="$sources $f"
	table="$table
EXT($name)"
done
echo "ext_sources =$sources" > sieve/ext.am.new
cmp -s sieve/ext.am.new sieve/ext.am && rm sieve/ext.am.new ||
	mv sieve/ext.am.new sieve/ext.am
echo "/* made by autogen.sh from the files in sieve/ext */$table" \
	> sieve/ext_table.inc.new
cmp -s sieve/ext_table.inc.new sieve/ext_table.inc &&
	rm sieve/ext_table.inc.new ||
	mv sieve/ext_table.inc.new sieve/ext_table.inc

mkdir -p m4
autoreconf --install --force --warnings=all,no-obsolete
