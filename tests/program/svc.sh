#!/bin/sh
# svc: what arrives in the control FIFO, what is said, and the exit code.
# shellcheck source=/dev/null
. "${0%/*}/../lib.sh"
# shellcheck source=/dev/null
. "$SRC/tests/service.sh"

# a service whose supervise is this shell, reading by descriptor 7
fake() {
	mkdir -p "$1/supervise"
	mkfifo "$1/supervise/control"
	exec 7<>"$1/supervise/control"
}

# what was sent since the last time; never waits
sent() {
	printf ! >&7
	dd bs=100 count=1 <&7 2>/dev/null | tr -d !
}

is() {
	[ "$1" = "$2" ]
}

# run svc; its exit code in $code, its words in the files out and err
run() {
	code=0
	timeout 20 svc "$@" >out 2>err || code=$?
}

silent() {
	[ ! -s out ] && [ ! -s err ]
}

test_letters_arrive() {
	fake s
	run -u s
	is "$code" 0
	silent
	is "$(sent)" u
	run -dx s
	is "$(sent)" dx
	run -t -c -u s
	is "$(sent)" tcu
	run -udopchaitkxq12br s
	is "$code" 0
	is "$(sent)" udopchaitkxq12br
}

test_each_letter_at_most_once() {
	fake s
	run -uu -du s
	is "$code" 0
	is "$(sent)" ud
}

test_group_and_process() {
	fake s
	run -t+kh=i s
	is "$code" 0
	is "$(sent)" t+k+h=i
}

wrote() {
	[ "$(cat "$1" 2>/dev/null)" = "$2" ]
}

# each of the two notes the USR1 that it gets
supervise_two_processes() {
	mkdir s
	script s/run <<-'END'
		#!/bin/sh
		trap 'echo run >>run.log' USR1
		sh -c 'trap "echo child >>child.log" USR1
			: >ready
			while :; do sleep 0.02; done' &
		while :; do wait; done
	END
	background supervise s
	supervise_pid=$!
	wait_until [ -e s/ready ]
}

test_group_is_signalled() {
	supervise_two_processes
	svc -1 s
	wait_until wrote s/run.log run
	svc -+1 s
	wait_until wrote s/child.log child
	# two that are not taken yet are one
	wait_until wrote s/run.log 'run
run'
	svc -=1 s
	wait_until wrote s/run.log 'run
run
run'
	wrote s/child.log child
}

has_slept_since() {
	[ "$(switches "$1")" != "$2" ] && has '^State:.S' "/proc/$1/status"
}

# A + that somebody writes alone is not for the letters of the next client.
test_group_letter_of_another_client() {
	supervise_two_processes
	before=$(switches $supervise_pid)
	printf + >s/supervise/control
	wait_until has_slept_since $supervise_pid "$before"
	svc -1 s
	wait_until wrote s/run.log run
	svc -+1 s
	wait_until wrote s/child.log child
}

test_wrong_letter_sends_nothing() {
	fake s
	run -uZ s
	is "$code" 100
	is "$(wc -l <err)" 1
	has '^svc options: u up, d down, ' err
	run s -u
	is "$code" 0
	has '^svc: warning: unable to chdir to -u: ' err
	is "$(sent)" ''
}

test_no_letters_writes_nothing() {
	fake s
	run s
	is "$code" 0
	silent
	is "$(sent)" ''
	run
	is "$code" 0
	silent
	exec 7>&-
	run s
	is "$code" 0
	is "$(cat err)" \
	    'svc: warning: unable to control s: supervise not running'
}

test_trouble_is_a_warning_and_the_rest_is_served() {
	mkdir never
	: >file
	mkdir -p dead/supervise
	mkfifo dead/supervise/control
	fake s
	run -d nope never file dead s
	is "$code" 0
	is "$(sent)" d
	[ ! -s out ]
	cat >want <<-'END'
		svc: warning: unable to chdir to nope: file does not exist
		svc: warning: unable to control never: file does not exist
		svc: warning: unable to chdir to file: not a directory
		svc: warning: unable to control dead: supervise not running
	END
	cmp want err
}

