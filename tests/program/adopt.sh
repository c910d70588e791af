#!/bin/sh
# supervise is killed and another one takes its place: nothing runs twice,
# nobody else's process is adopted, no request is forgotten.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/service.sh
. "${0%/*}/../service.sh"

# Namespaces of processes or mounts are for root, or for whoever may make a
# user namespace.
user=
[ "$(id -u)" = 0 ] || user=Ur

# a service that notes the pid of each start in "pids"
noted() {
	service "$1" <<-'END'
		#!/bin/sh
		echo $$ >>pids
		exec sleep 1000
	END
}

# noted, but TERM does not end it
stubborn() {
	service "$1" <<-'END'
		#!/bin/sh
		trap '' TERM
		echo $$ >>pids
		until [ -e go ]; do sleep 0.02; done
	END
}

finishing() {
	script "$1/finish" <<-'END'
		#!/bin/sh
		echo "$*" >>finished
		until [ ! -e hold ]; do sleep 0.02; done
	END
}

starts() {
	wc -l <"$1/pids"
}

# the pid of the last start
last() {
	wait_until test -s "$1/pids"
	tail -n 1 "$1/pids"
}

kill_supervise() {
	kill -KILL "$SUP"
	wait_until gone "$SUP"
}

succeed_supervise() {
	kill_supervise
	run_supervise "$1"
}

# As svscan does it: one that could not start is started again.
has_supervise() {
	if gone "$SUP"; then
		supervise "$1" 2>>err &
		SUP=$!
		echo "$SUP" >>"$PIDS"
	fi
	supervised "$1"
}

# What is injected is there, or strace has ended without it.
is_injected() {
	has INJECTED trace || gone "$STRACE"
}

# inject_at_adoption WHAT...: of strace; $SUP is the supervise
inject() {
	: >trace
	background strace -D -o trace "$@" supervise s 2>>err
	SUP=$!
	STRACE=$!
	wait_until is_injected
}

need_strace() {
	command -v strace >/dev/null || skip 'no strace'
	strace -o /dev/null true 2>/dev/null || skip 'nobody may trace here'
}

# look_fails WHAT ERROR [PATH]: a look at an adoption fails, once
look_fails() {
	kill_supervise
	inject ${3:+-P "$3"} -e "trace=$1" -e "inject=$1:$2:when=1"
	has INJECTED trace
	wait_until has_supervise s
	wait_until report_is s pid "$FIRST"
	alive "$FIRST"
	[ "$(starts s)" = 1 ]
}

test_a_look_that_fails_is_not_an_empty_one() {
	need_strace
	noted s
	run_supervise s
	wait_until test -s s/pids
	FIRST=$(last s)
	for error in ENFILE EACCES EIO; do
		look_fails '?open,openat' error="$error" supervise/report
		look_fails '?open,openat' error="$error" "/proc/$FIRST/stat"
	done
	look_fails '?open,openat' error=ENFILE /proc/sys/kernel/random/boot_id
	look_fails '?open,openat' error=ENFILE /proc/1/stat
	look_fails read error=EIO "$T/s/supervise/report"
	look_fails read retval=0 "$T/s/supervise/report"
	look_fails read retval=0 "/proc/$FIRST/stat"
	look_fails pidfd_open error=EMFILE
	svc -d -wD s
	[ "$(starts s)" = 1 ]
}

test_too_few_descriptors_to_look() {
	noted s
	for limit in 4 5 6 7 8 9 10; do
		run_supervise s
		wait_until test -s s/pids
		pid=$(last s)
		kill_supervise
		rm s/supervise/status
		: >err
		background prlimit --nofile="$limit:" supervise s 2>>err
		SUP=$!
		wait_until has_looked s
		kill -KILL "$SUP" || :
		wait_until gone "$SUP"
		wait_until has_supervise s
		report_is s pid "$pid"
		[ "$(starts s)" = 1 ]
		svc -dx s
		wait_until gone "$SUP"
		rm s/pids
	done
}

# It has published something, or said why it cannot.
has_looked() {
	[ -s err ] || [ -e "$1/supervise/status" ] || gone "$SUP"
}

# What cannot say who it is keeps the lock until it has ended.
next_waits_for() {
	kill_supervise
	code=0
	timeout 60 supervise s 2>err || code=$?
	[ "$code" = 111 ]
	has 'fatal.*supervise/lock' err
	alive "$1"
}

