# Installs the programs that the tests need, where that is possible: on Debian,
# as root. A failure to install is reported and nothing more; whether a test
# may do without is said by PARLEY_TEST_REQUIRE. Sourced by test.sh.

# feature, program that proves it is there, packages of Debian
test_programs='
chromium chromium chromium
redis redis-server redis-server
postgres pg_ctlcluster postgresql
django python3 python3-channels-redis python3-django-channels
'

# The Python of Debian's packages, or another one that has them: the tests of
# channels_redis use the same.
has_django() {
	"${PARLEY_TEST_PYTHON:-/usr/bin/python3}" -c 'import channels, channels_redis' >/dev/null 2>&1
}

# has FEATURE: whether its program is there.
has() {
	local feature program
	[ "$1" != django ] || has_django || return 1
	while read -r feature program _; do
		[ "$feature" = "$1" ] && command -v "$program" >/dev/null && return 0
	done <<<"$test_programs"
	return 1
}

install_missing() {
	local feature program packages missing=()
	while read -r feature program packages; do
		# shellcheck disable=SC2206 # several words are several packages
		[ -z "$feature" ] || has "$feature" || missing+=($packages)
	done <<<"$test_programs"
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "    cannot install ${missing[*]} here: not Debian, or not root"
		return 0
	fi
	echo "    installing ${missing[*]}"
	apt_get update && apt_get install -y --no-install-recommends "${missing[@]}" ||
		echo "    installing failed"
}

apt_get() {
	local log
	log=$(mktemp)
	if DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1 </dev/null; then
		rm -f "$log"
	else
		tail -n 20 "$log" && rm -f "$log" && return 1
	fi
}

# require_all: whether everything that PARLEY_TEST_REQUIRE names and that this
# file knows is there. Go tests look after the other names themselves.
require_all() {
	local feature missing=0
	for feature in $(tr ',' ' ' <<<"${PARLEY_TEST_REQUIRE:-}"); do
		grep -q "^$feature " <<<"$test_programs" || continue
		has "$feature" || { echo "    PARLEY_TEST_REQUIRE names $feature, which is not there" && missing=1; }
	done
	return $missing
}
