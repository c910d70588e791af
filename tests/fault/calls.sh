#!/bin/sh
# Every system call of a supervisor, one at a time, fails with each error that
# the kernel may give there: over a life of a service from the start of its
# supervisor to the stop of the service.  It goes on, or says why it cannot before
# it has started anything; and after a kill -9 of the supervisor and another
# start there is one copy of the service.  The same is done to the supervisors of
# daemontools, runit and s6.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/inject.sh
. "${0%/*}/../inject.sh"

# use WHO: their supervisor and its directory of control files
use() {
	WHO=$1
	case $WHO in
	upkeep) SUPERVISE=$BIN/supervise ;;
	daemontools) SUPERVISE=/usr/bin/supervise ;;
	runit) SUPERVISE=/usr/bin/runsv ;;
	s6) SUPERVISE=/usr/bin/s6-supervise ;;
	esac
	[ "$WHO" = upkeep ] || DEADLINE=20 MOST=400
	[ -x "$SUPERVISE" ] || skip "no $SUPERVISE"
	ours_or_theirs "$SUPERVISE"
}

# It holds a lock while it runs, and says so in err if another one has it.
service() {
	mkdir s
	echo '100 100' >s/restart-delay
	script s/run <<-END
		#!/bin/sh
		echo \$\$ >>starts
		exec $BIN/setlock -n running sh -c 'echo \$\$ >holder; exec sleep 1000'
	END
	script s/finish <<-END
		#!/bin/sh
		exec $BIN/setlock -n running true
	END
}

holder() {
	cat s/holder 2>/dev/null
}

# 0 if the service runs, with a pid other than $1
runs() {
	pid=$(holder)
	[ -n "$pid" ] && [ "$pid" != "$1" ] && alive "$pid"
}

# A letter that is lost is written again.
order() {
	printf %s "$1" 1<>s/supervise/control
}

is_down() {
	order d && gone "$(holder)"
}

is_up() {
	order u && runs
}

up_or_ended() {
	runs || gone "$SUP"
}

up_anew_or_ended() {
	runs "$1" || gone "$SUP"
}

# start COMMAND...: $SUP is what was started, the tracer if there is one
start() {
	"$@" 2>>err &
	SUP=$!
	echo "$SUP" >>"$PIDS"
}

# It ended before it was up if it has said why, and has started nothing.
never_was_up() {
	gone "$SUP" && [ -s err ] && [ ! -e s/starts ]
}

never_doubled() {
	not has 'unable to lock' err
}

# There is one copy, and it is known to its supervisor, which obeys.
obeyed() {
	wait_until is_down
	wait_until is_up
	never_doubled
}

# The supervisor itself, not who traces it.
supervisor() {
	case $(cat "/proc/$SUP/comm") in
	kill_at) sed 's/ .*//' "/proc/$SUP/task/$SUP/children" ;;
	*) echo "$SUP" ;;
	esac
}

# A service that lives on must not get a brother.
kill_and_start_again() {
	pid=$(holder)
	starts=$(wc -l <s/starts)
	killed=$(supervisor)
	kill -KILL "$killed"
	wait_until gone "$killed"
	start "$SUPERVISE" s
	wait_until looked_after "$pid" "$starts"
	alive "$pid"
	[ "$(wc -l <s/starts)" = "$starts" ]
	never_doubled
	if cannot_know; then
		kill -KILL "$pid"
		wait_until gone "$pid"
		start "$SUPERVISE" s
	fi
	obeyed
}

# Where it could not be published who the service is, that keeps the lock of
# s/supervise, and no supervise starts beside it.
cannot_know() {
	[ "$WHO" = upkeep ] && gone "$SUP" &&
	    has 'fatal: unable to acquire s/supervise/lock' err
}

# looked_after PID STARTS: the new one has it, or has started another
looked_after() {
	[ "$(wc -l <s/starts)" -gt "$2" ] || cannot_know || {
		grep -qsx "pid=$1" s/supervise/report &&
		    grep -qsx "supervise=$SUP" s/supervise/report
	}
}

