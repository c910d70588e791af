#!/bin/sh
# supervise killed at each of its system calls: while it starts a service, while
# it starts a dead one again, with a finish and without, while it stops one.
# Those that its child makes until it has executed are among them, and at these
# the child is killed as well.  Whatever happens, the service never runs twice at
# once, nor beside its finish, what svstat says is so, and it runs again soon.
#
#   STEP=1         every system call; every tenth one if not set
#   OFFSET=0       of those, from 0 to STEP - 1: another one every day
#   WIDTH=8        that many at a time
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

STEP=${STEP:-10}
OFFSET=${OFFSET:-$(($(date +%s) / 86400 % STEP))}
WIDTH=${WIDTH:-8}
ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS-}
export ASAN_OPTIONS

# The most system calls that a supervise makes in one of these tests if it does
# not spin; it makes about 200.
CALLS_MAX=1000

# service NAME: it holds a lock, and says so in err if another has it
service() {
	mkdir -p "$1"
	echo '200 200' >"$1/restart-delay"
	script "$1/run" <<-'END'
		#!/bin/sh
		exec setlock -n running sh -c 'echo $$ >holder; exec sleep 1000'
	END
}

# 0 if svstat names a process that lives and is the one that holds the lock
runs() {
	pid=$(pid_of "$1")
	[ -n "$pid" ] && alive "$pid" &&
	    [ "$pid" = "$(cat "$1/holder" 2>/dev/null)" ]
}

# 0 if svstat says that nothing runs, and nothing does
is_stopped() {
	is_down "$1" && setlock -n "$1/running" true 2>/dev/null
}

# Not by taking the lock, which a start may need at that moment.
is_settled() {
	runs "$1" || { is_down "$1" && gone "$(cat "$1/holder")"; }
}

supervised() {
	case $(svstat "$1") in
	*'not running' | *'unable to '*) return 1 ;;
	esac
}

# As svscan would: one that could not start is started again.
has_supervise() {
	if gone "$SUP"; then
		supervise "$1" 2>>"$1/err" &
		SUP=$!
		echo "$SUP" >>"$PIDS"
	fi
	supervised "$1"
}

# traced DIRECTORY ARGUMENT...: of kill_at, whose pid is $TRACE
traced() {
	trace=$1/trace
	shift
	# shellcheck disable=SC2086
	background "$TOOL/kill_at" $WHOSE "$@"
	TRACE=$!
	wait_until has '^ready\|^denied' "$trace"
}

# Not every run makes as many calls as the one that was counted.
wait_for_call() {
	DEADLINE=3 wait_until has '^killed\|^count' "$1/trace" || :
	if [ -z "$WHOSE" ]; then kill -KILL "$SUP" 2>/dev/null || :; fi
}

# The moments.  Each is left with supervise killed at its N-th call; with WHOSE
# -c, with one whose child was killed at its N-th call; with N 0, when it is past.

at_start() {
	service "$1"
	traced "$1" -d "$1/trace" "$2" supervise "$1" 2>>"$1/err"
	SUP=$TRACE
	if [ "$2" = 0 ]; then wait_until runs "$1"; else wait_for_call "$1"; fi
}

at_restart() {
	service "$1"
	SUP=none
	wait_until has_supervise "$1"
	wait_until runs "$1"
	traced "$1" -p "$SUP" "$1/trace" "$2"
	kill -KILL "$(cat "$1/holder")"
	if [ "$2" = 0 ]; then wait_until runs "$1"; else wait_for_call "$1"; fi
}

at_finish() {
	mkdir "$1"
	script "$1/finish" <<-'END'
		#!/bin/sh
		exec setlock -n running sh -c 'echo x >>finishes'
	END
	at_restart "$1" "$2"
	[ "$2" != 0 ] || wait_until test -s "$1/finishes"
}