test_no_boot_id() {
	need_strace
	noted s
	inject -P /proc/sys/kernel/random/boot_id -e 'trace=?open,openat' \
	    -e 'inject=?open,openat:error=ENOENT'
	has INJECTED trace
	wait_until is_up s
	pid=$(last s)
	next_waits_for "$pid"
	kill "$pid"
	wait_until gone "$pid"
	run_supervise s
	wait_until is_up_anew s "$pid"
	wait_until lines_at_least s/pids 2
	# It knows the boot id, so the next one adopts.
	pid=$(last s)
	succeed_supervise s
	report_is s pid "$pid"
	[ "$(starts s)" = 2 ]
}

without_proc() {
	unshare "-${user}m" sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$@"
}

test_without_proc() {
	without_proc true 2>/dev/null || skip 'no mount namespaces here'
	noted s
	background unshare "-${user}m" sh -c \
	    'mount -t tmpfs none /proc && exec supervise s'
	SUP=$!
	wait_until is_up s
	pid=$(last s)
	next_waits_for "$pid"
	kill "$pid"
	wait_until gone "$pid"
	# Meanwhile somebody else has its pid.
	background sleep 1000
	stranger=$!
	sed "s/^pid=.*/pid=$stranger/" s/supervise/report >report
	cp report s/supervise/report
	background unshare "-${user}m" sh -c \
	    'mount -t tmpfs none /proc && exec supervise s'
	SUP=$!
	wait_until is_up_anew s "$pid"
	wait_until lines_at_least s/pids 2
	[ "$(pid_of s)" = "$(last s)" ]
	svc -dx s
	wait_until gone "$SUP"
	alive "$stranger"
	[ "$(starts s)" = 2 ]
}

