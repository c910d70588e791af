# shellcheck shell=sh disable=SC2034
# What every program test stands on.  A test file sources this, defines
# functions test_NAME, and ends with: run_tests "$@".  What takes long is named
# soak_NAME instead, and is run by "make soak"; or torture_NAME, for "make
# torture"; campaign_NAME does a little in "make test", and all in "make torture".
#
# Each function runs in a subshell of its own under "set -e", in an empty
# directory $T; it passes if nothing in it fails.  Whatever it left running is
# killed by process id afterwards: every process that has UPKEEP_TEST_RUN=$T in
# its environment, or its working directory in $T.  The output is TAP.
#
#   wait_until COMMAND...     true as soon as COMMAND is; false after $DEADLINE s
#   background COMMAND...     start it, its pid in $!, killed at the end
#   not COMMAND...            true if it fails ("! COMMAND" does not end a test)
#   skip REASON               end this test, counted as skipped
#   unsanitized               skip if the sanitizers would make system calls, too
#   not_in_valgrind           skip if it is valgrind's descriptors, limits or calls
#                             that would be seen
#   as_user COMMAND...        run as nobody if we are root, else as we are
#   tally CAMPAIGN WHO TRIED SURVIVED BEFORE FAULTS
#                             to be added up in the table of "make torture": how
#                             often it was tried on WHO, which survived, failed
#                             with a message before it was up, or did wrong
#   try CAMPAIGN WHO COMMAND...
#                             one attempt, in a subshell that ends when anything
#                             in it fails; tallies it, and counts in $FAULTS
#
# $BIN holds the programs under test and comes first in PATH; $TOOL holds the
# test tools; $SRC is the source tree.

LC_ALL=C
export LC_ALL
# A program that ends has no need to give its memory back; nor can who is traced
# be looked at for leaks.
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}"
umask 022
HERE=$(cd "${0%/*}" && pwd)
SRC=${HERE%/*/*}
BUILD=$(cd "${BUILD:-$SRC/build}" && pwd)
BIN=$BUILD/bin
TOOL=$BUILD/tests/tool
ORIGINAL_PATH=$PATH
PATH=$BIN:$PATH
export PATH
DEADLINE=${DEADLINE:-60}

# Builtins where they do: to execute a program costs what a hundred of them do.

now_ms() {
	read -r uptime _ </proc/uptime
	echo "${uptime%.*}${uptime#*.}0"
}

# for 20 ms or less; see tests/tool/tick.c
pause() {
	if [ -p "$TICK" ]; then
		read -r _ <"$TICK" || :
	else
		sleep 0.02
	fi
}

# The looks would drown the trace: it is off until they are over.  They come
# at growing intervals, because every look costs all that run beside it.  What
# the looks themselves take does not count, as the machine may be busy, unless it
# is very much.
wait_until() {
	{ set +x; } 2>/dev/null
	pauses=1 waited_ms=0
	read -r wait_began _ </proc/uptime
	until "$@"; do
		read -r uptime _ </proc/uptime
		if [ $waited_ms -ge "${DEADLINE}000" ] ||
		    [ $((${uptime%.*} - ${wait_began%.*})) -ge \
		        $((DEADLINE * 3)) ]; then
			echo "# gave up after $DEADLINE s waiting for: $*" >&2
			return 1
		fi
		waited_ms=$((waited_ms + pauses * 20)) paused=0
		while [ $paused -lt $pauses ]; do
			pause
			paused=$((paused + 1))
		done
		[ $pauses -ge 4 ] || pauses=$((pauses * 2))
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

not_in_valgrind() {
	[ -z "$IN_VALGRIND" ] ||
	    skip 'valgrind has descriptors, limits and calls of its own'
}

unsanitized() {
	not_in_valgrind
	if has __asan_ "$BIN/svscan"; then
		skip 'the sanitizers make such calls themselves'
	fi
}

tally() {
	[ -z "$TALLY" ] ||
	    printf '%s|%s|%s|%s|%s|%s|%s\n' "$@" "${0##*/}" >>"$TALLY"
}

