#!/bin/sh
# svscan: what it starts, and how.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/scan.sh
. "${0%/*}/../scan.sh"

# service NAME [log]: in services/, made elsewhere and moved there at once
service() {
	mkdir -p services making/"$1"
	printf '#!/bin/sh\nexec %s state 1000000 20000 lock\n' \
	    "$TOOL/scan_lines" | script "making/$1/run"
	if [ "${2-}" = log ]; then
		mkdir "making/$1/log"
		printf '#!/bin/sh\nexec multilog n1000 ./main\n' |
		    script "making/$1/log/run"
	fi
	mv "making/$1" services/
}

# the same as an ordinary user
scan_as_user() {
	: >scan.pid
	: >scan.err
	: >fake
	chmod 666 scan.pid scan.err fake
	# shellcheck disable=SC2016
	as_user sh -c 'echo $$ >scan.pid; exec svscan services 2>scan.err' &
	echo $! >>"$PIDS"
	wait_until test -s scan.pid
	scan=$(cat scan.pid)
	echo "$scan" >>"$PIDS"
}

# a supervise that only writes down what it is told, in fake
use_fake() {
	mkdir fakebin
	cp "$TOOL/scan_fake" fakebin/supervise
	SCAN_FAKE=$T/fake
	PATH=$T/fakebin:$PATH
	export SCAN_FAKE PATH
}

test_usage() {
	svscan --help >out
	has 'usage: svscan' out
	svscan --version >out
	has '^svscan (upkeep) ' out
	code=0
	svscan -T x . 2>err || code=$?
	[ "$code" = 100 ]
	has 'svscan: usage: svscan' err
	code=0
	svscan -z 2>err || code=$?
	[ "$code" = 100 ]
}

test_no_directory() {
	code=0
	svscan none 2>err || code=$?
	[ "$code" = 111 ]
	has '^svscan: fatal: unable to chdir to none: ' err
}

test_current_directory() {
	service a
	(cd services && exec svscan) &
	echo $! >>"$PIDS"
	wait_until is_up services/a
}

test_further_arguments_are_ignored() {
	service a
	mkdir services/.log
	printf '#!/bin/sh\nexec cat >/dev/null\n' | script services/.log/run
	background svscan services .log other
	wait_until is_up services/a
}

test_link_is_picked_up_at_once() {
	service x
	mv services/x x
	scan
	wait_until has . "/proc/$scan/comm"
	wait_until alive "$scan"
	DEADLINE=4
	for i in 1 2 3; do
		rm -rf x/supervise
		ln -s ../x "services/link$i"
		wait_until is_up "services/link$i"
		rm "services/link$i"
		svc -dx x
		wait_until is_gone x
	done
}

test_what_is_no_service() {
	use_fake
	mkdir -p services/.hidden services/real
	: >services/file
	scan
	wait_until has 'start real' fake
	mkdir services/rest
	wait_until has 'start rest' fake
	not has 'start [^r]' fake
	not has . scan.err
}

test_two_names_are_one_service() {
	use_fake
	mkdir -p services/a
	ln -s a services/b
	scan
	wait_until has 'start a' fake
	mkdir services/c
	wait_until has 'start c' fake
	not has 'start b' fake
}

test_rename_is_no_change() {
	service a log
	scan
	wait_until is_up services/a
	pid=$(pid_of services/a)
	mv services/a services/b
	service c
	wait_until is_up services/c
	[ "$(pid_of services/b)" = "$pid" ]
	# the new name is the one that a new supervise is given
	old=$(supervise_of services/b)
	kill -KILL "$old"
	wait_until gone "$old"
	wait_until is_up services/b
	[ "$(pid_of services/b)" = "$pid" ]
	[ "$(wc -l <services/b/lock)" = 0 ]
}

