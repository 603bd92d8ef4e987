# libtamis-sieve as another program sees it: installed, found by pkg-config,
# from C and from C++, shared and static. TAP.
top=$(cd "${top_srcdir:-.}" && pwd)
here=$top/testsuite/library
build=$(cd "${top_builddir:-.}" && pwd)
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' 0
n=0
# result NAME: of the command before
result() {
	status=$?
	n=$((n + 1))
	if [ $status = 0 ]; then echo "ok $n - $1"; else
		echo "not ok $n - $1"
		sed 's/^/# /' "$dir/log"
	fi
}
# try NAME COMMAND...
try() {
	name=$1
	shift
	"$@" > "$dir/log" 2>&1
	result "$name"
}

# what make gave us belongs to the make that runs this test
unset MAKEFLAGS MFLAGS MAKELEVEL
try "make install" make -s -C "$build" install DESTDIR="$dir/root"
pc=$(find "$dir/root" -name tamis-sieve.pc)
lib=${pc%/pkgconfig/tamis-sieve.pc}
export PKG_CONFIG_PATH="$lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$dir/root"
flags=$(${PKG_CONFIG:-pkg-config} --cflags --libs tamis-sieve 2> "$dir/log")
result "pkg-config finds it"
cflags=$(${PKG_CONFIG:-pkg-config} --cflags tamis-sieve 2>> "$dir/log")
export LD_LIBRARY_PATH="$lib"
cd "$dir" || exit 99
# shellcheck disable=SC2086
{
	cc="${CC:-cc} $LIBRARY_CFLAGS"
	try "the example compiles" $cc -o example "$top/doc/example/example.c" $flags
	try "with all warnings" $cc -std=c11 -Wall -Wextra -pedantic -Werror \
		-fsyntax-only "$top/doc/example/example.c" $cflags
	try "offsets are what they were" $cc -c -o abi.o "$here/abi.c" $flags
	try "the host compiles" $cc -o host "$here/host.c" $flags -lpthread
	private="$(${PKG_CONFIG:-pkg-config} --libs libcrypto) \
	    $(sed -n 's/^Libs.private://p' "$pc") \
	    ${PCRE2_LIBS-$(${PKG_CONFIG:-pkg-config} --libs libpcre2-8)}"
	try "the host compiles, static" $cc -o static "$here/host.c" \
		"-I$dir/root$(sed -n 's/^prefix=//p' "$pc")/include" \
		"$lib/libtamis-sieve.a" $private -lpthread
	if ${CXX:-c++} --version > /dev/null 2>&1; then
		try "C++" ${CXX:-c++} -x c++ -Wall -Wextra -pedantic -Werror \
			-fsyntax-only "$here/abi.c" $flags
	else
		n=$((n + 1))
		echo "ok $n - C++ # SKIP no C++ compiler"
	fi
}

printf 'require "fileinto"; if header "Subject" "x" { fileinto "X"; }\n' > s
printf 'Subject: x\n\nbody\n' > m
try "the example runs" sh -c './example s m | grep -x "store X"'
echo 'frop;' > bad
try "and complains" sh -c './example bad m 2>&1 | grep "bad:1:1: unknown"'

for program in host static; do
	./$program > out 2> "$dir/log"
	[ $? = 0 ] && grep -q '^1\.\.' out
	result "$program: exit status"
	sed -n 's/^ok [0-9]* - //p' out > good
	while read -r line; do n=$((n + 1)); echo "ok $n - $program: $line"; done < good
	sed -n 's/^not ok [0-9]* - //p' out > bad
	while read -r line; do
		n=$((n + 1))
		echo "not ok $n - $program: $line"
	done < bad
done

so=$(find "$lib" -name 'libtamis-sieve.so.*' -type f)
sed -n 's/^	\(tamis_[a-z_]*\);$/\1/p' "$top/sieve/libtamis-sieve.map" | sort > want
nm -D --defined-only "$so" | awk '$2 ~ /[TDBRVW]/ { sub(/@.*/, "", $3); print $3 }' |
	grep -v '^TAMIS_SIEVE_[0-9]' | sort > got
try "exported: the names of the map" diff want got
nm --defined-only "$lib/libtamis-sieve.a" 2> /dev/null |
	awk 'NF == 3 && $2 ~ /[TDBRVWC]/ { print $3 }' |
	grep -v -e asan -e ubsan -e '^__odr' -e '^DW\.ref' | sort > got
try "static: the names of the map" diff want got
grep -v typedef "$top/sieve/tamis/sieve.h" | grep -o 'tamis_sieve_[a-z_]*(' | tr -d '(' | sort -u > header
try "the header declares the names of the map" diff want header
nm -D --undefined-only "$so" | awk '{ sub(/@.*/, "", $2); print $2 }' | grep -x \
	-e 'f*open\(64\|at\|at64\)*' -e creat -e fdopen -e read -e write -e send \
	-e recv -e socket -e connect -e stat -e unlink -e rename -e fork -e 'exec.*' \
	-e system -e getenv -e setenv -e setlocale -e printf -e puts -e signal \
	-e sigaction -e syslog > log
[ ! -s log ]
result "it calls nothing that does input or output"
readelf -d "$so" | grep -q 'SONAME.*libtamis-sieve\.so\.[0-9]*\]'
result "soname"
[ -L "$lib/libtamis-sieve.so" ] && [ -e "$lib/libtamis-sieve.so" ]
result "the name for the linker"
for man in libtamis-sieve.3; do
	find "$dir/root" -name $man | grep -q .
	result "manual page"
	for name in $(cat want); do
		grep -q "$name" "$top/doc/$man" || echo "$name" >> missing
	done
	[ ! -e missing ]
	result "it names every function"
done
try "make uninstall" make -s -C "$build" uninstall DESTDIR="$dir/root"
[ -z "$(find "$dir/root" -name '*tamis-sieve*')" ]
result "nothing is left"
echo "1..$n"
