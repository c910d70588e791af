#!/bin/sh
# The life of a service: finish, readiness, escalation, restart policy,
# leftovers; each file of a service directory that supervise(8) describes.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/service.sh
. "${0%/*}/../service.sh"

# ignores TERM
stubborn() {
	service "$1" <<-'END'
		#!/bin/sh
		trap '' TERM
		echo x >>starts
		while :; do sleep 0.05; done
	END
}

quitter() {
	service "$1" <<-'END'
		#!/bin/sh
		echo x >>starts
		exit 3
	END
}

# like run_supervise, with its messages in the file err
run_supervise_noting() {
	background sh -c 'exec supervise "$1" 2>>err' sh "$1"
	SUP=$(tail -n 1 "$PIDS")
	wait_until supervised "$1"
}

succeed_supervise() {
	kill -KILL "$SUP"
	wait_until gone "$SUP"
	run_supervise "$1"
}

test_down_signal() {
	service s <<-END
		#!/bin/sh
		exec $TOOL/catch caught
	END
	echo SIGusr1 >s/down-signal
	run_supervise s
	wait_until has ready s/caught
	svc -d s
	wait_until has '^USR1$' s/caught
	wait_until has '^CONT$' s/caught
	is_up s
	wait_until report_is s state stopping
	not has TERM s/caught
	svc -k s
	wait_until is_down s
}

test_timeout_kill() {
	stubborn s
	echo 200 >s/timeout-kill
	run_supervise s
	wait_until lines_at_least s/starts 1
	svc -d s
	wait_until report_is s state down
	report_is s exit_signal 9
}

test_no_timeout_kill_waits() {
	service s <<-'END'
		#!/bin/sh
		trap 'echo told >told' TERM
		echo x >>starts
		while :; do sleep 0.05; done
	END
	run_supervise s
	wait_until lines_at_least s/starts 1
	svc -d s
	wait_until test -e s/told
	svc -k s
	wait_until is_down s
	report_is s exit_signal 9
}

test_kill_mode_group() {
	service s <<-'END'
		#!/bin/sh
		sleep 1000 &
		echo $! >child
		wait
	END
	echo group >s/kill-mode
	run_supervise s
	wait_until test -s s/child
	svc -d s
	wait_until is_down s
	wait_until gone "$(cat s/child)"
}

test_group_prefix() {
	service s <<-'END'
		#!/bin/sh
		sleep 1000 &
		echo $! >child
		wait
	END
	: >s/down
	run_supervise s
	svc -o s
	wait_until test -s s/child
	svc -+k s
	wait_until is_down s
	wait_until gone "$(cat s/child)"
}

# What is left of another client's write is not.
test_a_prefix_is_for_its_own_write() {
	service s <<-'END'
		#!/bin/sh
		sleep 1000 &
		echo $! >child
		exec sleep 1000
	END
	: >s/down
	run_supervise s
	svc -o s
	wait_until test -s s/child
	wait_until is_up s
	printf p+ >s/supervise/control
	wait_until paused s
	svc -k s
	wait_until is_down s
	alive "$(cat s/child)"
}

runaway() {
	service "$1" <<-'END'
		#!/bin/sh
		: >runaways
		setsid sh -c 'echo $$ >>runaways; exec sleep 1000' &
		setsid sh -c 'setsid sh -c "echo \$\$ >>runaways
			exec sleep 1000" & exit' &
		wait $!
		while [ "$(wc -l <runaways)" -lt 2 ]; do sleep 0.02; done
		echo x >>starts
		[ -e go ] || exec sleep 1000
	END
}

all_gone() {
	while read -r pid; do
		gone "$pid" || return 1
	done <"$1"
}

test_kill_mode_all_kills_whatever_fled() {
	runaway s
	echo all >s/kill-mode
	run_supervise s
	wait_until lines_at_least s/starts 1
	svc -d s
	wait_until report_is s state down
	[ "$(wc -l <s/runaways)" = 2 ]
	all_gone s/runaways
}

test_kill_mode_all_after_adoption() {
	service s <<-'END'
		#!/bin/sh
		sleep 1000 &
		echo $! >>runaways
		echo x >>starts
		wait
	END
	echo all >s/kill-mode
	run_supervise s
	wait_until lines_at_least s/starts 1
	succeed_supervise s
	svc -d s
	wait_until report_is s state down
	all_gone s/runaways
}

