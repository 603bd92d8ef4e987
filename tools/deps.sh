# What it takes to build and test Tamis on Debian 12; read by check and demo.
# Build tools and passive test tools only, never a mail server.
#
#   tamis_deps build        what ./demo needs
#   tamis_deps build test   what ./check needs

tamis_build_deps="gcc libc6-dev make autoconf automake pkg-config libssl-dev libsasl2-dev libpcre2-dev libsqlite3-dev libunistring-dev
	python3-minimal python3 xz-utils"
tamis_test_deps="clang-14 clang-format-14 clang-tidy-14
	libcmocka-dev libsasl2-modules libsieve2-dev libfaketime mandoc strace linux-perf perl git e2fsprogs xfsprogs"

deps_missing() {
	for p in "$@"; do
		s=$(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null) ||
			s=
		case $s in ii*) ;; *) echo "$p" ;; esac
	done
}

# Install what is missing when that is possible, else say it and fail.
tamis_deps() {
	want=
	for set in "$@"; do
		eval "want=\"\$want \$tamis_${set}_deps\""
	done
	if ! command -v dpkg-query >/dev/null; then
		echo "not a Debian system: nothing is installed for you;" \
			"needed are" $want
		return 0
	fi
	missing=$(deps_missing $want)
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "missing packages; as root: apt-get install" \
			"--no-install-recommends" $missing >&2
		return 1
	fi
	echo "installing" $missing
	deps_log=$(mktemp)
	{
		apt-get update -q &&
		DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
			--no-install-recommends $missing
	} </dev/null >"$deps_log" 2>&1 || {
		tail -n 20 "$deps_log" >&2
		rm -f "$deps_log"
		return 1
	}
	rm -f "$deps_log"
}
