#!/bin/sh
# Our supervise with the clients of daemontools and runit, and our clients with
# their supervises; skipped where those are not installed.
# shellcheck source=/dev/null
. "${0%/*}/../lib.sh"
# shellcheck source=tests/service.sh
. "${0%/*}/../service.sh"

# peer NAME: the path of somebody else's program, or skip
peer() {
	for dir in $(echo "$ORIGINAL_PATH" | tr : ' '); do
		[ -x "$dir/$1" ] || continue
		if "$dir/$1" --version 2>&1 | grep -q '(upkeep)'; then
			continue
		fi
		echo "$dir/$1"
		return
	done
	skip "no $1 of others"
}

# a service that TERM does not end
stubborn() {
	service "$1" <<-'END'
		#!/bin/sh
		trap '' TERM
		: >ready
		while :; do sleep 1; done
	END
}

# supervised PROGRAM DIR
supervised() {
	background "$1" "$2"
	wait_until svok "$2"
}

# says PROGRAM DIR TEXT: true if its line about DIR is TEXT, with N for the pid
# and S for the seconds
says() {
	got=$("$1" "$2" | sed 's/(pid [0-9]*)/(pid N)/; s/[0-9]* seconds/S seconds/')
	[ "$got" = "$2: $3" ]
}

# same_lines DIR...: the other svstat says the same as ours
same_lines() {
	"$svstat" "$@" >theirs
	svstat "$@" | cmp - theirs
}

# sv_says DIR TEXT
sv_says() {
	got=$("$sv" status "$PWD/$1" |
	    sed 's/(pid [1-9][0-9]*)/(pid N)/; s/ [0-9]*s/ Ss/g')
	case $got in
	"${2%%:*}: $PWD/$1: ${2#*: }") ;;
	*) return 1 ;;
	esac
}

bytes() {
	od -An -v -tu1 -j "$2" -N "$3" "$1/supervise/status" | tr -s ' \n' ' ' |
	    sed 's/^ //; s/ $//'
}

# the last bytes of a status: paused, want, TERM was sent, run
tail_is() {
	[ "$(bytes "$1" 16 4)" = "$2" ]
}

# All 20 bytes, decoded by od.
test_status_bytes() {
	sleeper s
	before=$(date +%s)
	supervised supervise s
	wait_until is_up s
	after=$(date +%s)
	[ "$(wc -c <s/supervise/status)" -eq 20 ]
	label=0
	for b in $(bytes s 0 8); do
		label=$((label << 8 | b))
	done
	[ $((label - 4611686018427387914)) -ge "$before" ]
	[ $((label - 4611686018427387914)) -le "$after" ]
	nano=0
	for b in $(bytes s 8 4); do
		nano=$((nano << 8 | b))
	done
	[ "$nano" -lt 1000000000 ]
	pid=0
	for b in $(bytes s 12 4 | awk '{ print $4, $3, $2, $1 }'); do
		pid=$((pid << 8 | b))
	done
	[ "$pid" = "$(pid_of s)" ]
	alive "$pid"
	wait_until tail_is s '0 117 0 1'
	svc -p s
	wait_until tail_is s '1 117 0 1'
	svc -c s
	wait_until tail_is s '0 117 0 1'
	svc -o s
	wait_until tail_is s '0 0 0 1'
	svc -d s
	wait_until tail_is s '0 100 0 0'
	[ "$(bytes s 12 4)" = '0 0 0 0' ]
}

test_status_bytes_of_a_stop() {
	stubborn s
	supervised supervise s
	wait_until [ -e s/ready ]
	svc -d s
	wait_until tail_is s '0 100 1 1'
	svc -k s
	wait_until tail_is s '0 100 0 0'
	svc -u s
	wait_until tail_is s '0 117 0 1'
}

test_daemontools_clients() {
	svstat=$(peer svstat)
	svc=$(peer svc)
	svok=$(peer svok)
	sleeper s
	if "$svok" s; then false; fi
	supervised supervise s
	"$svok" s
	wait_until says "$svstat" s 'up (pid N) S seconds'
	pid=$(pid_of s)
	"$svc" -p s
	wait_until says "$svstat" s 'up (pid N) S seconds, paused'
	"$svc" -c s
	wait_until says "$svstat" s 'up (pid N) S seconds'
	"$svc" -k s
	wait_until is_up_anew s "$pid"
	"$svc" -d s
	wait_until says "$svstat" s 'down S seconds, normally up'
	: >s/down
	wait_until says "$svstat" s 'down S seconds'
	"$svc" -o s
	wait_until says "$svstat" s 'up (pid N) S seconds, normally down'
	"$svc" -dx s
	wait_until says "$svstat" s 'supervise not running'
	if "$svok" s; then false; fi
}

