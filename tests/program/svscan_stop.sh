#!/bin/sh
# svscan: how it stops what it has started.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/scan.sh
. "${0%/*}/../scan.sh"

# service NAME <RUN: the run script on standard input, and a logger
service() {
	mkdir -p "services/$1/log"
	script "services/$1/run"
	multilogs | script "services/$1/log/run"
}

# ended SECONDS: svscan ends by itself in that time, with 0
ended() {
	DEADLINE=$1 wait_until gone "$scan"
	wait "$scan"
}

stubborn() {
	service "$1" <<'EOF'
#!/bin/sh
trap 'echo TERM >>told' TERM
trap '' HUP INT
echo $$ >pid
while :; do
	echo still here
	sleep 0.1
done
EOF
}

wordy() {
	service "$1" <<'EOF'
#!/bin/sh
trap 'sleep 0.3; echo last words; exit 0' TERM
echo ready
while :; do sleep 0.05; done
EOF
}

test_last_line_reaches_the_log() {
	for i in 1 2 3 4 5; do
		wordy "s$i"
	done
	for signal in TERM INT; do
		scan
		for i in 1 2 3 4 5; do
			wait_until has ready "services/s$i/log/main/current"
		done
		kill -$signal "$scan"
		ended 10
		for i in 1 2 3 4 5; do
			has 'last words' "services/s$i/log/main/current"
			# a logger that has ended well says so
			[ -x "services/s$i/log/main/current" ]
			is_gone "services/s$i"
			is_gone "services/s$i/log"
			rm -r "services/s$i/log/main"
		done
		not has . scan.err
	done
}

test_services_stop_in_parallel() {
	for i in 1 2 3 4 5 6 7 8; do
		service "s$i" <<'EOF'
#!/bin/sh
trap 'sleep 1; exit 0' TERM
echo ready
while :; do sleep 0.1; done
EOF
	done
	scan
	for i in 1 2 3 4 5 6 7 8; do
		wait_until has ready "services/s$i/log/main/current"
	done
	from=$(now_ms)
	kill "$scan"
	ended 7
	[ $(($(now_ms) - from)) -ge 900 ]
}

test_without_services() {
	mkdir services
	ln -s nowhere services/dangling
	scan
	wait_until has dangling scan.err
	alive "$scan"
	kill "$scan"
	ended 4
}

# long
test_right_after_the_start() {
	for i in 1 2 3; do
		wordy "s$i"
	done
	for i in 1 2 3 4 5 6 7 8 9 10; do
		scan
		wait_until test -e "services/s3/supervise/lock"
		kill "$scan"
		ended 10
		for j in 1 2 3; do
			is_gone "services/s$j"
			is_gone "services/s$j/log"
		done
		rm -r services/*/supervise services/*/log/supervise
	done
}

# A long backlog in the pipe, and a logger that is killed while it reads it.
# long
test_killed_logger_still_drains() {
	service a <<EOF
#!/bin/sh
exec "$TOOL/scan_lines" state 300 0
EOF
	script services/a/log/run <<'EOF'
#!/bin/sh
while read -r line; do
	echo "$line"
	sleep 0.005
done >>out
EOF
	scan
	wait_until has . services/a/log/out
	kill "$scan"
	wait_until is_gone services/a
	svc -k services/a/log
	wait_until has '^300 ' services/a/log/out
	ended 10
	# dash reads single bytes, and KILL may cost it the line in its hands
	[ "$(wc -l <services/a/log/out)" -ge 299 ]
}