# The server is a child of ./run, and takes a moment to stop.
test_kill_mode_all_lets_all_of_it_stop() {
	service s <<-'END'
		#!/bin/sh
		setsid sh -c 'trap "sleep 0.2; echo x >>clean; exit" TERM
			echo x >>up
			while :; do sleep 0.02; done'
	END
	echo all >s/kill-mode
	echo 20000 >s/timeout-kill
	run_supervise s
	wait_until lines_at_least s/up 1
	svc -r s
	wait_until lines_at_least s/up 2
	[ "$(wc -l <s/clean)" = 1 ]
	svc -d s
	wait_until report_is s state down
	[ "$(wc -l <s/clean)" = 2 ]
}

test_kill_mode_all_kills_what_does_not_stop() {
	service s <<-'END'
		#!/bin/sh
		setsid sh -c 'trap "" TERM; echo $$ >pid
			while :; do sleep 0.02; done' &
		until [ -s pid ]; do sleep 0.02; done
		echo x >>starts
		wait
	END
	echo all >s/kill-mode
	echo 200 >s/timeout-kill
	run_supervise s
	wait_until lines_at_least s/starts 1
	svc -d s
	wait_until report_is s state down
	gone "$(cat s/pid)"
	# After a crash as well.
	rm s/pid
	svc -u s
	wait_until lines_at_least s/starts 2
	pid=$(cat s/pid)
	wait_until is_up s
	kill -KILL "$(pid_of s)"
	wait_until lines_at_least s/starts 3
	gone "$pid"
}

# While nobody can tell what is left, it is not taken for nothing.
test_a_proc_that_cannot_be_read_is_not_clear() {
	command -v strace >/dev/null || skip 'no strace'
	strace -o /dev/null true 2>/dev/null || skip 'nobody may trace here'
	service s <<-'END'
		#!/bin/sh
		trap '' TERM
		sleep 1000 &
		echo $! >left
		exec sleep 1000
	END
	script s/finish <<-'END'
		#!/bin/sh
		: >finished
	END
	echo all >s/kill-mode
	echo 1 >s/timeout-kill
	run_supervise_noting s
	wait_until is_up s
	wait_until test -s s/left
	background strace -qq -p "$SUP" -o trace -P /proc -e 'trace=?open,openat' \
	    -e 'inject=?open,openat:error=EIO'
	trace=$!
	wait_until has '^TracerPid:.[1-9]' "/proc/$SUP/status"
	svc -d s
	wait_until report_is s state finishing
	# It looks again and again.
	wait_until looked 3
	report_is s state finishing
	not test -e s/finished
	alive "$(cat s/left)"
	[ "$(grep -c 'unable to look at what is left of s: input/output error' \
	    err)" = 1 ]
	kill "$trace"
	wait_until report_is s state down
	test -e s/finished
	gone "$(cat s/left)"
}

looked() {
	[ "$(grep -c INJECTED trace)" -ge "$1" ]
}

# Who was there could not be told when the signal was sent.
test_kill_mode_all_tells_those_that_it_could_not_see() {
	command -v strace >/dev/null || skip 'no strace'
	strace -o /dev/null true 2>/dev/null || skip 'nobody may trace here'
	service s <<-'END'
		#!/bin/sh
		setsid sh -c 'trap "echo x >>clean; exit" TERM
			echo x >>up
			while :; do sleep 0.02; done' &
		until [ -s up ]; do sleep 0.02; done
		exec sleep 1000
	END
	echo all >s/kill-mode
	echo 600000 >s/timeout-kill
	run_supervise s
	wait_until is_up s
	wait_until test -s s/up
	background strace -qq -p "$SUP" -o trace -P /proc -e 'trace=?open,openat' \
	    -e 'inject=?open,openat:error=EIO:when=1'
	wait_until has '^TracerPid:.[1-9]' "/proc/$SUP/status"
	svc -d s
	wait_until report_is s state down
	has INJECTED trace
	[ "$(wc -l <s/clean)" = 1 ]
}