# After the death that was watched, after the last one, and after that of a child
# that was killed as it executed; never twice for one.
finished_once_each() {
	[ ! -e "$1/finishes" ] ||
	    [ "$(wc -l <"$1/finishes")" -le $((2 + ${#WHOSE} / 2)) ]
}

at_stop() {
	service "$1"
	SUP=none
	wait_until has_supervise "$1"
	wait_until runs "$1"
	traced "$1" -p "$SUP" "$1/trace" "$2"
	svc -d "$1"
	if [ "$2" = 0 ]; then
		wait_until is_stopped "$1"
	else
		wait_for_call "$1"
	fi
}

never_doubled() {
	not has 'unable to lock' "$1/err"
	finished_once_each "$1"
}

# kill_round MOMENT DIRECTORY N
kill_round() {
	WHOSE=
	"at_$1" "$2" "$3"
	wait_until gone "$SUP"
	wait_until has_supervise "$2"
	if [ "$1" = stop ]; then
		wait_until is_settled "$2"
		svc -u "$2"
	fi
	wait_until runs "$2"
	never_doubled "$2"
	svc -dx "$2"
	wait_until gone "$SUP"
	never_doubled "$2"
	setlock -n "$2/running" true
}

is_as_told() {
	svc "-$2" "$1"
	if [ "$2" = d ]; then is_stopped "$1"; else runs "$1"; fi
}

# It may end only before it has started anything, and not without a word.
lives_or_said_why() {
	if [ "$2" != start ] || not has '^supervise: fatal: ' "$1/err"; then
		alive "$SUP"
	fi
}

# child_round MOMENT DIRECTORY N
child_round() {
	WHOSE=-c
	survive_round "$@"
}

survive_round() {
	"at_$1" "$2" "$3"
	lives_or_said_why "$2" "$1"
	wait_until has_supervise "$2"
	if [ "$1" = stop ]; then
		wait_until is_as_told "$2" d
		wait_until is_as_told "$2" u
	fi
	wait_until runs "$2"
	lives_or_said_why "$2" "$1"
	never_doubled "$2"
	svc -dx "$2"
	wait_until gone "$SUP"
	wait_until gone "$TRACE"
	[ "$(calls "$2")" -lt "$CALLS_MAX" ]
	never_doubled "$2"
	setlock -n "$2/running" true
}

calls() {
	sed -n 's/^count //p' "$1/trace"
}

is_rested() {
	[ $(($(now_ms) - BEGAN)) -gt 300 ]
}

# How many calls a supervise, or its child, makes at that moment, and until the
# delay after it is over.
count_calls() {
	"at_$1" "count-$1" 0
	BEGAN=$(now_ms)
	wait_until is_rested
	kill -TERM "$TRACE"
	wait_until has '^count' "count-$1/trace"
	COUNT=$(calls "count-$1")
	[ "$COUNT" -gt 10 ]
	svc -dx "count-$1"
}

wait_for_rounds() {
	for pid_and_name in $BATCH; do
		code=0
		wait "${pid_and_name%%:*}" || code=$?
		name=${pid_and_name#*:}
		if [ "$code" != 0 ]; then
			tally "$ROW" upkeep 1 0 0 1
			echo "$name" >>failures
			tail -n 25 "$name.log" >&2
			(cd "$name" && cat trace err supervise/report) >&2
		else
			if has '^supervise: fatal: ' "$name/err"; then
				tally "$ROW" upkeep 1 0 1 0
			else
				tally "$ROW" upkeep 1 1 0 0
			fi
			echo "$name" >>successes
			rm -rf "$name" "$name.log"
		fi
	done
	BATCH=
}

# one KIND MOMENT N: in the background, WIDTH of them at a time
one() {
	name=$1-$2-$3
	(
		set -x
		"${1}_round" "$2" "$name" "$3"
	) >"$name.log" 2>&1 &
	BATCH="$BATCH $!:$name"
	# shellcheck disable=SC2086
	set -- $BATCH
	[ $# -lt "$WIDTH" ] || wait_for_rounds
}

can_trace() {
	"$TOOL/kill_at" denied 1 true || :
	not has '^denied' denied || skip "$(sed -n 's/^denied //p' denied)"
}

# rounds KIND MOMENT: each call in its turn
rounds() {
	can_trace
	WHOSE=
	if [ "$1" = child ]; then WHOSE=-c; fi
	case $1 in
	kill) ROW='supervise is killed, at each call' ;;
	child) ROW='the child of supervise is killed before it executes, at each call' ;;
	esac
	count_calls "$2"
	BATCH=
	: >successes
	{ set +x; } 2>/dev/null
	n=$((STEP - OFFSET))
	while [ "$n" -le "$COUNT" ]; do
		one "$1" "$2" "$n"
		n=$((n + STEP))
	done
	wait_for_rounds
	set -x
	not cat failures
	[ -s successes ]
}

campaign_killed_at_every_call_of_a_start() {
	rounds kill start
}

campaign_killed_at_every_call_of_a_restart() {
	rounds kill restart
}

campaign_killed_at_every_call_of_a_finish() {
	rounds kill finish
}

campaign_killed_at_every_call_of_a_stop() {
	rounds kill stop
}

campaign_child_killed_at_every_call_of_a_start() {
	rounds child start
}

campaign_child_killed_at_every_call_of_a_finish() {
	rounds child finish
}

run_tests "$@"
