#!/bin/sh
# multilog: what was read and cannot be kept is said, and is exit code 111; all
# else is kept, whoever removes, replaces, kills or fills something meanwhile.
# shellcheck source=/dev/null
. "${0%/*}/../lib.sh"

all() {
	cat "$1"/@* "$1"/previous "$1"/current 2>/dev/null || :
}

holds() {
	all "$1" | cmp -s - "$2"
}

# start ACTION...: multilog as $pid, reading the FIFO that is descriptor 3
start() {
	[ -p fifo ] || mkfifo fifo
	exec 3<>fifo
	multilog "$@" <fifo 2>err 3>&- &
	pid=$!
}

# ends: waits for $pid to end, its exit code in $code
ends() {
	code=0
	wait $pid || code=$?
}

# what the logger has not read, to the file rest
drain() {
	exec 4<fifo 3>&-
	cat <&4 >rest
}

count_lines() {
	cat "$@" 2>/dev/null | wc -l
}

# true if ./d has an old file with that code
has_old() {
	[ -n "$(find d -name "@*.$1")" ]
}

# true if the process waits in the kernel for its descriptors
waits() {
	grep -q 'poll\|select' "/proc/$1/wchan"
}

waits_or_has_ended() {
	[ ! -e "/proc/$1/wchan" ] || waits "$1"
}

test_blocked_standard_output() {
	mkfifo out
	exec 5<>out
	seq 100000 120000 >in
	start 1 >out 5>&-
	cat in >&3 &
	wait_until waits $pid
	kill -TERM $pid
	ends
	dd if=out of=got bs=65536 iflag=nonblock 2>/dev/null || :
	drain
	[ "$code" = 111 ] || [ "$(count_lines got rest)" = 20001 ]
	[ "$code" = 0 ] || has 'unable to write to standard output: lines are' err
}

test_blocked_standard_error() {
	mkfifo out fifo
	exec 5<>out
	exec 3<>fifo
	yes "$(printf '%0100d' 0)" | head -n 5000 >in
	multilog s4M e ./d <fifo 2>out 3>&- 5>&- &
	pid=$!
	cat in >&3 &
	wait_until test -s d/current
	wait_until waits $pid
	kill -TERM $pid
	ends
	drain
	[ "$(count_lines d/current rest)" = 5000 ]
	# 64 kilobytes at most have come out
	[ "$(count_lines d/current)" -lt 700 ] || [ "$code" = 111 ]
}

test_standard_output_on_a_full_device() {
	[ -c /dev/full ] || skip 'no /dev/full'
	code=0
	seq 1 3 | multilog 1 ./d >/dev/full 2>err || code=$?
	[ "$code" = 111 ]
	has 'warning: unable to write to standard output: out of disk' err
	has 'fatal: unable to write to standard output: lines are lost' err
	[ "$(count_lines d/current)" = 3 ]
}

test_term_without_a_directory() {
	mkdir up
	start ./up/d
	wait_until test -f up/d/state
	echo one >&3
	wait_until has one up/d/current
	rm -r up
	echo two >&3
	wait_until has 'unable to create directory ./up/d, pausing' err
	kill -TERM $pid
	ends
	[ "$code" = 111 ]
	has 'fatal: unable to write to ./up/d/current: lines are lost' err
}

# What has been read of a line is no less lost than a whole one.
test_term_with_half_a_line() {
	mkdir up
	start ./up/d
	wait_until test -f up/d/state
	printf 'one\nhalf' >&3
	wait_until has one up/d/current
	rm -r up
	kill -TERM $pid
	ends
	[ "$code" = 111 ]
	has 'fatal: unable to write to ./up/d/current: lines are lost' err
}

in_tmpfs() {
	mkdir tmp
	mount -t tmpfs -o "$1" none tmp 2>/dev/null || skip 'cannot mount'
	trap 'cd "$T"; umount -l tmp' EXIT
}

fill_inodes() {
	n=0
	while touch tmp/fill$n 2>/dev/null; do
		n=$((n + 1))
	done
}

