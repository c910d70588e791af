#!/bin/sh
# Each program with too little of something, step by step, from none to enough:
# descriptors, memory, file size; with files of the wrong kind, cut short, or full
# of garbage.  It works, or says why it does not.
# tests/fault/multilog.sh has a full disk and processes, calls.sh and svscan.sh
# let fork fail, tests/unit/multilog/stamp.c has all days.
#
#   STEP=1         every amount; every tenth if not set
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

STEP=${STEP:-10}

service() {
	rm -rf s
	mkdir s
	script s/run <<-'END'
		#!/bin/sh -e
		echo $$ >holder
		exec sleep 1000
	END
}

is_running() {
	[ -s s/holder ] && is_up s
}

running_or_ended() {
	is_running || gone "$SUP"
}

# supervise_with LIMIT: under a limit of prlimit(1) that it gets in full; where
# it only waits, and says for what, until that is there
supervise_with() {
	service
	: >err
	prlimit "$1:" "$BIN/supervise" s 2>err &
	SUP=$!
	echo "$SUP" >>"$PIDS"
	wait_until running_or_ended_or_said
	if alive "$SUP" && not is_running; then
		hard=$(prlimit --pid "$SUP" "${1%=*}" -o HARD --noheadings)
		prlimit --pid "$SUP" "${1%=*}=$hard:" || :
		wait_until running_or_ended
	fi
	if gone "$SUP"; then
		# The kernel may have killed it before it began.
		wait "$SUP" && return 1
		[ -s err ] || [ "$(ls s)" = run ]
		[ ! -e s/holder ]
		supervise s &
		SUP=$!
		wait_until is_running
	fi
	svc -dx s
	wait_until gone "$SUP"
	gone "$(cat s/holder)"
}

both_run() {
	is_running && is_up s/log
}

both_run_or_ended_or_said() {
	both_run || gone "$SCAN" || [ -s err ]
}

# scan_with LIMIT: a scanner, and what it starts, which gets the limit too; if
# they do not all run, another scanner is started without it
scan_with() {
	service
	rm -rf services
	mkdir s/log services
	script s/log/run <<-'END'
		#!/bin/sh
		exec cat
	END
	ln -s ../s services/s
	: >err
	prlimit "$1:" "$BIN/svscan" services 2>err &
	SCAN=$!
	echo "$SCAN" >>"$PIDS"
	wait_until both_run_or_ended_or_said
	if not both_run; then
		if alive "$SCAN"; then
			kill -TERM "$SCAN"
		else
			[ -s err ] || [ ! -e s/supervise ]
		fi
		wait_until gone "$SCAN"
		svscan services &
		SCAN=$!
		wait_until both_run
	fi
	kill -TERM "$SCAN"
	wait_until gone "$SCAN"
	gone "$(cat s/holder)"
}

log_with() {
	rm -rf d
	seq 1000 3000 >in
	if prlimit "$1" "$BIN/multilog" s4096 n100 ./d <in 2>err; then
		cat d/@* d/current | cmp - in
	else
		multilog s4096 n100 ./d </dev/null
	fi
}

client_with() {
	service
	supervise s &
	SUP=$!
	wait_until is_running
	if prlimit "$1" "$BIN/svstat" s >out 2>err; then
		grep "s: up (pid $(cat s/holder))\\|s: unable to " out
	fi
	prlimit "$1" "$BIN/svc" -dx s 2>err || [ $? != 0 ]
	[ -s err ] || ! gone "$SUP" || gone "$(cat s/holder)"
	svc -dx s || :
	wait_until gone "$SUP"
}

# amounts ROW FUNCTION OPTION FIRST LAST BY
amounts() {
	command -v prlimit >/dev/null || skip 'no prlimit'
	if has __asan_ "$BIN/svscan"; then skip 'the sanitizers need much'; fi
	FAULTS=0
	amount=$4
	while [ "$amount" -le "$5" ]; do
		try "$1" upkeep "$2" "$3=$amount"
		amount=$((amount + $6 * STEP))
	done
	[ "$FAULTS" = 0 ]
}

