#!/bin/sh
# Many lines through svscan, supervise and multilog, while both ends are
# restarted and the log rotates: complete, in order, none torn.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

# current has no name for a moment in a rotation
log_size() {
	cat services/a/log/main/current 2>/dev/null | wc -c
}

done_writing() {
	tail -qn 1 services/a/log/main/@* services/a/log/main/current \
	    2>/dev/null | grep -q " $lines "
}

# or will not any more, because it was faster than we are
log_grows() {
	[ "$(log_size)" != "$size" ] || done_writing
}

# stream LINES RESTARTS
stream() {
	lines=$1 rounds=$2
	mkdir -p services/a/log
	echo 20 20 >services/a/restart-delay
	echo 20 20 >services/a/log/restart-delay
	printf '#!/bin/sh\nexec %s state %d 14 lock\n' "$TOOL/scan_lines" \
	    "$lines" | script services/a/run
	printf '#!/bin/sh\nexec multilog t s300000 n1000 ./main\n' |
	    script services/a/log/run
	svscan services 2>err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until is_up services/a
	wait_until is_up services/a/log
	while [ $((rounds -= 1)) -ge 0 ]; do
		size=$(log_size)
		wait_until log_grows
		service=$(pid_of services/a)
		logger=$(pid_of services/a/log)
		svc -a services/a/log
		svc -t services/a/log
		wait_until is_up_anew services/a/log "$logger"
		svc -t services/a
		wait_until is_up_anew services/a "$service"
	done
	DEADLINE=120 wait_until done_writing
	kill "$scan"
	wait_until gone "$scan"
	wait "$scan"
	set -- services/a/log/main/@*.s
	[ $# -ge 10 ]
	"$TOOL/scan_check" "$lines" 0 "$@" services/a/log/main/current
	[ "$(wc -c <services/a/lock)" = 0 ]
	[ "$(wc -c <err)" = 0 ]
}

test_stream() {
	stream 100000 5
}

soak_million_lines() {
	stream 1000000 50
}

run_tests "$@"
