#!/bin/sh
# multilog: the classic language, rotation, states, processors and signals.
# shellcheck source=/dev/null
. "${0%/*}/../lib.sh"

# all DIR: what is in a log, in order
all() {
	cat "$1"/@* "$1"/current 2>/dev/null
}

# 0 if the log in DIR has an old file
rotated() {
	[ -n "$(find "$1" -name '@*.s')" ]
}

# 0 if the log holds the numbers up to $1
has_all() {
	seq 1 "$1" >numbers
	all "$2" | cmp -s - numbers
}

mode() {
	stat -c %a "$1"
}

# count PATTERN DIR: how many names in DIR match
count() {
	find "$2" -name "$1" | wc -l
}

# The process waits for what comes next: it has read all that was there.
waits() {
	grep -q 'poll\|select' "/proc/$1/wchan"
}

test_appends_and_ends_clean() {
	printf 'one\n\ntwo' | multilog ./d
	printf 'one\n\ntwo\n' | cmp - d/current
	[ "$(mode d/current)" = 744 ]
	[ "$(mode d)" = 700 ]
	[ "$(mode d/lock)" = 600 ]
	[ -f d/state ]
	echo three | multilog ./d
	[ "$(tail -n 1 d/current)" = three ]
	[ "$(count '@*' d)" = 0 ]
}

test_every_byte_is_ordinary() {
	head -c 300000 /dev/urandom >in
	multilog s500000 ./d <in
	head -c 300000 d/current | cmp - in
}

test_selection() {
	printf '%s\n' alpha beta 'gamm ray' 'ga ray' '' >in
	multilog '-*' '+g*a ray' ./star '+beta' ./both '-*' '+' ./empty <in
	[ "$(cat star/current)" = 'ga ray' ]
	printf 'beta\nga ray\n' | cmp - both/current
	printf '\n' | cmp - empty/current
}

test_star_stops_at_the_first() {
	printf 'aab\nabcc\n' | multilog '-*' '+*ab' '+a*c' ./d
	not test -s d/current
}

test_first_1000_bytes_decide() {
	line=$(printf '%01000d' 7)
	printf '%sx\n%s\n' "$line" "$line" |
	    multilog '-*' "+$line" ./yes
	printf '%sx\n%s\n' "$line" "$line" | cmp - yes/current
	printf '%sx\n' "$line" | multilog '-*' '+*x' ./no
	not test -s no/current
}

test_stamp() {
	printf 'one\n\n' | multilog t ./d
	[ "$(grep -c '^@4[0-9a-f]\{23\} ' d/current)" = 2 ]
	grep -q '^@[0-9a-f]\{24\} $' d/current
	sort -u d/current | cmp - d/current
	# 2^62 + 10 + now: within a minute
	now=$(($(date +%s) + 10))
	seconds=$((0x$(head -n 1 d/current | cut -c 10-17)))
	[ $((now - seconds)) -lt 60 ]
	[ $((seconds - now)) -lt 60 ]
}

test_patterns_see_the_stamp() {
	printf 'fatal: x\nfine\n' | multilog t '-*' '+* fatal: *' ./d
	[ "$(wc -l <d/current)" = 1 ]
	not has fine d/current
}

test_alert() {
	printf '%0200d\n%0201d\nshort\n' 0 0 | multilog e 2>err
	{
		printf '%0200d\n' 0
		printf '%0200d...\n' 0
		echo short
	} | cmp - err
}

test_alert_reader_gone() {
	{ echo a; echo b; } | { multilog e ./d 2>&1; echo $? >code; } | :
	wait_until has 0 code
	printf 'a\nb\n' | cmp - d/current
}

# Lines that only standard error takes, many at once: each comes out whole.
test_alerts_of_many_short_lines() {
	yes '' | head -n 100000 | multilog t e 2>err
	[ "$(wc -l <err)" = 100000 ]
	not grep -vxq '@[0-9a-f]\{24\} ' err
	sort -u err | cmp - err
}

test_alerts_of_deselected_lines() {
	yes ab | head -n 50000 |
	    multilog d 'pmyservice: ' '-*' '+*ab*' e '-*' ./d 2>err
	[ "$(wc -l <err)" = 50000 ]
	not grep -vxq '[0-9-]*T[0-9:.]\{18\}Z myservice: ab' err
	[ ! -s d/current ]
}