campaign_descriptors() {
	amounts 'few descriptors: supervise' supervise_with --nofile 3 24 1
	amounts 'few descriptors: svscan with a logger' scan_with --nofile 3 24 1
	amounts 'few descriptors: multilog' log_with --nofile 3 20 1
	amounts 'few descriptors: svstat and svc' client_with --nofile 3 12 1
}

campaign_memory() {
	amounts 'little memory: supervise' supervise_with --as 900000 3000000 100000
	amounts 'little memory: multilog' log_with --as 1000000 3000000 50000
	amounts 'little memory: svstat and svc' client_with --as 1000000 3000000 100000
}

campaign_file_size() {
	amounts 'small files: supervise' supervise_with --fsize 20 400 20
	amounts 'small files: multilog' log_with --fsize 1000 9000 200
}

# A control FIFO takes anything.
garbage() {
	service
	supervise s 2>err &
	SUP=$!
	wait_until is_running
	head -c 30000 /dev/urandom | tr -d x >s/supervise/control
	obeys() {
		svc -u s && svc -wU -T 100 s && is_running
	}
	wait_until obeys
	alive "$SUP"
	svc -dx s
	wait_until gone "$SUP"
}

campaign_garbage() {
	FAULTS=0
	i=0
	while [ $i -lt $((30 / STEP)) ]; do
		i=$((i + 1))
		try 'garbage in the control FIFO' upkeep garbage
	done
	[ "$FAULTS" = 0 ]
}

# cut FILE LENGTH: what svstat says of it is the truth, or that it cannot tell
cut_short() {
	head -c "$2" whole >"s/supervise/$1.new"
	mv "s/supervise/$1.new" "s/supervise/$1"
	code=0
	for options in '' -l -j; do
		# shellcheck disable=SC2086
		svstat $options s >out 2>err || code=$?
		[ "$code" -lt 126 ]
		[ -s out ] || [ -s err ]
		not grep -v "^NAME \\|unable\\|$PID\\|error" out
	done
}

lengths_of() {
	service
	supervise s &
	SUP=$!
	wait_until is_running
	PID=$(pid_of s)
	cp "s/supervise/$1" whole
	FAULTS=0
	n=0
	while [ "$n" -lt "$(wc -c <whole)" ]; do
		try "svstat: each length of $1" upkeep cut_short "$1" "$n"
		n=$((n + STEP))
	done
	[ "$FAULTS" = 0 ]
}

campaign_lengths_of_status() {
	lengths_of status
}

campaign_lengths_of_report() {
	lengths_of report
}

# What must be a file or a directory is something else.
wrong_kind() {
	service
	mkdir s/supervise
	case $2 in
	file) echo x >"s/$1.x" ;;
	directory) mkdir "s/$1.x" ;;
	fifo) mkfifo "s/$1.x" ;;
	loop) ln -s "$(basename "$1")" "s/$1.x" ;;
	esac
	rm -rf "s/$1"
	mv -T "s/$1.x" "s/$1"
	: >err
	supervise s 2>err &
	SUP=$!
	wait_until running_or_ended_or_said
	wait_until supervised_or_ended
	if gone "$SUP"; then
		has fatal err
		rm -rf "s/$1"
		supervise s 2>>err &
		SUP=$!
		wait_until supervised
	fi
	svc -dx s
	wait_until gone "$SUP"
}

supervised() {
	svok s
}

supervised_or_ended() {
	supervised || gone "$SUP"
}

running_or_ended_or_said() {
	running_or_ended || [ -s err ] || has_died s
}

# The service $1 itself may have had too little.
has_died() {
	deaths=$(svstat -o deaths "$1" 2>/dev/null) && [ "$deaths" -gt 0 ]
}

campaign_wrong_kinds() {
	FAULTS=0
	for file in supervise/lock supervise/control supervise/ok \
	    supervise/status supervise/report supervise run finish \
	    restart-delay down-signal; do
		for kind in file directory fifo loop; do
			try 'a file of supervise is of the wrong kind' upkeep \
			    wrong_kind "$file" "$kind"
		done
	done
	[ "$FAULTS" = 0 ]
}

run_tests "$@"
