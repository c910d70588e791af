#!/bin/sh
# multilog killed between every two of its system calls, and its successor as
# well: what is in the log is the beginning of the input, once, in order.
#
#   STEP=1         every system call; every thirtieth one if not set
#   OFFSET=0       of those, from 0 to STEP - 1: another one every day
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

STEP=${STEP:-30}
OFFSET=${OFFSET:-$(($(date +%s) / 86400 % STEP))}

# everything in the log; a file in processing comes before current
all() {
	cat d/@* d/current 2>/dev/null || :
}

# the log is the first bytes of the input, and ends with a whole line
is_beginning() {
	all >got
	if [ -s got ]; then
		head -c "$(wc -c <got)" in | cmp - got
		[ -z "$(tail -c 1 got)" ]
	fi
}

# go_on PROGRAM ACTION...: the successor, as soon as it gets the lock (a child
# between fork and exec has it as long as that takes), and again until it may
# process what a processor of its predecessor works on.
go_on() {
	wait_until goes_on "$@"
}

goes_on() {
	"$@" </dev/null && [ ! -e d/previous ]
}

is_tidy() {
	set -- "$1" d/@*
	[ $# -le "$1" ]
	[ ! -e d/previous ]
	[ ! -e d/processed ]
	[ ! -e d/newstate ]
	# What was not ended properly, and must not cost an old file, stays so.
	[ -x d/current ] || [ "$1" -lt 50 ]
}

# count_calls PROGRAM ARGUMENT...: those of a whole run, in $CALLS
count_calls() {
	code=0
	"$TOOL/kill_at" report 0 "$@" <in || code=$?
	[ "$code" != 77 ] || skip 'nobody may trace here'
	CALLS=$(sed -n 's/^count //p' report)
	[ "$CALLS" -gt 50 ]
}

# kill_twice N M NUMBER ACTION...: it is killed at its N-th call, its successor
# at its M-th.
kill_twice() {
	first=$1 second=$2 number=$3
	shift 3
	rm -rf d
	mkdir d
	"$TOOL/kill_at" report "$first" "$BIN/multilog" s4096 \
	    "n$number" "$@" <in || :
	"$TOOL/kill_at" report "$second" "$BIN/multilog" s4096 \
	    "n$number" "$@" </dev/null || :
	go_on "$BIN/multilog" s4096 "n$number" "$@"
	not_wrong "$number"
}

# kill_everywhere NUMBER ACTION...: at each call of a whole run
kill_everywhere() {
	number=$1
	shift
	count_calls "$BIN/multilog" s4096 "n$number" "$@"
	FAULTS=0
	n=$((STEP - OFFSET))
	while [ "$n" -le "$CALLS" ]; do
		try 'multilog and its successor are killed, at each call' \
		    upkeep kill_twice "$n" $((n * 7 % 60 + 1)) "$number" "$@"
		n=$((n + STEP))
	done
	[ "$FAULTS" = 0 ]
}

not_wrong() {
	set +x
	is_tidy "$1"
	if [ "$1" -gt 50 ]; then
		is_beginning
	else
		# the beginning is gone, the rest must be in order
		all >got
		if [ -s got ]; then
			seq "$(head -n 1 got)" "$(tail -n 1 got)" | cmp - got
		fi
	fi
	set -x
}

campaign_plain() {
	seq 1000 4000 >in
	kill_everywhere 100 ./d
}

campaign_number_limit() {
	seq 1000 5000 >in
	kill_everywhere 3 ./d
}

campaign_processor() {
	seq 1000 3000 >in
	kill_everywhere 100 '!cat; echo state >&5' ./d
}

# hand_over N FIRST SECOND ACTION...: FIRST is killed at its N-th call, SECOND
# goes on.  There may be an empty .u more, but no line.
hand_over() {
	n=$1 first=$2 second=$3
	shift 3
	rm -rf d
	mkdir d
	"$TOOL/kill_at" report "$n" "$first" s4096 n100 "$@" <in || :
	go_on "$second" s4096 n100 "$@"
	set +x
	[ ! -e d/previous ]
	[ ! -e d/processed ]
	[ "$(stat -c %a d/current)" = 744 ]
	all >got
	head -c "$(stat -c %s got)" in | cmp - got
	set -x
}

# handed_over WHO FIRST SECOND ACTION...: at each call of a whole run
handed_over() {
	seq 1000 3000 >in
	from_to=$1 first=$2 second=$3
	shift 3
	count_calls "$first" s4096 n100 "$@"
	FAULTS=0
	n=$((STEP - OFFSET))
	while [ "$n" -le "$CALLS" ]; do
		try 'multilog is killed, and one of another kind goes on' \
		    "$from_to" \
		    hand_over "$n" "$first" "$second" "$@"
		# daemontools writes and reads in small pieces
		n=$((n + STEP + CALLS / 300))
	done
	[ "$FAULTS" = 0 ]
}

find_peer() {
	peer=$(PATH=$ORIGINAL_PATH command -v multilog) || peer=
	[ -n "$peer" ] || skip 'no multilog of daemontools'
}

campaign_daemontools_is_killed() {
	find_peer
	handed_over 'daemontools, then upkeep' \
	    "$peer" "$BIN/multilog" ./d
}

campaign_daemontools_goes_on() {
	find_peer
	handed_over 'upkeep, then daemontools' \
	    "$BIN/multilog" "$peer" ./d
}

campaign_daemontools_is_killed_with_a_processor() {
	find_peer
	handed_over 'daemontools, then upkeep' \
	    "$peer" "$BIN/multilog" '!cat; echo x >&5' ./d
}

campaign_daemontools_goes_on_with_a_processor() {
	find_peer
	handed_over 'upkeep, then daemontools' \
	    "$BIN/multilog" "$peer" '!cat; echo x >&5' ./d
}

torture_twice() {
	seq 1000 2500 >in
	count_calls "$BIN/multilog" s4096 n100 '!cat; echo state >&5' ./d
	FAULTS=0
	first=$((STEP - OFFSET))
	while [ "$first" -le "$CALLS" ]; do
		for second in 3 10 17 24 31 38 45 52; do
			try 'multilog and its successor are killed, at each call' \
			    upkeep kill_twice "$first" $((second + first % 7)) \
			    100 '!cat; echo state >&5' ./d
		done
		first=$((first + STEP))
	done
	[ "$FAULTS" = 0 ]
}

run_tests "$@"