test_child_is_clean() {
	use_fake
	mkdir -p services/a/log
	: >services/a/log/run
	env --help | grep -q ignore-signal || skip "env cannot ignore signals"
	(
		ulimit -Sn 123
		exec env --ignore-signal=HUP,CHLD,PIPE,USR1 \
		    --block-signal=TERM,USR2 svscan services 7<services 2>err
	) &
	echo $! >>"$PIDS"
	wait_until has 'start a/log in services ' fake
	wait_until has 'start a in services ' fake
	count 'blocked=0000000000000000 ignored=0000000000000000 nofile=123 fds=0,1,2 group=own$' fake = 2
}

test_closed_descriptors() {
	service a log
	svscan services <&- >&- 2>&- &
	echo $! >>"$PIDS"
	wait_until is_up services/a
	wait_until is_up services/a/log
	wait_until has '^1 7 x.$' services/a/log/main/current
	not has svscan services/a/log/main/current
}

test_sigchld_ignored() {
	env --help | grep -q ignore-signal || skip "env cannot ignore signals"
	service a
	background env --ignore-signal=CHLD svscan services
	wait_until is_up services/a
	old=$(supervise_of services/a)
	kill -KILL "$old"
	wait_until gone "$old"
	wait_until is_up services/a
}

# long
test_supervise_is_started_again_once_a_second() {
	use_fake
	SCAN_FAKE_EXIT=111
	export SCAN_FAKE_EXIT
	mkdir -p services/a
	from=$(now_ms)
	scan
	wait_until count . fake -ge 4
	[ $(($(now_ms) - from)) -ge 2900 ]
	wait_until count . fake -ge 6
	[ "$(grep -c . fake)" -le $((($(now_ms) - from) / 1000 + 1)) ]
}

test_no_supervise_in_path() {
	mkdir -p services/a services/b only
	cp "$BIN/svscan" only/
	export SCAN_FAKE="$T/fake"
	PATH=$T/only:/nonexistent svscan services 2>err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until has '^svscan: warning: unable to start supervise for a: ' err
	wait_until has '^svscan: warning: unable to start supervise for b: ' err
	cp "$TOOL/scan_fake" only/supervise.new
	mv only/supervise.new only/supervise
	# it has gone on trying, and not to say so
	wait_until has 'start a' fake
	wait_until has 'start b' fake
	count . err = 2
}

# beside PATH: svscan, started by that PATH and its full name, with another
# supervise beside it
beside() {
	mkdir beside
	cp "$BIN/svscan" beside/
	cp "$TOOL/scan_fake" beside/supervise
	mkdir -p services/a
	export SCAN_FAKE="$T/fake"
	PATH=$1 "$T/beside/svscan" services &
	echo $! >>"$PIDS"
}

test_supervise_beside_svscan() {
	beside "$BIN:/nonexistent"
	wait_until has 'start a' fake
}

# Somebody's wrapper comes first in a PATH that leads to svscan as well, by
# whatever name.
# An empty element of PATH is not the scan directory.
test_supervise_in_the_scan_directory() {
	mkdir -p services
	script services/supervise <<-EOF
		#!/bin/sh
		echo "\$1" >>"$T/wrapped"
	EOF
	beside ":$T/beside::/nonexistent"
	wait_until has 'start a' fake
	not test -e wrapped
}

test_supervise_of_a_path_that_leads_to_svscan() {
	mkdir wrapper
	script wrapper/supervise <<-EOF
		#!/bin/sh
		echo "\$1" >>"$T/wrapped"
	EOF
	ln -s beside there
	beside "$T/wrapper:$T/there:$PATH"
	wait_until has '^a$' wrapped
	not test -e fake
}

test_killed_supervise_adopts() {
	service a log
	scan
	wait_until is_up services/a
	wait_until is_up services/a/log
	pid=$(pid_of services/a)
	logger=$(pid_of services/a/log)
	supervises="$(supervise_of services/a) $(supervise_of services/a/log)"
	for i in $supervises; do
		kill -KILL "$i"
		wait_until gone "$i"
	done
	wait_until is_up services/a
	wait_until is_up services/a/log
	[ "$(pid_of services/a)" = "$pid" ]
	[ "$(pid_of services/a/log)" = "$logger" ]
	[ "$(wc -l <services/a/lock)" = 0 ]
}