# what serverspec and the recipe for removing a service do
test_log_that_is_not_there() {
	fake s
	cd s || exit
	run -dx . log
	is "$code" 0
	is "$(sent)" dx
	is "$(wc -l <err)" 1
	has '^svc: warning: unable to chdir to log: ' err
}

# every name counts from the directory svc was started in
test_names_are_relative_to_the_start() {
	mkdir -p a/deep b
	fake a/deep/s
	exec 8<&7
	fake b/s
	run -u a/deep/s b/s "$PWD/b/s"
	is "$code" 0
	silent
	is "$(sent)" uu
	exec 7<&8
	is "$(sent)" u
}

test_unreadable_starting_directory() {
	mkdir -p start s/supervise
	mkfifo -m 0666 s/supervise/control
	exec 7<>s/supervise/control
	cd start || exit
	chmod 0111 .
	as_user timeout 20 svc -u ../s
	cd .. || exit
	is "$(sent)" u
}

# 0.76 waits for ever: here supervise is alive and does not read
test_full_fifo_does_not_block() {
	fake s
	head -c 65536 /dev/zero >&7
	run -u s
	is "$code" 0
	is "$(cat err)" \
	    'svc: warning: error writing commands to s: temporary failure'
}

# the room left would do for the first letters, and none of them goes in
test_one_write() {
	fake s
	head -c 65535 /dev/zero >&7
	run -dxt s
	has 'temporary failure' err
	is "$(head -c 65535 <&7 | wc -c)" 65535
	is "$(sent)" ''
}

test_plain_file_is_not_written() {
	mkdir -p s/supervise
	: >s/supervise/control
	run -u s
	is "$code" 0
	is "$(cat err)" 'svc: warning: unable to control s: bad format'
	[ ! -s s/supervise/control ]
}

# a word where letters are meant, as in other toolkits
test_word_instead_of_letters() {
	fake s
	run stop s
	is "$code" 0
	is "$(sent)" ''
	is "$(head -n 1 err)" \
	    'svc: warning: unable to chdir to stop: file does not exist'
	has '^svc: nothing was sent; letters say what to do' err
	run -d stop s
	is "$(wc -l <err)" 1
}

test_closed_streams() {
	fake s
	timeout 20 svc -d nope s <&- >&- 2>&-
	is "$(sent)" d
}

# For one more service: go back if the name is relative, go there, open, look,
# write, close.
test_few_calls() {
	traced_sleeper s
	[ "$(calls_for_one_more s svc -c)" -le 6 ]
	[ "$(calls_for_one_more "$T/s" svc -c)" -le 5 ]
	[ "$(grep -c '^write(.*"c"' six)" = 6 ]
}

test_who_may() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	set +x # it would be in err
	fake s
	chmod 0600 s/supervise/control
	as_user svc -d s >out 2>err
	is "$(cat err)" 'svc: warning: unable to control s: access denied'
	is "$(sent)" ''
	chgrp 65534 s/supervise/control
	chmod 0620 s/supervise/control
	as_user svc -d s
	is "$(sent)" d
}

test_help_and_version() {
	run --version
	is "$code" 0
	has '^svc (upkeep) [0-9]' out
	[ ! -s err ]
	run --help
	is "$code" 0
	has '^usage: svc ' out
	[ ! -s err ]
	run --help s
	is "$code" 100
}

# one alphabet: the table's rows are the page's items, in the same order
test_page_has_the_alphabet() {
	svc --help | sed -n 's/^  -\(.\)  .*/\1/p' >table
	sed -n '/^\.Sh ACTIONS/,/^\.Sh ENV/s/^\.It Fl \(.\)\( Ar .*\)*$/\1/p' \
	    "$SRC/svc/svc.8" >page
	[ -s page ]
	diff table page
	code=0
	svc -Z 2>&1 | tr , '\n' | sed 's/^.* \(.\) [^ ]*$/\1/' >usage
	diff table usage
}

run_tests "$@"