# /proc of other processes than those that we see: each pid is another's.
test_proc_of_another_namespace() {
	unshare "-${user}pf" true 2>/dev/null || skip 'no pid namespaces here'
	noted s
	cat >inside <<-'END'
		(exec supervise s) & sup=$!
		until [ -s s/pids ]; do sleep 0.02; done
		until svok s; do sleep 0.02; done
		kill -KILL $sup
		wait $sup
		timeout 60 supervise s 2>err
		echo $? >code
		kill -0 "$(cat s/pids)" && echo "$(wc -l <s/pids)" >starts
	END
	unshare "-${user}pf" sh inside
	[ "$(cat code starts)" = '111
1' ]
	has 'supervise/lock' err
}

# Of processes of other users, such as process 1, nothing is seen.
test_a_proc_that_hides_others() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	unshare -pfm mount -t proc -o hidepid=2 proc /proc 2>/dev/null ||
	    skip 'no mounts here'
	noted s
	chown -R 65534:65534 s
	chmod 711 "$T"
	nobody test -x "$BIN/supervise" || skip 'nobody cannot go to the programs'
	cat >inside <<-'END'
		mount -t proc -o hidepid=2 proc /proc
		adopted() { grep -qsx "supervise=$1" s/supervise/report; }
		nobody() { exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
		(nobody test -e /proc/1/stat) && exit 1
		(nobody supervise s) & sup=$!
		until [ -s s/pids ] && adopted $sup; do sleep 0.02; done
		kill -KILL $sup
		wait $sup
		(nobody supervise s) & sup=$!
		until adopted $sup; do sleep 0.02; done
		cp s/supervise/report .
	END
	timeout "${DEADLINE:-30}" unshare --kill-child -pfm sh inside
	has "^pid=$(cat s/pids)\$" report
	has '^state=ready$' report
	[ "$(starts s)" = 1 ]
}

# A supervise that can write no file from the beginning.
unwritable() {
	mkfifo pipe
	background sh -c 'cat pipe >err'
	background sh -c 'ulimit -f 0; exec supervise s' 2>pipe
	SUP=$!
}

test_a_report_that_cannot_be_written() {
	service s <<-'END'
		#!/bin/sh
		mkdir "start.$$"
		exec sleep 1000
	END
	unwritable
	wait_until has_started s
	wait_until has 'unable to write' err
	pid=$(cd s && ls -d start.*)
	pid=${pid#start.}
	next_waits_for "$pid"
	kill "$pid"
	wait_until gone "$pid"
	run_supervise s
	wait_until is_up_anew s "$pid"
	twice() { [ "$(find s -name 'start.*' | wc -l)" = 2 ]; }
	wait_until twice
	svc -d -wD s
	twice
}

has_started() {
	find "$1" -name 'start.*' | grep -q .
}

test_a_kept_lock_does_not_outlive_supervise() {
	service s <<-'END'
		#!/bin/sh
		sleep 1000 &
		mkdir "start.$$"
		exec sleep 1000
	END
	unwritable
	wait_until has_started s
	# What it leaves behind has the lock open as well.
	svc -dx s
	wait_until gone "$SUP"
	run_supervise s
	wait_until is_up s
}

test_a_copy_is_another_service() {
	noted one
	run_supervise one
	wait_until is_up one
	wait_until test -s one/pids
	cp -a one two
	rm two/pids
	run_supervise two
	wait_until is_up two
	wait_until test -s two/pids
	[ "$(pid_of two)" != "$(pid_of one)" ]
	report_is two starts 1
	svc -d -wD two
	alive "$(last one)"
	is_up one
	# Nor does a copy inherit what was wanted of the first.
	svc -d -wD one
	wait_until is_down one
	cp -a one three
	run_supervise three
	wait_until is_up three
	[ "$(starts one)" = 1 ]
}

# A container that is started again has the boot id that it had.
test_another_container() {
	noted s
	finishing s
	unshare "-${user}pf" --mount-proc true 2>/dev/null ||
	    skip 'no pid namespaces here'
	contained 1 'svc -d -wD s'
	rm s/finished
	contained 2 true
	contained 3 true
	report_is s starts 3
	not test -e s/finished
}

# contained N COMMAND: run when there have been N starts, and that is its end
contained() {
	cat >inside <<-END
		supervise s &
		until [ "\$(wc -l <s/pids)" = $1 ] && svok s; do sleep 0.02; done
		svc -wU s && $2
	END
	: >>s/pids
	timeout 100 unshare "-${user}pf" --mount-proc --kill-child sh inside
}

# reboot NAME: as if its supervise had been killed by that
reboot() {
	kill_supervise
	sed 's/^boot=.*/boot=01234567-89ab-cdef-0123-456789abcdef/' \
	    "$1/supervise/report" >report
	cp report "$1/supervise/report"
}

test_down_stays_down_until_the_next_boot() {
	noted s
	run_supervise s
	wait_until is_up s
	svc -d -wD s
	succeed_supervise s
	report_is s state down
	report_is s want down
	reboot s
	run_supervise s
	wait_until is_up s
	report_is s starts 2
}

test_what_was_to_run_once_has_run() {
	noted s
	: >s/down
	run_supervise s
	svc -o s
	wait_until is_up s
	wait_until test -s s/pids
	kill "$(pid_of s)"
	wait_until report_is s state down
	succeed_supervise s
	report_is s state down
	# It is answered: nothing has been started before.
	svc -u -wU s
	wait_until lines_at_least s/pids 2
	[ "$(starts s)" = 2 ]
}

test_what_has_failed_has_failed() {
	noted s
	script s/finish <<-'END'
		#!/bin/sh
		exit 125
	END
	run_supervise s
	wait_until is_up s
	wait_until test -s s/pids
	kill "$(pid_of s)"
	wait_until report_is s state failed
	succeed_supervise s
	report_is s state failed
	report_is s exit_signal 15
	svc -u -wU s
	wait_until lines_at_least s/pids 2
	[ "$(starts s)" = 2 ]
}

test_a_restart_that_is_owed() {
	stubborn s
	: >s/down
	run_supervise s
	svc -o -wU s
	wait_until test -s s/pids
	svc -r s
	wait_until report_is s state stopping
	succeed_supervise s
	report_is s state stopping
	: >s/go
	wait_until lines_at_least s/pids 2
	wait_until report_is s state down
	report_is s want once
	[ "$(starts s)" = 2 ]
}

# The request comes while ./finish runs.
test_a_start_that_is_owed_after_finish() {
	noted s
	: >s/down
	: >s/hold
	finishing s
	run_supervise s
	svc -o -wU s
	wait_until test -s s/pids
	kill "$(pid_of s)"
	wait_until test -s s/finished
	svc -o s
	wait_until report_is s next once
	succeed_supervise s
	report_is s state finishing
	rm s/hold
	wait_until lines_at_least s/pids 2
	[ "$(wc -l <s/finished)" = 1 ]
}

# The end and the start of two supervises are between a death and ./finish.
test_finish_that_was_not_run() {
	service s <<-'END'
		#!/bin/sh
		sh -c 'trap "" TERM; echo $$ >left; until [ -e go ]; do sleep 0.02; done' &
		until [ -s left ]; do sleep 0.02; done
		echo $$ >>pids
		exec sleep 1000
	END
	finishing s
	echo all >s/kill-mode
	echo 60000 >s/timeout-kill
	run_supervise s
	wait_until is_up s
	wait_until test -s s/pids
	pid=$(last s)
	svc -d s
	wait_until gone "$pid"
	wait_until report_is s state finishing
	report_is s pid 0
	succeed_supervise s
	report_is s state finishing
	report_is s deaths 1
	report_is s exit_signal 15
	not test -e s/finished
	kill -KILL "$(cat s/left)"
	wait_until report_is s state down
	[ "$(cat s/finished)" = "256 15 s $pid" ]
	[ "$(starts s)" = 1 ]
}

test_a_run_and_its_finish_that_end_unseen() {
	noted s
	: >s/hold
	finishing s
	run_supervise s
	wait_until is_up s
	wait_until test -s s/pids
	kill -STOP "$SUP"
	pid=$(last s)
	kill "$pid"
	kill_supervise
	run_supervise s
	wait_until test -s s/finished
	report_is s state finishing
	report_is s exit_code unknown
	[ "$(cat s/finished)" = "256 0 s $pid" ]
	finish=$(report s pid)
	kill -KILL "$SUP" "$finish"
	wait_until gone "$SUP"
	rm s/hold
	run_supervise s
	wait_until is_up_anew s "$pid"
	[ "$(wc -l <s/finished)" = 1 ]
}

# A TERM that is no stop is not followed by a KILL.
test_stopping_is_what_was_asked_for() {
	stubborn s
	echo 1 >s/timeout-kill
	run_supervise s
	wait_until is_up s
	wait_until test -s s/pids
	svc -t s
	wait_until report_is s state ready
	succeed_supervise s
	report_is s state ready
	report_is s want up
	alive "$(last s)"
	svc -d s
	wait_until is_down s
	report_is s exit_code unknown
}

# A service that says what is in the file "word" each time that there is one.
speaker() {
	service "$1" <<-END
		#!/bin/sh
		echo "\$NOTIFY_SOCKET" >socket
		echo \$\$ >>pids
		while :; do
			until [ -e word ]; do sleep 0.02; done
			if $TOOL/notify "\$(cat word)"; then rm word; fi
			sleep 0.02
		done
	END
	: >"$1/notify-socket"
}

# say NAME WORDS
say() {
	echo "$2" >"$1/new"
	mv "$1/new" "$1/word"
}

test_a_socket_that_cannot_be_bound() {
	need_strace
	speaker s
	echo 60000 >s/watchdog
	run_supervise s
	wait_until test -s s/pids
	kill_supervise
	inject -e trace=bind -e inject=bind:error=ENOSPC:when=1
	has INJECTED trace
	wait_until has 'warning.*s/supervise/notify-socket' err
	say s READY=1
	wait_until report_is s state ready
	[ "$(starts s)" = 1 ]
}

# What is said as soon as the socket has its name is heard.
test_ready_at_the_first_moment() {
	need_strace
	speaker s
	run_supervise s
	wait_until test -s s/pids
	kill_supervise
	say s READY=1
	background strace -D -o trace -e trace=bind \
	    -e inject=bind:delay_exit=500000 supervise s 2>>err
	SUP=$!
	wait_until report_is s state ready
}

test_a_fifo_that_cannot_be_opened() {
	need_strace
	service s <<-'END'
		#!/bin/sh
		echo $$ >>pids
		until [ -e go ]; do sleep 0.02; done
		echo >&3
		exec sleep 1000
	END
	echo 3 >s/notification-fd
	run_supervise s
	wait_until test -s s/pids
	kill_supervise
	inject -P supervise/notify -e 'trace=?open,openat' \
	    -e 'inject=?open,openat:error=ENFILE:when=1'
	has INJECTED trace
	wait_until has 'warning.*s/supervise/notify' err
	: >s/go
	wait_until report_is s state ready
	[ "$(starts s)" = 1 ]
}

test_a_long_path() {
	long=$(printf '%0100d' 0)
	mkdir "$long"
	cd "$long"
	speaker s
	run_supervise s
	wait_until test -s s/pids
	case $(cat s/socket) in
	*"$SUP"*) false ;;
	@?*) ;;
	*) false ;;
	esac
	[ "$(cat s/socket)" = "$(report s notify_socket)" ]
	succeed_supervise s
	say s READY=1
	wait_until report_is s state ready
	wait_until not test -e s/word
	# Another one has another name.
	cp -a s s2
	rm s2/pids
	run_supervise s2
	wait_until test -s s2/pids
	[ "$(cat s/socket)" != "$(cat s2/socket)" ]
}