test_what_may_not_be_killed_is_said_and_holds_up_nothing() {
	[ "$(id -u)" = 0 ] || skip 'needs root to make a program set-user-ID'
	cp "$(command -v setpriv)" suid
	chmod 4755 suid
	service s <<-'END'
		#!/bin/sh
		../suid --reuid=0 --clear-groups sh -c '
		echo $$ >pid; exec sleep 1000' &
		exec sleep 1000
	END
	echo all >s/kill-mode
	chown -R 65534:65534 s
	: >err
	chmod 666 err
	chmod 711 "$T"
	nobody test -x "$BIN/supervise" || skip 'nobody cannot go to the programs'
	background nobody sh -c 'exec supervise s 2>err'
	SUP=$(tail -n 1 "$PIDS")
	wait_until test -s s/pid
	pid=$(cat s/pid)
	grep -q '^Uid:	0' "/proc/$pid/status" ||
	    skip 'set-user-ID does not count here'
	svc -dx s
	wait_until gone "$SUP"
	alive "$pid"
	kill "$pid"
	[ "$(grep -c "s: process $pid was left behind" err)" = 1 ]
}

test_leftovers_are_counted_and_block_nothing() {
	runaway s
	: >s/go
	echo 'exit 1' >>s/run
	echo '2 3600' >s/restart-limit
	run_supervise_noting s
	wait_until report_is s state failed
	[ "$(wc -l <s/starts)" = 3 ]
	report_has s end 'exited 1 and left 2 processes behind'
	has 'exited 1 and left 2 processes behind (does run use exec?)' err
	report_is s leftovers 2
	not all_gone s/runaways
}

# setsid(1) forks if it leads a process group; so do many servers.
test_what_moves_to_a_session_of_its_own_is_given_up() {
	service s <<-'END'
		#!/bin/sh
		exec setsid ./server
	END
	script s/server <<-'END'
		#!/bin/sh
		echo $$ >>pids
		exec sleep 1000
	END
	run_supervise_noting s
	wait_until report_is s state failed
	why='it moved itself to another session: use no-setsid'
	report_is s error "$why"
	[ "$(cat err)" = "supervise: warning: s: $why" ]
	wait_until test -s s/pids
	[ "$(wc -l <s/pids)" = 1 ]
	kill "$(cat s/pids)"
	: >s/no-setsid
	svc -u s
	wait_until lines_at_least s/pids 2
	wait_until is_up s
	[ "$(pid_of s)" = "$(tail -n 1 s/pids)" ]
}

finishing() {
	script "$1/finish" <<-'END'
		#!/bin/sh
		echo "$*" >>finished
	END
}

test_finish_arguments() {
	quitter s
	finishing s
	: >s/once
	run_supervise s
	wait_until lines_at_least s/finished 1
	grep -q '^3 0 s [0-9]*$' s/finished
	wait_until report_is s state down
	sleeper s
	svc -u s
	wait_until is_up s
	pid=$(pid_of s)
	svc -t s
	wait_until lines_at_least s/finished 2
	grep -q "^256 15 s $pid\$" s/finished
	[ "$(wc -l <s/finished)" = 2 ]
}

test_finish_gets_the_name_whatever_the_path() {
	mkdir d
	quitter d/s
	finishing d/s
	: >d/s/once
	for path in d/s d/s// "$T/d/s/" d/./s/; do
		background supervise "$path"
		wait_until test -s d/s/finished
		grep -q '^3 0 s [0-9]*$' d/s/finished
		wait_until report_is d/s state down
		svc -x d/s
		wait_until unsupervised d/s
		rm d/s/finished
	done
	cd d/s
	background supervise .
	wait_until test -s finished
	grep -q '^3 0 s [0-9]*$' finished
}

test_a_logger_is_called_by_its_service() {
	mkdir -p blog/log
	background sh -c 'exec supervise blog/log 2>err'
	wait_until has '^supervise: warning: blog/log: unable to execute' err
	kill "$!"
	wait_until gone "$!"
	# As svscan does for one that waits for the lock.
	background sh -c 'cd blog/log && exec supervise . 2>../../err2'
	wait_until has '^supervise: warning: blog/log: unable to execute' err2
}