test_status_file() {
	printf '%02000d' 0 >st
	chmod 640 st
	printf 'a\nSTAT 1\nb\nSTAT 2\nc\n' | multilog '-*' '+STAT*' '=st'
	[ "$(wc -c <st)" = 1001 ]
	[ "$(head -n 1 st)" = 'STAT 2' ]
	[ "$(tail -c 994 st | tr -d '\n' | wc -c)" = 0 ]
	[ "$(mode st)" = 640 ]
	[ "$(count 'st.*' .)" = 0 ]
	printf '%02000d\n' 1 | multilog '=new'
	[ "$(wc -c <new)" = 1001 ]
	[ "$(mode new)" = 600 ]
}

test_rotates_at_line_ends() {
	seq 1 20000 >in
	multilog s4096 n1000 ./d <in
	all d | cmp - in
	for f in d/@*.s; do
		size=$(stat -c %s "$f")
		[ "$size" -ge 2096 ]
		[ "$size" -le 4096 ]
		[ "$(tail -c 1 "$f" | od -An -c | tr -d ' ')" = '\n' ]
		[ "$(mode "$f")" = 744 ]
	done
}

test_long_line_is_continued() {
	head -c 10000 /dev/zero | tr '\0' x >in
	multilog s4096 ./d <in
	set -- d/@*
	[ $# = 2 ]
	[ "$(stat -c %s "$1")" = 4096 ]
	[ "$(stat -c %s "$2")" = 4096 ]
	{ cat in; echo; } >want
	all d | cmp - want
}

test_number_limit_counts_current() {
	seq 1 20000 | multilog s4096 n4 ./d
	[ "$(count '@*' d)" = 3 ]
	[ "$(all d | tail -n 1)" = 20000 ]
	all d >got
	seq "$(head -n 1 got)" 20000 | cmp - got
}

test_names_increase_though_the_clock_goes_back() {
	mkdir d
	: >d/@4fffffff000000003b9ac9ff.s
	seq 1 5000 | multilog s4096 n4 ./d
	all d >got
	seq "$(head -n 1 got)" 5000 | cmp - got
	[ "$(count '@*' d)" = 3 ]
}

test_old_file_that_cannot_be_removed() {
	mkdir -p d/@4000000000000000000000000.s d/@4000000000000000000000001.s
	seq 1 20000 | multilog s4096 n3 ./d 2>err
	[ "$(cat d/current "$(find d -type f | grep @ | sort | tail -n 1)" |
	    sort -n | tail -n 1)" = 20000 ]
	[ "$(find d -type f -name '@*' | wc -l)" = 2 ]
}

test_unclean_becomes_u() {
	mkdir d
	echo lost >d/current
	echo new | multilog ./d
	[ "$(cat d/@*.u)" = lost ]
	[ "$(cat d/current)" = new ]
}

test_crashes_do_not_wipe_the_history() {
	seq 1 20000 | multilog s4096 n5 ./d
	cat d/@*.s >history
	i=0
	while [ $i -lt 12 ]; do
		: >d/current
		chmod 644 d/current
		multilog ./d n5 </dev/null
		i=$((i + 1))
	done
	cat d/@* | cmp - history
	i=0
	while [ $i -lt 12 ]; do
		echo "crash $i" >>d/current
		chmod 644 d/current
		multilog n5 ./d </dev/null
		chmod 644 d/current
		i=$((i + 1))
	done
	[ "$(count '@*.s' d)" -ge 3 ]
	[ "$(all d | grep -c crash)" = 12 ]
}

test_failed_start_leaves_no_trace() {
	echo one | multilog ./a
	: >file
	not multilog ./a ./file </dev/null 2>err
	has 'multilog: fatal: unable to .* ./file' err
	[ "$(mode a/current)" = 744 ]
}

test_locks() {
	mkfifo fifo
	multilog ./d <fifo &
	pid=$!
	exec 3>fifo
	wait_until test -f d/current
	code=0
	multilog ./d </dev/null 2>err || code=$?
	[ $code = 111 ]
	has 'multilog: fatal: unable to lock directory ./d' err
	code=0
	multilog ./e ./e </dev/null 2>err || code=$?
	[ $code = 111 ]
	[ "$(mode d/current)" = 644 ]
	exec 3>&-
	wait $pid
}

test_line_is_there_at_once() {
	mkfifo fifo
	multilog t ./d <fifo &
	pid=$!
	exec 3>fifo
	echo one >&3
	wait_until has ' one$' d/current
	printf 'par' >&3
	wait_until waits $pid
	not has par d/current
	echo tial >&3
	wait_until has ' partial$' d/current
	exec 3>&-
}

test_term_finishes_the_line() {
	mkfifo fifo
	exec 3<>fifo
	multilog ./d <fifo &
	pid=$!
	printf 'first\nsec' >&3
	wait_until has first d/current
	kill -TERM $pid
	printf 'ond\nthird\n' >&3
	wait_until gone $pid
	printf 'first\nsecond\n' | cmp - d/current
	[ "$(mode d/current)" = 744 ]
	read -r rest <&3
	[ "$rest" = third ]
}

test_term_without_a_newline() {
	mkfifo fifo
	exec 3<>fifo
	multilog ./d <fifo &
	pid=$!
	printf 'first\nsec' >&3
	wait_until has first d/current
	kill -TERM $pid
	wait_until gone $pid
	printf 'first\nsec\n' | cmp - d/current
}

test_term_when_idle() {
	mkfifo fifo
	exec 3<>fifo
	multilog ./d <fifo &
	pid=$!
	wait_until test -f d/current
	kill -TERM $pid
	wait $pid
	[ "$(mode d/current)" = 744 ]
}

test_alrm_rotates() {
	mkfifo fifo
	exec 3<>fifo
	multilog ./d <fifo &
	pid=$!
	wait_until test -f d/current
	# An empty file is not rotated.
	kill -ALRM $pid
	wait_until waits $pid
	not rotated d
	echo one >&3
	wait_until has one d/current
	not rotated d
	kill -ALRM $pid
	wait_until rotated d
	[ "$(cat d/@*.s)" = one ]
	echo two >&3
	wait_until has two d/current
}

test_hup_is_not_caught() {
	mkfifo fifo
	exec 3<>fifo
	multilog ./d <fifo &
	pid=$!
	echo one >&3
	wait_until has one d/current
	kill -HUP $pid
	wait_until gone $pid
	[ "$(mode d/current)" = 644 ]
}

test_processor() {
	seq 1 5000 | multilog s4096 n100 \
	    '!tr 0-9 a-j; { cat <&4; echo x; } >&5' ./d
	all d | tr a-j 0-9 >got
	seq 1 5000 | cmp - got
	[ "$(wc -l <d/state)" = "$(count '@*.s' d)" ]
	[ "$(count 'previous' d)" = 0 ]
	[ "$(count 'processed' d)" = 0 ]
	[ "$(count 'newstate' d)" = 0 ]
	[ "$(count '@*' d)" = "$(find d -name '@*' -perm 744 | wc -l)" ]
}

test_processor_runs_in_the_directory_with_clean_signals() {
	seq 1 2000 | (
		trap '' PIPE
		multilog s4096 "!cat >/dev/null; pwd >../pwd
awk '/^Sig(Blk|Ign):/' /proc/self/status >../sig
for fd in 0 1 2 3 4 5 6 7 8 9 10 11 12 13; do
[ -e /proc/self/fd/\$fd ] && echo \$fd; done >../fds; cat ../fds" ./d
	)
	[ "$(cat pwd)" = "$T/d" ]
	has 'SigBlk:.0000000000000000' sig
	not_in_valgrind
	# 10 and above are the shell's own
	[ "$(grep '^.$' fds | tr '\n' ' ')" = "0 1 2 4 5 " ]
}

test_reading_goes_on_while_the_processor_runs() {
	mkfifo fifo go
	exec 3<>fifo
	exec 4<>go
	multilog s4096 "!read x <../go; cat" ./d <fifo &
	seq 1 1000 >&3
	wait_until test -f d/processed
	echo on >&3
	wait_until has on d/current
	echo now >go
	wait_until rotated d
	{ seq 1 1000; echo on; } >want
	all d | cmp - want
}

# sleeps_until SECONDS: what strace writes to the file trace ends with a wait,
# as a pattern for its seconds
sleeps_until() {
	tail -n 1 trace | grep -q "poll(.*{tv_sec=$1, [^)]*\$"
}

# It goes on, is to be tried again within five seconds, and is at each start.
test_failing_processor() {
	command -v strace >/dev/null || skip 'no strace'
	seq 1 900 >in
	mkfifo fifo
	exec 3<>fifo
	strace -o trace -e trace=poll,ppoll "$BIN/multilog" s4096 \
	    "!cat; test -f ../good" ./d <fifo 2>err 3>&- &
	pid=$!
	cat in >&3
	wait_until has 'processor failed in ./d, pausing' err ||
	    has . trace || skip 'nobody may trace here'
	echo on >&3
	wait_until has on d/current
	wait_until sleeps_until '[0-4]'
	[ "$(wc -l <err)" = 1 ]
	exec 3>&-
	wait $pid
	: >good
	exec 3<>fifo
	multilog s4096 "!cat; test -f ../good" ./d <fifo 2>err &
	wait_until rotated d
	{ cat in; echo on; } >want
	all d | cmp - want
}

soak_failing_processor_is_tried_again() {
	seq 1 900 >in
	mkfifo fifo
	exec 3<>fifo
	multilog s4096 "!cat; test -f ../good" ./d <fifo 2>err &
	pid=$!
	cat in >&3
	wait_until has 'processor failed in ./d, pausing' err
	echo on >&3
	wait_until has on d/current
	: >good
	wait_until rotated d
	{ cat in; echo on; } >want
	all d | cmp - want
	[ "$(wc -l <err)" = 1 ]
	kill -TERM $pid
	wait_until gone $pid
}

test_term_while_a_processor_hangs() {
	mkfifo fifo
	exec 3<>fifo
	multilog s4096 "!echo \$\$ >../child; exec sleep 1000" ./d <fifo 2>err &
	pid=$!
	seq 1 3000 >&3
	wait_until test -s child
	kill -TERM $pid
	before=$(now_ms)
	wait_until gone $pid
	[ $(($(now_ms) - before)) -lt 15000 ]
	[ "$(mode d/current)" = 744 ]
	cat d/previous d/current >got
	wait_until gone "$(cat child)"
	# what was not processed is processed by the next one, and what was not
	# read is still there
	multilog s4096 n100 '!cat' ./d <fifo &
	wait_until has_all 3000 d
	# current may have been full, and is processed then
	wait_until test ! -e d/previous
}

test_sigchld_ignored_by_the_parent() {
	seq 1 2000 | (
		trap '' CHLD
		multilog s4096 '!cat' ./d
	)
	[ "$(count '@*.s' d)" -ge 1 ]
	all d >got
	seq 1 2000 | cmp - got
}

test_current_removed() {
	mkfifo fifo
	exec 3<>fifo
	multilog ./d <fifo &
	echo one >&3
	wait_until has one d/current
	rm d/current
	echo two >&3
	wait_until has two d/current
}

test_directory_removed() {
	mkfifo fifo
	exec 3<>fifo
	mkdir up
	multilog ./up/d <fifo 2>err &
	pid=$!
	echo one >&3
	wait_until has one up/d/current
	mv up gone
	rm -rf gone
	echo two >&3
	wait_until has 'unable to create directory ./up/d, pausing' err
	mkdir up
	wait_until has two up/d/current
	[ "$(wc -l <err)" = 1 ]
	kill -TERM $pid
}

test_closed_descriptors() {
	not_in_valgrind
	multilog ./d <&- >&- 2>&-
	[ -f d/current ]
	echo one | multilog ./d >&- 2>&-
	[ "$(cat d/current)" = one ]
}

test_idle_is_asleep() {
	command -v strace >/dev/null || skip 'no strace'
	mkfifo fifo
	exec 3<>fifo
	strace -o trace -e trace=poll,ppoll "$BIN/multilog" t R1d '!cat' ./d \
	    '=st' ./e <fifo &
	echo one >&3
	wait_until has . trace || skip 'nobody may trace here'
	wait_until has one e/current
	wait_until sleeps_until '86[34][0-9]*'
}

test_empty_script_reads_all() {
	seq 1 100000 | multilog 2>err
	has 'nothing is written' err
}

run_tests "$@"
