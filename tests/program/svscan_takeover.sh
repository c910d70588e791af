#!/bin/sh
# svscan: one after the other on the same directory, and two at once.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/scan.sh
. "${0%/*}/../scan.sh"

# service NAME LAST: prints numbered lines, at most one instance at a time
service() {
	mkdir -p "services/$1/log"
	printf '#!/bin/sh\nexec %s state %s 1000 lock\n' \
	    "$TOOL/scan_lines" "$2" | script "services/$1/run"
	printf '#!/bin/sh\nexec multilog n10000 ./main\n' |
	    script "services/$1/log/run"
}

# what it says of the two that an earlier one has left
waiting='svscan: warning: a/log: waiting for the supervise that runs it
svscan: warning: a: waiting for the supervise that runs it'

kill_hard() {
	kill -KILL "$1"
	wait_until gone "$1"
}

waits_for_both() {
	[ "$(grep -c ': waiting for the supervise' scan.err)" = 2 ]
}

# it runs the supervise in directory $1 itself
is_ours() {
	pid=$(supervise_in "$1") && [ "$(parent_of "$pid")" = "$scan" ]
}

has_child() {
	grep -qs "^PPid:.$1\$" /proc/[0-9]*/status
}

both_up() {
	wait_until is_up services/a
	wait_until is_up services/a/log
}

pids() {
	echo "$(pid_of services/a) $(pid_of services/a/log)"
}

# all that was printed is in the log
complete() {
	set -- services/a/log/main/@* services/a/log/main/current
	[ -e "$1" ] || shift
	"$TOOL/scan_check" "$(cat "$@" | tail -n 1 | sed 's/ .*//')" 0 "$@"
}

alone() {
	[ "$(wc -l <services/a/lock)" = 0 ]
}

test_new_svscan_waits_and_takes_over() {
	service a 1000000
	for signal in QUIT KILL; do
		scan
		both_up
		before=$(pids)
		kill -$signal "$scan"
		wait_until gone "$scan"
		scan
		wait_until waits_for_both
		# it starts nothing, and says once what it waits for
		scanned
		[ "$(pids)" = "$before" ]
		[ "$(cat scan.err)" = "$waiting" ]
		# and takes over as soon as they come free
		svc -dx services/a
		wait_until is_ours services/a
		wait_until is_up services/a
		svc -tx services/a/log
		wait_until is_ours services/a/log
		both_up
		kill "$scan"
		ended
		alone
		complete
		[ "$(cat scan.err)" = "$waiting" ]
	done
}

test_new_svscan_stops_what_the_old_one_left() {
	service a 1000000
	for i in 1 2 3; do
		scan
		both_up
		before=$(pids)
		kill -KILL "$scan"
		wait_until gone "$scan"
		scan
		wait_until waits_for_both
		kill "$scan"
		ended
		is_gone services/a
		is_gone services/a/log
		for pid in $before; do
			gone "$pid"
		done
		alone
		complete
		[ -x services/a/log/main/current ]
		[ "$(cat scan.err)" = "$waiting" ]
	done
}

# An svscan is killed, and the next one waits for both that it has left.
succeed() {
	service a 1000000
	scan
	both_up
	kill_hard "$scan"
	scan
	wait_until waits_for_both
}

test_hup_takes_down_what_the_old_one_left() {
	succeed
	mv services/a a
	kill -HUP "$scan"
	wait_until is_gone a
	wait_until is_gone a/log
	kill "$scan"
	ended
}

test_hup_finds_what_a_supervise_of_the_old_one_left() {
	succeed
	service=$(pid_of services/a)
	mv services/a a
	scanned
	kill_hard "$(supervise_in a)"
	scanned
	alive "$service"
	kill -HUP "$scan"
	wait_until gone "$service"
	wait_until is_gone a/log
	kill "$scan"
	ended
}

# Nothing leads there, so it has to be listed again before it can be stopped.
test_unlisted_before_svscan_and_its_supervise_were_killed() {
	service a 1000000
	scan
	both_up
	service=$(pid_of services/a)
	mv services/a a
	scanned
	kill_hard "$scan"
	kill_hard "$(supervise_in a)"
	scan
	scanned
	alive "$service"
	mv a services/a
	wait_until is_ours services/a
	wait_until is_up services/a
	[ "$(pid_of services/a)" = "$service" ]
	mv services/a a
	kill -HUP "$scan"
	wait_until gone "$service"
	wait_until is_gone a/log
	kill "$scan"
	ended
}