# The service ends before the next supervise is there to adopt it.  That one is
# there to stop it, and must not start it.
test_a_killed_supervise_starts_nothing_at_a_stop() {
	command -v strace >/dev/null || skip 'no strace'
	strace -o /dev/null true 2>/dev/null || skip 'nobody may trace here'
	service a <<'EOF'
#!/bin/sh
trap '' TERM
echo $$ >>pids
exec sleep 1000
EOF
	scan
	wait_until test -s services/a/pids
	wait_until is_up services/a
	service=$(cat services/a/pids)
	# The next supervise has time to start something before svscan's TERM.
	background strace -qq -p "$scan" -o trace -e trace=kill \
	    -e inject=kill:delay_enter=300000
	wait_until has '^TracerPid:.[1-9]' "/proc/$scan/status"
	kill "$scan"
	wait_until has '^want=down' services/a/supervise/report
	kill -KILL "$(parent_of "$service")" "$service"
	ended 15
	[ "$(cat services/a/pids)" = "$service" ]
	has '^starts=1$' services/a/supervise/report
}

test_killed_supervises_still_stop() {
	service a <<'EOF'
#!/bin/sh
stop() {
	: >stopping
	until [ -e go ]; do sleep 0.02; done
	echo last words
	exit 0
}
trap stop TERM
echo ready
while :; do sleep 0.1; done
EOF
	scan
	wait_until has ready services/a/log/main/current
	wait_until is_up services/a
	service=$(pid_of services/a)
	wait_until is_up services/a/log
	logger=$(pid_of services/a/log)
	kill "$scan"
	wait_until test -e services/a/stopping
	kill -KILL "$(parent_of "$service")" "$(parent_of "$logger")"
	: >services/a/go
	ended 15
	gone "$service"
	gone "$logger"
	is_gone services/a
	has 'last words' services/a/log/main/current
}

# long
test_killed_supervise_just_before() {
	wordy a
	scan
	wait_until has ready services/a/log/main/current
	for i in 1 2 3 4 5; do
		wait_until is_up services/a
		service=$(pid_of services/a)
		kill -KILL "$(parent_of "$service")"
		sleep 0.0$i
		kill "$scan"
		ended 15
		gone "$service"
		is_gone services/a
		has 'last words' services/a/log/main/current
		rm -r services/a/log/main
		scan
		wait_until has ready services/a/log/main/current
	done
}

test_without_patience_it_waits() {
	stubborn a
	scan
	wait_until has here services/a/log/main/current
	kill "$scan"
	wait_until has TERM services/a/told
	said=$(grep -c here services/a/log/main/current)
	says_more() {
		[ "$(grep -c here services/a/log/main/current)" -gt $((said + 1)) ]
	}
	wait_until says_more
	alive "$scan"
	kill "$scan"
	ended 5
	gone "$(cat services/a/pid)"
	is_gone services/a
	is_gone services/a/log
}

test_patience_ends() {
	stubborn a
	wordy b
	scan -T 2500
	wait_until has here services/a/log/main/current
	wait_until has ready services/b/log/main/current
	from=$(now_ms)
	kill "$scan"
	ended 10
	[ $(($(now_ms) - from)) -ge 2400 ]
	gone "$(cat services/a/pid)"
	has 'last words' services/b/log/main/current
}

# A supervise that does not answer is killed, and the service with it.
test_stopped_supervise_is_killed() {
	stubborn a
	wordy b
	scan
	wait_until has here services/a/log/main/current
	wait_until has ready services/b/log/main/current
	service=$(cat services/a/pid)
	kill -STOP "$(parent_of "$service")"
	kill "$scan"
	wait_until is_gone services/b/log
	alive "$scan"
	kill "$scan"
	ended 10
	wait_until gone "$service"
	is_gone services/a
	is_gone services/a/log
}

# Whatever a service leaves behind keeps the pipe open.
test_leftover_writer() {
	service a <<'EOF'
#!/bin/sh
(trap '' TERM; exec sleep 1000) &
echo $! >leftover
echo ready
exec sleep 1000
EOF
	scan -T 2000
	wait_until has ready services/a/log/main/current
	kill "$scan"
	ended 10
	has ready services/a/log/main/current
	is_gone services/a/log
}

