# shellcheck shell=sh disable=SC2034
# What every program test stands on.  A test file sources this, defines
# functions test_NAME, and ends with: run_tests "$@"
#
# Each function runs in a subshell of its own under "set -e", in an empty
# directory $T; it passes if nothing in it fails.  Whatever it left running is
# killed by process id afterwards: every process whose working directory is
# below $T, and every one that "background" started.
#
#   wait_until COMMAND...     true as soon as COMMAND is; false after $DEADLINE s
#   never COMMAND...          false if COMMAND is true at any look during 1.5 s
#   background COMMAND...     start it, its pid in $!, killed at the end
#   not COMMAND...            true if it fails ("! COMMAND" does not end a test)
#   skip REASON               end this test, counted as skipped
#   as_user COMMAND...        run as nobody if we are root, else as we are
#
# $BIN holds the programs under test and comes first in PATH; $TOOL holds the
# test tools; $SRC is the source tree.

LC_ALL=C
export LC_ALL
# A program that ends has no need to give its memory back; nor can who is traced
# be looked at for leaks.
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}"
umask 022
SRC=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(cd "${BUILD:-$SRC/build}" && pwd)
BIN=$BUILD/bin
TOOL=$BUILD/tests/tool
ORIGINAL_PATH=$PATH
PATH=$BIN:$PATH
export PATH
DEADLINE=${DEADLINE:-30}

now_ms() {
	date +%s%3N
}

# The looks would drown the trace: it is off until they are over.
wait_until() {
	{ set +x; } 2>/dev/null
	end=$(($(date +%s) + DEADLINE))
	until "$@"; do
		if [ "$(date +%s)" -ge "$end" ]; then
			echo "# gave up after $DEADLINE s waiting for: $*" >&2
			return 1
		fi
		sleep 0.02
	done
	set -x
}

never() {
	{ set +x; } 2>/dev/null
	end=$(($(now_ms) + 1500))
	while [ "$(now_ms)" -lt "$end" ]; do
		if "$@"; then
			echo "# must never be true: $*" >&2
			return 1
		fi
		sleep 0.02
	done
	set -x
}

not() {
	if "$@"; then return 1; fi
}

background() {
	"$@" &
	echo $! >>"$PIDS"
}

skip() {
	echo "$*" >"$REASON"
	exit 77
}

as_user() {
	if [ "$(id -u)" != 0 ]; then
		"$@"
		return
	fi
	chmod 0711 "$T"
	nobody test -x "$BIN/svstat" || skip "nobody cannot go to $BIN"
	nobody "$@"
}

nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# 0 if a file holds a line that matches
has() {
	grep -q -- "$1" "$2" 2>/dev/null
}

# 0 if a process exists and is not a zombie
alive() {
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	case ${stat##*) } in
	[ZX]*) return 1 ;;
	esac
}

gone() {
	! alive "$1"
}

# the pid that the service in directory $1 runs with, by our own svstat; empty
# if there is none
pid_of() {
	svstat "$1" | sed -n 's/.*: up (pid \([0-9]*\)).*/\1/p'
}

is_up() {
	[ -n "$(pid_of "$1")" ]
}

is_down() {
	svstat "$1" | grep -q ': down '
}

# 0 if the service in $1 runs with a pid other than $2
is_up_anew() {
	pid=$(pid_of "$1")
	[ -n "$pid" ] && [ "$pid" != "$2" ]
}

# script FILE: an executable made of standard input
script() {
	cat >"$1.tmp"
	chmod 0755 "$1.tmp"
	mv "$1.tmp" "$1"
}

processes_below() {
	for link in /proc/[0-9]*/cwd; do
		case $(readlink "$link" 2>/dev/null) in
		"$1" | "$1"/*)
			pid=${link#/proc/}
			echo "${pid%/cwd}"
			;;
		esac
	done
}

# Is this pid still a process that the test has started?  Pids come again.
is_ours() {
	grep -qzx "UPKEEP_TEST_RUN=$2" "/proc/$1/environ" 2>/dev/null
}

clean_up() {
	for round in 1 2 3 4 5; do
		pids=$(processes_below "$1")
		while read -r pid; do
			if is_ours "$pid" "$3"; then pids="$pids $pid"; fi
		done <"$2"
		[ -n "$pids" ] || break
		# shellcheck disable=SC2086
		kill -KILL $pids 2>/dev/null
		sleep 0.05
	done
	: "$round"
}

run_one() {
	T=$(mktemp -d "${TMPDIR:-/tmp}/upkeep.XXXXXX")
	T=$(cd "$T" && pwd -P)
	LOG=$(mktemp "${TMPDIR:-/tmp}/upkeep.log.XXXXXX")
	PIDS=$LOG.pids
	REASON=$LOG.reason
	: >"$PIDS"
	(
		cd "$T" || exit 1
		exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
		export UPKEEP_TEST_RUN="$LOG"
		set -ex
		"$1"
	) >"$LOG" 2>&1 </dev/null
	result=$?
	# It may have been in a pipeline that a test was to be skipped.
	[ ! -s "$REASON" ] || result=77
	clean_up "$T" "$PIDS" "$LOG"
	name=$(basename "$(dirname "$0")")/$(basename "$0" .sh): 
	name="$name${1#test_}"
	case $result in
	0) echo "ok - $name" ;;
	77) echo "skip - $name: $(cat "$REASON")" ;;
	*)
		echo "not ok - $name"
		tail -n 60 "$LOG" | sed 's/^/# /'
		failed=1
		;;
	esac
	chmod -R u+rwx "$T" 2>/dev/null
	rm -rf "$T" "$LOG" "$PIDS" "$REASON"
}

run_tests() {
	failed=0
	if [ $# -eq 0 ]; then
		# shellcheck disable=SC2046
		set -- $(sed -n 's/^\(test_[a-z0-9_]*\)().*/\1/p' "$0")
	fi
	for t; do
		run_one "$t"
	done
	exit "$failed"
}
