#!/bin/sh
# The wall clock is set while the programs run, forwards and backwards, over
# the ends of 2^31 and 2^32 seconds (2038, 2106): the programs are built with
# tests/clock/clock.c, which adds to it what a file says.  Delays do not change,
# no age is negative, no line is lost, and the oldest file is removed first.
#
#   STEP=1         every step of the clock; every fourth if not set
#   OFFSET=0       of those, from 0 to STEP - 1: another one every day
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

STEP=${STEP:-4}
OFFSET=${OFFSET:-$(($(date +%s) / 86400 % STEP))}
PATH=$BUILD/tests/clock:$PATH
export UPKEEP_CLOCK

# from and to, in Unix seconds
STEPS='1000000000 2000000000
2000000000 1000000000
1000000000 999999999
2147483600 2147483700
2147483700 2147483600
4294967200 4294967400
4294967400 4294967200
1800000000 0
100 1800000000
1800000000 7000000000
7000000000 1800000000'

# clock SECONDS: it is then so late
clock() {
	echo $(($1 - $(date +%s))) >clock.new
	mv clock.new "$UPKEEP_CLOCK"
}

# steps ROW FUNCTION: called as FUNCTION FROM TO, in an empty directory
steps() {
	FAULTS=0
	echo "$STEPS" | awk "NR % $STEP == $OFFSET" >steps
	while read -r from to; do
		mkdir "$from.$to"
		cd "$from.$to"
		UPKEEP_CLOCK=$PWD/clock
		try "$1" upkeep "$2" "$from" "$to"
		cd "$T"
	done <steps
	[ "$FAULTS" = 0 ]
}

service() {
	mkdir -p "$1"
	printf '%s\n' '#!/bin/sh' "echo x >>$PWD/starts" 'exec sleep 1000' |
	    script "$1/run"
}

# starts N: the service has been started so often at least
starts() {
	[ "$(cat starts 2>/dev/null | wc -l)" -ge "$1" ]
}

