#!/bin/sh
# multilog killed between every two of its system calls, and its successor as
# well: what is in the log is the beginning of the input, once, in order.
# TORTURE=1 kills the successor at every call, too.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib.sh"

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

# kill_everywhere NUMBER ACTION...: at each call of a whole run
kill_everywhere() {
	number=$1
	shift
	"$TOOL/kill_at" report 0 "$BIN/multilog" s4096 "n$number" "$@" \
	    <in || code=$?
	[ "${code:-0}" != 77 ] || skip 'nobody may trace here'
	calls=$(sed -n 's/^count //p' report)
	[ "$calls" -gt 50 ]
	n=1
	while [ "$n" -le "$calls" ]; do
		rm -rf d
		mkdir d
		"$TOOL/kill_at" report "$n" "$BIN/multilog" s4096 \
		    "n$number" "$@" <in || :
		m=$((n * 7 % 60 + 1))
		"$TOOL/kill_at" report "$m" "$BIN/multilog" s4096 \
		    "n$number" "$@" </dev/null || :
		go_on "$BIN/multilog" s4096 "n$number" "$@"
		not_wrong "$number"
		n=$((n + 1))
	done
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

test_plain() {
	seq 1000 4000 >in
	kill_everywhere 100 ./d
}

test_number_limit() {
	seq 1000 5000 >in
	kill_everywhere 3 ./d
}

test_processor() {
	seq 1000 3000 >in
	kill_everywhere 100 '!cat; echo state >&5' ./d
}

# handed_over FIRST SECOND ACTION...: FIRST is killed at each call of a whole
# run, SECOND goes on.  There may be an empty .u more, but no line.
handed_over() {
	first=$1
	second=$2
	shift 2
	seq 1000 3000 >in
	"$TOOL/kill_at" report 0 "$first" s4096 n100 "$@" <in || code=$?
	[ "${code:-0}" != 77 ] || skip 'nobody may trace here'
	calls=$(sed -n 's/^count //p' report)
	[ "$calls" -gt 50 ]
	# daemontools writes and reads in small pieces
	every=$((calls / 150 + 1))
	n=1
	while [ "$n" -le "$calls" ]; do
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
		n=$((n + every))
	done
}

find_peer() {
	peer=$(PATH=$ORIGINAL_PATH command -v multilog) || peer=
	[ -n "$peer" ] || skip 'no multilog of daemontools'
}

test_daemontools_is_killed() {
	find_peer
	handed_over "$peer" "$BIN/multilog" ./d
}

test_daemontools_goes_on() {
	find_peer
	handed_over "$BIN/multilog" "$peer" ./d
}

test_daemontools_is_killed_with_a_processor() {
	find_peer
	handed_over "$peer" "$BIN/multilog" '!cat; echo x >&5' ./d
}

test_daemontools_goes_on_with_a_processor() {
	find_peer
	handed_over "$BIN/multilog" "$peer" '!cat; echo x >&5' ./d
}

test_twice() {
	[ -n "$TORTURE" ] || skip 'takes minutes: make torture'
	seq 1000 2500 >in
	for first in $(seq 1 150); do
		for second in $(seq 1 50); do
			rm -rf d
			mkdir d
			"$TOOL/kill_at" report "$first" "$BIN/multilog" s4096 \
			    n100 '!cat; echo state >&5' ./d <in || :
			"$TOOL/kill_at" report "$second" "$BIN/multilog" \
			    s4096 n100 '!cat' ./d </dev/null || :
			go_on "$BIN/multilog" s4096 n100 '!cat' ./d
			not_wrong 100
		done
	done
}

run_tests "$@"
