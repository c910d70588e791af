#!/bin/sh
# multilog: nothing that is not its own is written, counted or removed, and no
# limit is obeyed that was not understood.
# shellcheck source=/dev/null
. "${0%/*}/../lib.sh"

# refuses NAME WORDS: a log with a file of that name is not used
refuses() {
	code=0
	echo line | multilog ./d 2>err || code=$?
	[ "$code" = 111 ]
	has "fatal: unable to .* ./d.*: $1" err
	[ "$(cat precious)" = precious ]
	[ "$(stat -c %a precious)" = 600 ]
}

make_log() {
	rm -rf d
	echo one | multilog ./d
	echo precious >precious
	chmod 600 precious
}

test_links_are_not_followed() {
	for name in current state; do
		make_log
		ln -sf ../precious d/$name
		refuses 'symbolic link loop'
	done
	make_log
	ln -sf ../precious d/lock
	refuses 'symbolic link loop'
	for name in previous processed newstate; do
		make_log
		ln -s ../precious d/$name
		refuses 'symbolic link loop'
	done
}

test_second_names_are_refused() {
	for name in current state; do
		make_log
		ln -f precious d/$name
		refuses 'Too many links'
		chmod 744 precious
		chmod 600 precious
	done
	make_log
	ln -f precious d/current
	chmod 744 precious
	not multilog ./d </dev/null 2>err
	[ "$(cat precious)" = precious ]
	[ "$(stat -c %a precious)" = 744 ]
}

test_status_file_may_be_a_link() {
	echo old >real
	ln -s real st
	echo new | multilog '=st'
	[ "$(head -n 1 real)" = new ]
	[ -L st ]
}

test_file_beside_a_status_file() {
	echo precious >st.new
	echo one | multilog '=st'
	echo two | multilog '=st' 2>err
	[ "$(cat st.new)" = precious ]
	[ "$(head -n 1 st)" = two ]
	has 'unable to replace st, overwriting it: file already exists' err
	[ "$(find . -type f | wc -l)" = 3 ]
}

test_names_that_are_not_old_files() {
	mkdir d
	others='@archive-of-the-year-2025.tar @2024-01-02-mail-that-came-in
@400000003B622AC42334C13C.s @400000003b622ac42334c13cx.s
@400000003b622ac42334c13.s'
	for f in $others; do
		echo mine >d/$f
	done
	echo old >d/@400000003b622ac42334c13c.s.gz
	seq 1 20000 | multilog s4096 n3 ./d
	for f in $others; do
		[ "$(cat d/$f)" = mine ]
	done
	[ "$(find d -name '@40000000[4-9]*.s' | wc -l)" = 2 ]
	[ ! -e d/@400000003b622ac42334c13c.s.gz ]
}

# make_history: five old files of 5000 bytes
make_history() {
	rm -rf d
	mkdir d
	for i in 1 2 3 4 5; do
		head -c 5000 /dev/zero >d/@400000003b622ac42334c13$i.s
	done
}

old_files() {
	find d -name '@*' | wc -l
}

test_limits_that_are_not_understood() {
	for action in c10gb c1T cG c R1w R1D R; do
		make_history
		echo new | multilog $action ./d 2>err
		[ "$(old_files)" = 5 ]
		has "warning: action $action: not a number with a unit, ign" err
		[ "$(cat d/current)" = new ]
		code=0
		multilog --check $action ./d >out || code=$?
		[ "$code" = 100 ]
		has "$action .* wrong: " out
	done
	make_history
	echo new | multilog c10k ./d 2>err
	[ "$(old_files)" = 2 ]
	[ ! -s err ]
}

test_limits_that_look_like_others() {
	for action in n0 n1 s0 s10m; do
		echo new | multilog $action ./d 2>err
		has "warning: action $action: " err
		code=0
		multilog --check $action ./d >out || code=$?
		[ "$code" = 100 ]
	done
	multilog --check n2 s4096 ./d >out
}

test_check_of_a_star_in_a_stamp() {
	multilog --check t '-*' '+*failed login*' ./d >out
	has 'failed login.* warning: .*two stars' out
	multilog --check t '-*' '+* failed*' '+**failed*' ./d >out
	not has warning out
}

test_thousands_of_old_files() {
	mkdir d
	seq -f 'd/@4%023.0f.s' 1 3000 | xargs touch
	echo new | multilog n10 ./d
	# Lines do not wait for the removal, nor does the end.
	[ "$(cat d/current)" = new ]
	mkfifo fifo
	exec 3<>fifo
	multilog n10 ./d <fifo &
	pid=$!
	echo begun >&3
	wait_until has begun d/current
	few() { [ "$(old_files)" = 9 ]; }
	wait_until few
	has 2992 "$(find d -name '@*' | sort | head -n 1)" ||
	    [ "$(find d -name '@*2992.s')" ]
	kill -TERM $pid
	wait $pid
}

# Each removal takes 2 ms here: TERM does not wait until all are done.
test_term_while_old_files_are_removed() {
	not_in_valgrind
	command -v strace >/dev/null || skip 'no strace'
	mkdir d
	seq -f 'd/@4%023.0f.s' 1 4000 | xargs touch
	mkfifo fifo
	exec 3<>fifo
	strace -o trace -e trace=unlinkat -e inject=unlinkat:delay_enter=2000 \
	    sh -c 'echo $$ >pid; exec "$0" n10 ./d' "$BIN/multilog" <fifo &
	tracer=$!
	wait_until has . trace || skip 'nobody may trace here'
	kill -TERM "$(cat pid)"
	wait $tracer
	[ "$(old_files)" -gt 9 ]
	[ "$(stat -c %a d/current)" = 744 ]
}

run_tests "$@"
