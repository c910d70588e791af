#!/bin/sh
# Every system call of a scanner, one at a time, fails with each error that the
# kernel may give there: while it starts a service, another one that comes later,
# and the first one again when it was killed together with its supervisor.  It
# goes on; or it says why it cannot, has started nothing, and comes up when it is
# started again.  In the end both services run, once each.  The same is done to
# the scanners of daemontools, runit and s6; svscan.sh asks more of ours.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/inject.sh
. "${0%/*}/../inject.sh"

# use WHO PROGRAM SUPERVISOR
use() {
	WHO=$1 SCANNER=$2 SUPERVISOR=$3
	# Theirs mostly wait for the time of their next look.
	[ "$WHO" = upkeep ] || PATH=$ORIGINAL_PATH DEADLINE=30 WIDTH=32
	[ -x "$SCANNER" ] || skip "no $SCANNER"
	ours_or_theirs "$SCANNER"
	unsanitized
}

# It holds a lock while it runs, and says so in err if another one has it.
service() {
	mkdir -p making services
	script making/run <<-END
		#!/bin/sh
		exec 2>>../../err
		echo \$\$ >>starts
		exec $BIN/setlock -n running sh -c 'echo \$\$ >holder; exec sleep 1000'
	END
	mv making "services/$1"
}

# 0 if the service runs, with a pid other than $2
runs() {
	pid=$(cat "services/$1/holder" 2>/dev/null) || return 1
	[ -n "$pid" ] && [ "$pid" != "$2" ] && alive "$pid"
}

both_run() {
	# That of s6 looks when it is told.
	[ "$WHO" != s6 ] || s6-svscanctl -a services 2>/dev/null || :
	runs a && runs b
}

# start COMMAND...: $SCAN is what was started, the tracer if there is one
start() {
	"$@" 2>>err &
	SCAN=$!
	echo "$SCAN" >>"$PIDS"
}

up_or_ended() {
	runs a || gone "$SCAN"
}

ended_before() {
	gone "$SCAN" && [ -s err ] && [ ! -e services/a/starts ]
}

# supervisor_of NAME: the process that works there, and is no service
supervisor_of() {
	for pid in $(processes_below "$PWD/services/$1"); do
		read -r comm <"/proc/$pid/comm" || continue
		[ "$comm" != "$SUPERVISOR" ] || echo "$pid"
	done 2>/dev/null
}

both_once() {
	wait_until both_run
	alive "$SCAN"
	not has 'unable to lock' err
}

# life [KILL_AT ARGUMENT...]: up to the replacement of a supervisor that was
# killed together with its service
life() {
	service a
	start "$@" "$SCANNER" services
	wait_until up_or_ended
	if ended_before; then return; fi
	service b
	both_once
	first=$(cat services/a/holder)
	# shellcheck disable=SC2046
	kill -KILL $(supervisor_of a) "$first"
	wait_until runs a "$first"
	both_once
}

life_fails() {
	begin 'scanner: each call fails'
	life "$TOOL/kill_at" -s "$1" -e "$3" trace "$2"
	if ended_before; then
		has_happened
		before
		begin 'scanner: each call fails, and it ends; another start'
		start "$SCANNER" services
		service b
		both_once
		survived
		return
	fi
	has_happened || return 0
	survived
}

scanner_fails() {
	use "$@"
	mkdir count
	(
		cd count
		life "$TOOL/kill_at" -l trace 0
		kill -TERM "$SCAN"
		wait_until has '^count' trace
		sed -n 's/^may //p' trace >../may
	)
	end_of_attempt count
	attempts life_fails
}

torture_svscan() {
	scanner_fails upkeep "$BIN/svscan" supervise
}

torture_svscan_of_daemontools() {
	scanner_fails daemontools /usr/bin/svscan supervise
}

torture_runsvdir() {
	scanner_fails runit /usr/bin/runsvdir runsv
}

torture_s6_svscan() {
	scanner_fails s6 /usr/bin/s6-svscan s6-supervise
}

run_tests "$@"