# age LEAST MOST: that of the service in s, as svstat shows it
age() {
	line=$(svstat s)
	line=${line% seconds*}
	age=${line##* }
	[ "$age" -ge "$1" ] && [ "$age" -le "$2" ]
	age=$(svstat -o updownfor s)
	[ "$age" -ge "$1" ] && [ "$age" -le "$2" ]
}

# passed FROM TO: how old what was started after FROM is at TO, or up to 900 s less
passed() {
	echo $(($2 > $1 + 900 ? $2 - $1 - 900 : 0))
}

supervise_over() {
	clock "$1"
	service s
	supervise s 2>err &
	SUP=$!
	echo "$SUP" >>"$PIDS"
	wait_until starts 1
	wait_until is_up s
	age 0 900
	clock "$2"
	past=$(passed "$1" "$2")
	age "$past" $((past + 1800))
	svc -wD -T 100000 -d s
	age 0 900
	svc -wU -T 100000 -u s
	age 0 900
	wait_until starts 2
	pid=$(pid_of s)
	kill -KILL "$pid"
	wait_until starts 3
	wait_until is_up_anew s "$pid"
	# It waits for a second before it starts it again: over a step, too.
	pid=$(pid_of s)
	kill -KILL "$pid"
	clock "$1"
	wait_until starts 4
	# That one may have come before the step.
	wait_until is_up_anew s "$pid"
	pid=$(pid_of s)
	svc -t s
	wait_until starts 5
	wait_until is_up_anew s "$pid"
	pid=$(pid_of s)
	kill -KILL "$SUP"
	wait_until gone "$SUP"
	clock "$2"
	supervise s 2>err &
	SUP=$!
	echo "$SUP" >>"$PIDS"
	wait_until is_up s
	[ "$(pid_of s)" = "$pid" ]
	age "$past" $((past + 1800))
	svc -dx s
	wait_until gone "$SUP"
	[ ! -s err ]
}

# long
campaign_supervise() {
	steps 'the clock is set: supervise, svstat, svc' supervise_over
}

# Deaths at once count as such, and the limit is reached.
limit_over() {
	clock "$1"
	service s
	echo '10 1000' >s/restart-limit
	echo '10 10' >s/restart-delay
	echo 'exit 1' >>s/run
	sed -i /sleep/d s/run
	supervise s 2>err &
	SUP=$!
	wait_until starts 2
	clock "$2"
	wait_until has '.' err
	wait_until report_is_failed
	svc -dx s
	wait_until gone "$SUP"
}

report_is_failed() {
	has '^state=failed' s/supervise/report
}

# long
campaign_restart_limit() {
	steps 'the clock is set: the restart limit' limit_over
}

holds() {
	cat d/@* d/current 2>/dev/null | sed 's/^@[0-9a-f]* //' | cmp -s - "$1"
}

# feed N: a thousand more lines, until they are in the log
feed() {
	seq "$1" $(($1 + 999)) >next
	cat next >>in
	cat next >&3
	wait_until holds in
}

log() {
	multilog t s4096 n1000 ./d <fifo 2>err &
	LOG=$!
	wait_until test -f d/current
}

stop_log() {
	kill -TERM "$LOG"
	wait "$LOG"
	[ ! -s err ]
}

# The names are in the order of the lines, whatever the clock: while it runs, and
# if it is started anew.
multilog_over() {
	mkfifo fifo
	exec 3<>fifo
	clock "$1"
	log
	feed 1000
	clock "$2"
	feed 2000
	stop_log
	clock "$1"
	log
	feed 3000
	clock "$2"
	feed 4000
	stop_log
	# The newest of all are kept.
	find d -name '@*' | sort | tail -n 3 >newest
	multilog t s4096 n4 ./d </dev/null 2>err
	[ ! -s err ]
	find d -name '@*' | sort | cmp - newest
	cat d/@* d/current | tail -n 1 | grep ' 4999$'
}

# long
campaign_multilog() {
	steps 'the clock is set: multilog' multilog_over
}

# Nobody has made a file by such a name, after which none could come.
test_a_name_that_is_no_time() {
	mkdir d
	echo >d/@ffffffffffffffffffffffff.s
	seq 1000 4000 >in
	multilog s4096 n4 ./d <in
	rm d/@ffffffffffffffffffffffff.s
	tail -c 6000 in >want
	cat d/@* d/current | tail -c 6000 | cmp - want
}

# What is older than R is rotated, by a clock that nobody sets.
rotation_over() {
	mkfifo fifo
	exec 3<>fifo
	clock "$1"
	multilog R1s n1000 ./d <fifo 2>err &
	LOG=$!
	echo one >&3
	wait_until has one d/current
	clock "$2"
	wait_until not has one d/current
	[ "$(cat d/@*)" = one ]
	stop_log
}

# long
campaign_rotation_by_age() {
	steps 'the clock is set: multilog, rotation by age' rotation_over
}

svscan_over() {
	clock "$1"
	service services/a
	svscan services 2>err &
	SCAN=$!
	echo "$SCAN" >>"$PIDS"
	wait_until is_up services/a
	clock "$2"
	service services/b
	wait_until is_up services/b
	kill -KILL "$(parent_of "$(pid_of services/b)")"
	wait_until svok services/b
	wait_until is_up services/b
	clock "$1"
	service services/c
	wait_until is_up services/c
	kill -TERM "$SCAN"
	wait "$SCAN"
	[ -z "$(processes_below "$PWD/services")" ]
}

# long
campaign_svscan() {
	steps 'the clock is set: svscan' svscan_over
}

# svc waits as long as it is told, not as long as the clock says.
wait_over() {
	clock "$1"
	service s
	supervise s 2>err &
	SUP=$!
	wait_until is_up s
	svc -wD -T 60000 s 2>svc.err &
	WAITER=$!
	wait_until is_waiting
	clock "$2"
	svc -d s
	wait "$WAITER"
	code=0
	svc -wU -T 100 s 2>svc.err || code=$?
	[ "$code" != 0 ]
	has 'timed out' svc.err
	svc -x s
	wait_until gone "$SUP"
}

is_waiting() {
	has poll "/proc/$WAITER/wchan"
}

# long
campaign_svc() {
	steps 'the clock is set: svc -w' wait_over
}

run_tests "$@"
