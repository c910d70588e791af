#!/bin/sh
# svscan with each of its system calls failing once, from the moment at which it
# enters its directory until its end.  Whatever fails, the services come up,
# none runs twice, and TERM ends them all.
#
#   STEP=1         every system call; every sixtieth one if not set
#   OFFSET=0       of those, from 0 to STEP - 1: another one every day
#   WIDTH=8        that many at a time
#   ERRORS=EIO     what they fail with; several words: with each of them
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

STEP=${STEP:-60}
OFFSET=${OFFSET:-$(($(date +%s) / 86400 % STEP))}
WIDTH=${WIDTH:-8}

# service DIRECTORY: it complains in err if another one runs
service() {
	mkdir -p making/log
	script making/run <<-'END'
		#!/bin/sh
		exec 2>>../../err
		echo begun
		exec setlock -n running sleep 100000
	END
	printf '#!/bin/sh\nexec cat >>got\n' | script making/log/run
	mkdir -p "$(dirname "$1")"
	mv making "$1"
}

# trace ARGUMENT...: svscan under kill_at; its pid in $scan
trace() {
	"$TOOL/kill_at" "$@" svscan services 2>err &
	tracer=$!
	echo "$tracer" >>"$PIDS"
	wait_until has '^ready\|^denied' trace
	not has '^denied' trace || skip "$(sed -n 's/^denied //p' trace)"
	# It may have ended already.
	scan=$(sed 's/ .*//' "/proc/$tracer/task/$tracer/children") || :
}

both_up() {
	for dir in services/*; do
		is_up "$dir" && is_up "$dir/log" || return 1
	done
	[ -d services/b ]
}

# As whoever has started it would: what ends at the start is started again.
all_up() {
	if gone "${scan:-none}"; then
		has '^svscan: fatal: ' err || return 1
		svscan services 2>>err &
		scan=$!
		echo "$scan" >>"$PIDS"
	fi
	both_up
}

stopped() {
	not svok services/a && not svok services/b
}

case $(uname -m) in
x86_64) CLOSE=3 ;;
*) CLOSE=57 ;;
esac

# life N [ERROR]: of an svscan whose N-th call fails
life() {
	service services/a
	trace ${2+-e "$2"} -d trace "$1"
	service services/b
	wait_until all_up
	wait_until has begun services/a/log/got
	kill -TERM "$scan"
	# What was not closed in truth keeps the logger from its end of file.
	if has "^failed [0-9]* $CLOSE\$" trace; then
		wait_until stopped
		kill -TERM "$scan" || :
	fi
	wait_until gone "$scan"
	wait_until has '^count' trace
	for dir in services/a services/b; do
		not svok "$dir"
		not svok "$dir/log"
		setlock -n "$dir/running" true
	done
	not has '^setlock' err
}

lives() {
	for pid_and_name in $BATCH; do
		name=${pid_and_name#*:}
		if wait "${pid_and_name%%:*}"; then
			if has '^svscan: fatal: ' "$name/err"; then
				tally 'svscan: each call fails' upkeep 1 0 1 0
			else
				tally 'svscan: each call fails' upkeep 1 1 0 0
			fi
			echo "$name" >>successes
			rm -rf "$name" "$name.log"
		else
			tail -n 25 "$name.log" >&2
			(cd "$name" && cat trace err) >&2
			tally 'svscan: each call fails' upkeep 1 0 0 1
			echo "$name" >>failures
		fi
	done
	BATCH=
}

# every_call ERROR...: with one after the other, or with all of $ERRORS
every_call() {
	[ -e /proc/$$/task/$$/children ] || skip "no list of children in /proc"
	"$TOOL/kill_at" -e EIO denied 1 true || :
	not has '^denied' denied || skip "$(sed -n 's/^denied //p' denied)"
	mkdir count
	(cd count && life 0)
	calls=$(sed -n 's/^count //p' count/trace)
	[ "$calls" -gt 100 ]
	BATCH=
	: >successes
	{ set +x; } 2>/dev/null
	n=$((STEP - OFFSET))
	while [ "$n" -le "$calls" ]; do
		for error in ${ERRORS:-$1}; do
			mkdir "$n-$error"
			(cd "$n-$error" && set -x && life "$n" "$error") \
			    >"$n-$error.log" 2>&1 &
			BATCH="$BATCH $!:$n-$error"
			[ "$(echo "$BATCH" | wc -w)" -lt "$WIDTH" ] || lives
		done
		first=$1
		shift
		set -- "$@" "$first"
		n=$((n + STEP))
	done
	lives
	set -x
	not cat failures
	[ "$(wc -l <successes)" -ge 3 ]
}

campaign_every_call_fails() {
	every_call EMFILE EINTR EIO
}

campaign_every_call_fails_in_another_way() {
	every_call ENOMEM EAGAIN ENOSPC
}

# injected CALL=ERROR: strace(1) lets calls fail that come before the directory
# is entered, too.
injected() {
	if has __asan_ "$BIN/svscan"; then
		skip "the sanitizers make such calls themselves"
	fi
	strace -o /dev/null true 2>/dev/null || skip "no strace, or not for us"
	service services/a
	strace -D -o trace -e "trace=${1%%:*}" -e "inject=$1" \
	    svscan services 2>err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until is_up services/a
	wait_until is_up services/a/log
	# one more scan, or two
	called() {
		kill -ALRM "$scan"
		has INJECTED trace
	}
	wait_until called
	kill "$scan"
	# What was not closed in truth keeps the logger from its end of file.
	wait_until not svok services/a
	kill "$scan" || :
	wait_until gone "$scan"
}

test_interrupted_close() {
	for i in 1 2 3 4 5 6; do
		injected close:error=EINTR:when=$i
		wait_until not svok services/a/log
		rm -r services
	done
}

test_limits_not_permitted() {
	injected prlimit64,setrlimit,getrlimit:error=EPERM
	has '^begun' services/a/log/got
}

run_tests "$@"