# The second of grace is for trying again.
test_room_after_term() {
	in_tmpfs size=4M,nr_inodes=32
	start s4096 n1000 ./tmp/d
	wait_until test -f tmp/d/state
	fill_inodes
	seq 1000 1999 >in
	cat in >&3
	wait_until has 'pausing' err
	before=$(now_ms)
	kill -TERM $pid
	# on a slow machine its time may be over before this one looks
	wait_until waits_or_has_ended $pid
	rm tmp/fill*
	took=$(($(now_ms) - before))
	ends
	# a machine so slow shows nothing
	[ $took -lt 500 ] || return 0
	[ "$code" = 0 ]
	drain
	{ all tmp/d; cat rest; } | cmp - in
}

test_no_room_after_term() {
	in_tmpfs size=4M,nr_inodes=32
	start s4096 n1000 ./tmp/d
	wait_until test -f tmp/d/state
	fill_inodes
	seq 1000 1999 >in
	cat in >&3
	wait_until has 'pausing' err
	kill -TERM $pid
	ends
	[ "$code" = 111 ]
	has 'fatal: unable to write to ./tmp/d/current: lines are lost' err
}

# One read may become much more than it was: TERM is answered all the same.
test_term_with_a_long_prefix() {
	yes '' | head -n 70000 >in
	prefix=$(printf '%0900d' 0)
	start s4096 "p$prefix" ./d
	cat in >&3 &
	wait_until test -f d/state
	wait_until has_old s
	before=$(now_ms)
	kill -TERM $pid
	ends
	[ $(($(now_ms) - before)) -lt 15000 ]
	[ "$code" = 0 ]
}

# What is read while a processor works is in current: KILL costs nothing.
test_killed_while_a_processor_works() {
	mkfifo go
	exec 6<>go
	seq 10000 12000 >in
	start s4096 '!read x <../go; cat' ./d 6>&-
	cat in >&3 &
	wait_until test -f d/processed
	wait_until waits $pid
	kill -KILL $pid
	wait $pid || :
	drain
	{ all d; cat rest; } >got
	# The first read may have been more than a file takes.
	[ "$(wc -l <got)" -gt 1000 ]
	{ cat d/previous d/current; cat rest; } | sort -n | uniq -d >twice
	[ ! -s twice ]
	echo now >&6
}

is_nearly_full() {
	[ "$(stat -c %s d/current)" -gt 4000 ]
}

test_reads_no_more_than_current_takes() {
	mkfifo go
	exec 6<>go
	start s4096 '!read x <../go; cat' ./d 6>&-
	seq 1000 1799 >in
	cat in >&3
	wait_until test -f d/processed
	seq 2000 9999 >later
	cat later >&3 &
	wait_until is_nearly_full
	wait_until waits $pid
	kill -KILL $pid
	wait $pid || :
	drain
	{ cat d/previous d/current rest; } >got
	{ cat in later; } | cmp - got
	[ "$(stat -c %s d/current)" -le 4096 ]
	echo now >&6
}

# A processor's end belongs to the file that it was given.
test_files_replaced_while_a_processor_works() {
	mkfifo go
	exec 6<>go
	start s4096 n50 '!: >../works; read x <../go; cat' ./d 6>&-
	seq 1000 1799 >&3
	wait_until test -f works
	echo other >other
	chmod 744 other
	mv other d/previous
	rm d/current
	seq 5000 5999 >later
	cat later >&3
	wait_until test -s d/current
	echo now >&6
	wait_until has_old s
	exec 3>&-
	printf 'now\nnow\n' >&6
	ends
	[ "$code" = 0 ]
	all d >got
	# The file that was given, and what came later.
	{ seq 1000 1799; cat later; } >given
	[ "$(grep -cxFf got given)" = 1800 ]
	[ "$(cat d/@*.u)" = other ]
}

test_output_removed_while_a_processor_works() {
	mkfifo go
	exec 6<>go
	start s4096 n50 '!: >../works; read x <../go; cat' ./d 6>&-
	seq 1000 1799 >in
	cat in >&3
	wait_until test -f works
	rm d/processed
	echo stranger >d/processed
	chmod 744 d/processed
	echo now >&6
	wait_until has 'output was removed from ./d, running it again' err
	exec 3>&-
	ends
	# At a start it runs at once.
	echo now >&6
	start s4096 n50 '!read x <../go; cat' ./d 6>&-
	wait_until has_old s
	exec 3>&-
	ends
	all d | cmp - in
}

