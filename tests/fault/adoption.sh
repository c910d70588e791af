#!/bin/sh
# supervise, svscan, or both killed at random moments, with services in every
# state: none ever runs twice at once, those that nobody has touched go on
# untouched, and all of them run again as soon as they may.
#
#   ROUNDS=200     kills, of each of the three kinds a third; 6 if not set
#   SEED=1         the moments of the run that said so
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

ROUNDS=${ROUNDS:-6}
SEED=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
FLAPPING='flap1 flap2 flap3 flap4'
SERVICES="calm slow $FLAPPING"

# random N: $CHANCE from 0 to N - 1
random() {
	SEED=$(((SEED * 1103515245 + 12345) % 2147483648))
	CHANCE=$((SEED / 65536 % $1))
}

# service NAME COMMANDS: it holds a lock while it runs, on descriptor 3
service() {
	mkdir -p "making/$1"
	echo '10 50' >"making/$1/restart-delay"
	script "making/$1/run" <<-END
		#!/bin/sh
		exec setlock -n running sh -c 'echo x >>starts
		echo \$\$ >holder
		$2'
	END
}

services() {
	mkdir services
	service calm 'exec sleep 1000'
	service calm/log 'exec multilog ./main'
	# shellcheck disable=SC2016
	service slow 'trap "sleep 0.1 3>&-; exit" TERM
		while :; do sleep 1000 3>&- & wait; done'
	for name in $FLAPPING; do
		random 80
		service "$name" "exec sleep 0.$((CHANCE + 110))"
	done
	mv making/* services
}

scan() {
	background svscan services 2>>err
	SCAN=$!
}

# 0 if svstat names a process that lives and is the one that holds the lock
runs() {
	pid=$(pid_of "$1")
	[ -n "$pid" ] && alive "$pid" &&
	    [ "$pid" = "$(cat "$1/holder" 2>/dev/null)" ]
}

started_again() {
	[ "$(wc -l <"services/$1/starts")" -gt "$(cat "before/$1")" ]
}

# One wish may have been lost with the supervise that had it.
slow_runs() {
	[ -z "$WISHES" ] || svc -u services/slow
	runs services/slow
}

all_run() {
	runs services/calm && runs services/calm/log && slow_runs || return 1
	for name in $FLAPPING; do started_again "$name" || return 1; done
}

# How many starts there have been, when a kill comes.
note_starts() {
	mkdir -p before
	for name in $FLAPPING; do
		wc -l <"services/$name/starts" >"before/$name"
	done
}

supervises() {
	processes_below "$T/services" supervise
}

half_of() {
	for pid; do
		random 2
		[ "$CHANCE" = 0 ] || echo "$pid"
	done
}

stir() {
	WISHES=
	random 6
	case $CHANCE in
	0) svc -t services/slow ;;
	1) svc -k services/slow ;;
	2) svc -k services/flap1 services/flap2 ;;
	3) WISHES="d"; svc -d services/slow ;;
	4) WISHES="du"; svc -d services/slow; svc -u services/slow ;;
	esac
}

# strike KIND: what is there to be killed is found before the moment comes
strike() {
	pids=$(supervises)
	# shellcheck disable=SC2086
	case $1 in
	supervise) pids=$(half_of $pids) ;;
	svscan) pids=$SCAN ;;
	both) pids="$SCAN $pids" ;;
	esac
	stir
	# The moment is that of a start of one of them, or soon after.
	random 4
	note_starts
	wait_until started_again "flap$((CHANCE + 1))"
	random 20
	while [ "$CHANCE" -gt 0 ]; do
		CHANCE=$((CHANCE - 1))
		: >moment
	done
	note_starts
	# shellcheck disable=SC2086
	# What forks has the name too, for a moment.
	kill -KILL $pids 2>/dev/null || :
	[ "$1" = supervise ] || {
		wait_until gone "$SCAN"
		scan
	}
}

unharmed() {
	[ "$(cat services/calm/holder services/calm/log/holder)" = "$CALM" ]
	[ "$(cat services/calm/starts services/calm/log/starts)" = 'x
x' ]
	not has 'unable to lock' err
}

rounds() {
	echo "SEED=$SEED"
	services
	scan
	mkdir before
	for name in $FLAPPING; do echo 0 >"before/$name"; done
	WISHES=
	wait_until test -s services/slow/holder
	wait_until all_run
	CALM=$(cat services/calm/holder services/calm/log/holder)
	round=0
	while [ "$round" -lt $(((ROUNDS + 2) / 3)) ]; do
		round=$((round + 1))
		strike "$1"
		if wait_until all_run; then
			tally "kill -9 of $1 at random moments" upkeep 1 1 0 0
		else
			tally "kill -9 of $1 at random moments" upkeep 1 0 0 1
			false
		fi
		unharmed
	done
	# They obey those who have come after.
	kill -TERM "$SCAN"
	wait_until gone "$SCAN"
	for name in $SERVICES calm/log; do
		setlock -n "services/$name/running" true
	done
	not has 'unable to lock' err
}

campaign_supervise_killed() {
	rounds supervise
}

campaign_svscan_killed() {
	rounds svscan
}

campaign_both_killed() {
	rounds both
}

# stopping N ERROR: the N-th call after svc -d fails; then supervise is killed,
# as soon as the report says what is wanted.
stopping() {
	background supervise s
	SUP=$!
	wait_until is_up_anew s "$PID"
	PID=$(pid_of s)
	: >trace
	background "$TOOL/kill_at" -e "$2" -p "$SUP" trace "$1"
	TRACE=$!
	wait_until has '^ready\|^denied' trace
	not has '^denied' trace || skip "$(cat trace)"
	svc -d s
	wait_until has '^want=down' s/supervise/report
	kill -KILL "$SUP"
	wait_until gone "$SUP"
	wait_until gone "$TRACE"
}

# What was asked for is done by the next supervise, which is told to start anew.
is_obeyed() {
	wait_until gone "$PID"
	wait_until svok s
	svc -u s
}

# long
campaign_each_call_of_a_stop_fails() {
	mkdir s
	script s/run <<-'END'
		#!/bin/sh
		exec sleep 1000
	END
	PID=none FAULTS=0
	n=0
	while [ "$n" = 0 ] || has '^failed\|^spared' trace; do
		n=$((n + 1))
		stopping "$n" EIO
		background supervise s
		SUP=$!
		try 'supervise: a call of svc -d fails, then kill -9' upkeep \
		    is_obeyed
		wait_until is_up_anew s "$PID"
		kill -TERM "$SUP"
		wait_until gone "$SUP"
	done
	[ "$n" -gt 5 ]
	[ "$FAULTS" = 0 ]
}

run_tests "$@"