# Nobody would read what is in the pipe of a logger that is down.
test_logger_that_is_down() {
	service a <<'EOF'
#!/bin/sh
echo ready
: >said
exec sleep 1000
EOF
	: >services/a/log/down
	scan
	wait_until test -e services/a/said
	wait_until is_up services/a
	wait_until is_down services/a/log
	kill "$scan"
	ended 15
	has '^svscan: warning: unable to deliver the last output of a/log$' scan.err
}

# What was never read comes to the next logger.
test_service_without_output() {
	service a <<'EOF'
#!/bin/sh
exec sleep 1000
EOF
	: >services/a/log/down
	scan
	wait_until is_up services/a
	wait_until is_down services/a/log
	kill "$scan"
	ended 10
	not has . scan.err
}

test_unlogged_service() {
	wordy a
	rm -r services/a/log
	svscan services >out 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until has ready out
	kill "$scan"
	ended 10
	has 'last words' out
}

# What Ctrl-C sends goes to all of the group: only svscan may hear of it.
test_interrupt_of_the_whole_group() {
	wordy a
	wordy b
	setsid svscan services 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until has ready services/a/log/main/current
	wait_until has ready services/b/log/main/current
	kill -INT "-$scan"
	ended 10
	has 'last words' services/a/log/main/current
	has 'last words' services/b/log/main/current
}

test_quit_leaves_all() {
	wordy a
	wordy b
	rm -r services/b/log
	scan
	wait_until is_up services/b
	wait_until has ready services/a/log/main/current
	wait_until is_up services/a
	wait_until is_up services/a/log
	pids="$(pid_of services/a) $(pid_of services/b) $(pid_of services/a/log)"
	kill -QUIT "$scan"
	ended 4
	# They answer, and so would have obeyed whatever they were told before.
	for s in services/a services/b services/a/log; do
		svc -p $s
		wait_until is_paused $s
		svc -c $s
		wait_until not is_paused $s
	done
	[ "$pids" = "$(pid_of services/a) $(pid_of services/b) $(
	    pid_of services/a/log)" ]
	svc -dx services/a services/b
	wait_until has 'last words' services/a/log/main/current
}

is_paused() {
	svstat "$1" | grep -q ', paused'
}

# all goes with it, in order, and its code is svscan's
test_essential_service() {
	wordy a
	service b <<'EOF'
#!/bin/sh
until [ -e go ]; do sleep 0.02; done
exit 7
EOF
	: >services/b/once
	: >services/b/essential
	scan
	wait_until has ready services/a/log/main/current
	: >services/b/go
	DEADLINE=15 wait_until gone "$scan"
	code=0
	wait "$scan" || code=$?
	[ "$code" = 7 ]
	has 'last words' services/a/log/main/current
	is_gone services/a
	# somebody's svc -d is not the end of all
	rm services/b/once services/b/go
	scan
	wait_until is_up services/b
	svc -d services/b
	wait_until is_down services/b
	scanned
	# nor is what an earlier one has left
	kill "$scan"
	ended 15
}

# what must be killed is killed before its logger, which has a second then
test_last_lines_of_what_is_killed() {
	mkdir -p services/a/log
	printf '%s\n' '#!/bin/sh' 'trap "" TERM' i=0 'while :; do' \
	    'i=$((i + 1))' 'echo "$i"' 'echo "$i" >said' 'sleep 0.01' done |
	    script services/a/run
	printf '%s\n' '#!/bin/sh' ': >../begun' 'sleep 0.3' \
	    'exec cat >../heard' | script services/a/log/run
	scan -T 0
	wait_until test -s services/a/said
	wait_until test -e services/a/begun
	kill "$scan"
	ended 30
	is_gone services/a
	is_gone services/a/log
	said=$(cat services/a/said)
	heard=$(tail -n 1 services/a/heard)
	[ "$heard" -ge "${said:-1}" ]
}

run_tests "$@"