# life [KILL_AT ARGUMENT...]: up to the stop, under the injector or not
life() {
	service
	start "$@" "$SUPERVISE" s
	wait_until up_or_ended
	if never_was_up; then return; fi
	runs
	first=$(holder)
	kill -KILL "$first"
	wait_until up_anew_or_ended "$first"
	runs
	wait_until is_down
	wait_until is_up
}

life_fails() {
	begin "supervisor: $WHAT"
	# shellcheck disable=SC2086
	life "$TOOL/kill_at" -s "$1" $HOW "$3" trace "$2"
	if never_was_up; then
		has_happened
		before
		begin "supervisor: $WHAT, and it ends; another start"
		start "$SUPERVISE" s
		wait_until runs
		obeyed
		survived
		return
	fi
	alive "$SUP"
	never_doubled
	has_happened || return 0
	survived
	begin "supervisor: $WHAT, then kill -9 and another start"
	kill_and_start_again
	wait_until has '^count' trace
	[ "$(sed -n 's/^count //p' trace)" -lt "$CALLS_MAX" ]
	survived
}

list_life() {
	use "$1"
	mkdir count
	(
		cd count
		life "$TOOL/kill_at" -l trace 0
		kill -TERM "$SUP"
		wait_until has '^count' trace
		sed -n 's/^may //p' trace >../may
	)
	end_of_attempt count
}

lives_fail() {
	list_life "$1"
	WHAT='each call of a life fails'
	attempts life_fails
}

outages_of() {
	list_life "$1"
	outages
	WHAT='a call fails for two seconds'
	attempts life_fails
}

# It is told to stop all, and to end.
term_comes() {
	begin 'supervise: TERM at each call'
	service
	start "$TOOL/kill_at" -s "$1" -g "$3" trace "$2" "$SUPERVISE" s
	wait_until came_or_runs
	has_happened || return 0
	wait_until gone "$SUP"
	[ -z "$(holder)" ] || gone "$(holder)"
	start "$SUPERVISE" s
	wait_until runs
	obeyed
	survived
}

came_or_runs() {
	has_happened || runs
}

campaign_supervise() {
	lives_fail upkeep
}

campaign_outages() {
	outages_of upkeep
}

torture_outages_of_daemontools() {
	outages_of daemontools
}

torture_outages_of_runsv() {
	outages_of runit
}

torture_outages_of_s6_supervise() {
	outages_of s6
}

campaign_term() {
	list_life upkeep
	signals TERM
	attempts term_comes
}

# begin_adoption COMMAND...: of a service whose supervise was killed, its pid in
# $first, by one under the command
begin_adoption() {
	service
	start "$SUPERVISE" s
	wait_until runs
	first=$(holder)
	kill -KILL "$SUP"
	wait_until gone "$SUP"
	: >err
	start "$@" "$SUPERVISE" s
	wait_until adopted_or_ended
}

adopted_or_ended() {
	gone "$SUP" || adopted
}

adopted() {
	grep -qsx "pid=$first" s/supervise/report &&
	    grep -qsx "supervise=$(supervisor)" s/supervise/report
}

adoption_fails() {
	begin 'supervise: each call of an adoption fails'
	begin_adoption "$TOOL/kill_at" -s "$1" -e "$3" trace "$2"
	alive "$first"
	[ "$(wc -l <s/starts)" = 1 ]
	if gone "$SUP"; then
		[ -s err ]
		has_happened
		before
		begin 'supervise: the adoption after one that has failed'
		: >err
		start "$SUPERVISE" s
		wait_until adopted_or_ended
		adopted
		[ "$(wc -l <s/starts)" = 1 ]
		survived
		return
	fi
	has_happened || return 0
	survived
	begin 'supervise: kill -9 after a call of an adoption has failed, and another start'
	kill_and_start_again
	survived
}

campaign_adoption() {
	use upkeep
	mkdir count
	(
		cd count
		begin_adoption "$TOOL/kill_at" -l trace 0
		adopted
		kill -TERM "$SUP"
		wait_until has '^count' trace
		sed -n 's/^may //p' trace >../may
	)
	end_of_attempt count
	attempts adoption_fails
}

torture_supervise_of_daemontools() {
	lives_fail daemontools
}

torture_runsv() {
	lives_fail runit
}

torture_s6_supervise() {
	lives_fail s6
}

run_tests "$@"