test_finish_runs_once_after_each_run_and_before_the_next() {
	service s <<-'END'
		#!/bin/sh
		echo run >>log
		sleep 0.1
	END
	script s/finish <<-'END'
		#!/bin/sh
		sleep 0.2
		echo finish >>log
	END
	echo '2 3600' >s/restart-limit
	run_supervise s
	wait_until report_is s state failed
	[ "$(wc -l <s/log)" = 6 ]
	# run and finish in turn
	[ -z "$(sort s/log | uniq -c | awk 'NR == 1 { n = $1 } $1 != n')" ]
	awk '$0 != (NR % 2 ? "run" : "finish") { exit 1 }' s/log
}

test_finish_125_is_failed() {
	quitter s
	script s/finish <<-'END'
		#!/bin/sh
		exit 125
	END
	run_supervise_noting s
	wait_until report_is s state failed
	wait_until is_down s
	[ "$(wc -l <s/starts)" = 1 ]
	[ "$(cat err)" = 'supervise: warning: s: ./finish exited 125' ]
	report_is s error './finish exited 125'
	svstat s | grep -q 'down [0-9]* seconds, normally up$'
	rm s/finish
	svc -u s
	wait_until lines_at_least s/starts 3
}

test_finish_that_hangs_is_killed() {
	quitter s
	script s/finish <<-'END'
		#!/bin/sh
		sleep 1000
	END
	echo 100 >s/timeout-finish
	run_supervise s
	wait_until lines_at_least s/starts 3
}

test_no_finish_for_what_never_ran() {
	sleeper s
	finishing s
	chmod 644 s/run
	run_supervise s
	wait_until attempted s 2
	report_has s error 'not executable'
	not test -e s/finished
}

slow_finish() {
	script "$1/finish" <<-'END'
		#!/bin/sh
		echo finish >>finished
		until [ -e go ]; do sleep 0.02; done
	END
	echo 0 >"$1/timeout-finish"
}

test_down_during_finish_ends_down() {
	quitter s
	slow_finish s
	run_supervise s
	wait_until lines_at_least s/finished 1
	report_is s state finishing
	wait_until is_down s
	svc -d s
	: >s/go
	wait_until report_is s state down
	[ "$(wc -l <s/starts)" = 1 ]
	[ "$(wc -l <s/finished)" = 1 ]
}

test_up_during_finish_ends_up_once() {
	sleeper s
	slow_finish s
	run_supervise s
	wait_until lines_at_least s/starts 1
	svc -d s
	wait_until lines_at_least s/finished 1
	svc -u s
	svc -u s
	: >s/go
	wait_until is_up s
	has_started s 2
	svc -dx s
	wait_until gone "$SUP"
	[ "$(wc -l <s/starts)" = 2 ]
}

test_finish_is_adopted_not_run_twice() {
	sleeper s
	slow_finish s
	run_supervise s
	wait_until lines_at_least s/starts 1
	svc -t s
	wait_until lines_at_least s/finished 1
	succeed_supervise s
	report_is s state finishing
	[ "$(wc -l <s/starts)" = 1 ]
	: >s/go
	wait_until lines_at_least s/starts 2
	[ "$(wc -l <s/finished)" = 1 ]
}

test_a_run_that_ends_unseen_is_finished() {
	sleeper s
	finishing s
	run_supervise s
	wait_until is_up s
	has_started s 1
	kill -KILL "$SUP" "$(pid_of s)"
	wait_until gone "$SUP"
	run_supervise s
	has_started s 2
	[ "$(wc -l <s/finished)" = 1 ]
	report_is s exit_code unknown
}

test_ready_when_executed_by_default() {
	sleeper s
	run_supervise s
	wait_until report_is s state ready
	not report_is s ready_since ''
}

test_notification_fd() {
	service s <<-'END'
		#!/bin/sh
		printf nothing >&4
		echo x >>starts
		until [ -e go ]; do sleep 0.02; done
		echo >&4
		exec 4>&-
		exec sleep 1000
	END
	echo 4 >s/notification-fd
	run_supervise s
	wait_until lines_at_least s/starts 1
	svc -ou s
	wait_until is_up s
	svc -o s
	wait_until report_is s want once
	report_is s state running
	svc -u s
	report_is s ready_since ''
	: >s/go
	wait_until report_is s state ready
	not report_is s ready_since ''
	pid=$(pid_of s)
	rm s/go
	kill "$pid"
	wait_until is_up_anew s "$pid"
	not report_is s state ready
}