# supervise was killed before it has said that ./run was executed.
test_ready_as_soon_as_it_is_adopted() {
	noted s
	run_supervise s
	wait_until is_up s
	wait_until test -s s/pids
	kill_supervise
	sed 's/^state=.*/state=starting/; s/^ready_since=.*/ready_since=/
	    s/^starts=.*/starts=0/' s/supervise/report >report
	cp report s/supervise/report
	run_supervise s
	report_is s state ready
	not report_is s ready_since ''
	report_is s starts 1
	[ "$(starts s)" = 1 ]
}

test_said_to_nobody() {
	service s <<-'END'
		#!/bin/sh
		echo $$ >>pids
		until [ -e go ]; do sleep 0.02; done
		echo >&3
		: >said
		exec sleep 1000
	END
	echo 3 >s/notification-fd
	run_supervise s
	wait_until test -s s/pids
	kill -STOP "$SUP"
	: >s/go
	wait_until test -e s/said
	succeed_supervise s
	wait_until report_is s state ready
}

# A datagram is lost with the supervise that has not read it; the service is not
# killed for that, and may say it again.
test_ready_is_lost_and_said_again() {
	speaker s
	run_supervise s
	wait_until test -s s/socket
	echo 200 >s/timeout-ready
	kill -STOP "$SUP"
	NOTIFY_SOCKET=$(cat s/socket) "$TOOL/notify" READY=1 gone
	succeed_supervise s
	report_is s state running
	BEGAN=$(now_ms)
	wait_until past 400
	say s READY=1
	wait_until report_is s state ready
	[ "$(starts s)" = 1 ]
}