# A processor that removes its own output has its pause like any other.
test_processor_that_removes_its_output() {
	seq 1000 1799 >in
	start s4096 '!echo ran >>../ran; rm newstate; cat' ./d
	cat in >&3
	wait_until has 'output was removed' err
	for line in one two three four; do
		echo $line >&3
		wait_until has $line d/current
	done
	kill -TERM $pid
	ends
	[ "$(count_lines err)" = 1 ]
	[ "$(count_lines ran)" = 1 ]
	cmp in d/previous
}

# A line that a crash has torn is ended, and new lines do not wait.
test_torn_line_and_a_processor() {
	mkdir d
	echo old >d/previous
	chmod 744 d/previous
	printf 'torn' >d/current
	mkfifo go
	exec 6<>go
	start '!read x <../go; cat' ./d 6>&-
	echo new >&3
	wait_until has '^new$' d/current
	has '^torn$' d/current
	echo now >&6
	wait_until has_old s
	# What may lack something is not promised.
	wait_until has_old u
	printf 'torn\nnew\n' | cmp - d/@*.u
	[ "$(cat d/@*.s)" = old ]
}

test_crashes_inside_lines() {
	seq 1 20000 | multilog s4096 n5 ./d
	cat d/@*.s >history
	i=0
	while [ $i -lt 8 ]; do
		printf 'crash %d' $i >>d/current
		chmod 644 d/current
		multilog s4096 n5 ./d </dev/null
		chmod 644 d/current
		i=$((i + 1))
	done
	[ "$(find d -name '@*.s' | wc -l)" -ge 3 ]
	[ "$(cat d/@*.u d/current | grep -o 'crash [0-9]' | wc -l)" = 8 ]
	[ "$(grep -c '^crash [0-9]$' d/current)" -ge 5 ]
}

# A file with a gap gets .u as its code, also when it has been continued.
test_continued_file_is_not_promised() {
	mkdir d
	: >d/@400000000000000000000000.s
	: >d/@400000000000000000000001.u
	echo lost >d/current
	echo more | multilog n3 ./d
	printf 'lost\nmore\n' | cmp - d/current
	[ "$(stat -c %a d/current)" = 644 ]
	seq 1 2000 | multilog s4096 n3 ./d
	[ "$(grep -l lost d/@*)" = "$(find d -name '@*.u' | sort | tail -n 1)" ] ||
	    [ -z "$(grep -l lost d/@*)" ]
}

test_full_current_takes_no_half_line() {
	mkdir d
	yes "$(printf '%050d' 7)" | head -n 80 >d/current
	chmod 744 d/current
	: >d/state
	printf '%0100d\n' 8 | multilog s4096 ./d
	[ "$(stat -c %s d/@*.s)" = 4080 ]
	[ "$(stat -c %s d/current)" = 101 ]
}

test_status_file_on_a_full_disk() {
	in_tmpfs size=64k
	echo one | multilog '=tmp/status' ./d
	dd if=/dev/zero of=tmp/fill bs=4k count=100 2>/dev/null || :
	start '=tmp/status' ./d
	echo two >&3
	wait_until has two d/current
	wait_until has 'unable to replace tmp/status, overwriting it: out' err
	echo three >&3
	wait_until has three d/current
	wait_until has three tmp/status
	[ "$(wc -c <tmp/status)" = 1001 ]
	kill -TERM $pid
	ends
	[ "$code" = 0 ]
}

test_status_file_without_its_directory() {
	mkdir there
	start '=there/status' ./d
	wait_until test -f d/state
	rm -r there
	echo one >&3
	wait_until has one d/current
	wait_until has 'unable to write there/status' err
	echo two >&3
	wait_until has two d/current
	kill -TERM $pid
	ends
	[ "$code" = 111 ]
	has 'fatal: unable to write there/status: a line is lost' err
}

test_two_loggers_on_one_standard_error() {
	yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | head -n 20000 >a
	yes bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb | head -n 20000 >b
	{
		multilog e <a 2>&1 &
		multilog e <b 2>&1 &
		wait
	} | cat >out
	[ "$(wc -l <out)" = 40000 ]
	not grep -vxqE 'a{40}|b{38}' out
}