test_ready_after_supervise_was_killed() {
	service s <<-'END'
		#!/bin/sh
		echo x >>starts
		until [ -e go ]; do sleep 0.02; done
		echo >&3
		exec sleep 1000
	END
	echo 3 >s/notification-fd
	run_supervise s
	wait_until lines_at_least s/starts 1
	succeed_supervise s
	not report_is s state ready
	: >s/go
	wait_until report_is s state ready
	succeed_supervise s
	report_is s state ready
	[ "$(wc -l <s/starts)" = 1 ]
}

test_notify_socket() {
	service s <<-END
		#!/bin/sh
		echo x >>starts
		await() { until [ -e "\$1" ]; do sleep 0.02; done; }
		await 1 && $TOOL/notify 'STATUS=warming up'
		await 2 && $TOOL/notify 'READY=1\nSTATUS=at work'
		await 3 && $TOOL/notify 'RELOADING=1'
		await 4 && $TOOL/notify 'READY=1'
		await 5 && $TOOL/notify 'STOPPING=1'
		exec sleep 1000
	END
	: >s/notify-socket
	run_supervise s
	wait_until report_is s state running
	: >s/1
	wait_until report_is s status_text 'warming up'
	report_is s state running
	: >s/2
	wait_until report_is s state ready
	report_is s status_text 'at work'
	: >s/3
	wait_until report_is s state running
	: >s/4
	wait_until report_is s state ready
	: >s/5
	wait_until report_is s state running
}

# Helpers that are gone before supervise looks, which it does when it goes on.
test_helpers_that_are_gone_are_believed() {
	service s <<-END
		#!/bin/sh
		until [ -e go ]; do sleep 0.02; done
		$TOOL/notify 'READY=1' gone
		: >said
		exec sleep 1000
	END
	: >s/notify-socket
	cp -R s t
	run_supervise s
	run_supervise t
	wait_until is_up s
	wait_until is_up t
	kill -STOP "$SUP"
	: >t/go
	wait_until test -e t/said
	kill -CONT "$SUP"
	wait_until report_is t state ready
	[ "$(id -u)" = 0 ] || return 0
	# Another user is not, dead or alive.
	chmod 711 "$T"
	kill -STOP "$SUP"
	NOTIFY_SOCKET=$T/t/supervise/notify-socket nobody \
	    "$TOOL/notify" 'STOPPING=1' gone || return 0
	NOTIFY_SOCKET=$T/t/supervise/notify-socket \
	    "$TOOL/notify" 'STATUS=from root' gone
	kill -CONT "$SUP"
	wait_until report_is t status_text 'from root'
	report_is t state ready
}