try() {
	campaign=$1 who=$2
	shift 2
	"$@" &
	if wait $!; then
		tally "$campaign" "$who" 1 1 0 0
	else
		tally "$campaign" "$who" 1 0 0 1
		FAULTS=$((FAULTS + 1))
	fi
}

# of script(1), which a function of ours hides
needs_terminal() {
	env script -qec true /dev/null >/dev/null 2>&1 </dev/null ||
	    skip 'no script(1), or no terminal for it'
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
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
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
	line=$(svstat "$1")
	case $line in
	*': up (pid '*)
		line=${line##*: up (pid }
		echo "${line%%)*}"
		;;
	esac
}

is_up() {
	case $(svstat "$1") in
	*': up (pid '*) ;;
	*) return 1 ;;
	esac
}

is_down() {
	case $(svstat "$1") in
	*': down '*) ;;
	*) return 1 ;;
	esac
}

# 0 if the service in $1 runs with a pid other than $2
is_up_anew() {
	pid=$(pid_of "$1")
	[ -n "$pid" ] && [ "$pid" != "$2" ]
}

# script FILE: an executable made of standard input
script() {
	"$TOOL/script" "$1"
}

# processes_below DIRECTORY [NAME]: the pids of those whose working directory is
# there or below, which may have been deleted; of those with that name
processes_below() {
	"$TOOL/below" "$@"
}

# stat_of PID N: field N of its stat in /proc, counted from that after the name
stat_of() {
	read -r stat <"/proc/$1/stat" || return
	# shellcheck disable=SC2086
	set -- "$2" ${stat##*) }
	shift "$1"
	echo "$1"
}

parent_of() {
	stat_of "$1" 2
}

# user and system time of a process, in clock ticks
cpu_ticks() {
	echo $(($(stat_of "$1" 12) + $(stat_of "$1" 13)))
}

# how often a process has gone to sleep
switches() {
	sed -n 's/^voluntary_ctxt_switches:.//p' "/proc/$1/status"
}

clean_up() {
	"$TOOL/below" -k "$T"
	rm -rf "$T" "$T".* 2>/dev/null && return
	chmod -R u+rwx "$T"
	rm -rf "$T" "$T".*
}

# run_one NUMBER FUNCTION
run_one() {
	T=$(mktemp -d "${TMPDIR:-/tmp}/upkeep.XXXXXX") || exit 1
	T=$(cd "$T" && pwd -P) || exit 1
	PIDS=$T.pids
	REASON=$T.reason
	: >"$PIDS"
	(
		cd "$T" || exit 1
		exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
		export UPKEEP_TEST_RUN="$T"
		set -ex
		"$2"
	) >"$T.log" 2>&1 </dev/null
	result=$?
	[ -z "$LOGS" ] || cp "$T.log" "$LOGS/$(basename "$0" .sh).$2"
	# A test that is skipped may say so in a pipeline.
	[ ! -s "$REASON" ] || result=77
	case $result in
	0) echo "ok $1 - $name: ${2#*_}" ;;
	77) echo "ok $1 - $name: ${2#*_} # SKIP $(cat "$REASON")" ;;
	*)
		echo "not ok $1 - $name: ${2#*_}"
		tail -n 60 "$T.log" | sed 's/^/# /'
		failed=1
		;;
	esac
	clean_up
}

# A signal that ends the test must not keep it from being cleaned up.
run_tests() {
	failed=0 n=0 stopped=
	name=${0##*/}
	name=${HERE##*/}/${name%.sh}
	trap stopped=1 HUP INT TERM
	if [ $# -eq 0 ]; then
		# shellcheck disable=SC2046
		set -- $(sed -n \
		    "s/^\(\(${KIND:-test\|campaign}\)_[a-z0-9_]*\)().*/\1/p" \
		    "$0")
	fi
	echo "1..$#"
	for t; do
		run_one $((n += 1)) "$t"
		[ -z "$stopped" ] || exit 1
	done
	exit "$failed"
}