test_daemontools_svstat_of_a_stop() {
	svstat=$(peer svstat)
	stubborn s
	supervised supervise s
	wait_until [ -e s/ready ]
	svc -d s
	wait_until says "$svstat" s 'up (pid N) S seconds, want down'
}

# Theirs and ours agree on every state, byte for byte but for the clock.
test_svstat_like_svstat() {
	svstat=$(peer svstat)
	sleeper s
	mkdir never
	supervised supervise s
	wait_until is_up s
	for letters in p c o d u x d; do
		svc -$letters s
		wait_until same_lines s never nope
	done
	over() { same_lines s never nope && has 'not running' theirs; }
	wait_until over
}

test_sv() {
	sv=$(peer sv)
	sleeper s
	supervised supervise s
	wait_until sv_says s 'run: (pid N) Ss'
	"$sv" pause "$PWD/s"
	wait_until sv_says s 'run: (pid N) Ss, paused'
	"$sv" cont "$PWD/s"
	wait_until sv_says s 'run: (pid N) Ss'
	"$sv" -w 20 down "$PWD/s" >out
	has '^ok: down: ' out
	sv_says s 'down: Ss, normally up'
	"$sv" -w 20 up "$PWD/s" >out
	has '^ok: run: ' out
	pid=$(pid_of s)
	"$sv" -w 20 restart "$PWD/s" >out
	has '^ok: run: ' out
	wait_until is_up_anew s "$pid" # sv looks at whole seconds only
	"$sv" once "$PWD/s"
	wait_until tail_is s '0 0 0 1'
	"$sv" -w 20 force-stop "$PWD/s" >out
	has '^ok: down: ' out
	"$sv" -w 20 shutdown "$PWD/s" >out
	wait_until says svstat s 'supervise not running'
}

test_sv_during_a_stop() {
	sv=$(peer sv)
	stubborn s
	supervised supervise s
	wait_until [ -e s/ready ]
	svc -d s
	wait_until sv_says s 'run: (pid N) Ss, want down, got TERM'
	: >s/down
	svc -k s
	wait_until sv_says s 'down: Ss'
}

obeys_ours() {
	wait_until says svstat s 'up (pid N) S seconds'
	pid=$(pid_of s)
	svc -t s
	wait_until is_up_anew s "$pid"
	svc -p s
	wait_until says svstat s 'up (pid N) S seconds, paused'
	svc -cd s
	wait_until says svstat s 'down S seconds, normally up'
}

test_our_clients_on_daemontools() {
	supervise=$(peer supervise)
	sleeper s
	supervised "$supervise" s
	svok s
	obeys_ours
	svc -o s
	wait_until says svstat s 'up (pid N) S seconds'
	svc -dx s
	wait_until says svstat s 'supervise not running'
	if svok s; then false; fi
}

test_our_clients_on_runit() {
	runsv=$(peer runsv)
	sleeper s
	supervised "$runsv" s
	obeys_ours
	svc -x s
	wait_until says svstat s 'supervise not running'
}

# 0.76 says "up" with the pid of ./finish
test_finish_of_runit_is_down() {
	runsv=$(peer runsv)
	sleeper s
	script s/finish <<-'END'
		#!/bin/sh
		exec sleep 1000
	END
	supervised "$runsv" s
	wait_until says svstat s 'up (pid N) S seconds'
	svc -t s
	wait_until says svstat s 'down S seconds, normally up, want up'
}

# What daemontools and runit publish is enough for all of svc -w.
wait_with() {
	svc -wU -T 20000 s
	is_up s
	pid=$(pid_of s)
	svc -t -wR -T 20000 s
	is_up_anew s "$pid"
	pid=$(pid_of s)
	svc -t -wd -T 20000 s
	svc -d -wD -T 20000 s
	is_down s
	code=0
	svc -wu -T 200 s 2>err || code=$?
	[ "$code" = 1 ]
	svc -u -wu -T 20000 s
	is_up s
	[ "$(svstat -o state,up,ready,starts s)" = 'running true true -1' ]
	svstat -q s
	svc -dx -wD -T 20000 s
	wait_until says svstat s 'supervise not running'
	code=0
	svc -wu -T 200 s 2>err || code=$?
	[ "$code" = 102 ]
}

test_waiting_for_daemontools() {
	supervise=$(peer supervise)
	sleeper s
	supervised "$supervise" s
	wait_with
}

test_waiting_for_runit() {
	runsv=$(peer runsv)
	sleeper s
	supervised "$runsv" s
	wait_with
}

# runit's finish is part of the end, for -wD
test_waiting_for_finish_of_runit() {
	runsv=$(peer runsv)
	sleeper s
	script s/finish <<-'END'
		#!/bin/sh
		sleep 0.5
		: >finished
	END
	supervised "$runsv" s
	svc -wu -T 20000 s
	svc -d -wD -T 20000 s
	[ -e s/finished ]
}

run_tests "$@"