test_orphans_are_believed() {
	service s <<-END
		#!/bin/sh
		(setsid sh -c 'until [ -e go ]; do sleep 0.02; done
			exec $TOOL/notify READY=1' &)
		exec sleep 1000
	END
	: >s/notify-socket
	run_supervise s
	wait_until is_up s
	: >s/go
	wait_until report_is s state ready
}

# What it sends after that is read after that.
test_strangers_are_not_believed() {
	service s <<-END
		#!/bin/sh
		until [ -e go ]; do sleep 0.02; done
		$TOOL/notify 'STATUS=at work'
		exec sleep 1000
	END
	: >s/notify-socket
	run_supervise s
	wait_until is_up s
	NOTIFY_SOCKET=$T/s/supervise/notify-socket "$TOOL/notify" 'READY=1'
	: >s/go
	wait_until report_is s status_text 'at work'
	report_is s state running
	[ "$(stat -c %a s/supervise/notify-socket)" = 777 ]
}

test_ready_after() {
	service s <<-'END'
		#!/bin/sh
		echo x >>starts
		[ ! -e broken ] || exit 1
		exec sleep 1000
	END
	echo 400 >s/ready-after
	run_supervise s
	wait_until is_up s
	wait_until report_is s state ready
	since=$(report s since | cut -c -14 | tr -d .)
	ready=$(report s ready_since | cut -c -14 | tr -d .)
	[ $((ready - since)) -ge 390 ]
	# One that does not live as long has never been ready.
	: >s/broken
	svc -k s
	wait_until lines_at_least s/starts 3
	report_is s ready_since ''
	svc -d s
	wait_until report_is s state down
	report_is s ready_since ''
}

test_timeout_ready() {
	service s <<-'END'
		#!/bin/sh
		echo x >>starts
		exec sleep 1000
	END
	echo 3 >s/notification-fd
	echo 200 >s/timeout-ready
	run_supervise s
	wait_until lines_at_least s/starts 3
	report_is s exit_signal 15
}

# long
test_watchdog() {
	service s <<-END
		#!/bin/sh
		echo "\$WATCHDOG_USEC" >usec
		[ "\$WATCHDOG_PID" = \$\$ ] && echo x >>starts
		$TOOL/notify 'READY=1'
		for i in 1 2 3 4 5 6; do sleep 0.1; $TOOL/notify 'WATCHDOG=1'; done
		echo x >>outlived
		exec sleep 1000
	END
	: >s/notify-socket
	echo 5000 >s/watchdog
	run_supervise s
	wait_until lines_at_least s/outlived 1
	[ "$(cat s/usec)" = 5000000 ]
	wait_until lines_at_least s/starts 2
	report_is s exit_signal 6
}

# It cannot say anything while it is stopped, and has all the time afterwards.
test_watchdog_rests_while_paused() {
	service s <<-END
		#!/bin/sh
		$TOOL/notify 'READY=1'
		kill -STOP \$\$
		echo x >>went_on
		exec sleep 1000
	END
	: >s/notify-socket
	echo 1500 >s/watchdog
	run_supervise s
	wait_until paused s
	BEGAN=$(now_ms)
	wait_until past 1600
	paused s
	svc -c s
	wait_until report_is s deaths 1
	report_is s exit_signal 6
	[ "$(wc -l <s/went_on)" = 1 ]
	[ "$(report s ran_ms)" -ge 3000 ]
}

# It drains for longer than the watchdog is patient, and says nothing.
test_watchdog_and_timeout_ready_are_off_while_it_stops() {
	service s <<-END
		#!/bin/sh
		trap 'echo told >told; until [ -e go ]; do sleep 0.02; done
			exit 0' TERM
		$TOOL/notify 'READY=1'
		while :; do sleep 0.05; $TOOL/notify 'WATCHDOG=1'; done
	END
	: >s/notify-socket
	echo 2000 >s/watchdog
	cp -R s t
	rm t/watchdog
	script t/run <<-'END'
		#!/bin/sh
		trap 'echo told >told; until [ -e go ]; do sleep 0.02; done
			exit 0' TERM
		echo x >trapped
		while :; do sleep 0.05; done
	END
	echo 2000 >t/timeout-ready
	run_supervise s
	run_supervise t
	wait_until report_is s state ready
	wait_until test -e t/trapped
	svc -d s t
	wait_until test -e s/told
	wait_until test -e t/told
	BEGAN=$(now_ms)
	wait_until past 2100
	: >s/go
	: >t/go
	wait_until report_is s state down
	report_is s exit_code 0
	wait_until report_is t state down
	report_is t exit_code 0
}

paused() {
	svstat "$1" | grep -q paused
}

test_restart_delay() {
	quitter s
	echo '600000 600000' >s/restart-delay
	run_supervise s
	wait_until lines_at_least s/starts 1
	wait_until report_is s state backoff
	[ "$(wc -l <s/starts)" = 1 ]
	svc -d s
	wait_until report_is s state down
}

crashes_until_repaired() {
	service "$1" <<-'END'
		#!/bin/sh
		[ -e repaired ] || exit 1
		exec sleep 1000
	END
	echo '600000 600000' >"$1/restart-delay"
	: >"$1/down"
}

test_a_request_ends_the_delay() {
	for letters in u r o du; do
		crashes_until_repaired "$letters"
		run_supervise "$letters"
		svc -u "$letters"
		wait_until report_is "$letters" state backoff
		: >"$letters/repaired"
		svc "-$letters" "$letters"
		wait_until is_up "$letters"
	done
}

test_a_request_during_finish_ends_the_delay() {
	crashes_until_repaired s
	slow_finish s
	run_supervise s
	svc -u s
	wait_until lines_at_least s/finished 1
	: >s/repaired
	svc -u s
	: >s/go
	wait_until is_up s
}

# Each would take ten minutes and more if it were a crash.
test_a_restart_does_not_lengthen_the_delay() {
	sleeper s
	echo '100 600000' >s/restart-delay
	run_supervise s
	has_started s 1
	for starts in 2 3 4 5 6 7 8 9; do
		wait_until is_up s
		svc -r s
		wait_until lines_at_least s/starts "$starts"
	done
	# The status may still say that the last one is up.
	wait_until report_is s starts 9
	wait_until is_up s
	kill -KILL "$(pid_of s)"
	wait_until lines_at_least s/starts 10
}

test_restart_limit() {
	quitter s
	finishing s
	echo '2 3600' >s/restart-limit
	echo '50 50' >s/restart-delay
	run_supervise_noting s
	wait_until report_is s state failed
	[ "$(wc -l <s/starts)" = 3 ]
	[ "$(wc -l <s/finished)" = 3 ]
	why='restart limit reached: more than 2 deaths in 3600 seconds'
	[ "$(cat err)" = "supervise: warning: s: $why" ]
	report_is s error "$why"
	# A new wish begins a new count.
	svc -u s
	wait_until report_is s deaths 6
	wait_until report_is s state failed
	[ "$(wc -l <s/starts)" = 6 ]
	[ "$(wc -l <err)" = 2 ]
	# Why it could not be started is not forgotten for it.
	chmod 644 s/run
	svc -u s
	wait_until report_is s error "$why; unable to execute ./run: access denied (not executable)"
}

test_deaths_that_were_asked_for_do_not_count() {
	sleeper s
	echo '1 3600' >s/restart-limit
	echo '50 50' >s/restart-delay
	echo 60000 >s/timeout-kill
	run_supervise s
	for deaths in 1 2 3 4; do
		# the status may still say that the last one is up
		wait_until report_is s starts "$deaths"
		svc -t s
		wait_until report_is s deaths "$deaths"
	done
	wait_until report_is s starts 5
	wait_until is_up s
}

test_a_signal_that_was_survived_excuses_no_death() {
	service s <<-'END'
		#!/bin/sh
		trap 'echo told >told' TERM
		echo x >>starts
		until [ -e crash ]; do sleep 0.02; done
		exit 1
	END
	echo 200 >s/timeout-kill
	echo '0 3600' >s/restart-limit
	run_supervise s
	wait_until lines_at_least s/starts 1
	svc -t s
	wait_until test -e s/told
	BEGAN=$(now_ms)
	wait_until past 300
	: >s/crash
	wait_until report_is s state failed
	[ "$(wc -l <s/starts)" = 1 ]
}

test_once_file() {
	sleeper s
	: >s/once
	run_supervise s
	wait_until is_up s
	has_started s 1
	kill "$(pid_of s)"
	wait_until is_down s
	report_is s state down
	svc -u s
	wait_until is_up s
	has_started s 2
	report_is s want once
}

test_restart_is_one_request() {
	stubborn s
	echo 200 >s/timeout-kill
	finishing s
	run_supervise s
	wait_until lines_at_least s/starts 1
	wait_until is_up s
	pid=$(pid_of s)
	svc -r s
	wait_until is_up_anew s "$pid"
	wait_until lines_at_least s/finished 1
	grep -q '^256 9 ' s/finished
	# a single run runs once more, what is down is started
	svc -o s
	pid=$(pid_of s)
	svc -r s
	wait_until is_up_anew s "$pid"
	report_is s want once
	svc -d s
	wait_until report_is s state down
	svc -r s
	wait_until is_up s
	report_is s want up
}

test_twenty_restarts_at_once() {
	service s <<-'END'
		#!/bin/sh
		setlock -n running true || echo double >>doubles
		exec setlock -n running sleep 1000
	END
	run_supervise s
	wait_until is_up s
	clients=
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		svc -r -wR -T 100000 s &
		clients="$clients $!"
		echo $! >>"$PIDS"
	done
	for client in $clients; do
		wait "$client"
	done
	: "$i"
	wait_until is_up s
	svc -dx s
	wait_until gone "$SUP"
	not test -e s/doubles
}

test_essential_leaves_with_the_code() {
	quitter s
	: >s/essential
	: >s/once
	background supervise s
	wait_until gone "$(tail -n 1 "$PIDS")"
	[ "$(cat s/supervise/final)" = 3 ]
	# what somebody asked for is not final
	rm s/once
	sleeper s
	run_supervise s
	wait_until is_up s
	not test -e s/supervise/final
	svc -d s
	wait_until is_down s
	svc -u s
	wait_until is_up s
	alive "$SUP"
}

# That it exited 0 once is no success.
test_essential_leaves_with_111_for_what_cannot_be_executed() {
	service s <<-'END'
		#!/bin/sh
		chmod 644 run
		exit 0
	END
	: >s/essential
	echo '1 3600' >s/restart-limit
	echo '50 50' >s/restart-delay
	background supervise s
	SUP=$(tail -n 1 "$PIDS")
	wait_until gone "$SUP"
	[ "$(cat s/supervise/final)" = 111 ]
	report_has s error 'not executable'
}

test_once_that_cannot_be_executed_is_down_with_the_reason() {
	sleeper s
	chmod 644 s/run
	: >s/once
	run_supervise s
	wait_until report_has s error 'not executable'
	wait_until report_is s state down
	chmod 755 s/run
	svc -u s
	wait_until is_up s
	report_is s error ''
	has_started s 1
}

# All descriptors are in use, and no more can be had.
test_essential_leaves_without_descriptors() {
	sleeper s
	: >s/essential
	: >s/once
	run_supervise_noting s
	wait_until is_up s
	free=0
	while [ -e "/proc/$SUP/fd/$free" ]; do free=$((free + 1)); done
	prlimit --pid "$SUP" --nofile=$free:
	svc -t s
	wait_until gone "$SUP"
	[ "$(cat s/supervise/final)" = 143 ]
}

test_essential_keeps_the_code_when_finish_is_adopted() {
	quitter s
	slow_finish s
	: >s/essential
	: >s/once
	run_supervise s
	wait_until lines_at_least s/finished 1
	succeed_supervise s
	: >s/go
	wait_until gone "$SUP"
	[ "$(cat s/supervise/final)" = 3 ]
}

test_essential_leaves_when_it_can_say_so() {
	quitter s
	: >s/essential
	: >s/once
	mkdir -p s/supervise/final.new/full s/supervise/final/full
	run_supervise_noting s
	wait_until has 'unable to write s/supervise/final: ' err
	wait_until is_down s
	alive "$SUP"
	[ "$(wc -l <err)" = 1 ]
	rm -r s/supervise/final.new s/supervise/final
	wait_until gone "$SUP"
	[ "$(cat s/supervise/final)" = 3 ]
	[ "$(stat -c %a s/supervise/final)" = 644 ]
}

test_flag_newpidns_is_refused() {
	sleeper s
	: >s/flag-newpidns
	run_supervise_noting s
	wait_until report_has s error flag-newpidns
	wait_until attempted s 2
	not test -e s/starts
	has 'flag-newpidns' err
	rm s/flag-newpidns
	wait_until is_up s
}

test_wrong_options_are_said_and_ignored() {
	quitter s
	echo nonsense >s/kill-mode
	echo '12x' >s/timeout-kill
	printf '5000\n\n' >s/timeout-finish
	mkdir s/restart-limit
	echo 2 >s/notification-fd
	seq 1 100 >s/watchdog
	run_supervise_noting s
	wait_until lines_at_least s/starts 3
	[ "$(grep -c ignored err)" = 1 ]
	for file in kill-mode timeout-kill timeout-finish restart-limit \
	    notification-fd watchdog; do
		has "$file: " err
	done
}

test_an_option_that_cannot_be_read_keeps_it_from_starting() {
	sleeper s
	ln -s down-signal s/down-signal
	run_supervise_noting s
	wait_until has \
	    's: unable to read options: symbolic link loop (down-signal)' err
	wait_until report_is s state backoff
	not test -e s/starts
	rm s/down-signal
	echo INT >s/down-signal
	wait_until is_up s
	svc -d s
	wait_until is_down s
	report_is s exit_signal 2
}

test_nothing_of_the_application_is_executed() {
	sleeper s
	for name in start stop check config log control notify; do
		script "s/$name" <<-END
			#!/bin/sh
			echo $name >>$T/executed
		END
	done
	mkdir s/env s/data s/root
	run_supervise s
	wait_until is_up s
	has_started s 1
	svc -t s
	wait_until lines_at_least s/starts 2
	svc -dx s
	wait_until gone "$SUP"
	not test -e executed
}

run_tests "$@"