test_somebody_else_stops_it() {
	service s <<-END
		#!/bin/sh
		echo \$\$ >>pids
		$TOOL/notify 'READY=1\nSTATUS=at work'
		while :; do $TOOL/notify WATCHDOG=1; sleep 0.05; done
	END
	: >s/notify-socket
	echo 2500 >s/watchdog
	run_supervise s
	wait_until report_is s state ready
	succeed_supervise s
	report_is s status_text 'at work'
	kill -STOP "$(last s)"
	wait_until paused s
	kill -CONT "$(last s)"
	wait_until not paused s
	is_up s
	[ "$(starts s)" = 1 ]
}

paused() {
	svstat "$1" | grep -q paused
}

# It has left our process group, our session and, with its parent, us.
test_leftovers_in_their_own_sessions() {
	command -v setsid >/dev/null || skip 'no setsid'
	service s <<-'END'
		#!/bin/sh
		setsid sleep 1000 &
		echo $! >>left
		until [ -e "/proc/$!" ] && [ "$(cut -d ' ' -f 6 "/proc/$!/stat")" = $! ]; do
			sleep 0.02
		done
		echo $$ >>pids
		exec sleep 1000
	END
	run_supervise s
	wait_until test -s s/pids
	succeed_supervise s
	svc -d -wD s
	report_is s leftovers 1
	alive "$(cat s/left)"
	echo all >s/kill-mode
	rm s/pids
	svc -u -wU s
	wait_until test -s s/pids
	succeed_supervise s
	svc -d -wD s
	gone "$(tail -n 1 s/left)"
}

run_tests "$@"