test_log_without_run_is_no_logger() {
	mkdir -p services
	for kind in empty file; do
		service "$kind"
	done
	mkdir services/empty/log
	: >services/file/log
	scan
	wait_until is_up services/empty
	wait_until is_up services/file
	service later
	wait_until is_up services/later
	not test -e services/empty/log/supervise
	not test -e services/empty/log/supervise
}

test_log_run_that_comes_later() {
	service a
	mkdir -p making/log
	printf '#!/bin/sh\nexec multilog n1000 ./main\n' | script making/log/run
	DEADLINE=4
	scan
	wait_until is_up services/a
	old=$(pid_of services/a)
	mkdir services/a/log
	mv making/log/run services/a/log/run
	wait_until is_up services/a/log
	wait_until is_up_anew services/a "$old"
	wait_until has . services/a/log/main/current
	[ "$(wc -l <services/a/lock)" = 0 ]
}

# a log/ that was there without a run, and is another one now
test_log_made_anew() {
	service a
	mkdir services/a/log
	scan
	wait_until is_up services/a
	rmdir services/a/log
	service b
	wait_until is_up services/b
	mkdir services/a/log
	service c
	wait_until is_up services/c
	printf '#!/bin/sh\nexec multilog n1000 ./main\n' |
	    script services/a/log/run
	DEADLINE=4 wait_until is_up services/a/log
}

# the supervise that has published last
supervise_by() {
	sed -n 's/^supervise=//p' "$1/supervise/report"
}

is_replaced() {
	new=$(supervise_by services/a)
	[ -n "$new" ] && [ "$new" != "$old" ]
}

test_log_that_comes_later_leaves_down_down() {
	service a
	: >services/a/down
	scan
	wait_until is_down services/a
	rm services/a/down
	old=$(supervise_by services/a)
	mkdir services/a/log
	printf '#!/bin/sh\nexec multilog n1000 ./main\n' | script services/a/log/run
	wait_until is_up services/a/log
	wait_until is_replaced
	not is_up services/a
	svc -u services/a
	wait_until has . services/a/log/main/current
}

test_removed_link_is_left_alone_but_not_started_again() {
	service a log
	scan
	wait_until is_up services/a
	wait_until is_up services/a/log
	mv services/a a
	pid=$(pid_of a)
	service b
	wait_until is_up services/b
	alive "$pid"
	svc -dx a
	wait_until is_gone a
	service c
	wait_until is_up services/c
	not svok a
	svok a/log
	kill -HUP "$scan"
	wait_until is_gone a/log
}

test_svc_dx_brings_back_what_is_still_listed() {
	service a
	scan
	wait_until is_up services/a
	pid=$(pid_of services/a)
	svc -dx services/a
	wait_until is_up_anew services/a "$pid"
}

test_removing_and_exiting_in_one_breath() {
	scan
	for i in 1 2 3 4 5; do
		service "s$i"
		wait_until is_up "services/s$i"
		mkdir -p gone
		mv "services/s$i" gone/ && svc -dx "gone/s$i"
		wait_until is_gone "gone/s$i"
	done
	service last
	wait_until is_up services/last
	not svok gone/s5
	not has . scan.err
}

test_hup_takes_down_what_is_gone() {
	service a log
	service b log
	scan
	wait_until is_up services/a
	wait_until is_up services/b
	wait_until is_up services/a/log
	wait_until has . services/a/log/main/current
	pid=$(pid_of services/b)
	mv services/a a
	kill -HUP "$scan"
	wait_until is_gone a
	wait_until is_gone a/log
	not has . scan.err
	[ "$(pid_of services/b)" = "$pid" ]
	# not a line is missing
	"$TOOL/scan_check" "$(wc -l <a/log/main/current)" 0 a/log/main/current
	# and it comes back as a new one
	mv a services/a
	wait_until is_up services/a
	wait_until is_up services/a/log
}

test_alrm_looks_again() {
	use_fake
	mkdir -p services/a
	scan
	wait_until has 'start a' fake
	kill -ALRM "$scan"
	mkdir services/b
	wait_until has 'start b' fake
	alive "$scan"
}