# What ignores TERM until it may go is found by the supervise that comes next.
test_told_to_stop_but_killed_before_it_has() {
	mkdir -p services/a
	script services/a/run <<-'END'
		#!/bin/sh
		trap '[ ! -e go ] || exit 0; : >told' TERM
		: >trapped
		while :; do sleep 0.1; done
	END
	scan
	wait_until test -e services/a/trapped
	kill_hard "$scan"
	scan
	wait_until has ': waiting for the supervise' scan.err
	wait_until is_up services/a
	service=$(pid_of services/a)
	kill "$scan"
	wait_until test -e services/a/told
	: >services/a/go
	kill_hard "$(supervise_in services/a)"
	ended
	gone "$service"
	is_gone services/a
}

test_waiting_leaves_no_trace() {
	service a 1000000
	scan
	first=$scan
	both_up
	for signal in QUIT KILL; do
		scan
		wait_until waits_for_both
		not has_child "$scan"
		kill -$signal "$scan"
		wait_until gone "$scan"
		alive "$first"
	done
	scan=$first
	kill "$first"
	ended
}

test_two_at_once() {
	service a 1000000
	scan
	first=$scan
	scan
	both_up
	# the second takes over what the first loses
	kill_hard "$(supervise_in services/a)"
	wait_until is_up services/a
	alone
	kill "$first"
	kill "$scan"
	wait_until gone "$first"
	ended
	is_gone services/a
	is_gone services/a/log
	alone
	complete
}

# The pipe has four readers: as long as one of them lives, nothing is lost that
# the service writes, and it is not killed by SIGPIPE.
# long
test_all_but_the_service_and_one_reader_killed() {
	service a 1000000
	scan
	both_up
	for survivor in svscan supervise logger_supervise logger; do
		service=$(pid_of services/a)
		logger=$(pid_of services/a/log)
		wait_until test -s services/a/state
		before=$(od -An -tu8 -N8 services/a/state)
		victims=
		[ $survivor = svscan ] || victims=$scan
		[ $survivor = supervise ] ||
		    victims="$victims $(supervise_in services/a)"
		[ $survivor = logger_supervise ] ||
		    victims="$victims $(supervise_in services/a/log)"
		# shellcheck disable=SC2086
		kill -KILL $victims
		[ $survivor = logger ] || kill "$logger"
		for pid in $victims; do
			wait_until gone "$pid"
		done
		wrote() { [ "$(od -An -tu8 -N8 services/a/state)" -gt "$before" ]; }
		wait_until wrote
		alive "$service"
		[ $survivor = svscan ] || scan
		both_up
		[ "$(pid_of services/a)" = "$service" ]
	done
	kill "$scan"
	ended
	alone
	complete
}

# Everything but multilog is killed, one after the other, while lines flow.
# long
test_stream_over_many_deaths() {
	service a 6000
	scan
	both_up
	deaths=0
	for i in 1 2 3 4; do
		kill_hard "$(supervise_in services/a)"
		wait_until is_up services/a
		kill_hard "$(supervise_in services/a/log)"
		wait_until is_up services/a/log
		kill_hard "$scan"
		scan
		old=$(pid_of services/a)
		kill_hard "$old"
		deaths=$((deaths + 1))
		wait_until is_up_anew services/a "$old"
		svc -t services/a/log
	done
	wait_until has '^6000 ' services/a/log/main/current
	alone
	kill "$scan"
	ended
	set -- services/a/log/main/@* services/a/log/main/current
	[ -e "$1" ] || shift
	"$TOOL/scan_check" 6000 "$deaths" "$@"
}

# its end is the business of whichever svscan there is then
test_essential_outlives_its_svscan() {
	mkdir -p services/a
	: >services/a/once
	: >services/a/essential
	printf '#!/bin/sh\ntrap "exit 3" TERM\n: >started\n%s' \
	    'while :; do sleep 0.1; done' | script services/a/run
	scan
	wait_until test -e services/a/started
	kill -KILL "$scan"
	wait_until gone "$scan"
	scan
	wait_until has ': waiting for the supervise' scan.err
	rm services/a/started
	svc -t services/a
	wait_until gone "$scan"
	code=0
	wait "$scan" || code=$?
	[ "$code" = 3 ]
	is_gone services/a
	[ ! -e services/a/started ]
}

run_tests "$@"