test_no_memory_to_wait() {
	calls='?poll,?ppoll'
	command -v strace >/dev/null || skip 'no strace'
	for when in 1 2 3; do
		rm -rf d fifo
		mkfifo fifo
		strace -o trace -e trace="$calls" \
		    -e inject="$calls:error=ENOMEM:when=$when" \
		    "$BIN/multilog" ./d <fifo 2>err &
		pid=$!
		exec 3>fifo
		printf 'one\nhalf a line, ' >&3
		wait_until has . trace || skip 'nobody may trace here'
		echo 'and its rest' >&3
		exec 3>&-
		ends
		[ "$code" = 0 ]
		printf 'one\nhalf a line, and its rest\n' | cmp - d/current
	done
}

# sync_fails NAME N ACTION...: the Nth sync of that file fails, and so does the
# change of a mode that would take its x bit away.
sync_fails() {
	command -v strace >/dev/null || skip 'no strace'
	name=$1
	nth=$2
	shift 2
	rm -rf d
	strace -y -o trace -e trace=fsync "$BIN/multilog" "$@" <in ||
	    skip 'nobody may trace here'
	when=$(grep -n "/d/$name>" trace | sed -n "${nth}p" | cut -d: -f1)
	rm -rf d ran
	strace -y -o trace -e trace=fsync,fchmod -e inject=fsync:error=EIO:when="$when" \
	    -e inject=fchmod:error=EPERM:when=$((nth + 1)) "$BIN/multilog" "$@" <in 2>err
	grep -q "/d/$name>.*INJECTED" trace
	has "unable to write to disk ./d/$name, pausing: input/output" err
}

# A failed sync is not asked again and believed.
test_failed_sync_of_current() {
	seq 1000 1899 >in
	sync_fails current 1 s4096 ./d
	all d | cmp - in
	[ "$(find d -name '@*.u' | wc -l)" = 1 ]
	not has_old s
}

test_failed_sync_of_a_processor_s_output() {
	seq 1000 1899 >in
	mkfifo fifo
	for nth in 1 2; do
		sync_fails processed $nth s4096 '!echo x >>../ran; cat' ./d
		not has_old s
		[ "$(wc -l <ran)" = 1 ]
		multilog s4096 '!echo x >>../ran; cat' ./d <fifo &
		pid=$!
		exec 3>fifo
		wait_until has_old s
		exec 3>&-
		ends
		[ "$(wc -l <ran)" = 2 ]
		all d | cmp - in
	done
}

is_busy() {
	[ -n "$(processes_below "$T/d")" ]
}

test_term_ends_the_whole_processor() {
	mkdir d
	echo old >d/previous
	chmod 744 d/previous
	start '!sleep 1000 | cat; cat' ./d
	wait_until is_busy
	kill -TERM $pid
	ends
	[ "$code" = 0 ]
	wait_until not is_busy
	[ "$(cat d/previous)" = old ]
}

test_processors_wait_for_all_directories() {
	mkdir -p d e/current
	echo old >d/previous
	chmod 744 d/previous
	code=0
	multilog '!cat; echo ran >>../ran' ./d ./e </dev/null 2>err || code=$?
	[ "$code" = 111 ]
	has 'unable to use ./e/current: is a directory' err
	[ "$(cat d/previous)" = old ]
	[ ! -e ran ]
}

# A processor that has outlived its logger ends before the next one begins.
test_one_processor_at_a_time() {
	mkdir d
	echo old >d/previous
	chmod 744 d/previous
	mkfifo go
	exec 6<>go
	start '!echo begin >>../ran; read x <../go; echo end >>../ran; cat' ./d 6>&-
	wait_until has begin ran
	kill -KILL $pid
	wait $pid || :
	start '!echo begin >>../ran; cat' ./d 6>&-
	echo new >&3
	wait_until has new d/current
	[ "$(cat ran)" = begin ]
	echo now >&6
	wait_until has_old s
	printf 'begin\nend\nbegin\n' | cmp - ran
	[ "$(cat d/@*.s)" = old ]
}

run_tests "$@"