test_dangling_link_is_said_once() {
	mkdir services
	ln -s nowhere services/a
	scan
	wait_until has '^svscan: warning: unable to stat a: ' scan.err
	for i in 1 2 3; do
		kill -ALRM "$scan"
		service "b$i"
		wait_until is_up "services/b$i"
	done
	count . scan.err = 1
	# until it changes
	mkdir services/nowhere
	use_link() { svok services/a; }
	wait_until use_link
}

test_name_that_cannot_be_looked_at_changes_nothing() {
	use_fake
	mkdir -p services hide/a
	ln -s ../hide/a services/a
	chmod 777 hide services
	scan_as_user
	wait_until has 'start a' fake
	chmod 0 hide
	kill -HUP "$scan"
	wait_until has '^svscan: warning: unable to stat a: ' scan.err
	mkdir services/b
	wait_until has 'start b' fake
	not has TERM fake
	count . scan.err = 1
}

test_more_services_than_the_soft_limit() {
	mkdir -p services
	use_fake
	# shellcheck disable=SC2046
	mkdir -p $(seq -f 'services/s%.0f/log' 1 100)
	for dir in services/*; do
		: >"$dir/log/run"
	done
	[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 1000 ] ||
	    skip "hard limit of descriptors below 1000"
	(
		ulimit -Sn 64
		exec svscan services 2>scan.err
	) &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until count start fake = 200
	count ' nofile=64 fds=0,1,2 ' fake = 200
	kill "$scan"
	wait "$scan"
	count '^TERM' fake = 100
	count '^HUP' fake = 100
	not has . scan.err
}

test_directory_that_is_replaced() {
	use_fake
	mkdir -p one/a two/b
	ln -s one current
	background svscan current
	wait_until has 'start a' fake
	ln -s two new
	mv -T new current
	wait_until has 'start b' fake
	not has TERM fake
}

# long
test_directory_that_cannot_be_read() {
	use_fake
	mkdir -p services/a
	chmod 777 services
	scan_as_user
	wait_until has 'start a' fake
	chmod 311 services
	kill -HUP "$scan"
	wait_until has '^svscan: warning: unable to read directory: ' scan.err
	kill -HUP "$scan"
	chmod 777 services
	mkdir services/b
	wait_until has 'start b' fake
	not has TERM fake
	count . scan.err = 1
}

# A new directory may get the number of the old one.
test_new_directory_has_a_new_pipe() {
	service a log
	scan
	wait_until has . services/a/log/main/current
	for i in 1 2 3; do
		mv services/a old
		svc -dx old
		wait_until is_gone old
		svc -dx old/log
		wait_until is_gone old/log
		sleep 1000 0<>old/log/supervise/logpipe 9>&0 &
		echo $! >>"$PIDS"
		echo "$i: left over" 1<>old/log/supervise/logpipe
		# svscan may still look there for what is to be read
		wait_until rm -rf old
		service a log
		wait_until has '^1 7 x.$' services/a/log/main/current
		not has left services/a/log/main/current
	done
}

test_anything_but_a_fifo_is_not_taken() {
	service a log
	mkdir services/a/log/supervise
	echo precious >services/a/log/supervise/logpipe
	scan
	wait_until has . services/a/log/main/current
	has '^svscan: warning: unable to make a named pipe for a/log: ' scan.err
	[ "$(cat services/a/log/supervise/logpipe)" = precious ]
}

test_supervise_links() {
	service a log
	service b log
	mkdir there
	ln -s "$T/there/deep/a" services/a/log/supervise
	ln -s ../../../there/other/b services/b/log/supervise
	scan
	wait_until has . services/a/log/main/current
	wait_until has . services/b/log/main/current
	[ -p there/deep/a/logpipe ]
	[ -p there/other/b/logpipe ]
	[ "$(stat -c %a there/deep there/deep/a/logpipe)" = "755
600" ]
	not has . scan.err
}

run_tests "$@"
