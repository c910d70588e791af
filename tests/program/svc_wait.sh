#!/bin/sh
# svc -w -T -e: what is waited for, how it ends, and that nothing polls.
# shellcheck source=/dev/null
. "${0%/*}/../lib.sh"
# shellcheck source=/dev/null
. "$SRC/tests/record.sh"

is() {
	[ "$1" = "$2" ]
}

# fake DIR: a service whose supervise is this shell
fake() {
	mkdir -p "$1/supervise"
	mkfifo "$1/supervise/ok" "$1/supervise/control"
	open "$1"
}

open() {
	exec 7<>"$1/supervise/control" 8<>"$1/supervise/ok"
}

# report SINCE STATE PID WANT STARTS DEATHS [READY_SINCE]
report() {
	printf 'state=%s\npid=%s\nsince=%s.000000000\nready_since=%s\n' \
	    "$2" "$3" "$1" "${7-}"
	printf 'want=%s\nattempts=%s\nstarts=%s\ndeaths=%s\n' \
	    "$4" "$5" "$5" "$6"
}

# publish_report DIR SINCE STATE PID WANT STARTS DEATHS [READY_SINCE]
publish_report() {
	dir=$1/supervise
	shift
	report "$@" >"$dir/report.new"
	mv "$dir/report.new" "$dir/report"
}

# publish DIR SINCE STATE PID WANT STARTS DEATHS [READY_SINCE]
publish() {
	dir=$1/supervise
	shift
	report "$@" >"$dir/report.new"
	case $2 in
	running | ready | stopping) record "$1" "$3" 0 "${4%p}" 0 1 ;;
	*) record "$1" 0 0 "${4%own}" 0 0 ;;
	esac >"$dir/status.new"
	mv "$dir/report.new" "$dir/report"
	mv "$dir/status.new" "$dir/status"
}

# start_svc ARGUMENT...: in the background; "ends CODE" waits for it
start_svc() {
	rm -f code
	{
		result=0
		svc "$@" 2>err || result=$?
		echo $result >code.new
		mv code.new code
	} &
	wrapper=$!
	echo $wrapper >>"$PIDS"
}

ends() {
	wait_until [ -e code ]
	is "$(cat code)" "$1"
}

# the svc that start_svc started
svc_pid() {
	tr -d ' ' <"/proc/$wrapper/task/$wrapper/children"
}

# it sleeps, or has ended
sleeps() {
	[ -e code ] && return
	svc_pid=$(svc_pid)
	[ -n "$svc_pid" ] && has '^State:.S' "/proc/$svc_pid/status" &&
	    is "$(tr '\0' ' ' <"/proc/$svc_pid/cmdline" | cut -c1-4)" 'svc '
}

sleeps_anew() {
	[ -e code ] || { [ "$(switches "$svc_pid")" != "$before" ] && sleeps; }
}

# It has seen all that has happened so far in the directory $1 that it watches,
# and waits: a change that it is told of last has woken it.
still_waits() {
	wait_until sleeps
	[ ! -e code ]
	before=$(switches "$svc_pid")
	: >"$1/barrier"
	wait_until sleeps_anew
	rm "$1/barrier"
	[ ! -e code ]
}

# it has found the supervise of the service in $1
is_met() {
	[ -n "$(find "/proc/$svc_pid/fd" -lname "*/$1/supervise/ok")" ]
}

# it is told of changes in supervise/ of the service in $1, and does not poll
is_watched() {
	[ -n "$(find "/proc/$svc_pid/fd" -lname "*/$1/supervise")" ]
}

waits() {
	wait_until sleeps
	[ ! -e code ]
}

service() {
	mkdir -p "$1"
	script "$1/run" <<-'END'
		#!/bin/sh
		exec sleep 1000
	END
}

unsupervised() {
	is "$(svstat "$1")" "$1: supervise not running"
}

state_is() {
	is "$(svstat -o state "$1")" "$2"
}

supervised() {
	background supervise "$1"
	supervise_pid=$!
	wait_until svok "$1"
}

test_up() {
	service s
	supervised s
	svc -wu s
	is_up s
	svc -u -wU -T 20000 s
	svc -d -wD -T 20000 s
	is_down s
	svc -u -wu -T 20000 s
	is_up s
}

test_up_waits() {
	fake s
	publish s 100 down 0 down 1 1
	start_svc -u -wu s
	waits
	publish s 101 starting 77 up 1 1
	still_waits s/supervise
	publish s 102 running 77 up 2 1
	ends 0
	is "$(dd bs=9 count=1 <&7 2>/dev/null)" u
	[ ! -s err ]
}

test_ready_waits() {
	fake s
	publish s 100 running 77 up 1 0
	svc -wu -T 20000 s
	start_svc -wU s
	waits
	# ready, with the status as it is
	publish_report s 100 ready 77 up 1 0 101.000000000
	ends 0
}

test_down_waits() {
	fake s
	publish s 100 running 77 up 1 0
	start_svc -d -wd s
	waits
	publish s 100 stopping 77 down 1 0
	still_waits s/supervise
	publish s 101 finishing 0 down 1 1
	ends 0
	start_svc -wD s
	waits
	publish s 101 down 0 down 1 1
	ends 0
}

test_restarted_waits() {
	fake s
	publish s 100 ready 77 up 4 3 100.0
	start_svc -t -wR s
	waits
	publish s 101 backoff 0 up 4 4
	still_waits s/supervise
	publish s 102 running 78 up 5 4
	still_waits s/supervise
	publish s 102 ready 78 up 5 4 103.000000000
	ends 0
}

test_restarted() {
	service s
	supervised s
	wait_until is_up s
	pid=$(pid_of s)
	svc -t -wR -T 20000 s
	is_up_anew s "$pid"
}

# a full disk makes supervise rewrite what is there
test_rewritten_in_place() {
	fake s
	publish s 100 running 77 up 1 0
	start_svc -wd s
	waits
	report 101 down 0 down 1 1 >new
	dd <new of=s/supervise/report conv=notrunc 2>dd.err
	record 101 0 0 d 0 0 >new
	dd <new of=s/supervise/status conv=notrunc 2>dd.err
	ends 0
}

# whoever truncates first: half a record is no answer
test_half_a_status() {
	fake s
	publish s 100 running 77 up 1 0
	start_svc -wd -T 20000 s
	waits
	: >s/supervise/status
	still_waits s/supervise
	publish s 101 down 0 down 1 1
	ends 0
}

test_timeout() {
	service s
	: >s/down
	supervised s
	start_svc -wu -T 300 s
	ends 1
	is "$(cat err)" 'svc: warning: unable to wait for s: timed out'
	start_svc -wu -T 0 s
	waits
	svc -u s
	ends 0
}

# beside 0.76's words, if the exit code tells
no_nope='svc: warning: unable to chdir to nope: file does not exist (no such service)'

test_not_supervised() {
	mkdir never
	start_svc -wu -T 300 never
	ends 102
	is "$(cat err)" \
	    'svc: warning: unable to control never: file does not exist'
	start_svc -d -wd -T 300 nope
	ends 111
	is "$(cat err)" "$no_nope"
	# without -T a wrong name is no reason to wait
	start_svc -wu nope
	ends 111
	fake s
	exec 7>&- 8>&-
	start_svc -wu -T 300 s
	ends 102
	is "$(cat err)" \
	    'svc: warning: unable to control s: supervise not running'
}

# without -T it is given the time that svscan may take
# long
test_not_supervised_without_limit() {
	mkdir never
	before=$(date +%s)
	start_svc -wu never
	ends 102
	[ $(($(date +%s) - before)) -ge 5 ]
}

test_exit_codes_without_waiting() {
	service s
	supervised s
	mkdir never
	: >file
	svc -e -c s
	svc never file
	for pair in 'never 102' 'nope 111' 'file 111' 's 0'; do
		code=0
		svc -e -c s "${pair% *}" s 2>err || code=$?
		is "$code" "${pair#* }"
		code=0
		svc -c -T 100 "${pair% *}" 2>err || code=$?
		is "$code" "${pair#* }"
	done
	code=0
	svc -e -c never nope never 2>err || code=$?
	is "$code" 111
}

# Who takes a service away need not know that svscan was quicker.
test_exit_of_what_has_exited() {
	service s
	supervised s
	svc -dx -wD -T 0 s
	svc -dx -wD -T 0 s
	svc -dx -wD s
	code=0
	svc -d -wD -T 100 s 2>err || code=$?
	is "$code" 102
	# It runs on without a supervise.
	fake t
	publish t 100 running 77 up 1 0
	exec 7>&- 8>&-
	code=0
	svc -dx -wD -T 100 t 2>err || code=$?
	is "$code" 102
}

test_full_fifo_with_exit_code() {
	fake s
	publish s 100 running 77 up 1 0
	head -c 65536 /dev/zero >&7
	for options in -e '-wd -T 20000'; do
		code=0
		# shellcheck disable=SC2086
		svc $options -d s 2>err || code=$?
		is "$code" 111
		has 'error writing commands to s: temporary failure' err
	done
}

test_wrong_usage() {
	fake s
	for options in '-wx' '-w' '-w uu' '-T 1s' '-T -1' '-T'; do
		code=0
		# shellcheck disable=SC2086
		svc -u $options 2>err || code=$?
		is "$code" 100
		has '^svc options: ' err
	done
}

# the service's link, then its directory supervise, then supervise
test_service_made_later() {
	mkdir sv
	service hidden
	start_svc -u -wU -T 20000 sv/s
	waits
	ln -s ../hidden sv/s
	waits
	mkdir hidden/supervise
	waits
	background supervise hidden
	ends 0
	is_up sv/s
}

test_link_under_svscan() {
	mkdir sv
	service hidden
	background svscan sv
	ln -s ../hidden sv/s
	svc -wU -T 20000 sv/s
	is_up sv/s
}

# an old directory: everything is there, but nobody reads
test_supervise_starts_later() {
	service s
	: >s/down
	supervised s
	svc -x -wD s
	wait_until unsupervised s
	start_svc -u -wu -T 20000 s
	waits
	background supervise s
	ends 0
	is_up s
}

test_letters_are_sent_once() {
	mkdir s
	start_svc -t -wr -T 20000 s
	waits
	fake s
	publish s 100 running 77 up 1 0
	wait_until is_met s
	still_waits s/supervise
	publish s 101 backoff 0 up 1 1
	publish s 102 running 78 up 2 1
	ends 0
	printf ! >&7
	is "$(dd bs=9 count=1 <&7 2>/dev/null)" t!
}

test_supervise_dies() {
	service s
	supervised s
	wait_until is_up s
	start_svc -wd s
	waits
	kill -KILL $supervise_pid
	ends 102
	is "$(cat err)" \
	    'svc: warning: unable to wait for s: supervise not running'
	svc -k s || true
}

# what a dead supervise has left says that it is up
test_dead_supervise_is_not_believed() {
	fake s
	publish s 100 running 77 up 1 0
	exec 7>&- 8>&-
	start_svc -wu -T 300 s
	ends 102
}

test_supervise_leaves_when_told() {
	service s
	supervised s
	wait_until is_up s
	svc -dx -wD -T 20000 s
	wait_until unsupervised s
}

# an old supervise that makes room for a new one says so
test_supervise_is_replaced() {
	fake s
	publish s 100 running 77 up 1 0
	start_svc -d -wd -T 20000 s
	waits
	printf 'resume=up\n' >>s/supervise/report
	exec 7>&- 8>&-
	waits
	open s
	publish s 100 running 77 down 1 0
	still_waits s/supervise
	publish s 101 down 0 down 1 1
	ends 0
	[ ! -s err ]
}

test_service_fails() {
	fake s
	publish s 100 backoff 0 up 4 4
	start_svc -u -wU s
	waits
	publish s 101 failed 0 up 5 5
	ends 111
	is "$(cat err)" 'svc: warning: unable to wait for s: it has failed'
}

# svc -u of one that has failed already: supervise has yet to see it
test_service_had_failed() {
	fake s
	publish s 101 failed 0 up 5 5
	start_svc -u -wu s
	waits
	publish s 102 running 77 up 6 5
	ends 0
}

test_several_at_once() {
	for n in 1 2 3; do
		service s$n
		: >s$n/down
		supervised s$n
	done
	start_svc -wu -T 20000 s1 s2 s3 s1
	waits
	svc -u s3
	svc -u s2
	wait_until is_up s3
	wait_until is_up s2
	still_waits s1/supervise
	svc -u s1
	ends 0
	svc -t -wR -T 20000 s1 s2 s3
	svc -d -wD -T 20000 s1 s2 s3
	# one deadline for all
	before=$(now_ms)
	start_svc -wu -T 3000 s1 s2 s3
	ends 1
	[ $(($(now_ms) - before)) -lt 8900 ]
	is "$(wc -l <err)" 3
}

test_one_of_several() {
	service s
	supervised s
	mkdir never
	start_svc -wu -T 500 s never nope
	ends 111
	is "$(wc -l <err)" 2
}

test_job() {
	mkdir s
	: >s/down
	script s/run <<-'END'
		#!/bin/sh
		sleep 0.1
		echo done >>log
	END
	supervised s
	svc -o -wD -T 20000 s
	is "$(cat s/log)" 'done'
	svc -o -wD -T 20000 s
	is "$(wc -l <s/log)" 2
}

twenty_codes() {
	is "$(wc -l <codes)" 20
}

test_twenty_restarts() {
	service s
	supervised s
	wait_until is_up s
	: >codes
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		(
			code=0
			svc -r -wR -T 30000 s || code=$?
			echo "$n $code" >>codes
		) &
	done
	wait_until twenty_codes
	is "$(grep -c ' 0$' codes)" 20
	wait_until is_up s
}

test_svdir() {
	mkdir sv here
	service sv/s
	supervised sv/s
	export SVDIR="$T/sv"
	cd here || exit
	svc -wu -T 20000 s
	: >s # the program of that name is no service
	svc -d -wD -T 20000 s
	is "$(svstat -o state,since s)" "$(svstat -o state,since "$SVDIR/s")"
	code=0
	svc -e -u ./s 2>err || code=$?
	is "$code" 111
}

test_svdir_of_a_service_made_later() {
	mkdir sv
	service hidden
	export SVDIR="$T/sv"
	start_svc -wu -T 20000 s
	waits
	mv hidden sv/s
	background supervise sv/s
	ends 0
}

# ready when the file "go" appears, and says so
slow_service() {
	mkdir -p "$1"
	echo 3 >"$1/notification-fd"
	script "$1/run" <<-'END'
		#!/bin/sh
		until [ -e go ]; do sleep 0.02; done
		echo >&3
		exec sleep 1000
	END
}

test_notified() {
	slow_service s
	supervised s
	svc -wu -T 20000 s
	start_svc -wU -T 20000 s
	waits
	: >s/go
	ends 0
	is "$(svstat -o state s)" ready
	rm s/go
	start_svc -r -wR -T 20000 s
	waits
	: >s/go
	ends 0
}

test_finished() {
	service s
	script s/finish <<-'END'
		#!/bin/sh
		until [ -e go ]; do sleep 0.02; done
	END
	supervised s
	svc -wU -T 20000 s
	svc -d -wd -T 20000 s
	is_down s
	start_svc -wD -T 20000 s
	waits
	: >s/go
	ends 0
	is "$(svstat -o state s)" down
}

# finish says that it is no use
test_failed_for_good() {
	mkdir s
	: >s/down
	echo 3 >s/notification-fd
	script s/run <<-'END'
		#!/bin/sh
		exit 1
	END
	script s/finish <<-'END'
		#!/bin/sh
		exit 125
	END
	supervised s
	start_svc -u -wU s
	ends 111
	# svc looks before finish has ended, or after
	has 'unable to start s: exited 1$\|wait for s: it has failed' err
	wait_until state_is s failed
	start_svc -wU s
	ends 111
	has 'wait for s: it has failed' err
}

# Each waits for the one before it in its run script.
test_chain() {
	mkdir sv
	n=0
	while [ $n -lt 20 ]; do
		mkdir -p sv/$n
		script sv/$n/run <<-END
			#!/bin/sh
			[ $n = 0 ] || svc -wU -T 30000 ../$((n - 1)) || exit 1
			echo $n >>../../order
			exec sleep 1000
		END
		echo 3 >sv/$n/notification-fd
		sed -i '/^echo/a echo >\&3' sv/$n/run
		n=$((n + 1))
	done
	background svscan sv
	svc -wU -T 60000 sv/19
	is "$(cat order)" "$(seq 0 19)"
}

# A program that only looks needs no right to control.
test_another_user_may_wait() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	service s
	supervised s
	as_user svc -wU -T 20000 s
	code=0
	as_user svc -e -d s || code=$?
	is "$code" 111
	is_up s
}

# Nobody polls: what does not concern it does not wake a waiting svc.  The
# change that still_waits makes does, a few times.
rarely_woken_since() {
	[ "$(switches "$svc_pid")" -lt $(($1 + 15)) ]
}

test_asleep() {
	[ "$(uname)" = Linux ] || skip 'no dnotify'
	service s
	supervised s
	wait_until is_up s
	start_svc -wd s
	still_waits s/supervise
	first=$(switches "$svc_pid")
	for n in $(seq 30); do
		svstat s
		: >s/file$n
		svok s
	done
	still_waits s/supervise
	rarely_woken_since "$first"
	svc -k s
	ends 0
}

# An application that writes into its directory all day.
test_asleep_after_the_service_was_made() {
	[ "$(uname)" = Linux ] || skip 'no dnotify'
	mkdir s
	start_svc -wd -T 60000 s
	waits
	# one that has met a service without a status looks at it every 20 ms
	mkdir s/supervise
	publish s 100 running 77 up 1 0
	fake s
	wait_until is_met s
	still_waits s/supervise
	first=$(switches "$svc_pid")
	for n in $(seq 30); do
		: >s/file$n
	done
	still_waits s/supervise
	rarely_woken_since "$first"
	publish s 101 down 0 down 1 1
	ends 0
}

a_second_is_over() {
	[ $(($(now_ms) - BEGAN)) -gt 1000 ]
}

# A status that is missing or cut is waited for: it is looked at every 20 ms, and
# not all the time.
test_without_a_status() {
	fake s
	start_svc -wu -T 20000 s
	still_waits s/supervise
	printf short >s/supervise/status
	still_waits s/supervise
	first=$(switches "$svc_pid")
	BEGAN=$(now_ms)
	wait_until a_second_is_over
	still_waits s/supervise
	woken=$(($(switches "$svc_pid") - first))
	[ $woken -lt $((($(now_ms) - BEGAN) / 20 + 20)) ]
	[ "$(cpu_ticks "$svc_pid")" -lt 10 ]
	# nor is it when it has been found
	publish s 100 stopping 77 up 1 0
	wait_until is_watched s
	publish s 101 running 78 up 2 1
	ends 0
}

# supervise replaces the report first, and then the status: svc is told of both.
test_report_before_its_status() {
	fake s
	publish s 100 ready 77 up 4 3 100.000000000
	start_svc -r -wR s
	waits
	wait_until is_watched s
	publish_report s 101 starting 78 up 4 4
	still_waits s/supervise
	is_watched s
	publish s 101 ready 78 up 5 4 102.000000000
	ends 0
}

# what SAID: what svc has said, once it has ended with 111
fails_with() {
	ends 111
	is "$(cat err)" "svc: warning: unable to $1"
}

cannot='unable to execute ./run: access denied (not executable)'

# long
test_run_cannot_be_executed() {
	service s
	: >s/down
	chmod 0644 s/run
	supervised s
	for options in '-o -wD' '-o -wu' '-u -wU' '-u -wd' '-r -wR' '-u -wu'; do
		# shellcheck disable=SC2086
		start_svc $options s
		fails_with "start s: $cannot"
		svc -d -wD -T 20000 s
	done
	chmod 0755 s/run
	svc -u -wU -T 20000 s
}

# It is tried again and again, and each time for the same reason: svc must not
# take the attempt before for its own, nor wait for another reason.
test_run_cannot_be_executed_once_more() {
	service s
	chmod 0644 s/run
	echo '60000 60000' >s/restart-delay
	supervised s
	wait_until state_is s backoff
	for n in 1 2 3; do
		start_svc -u -wU s
		fails_with "start s: $cannot"
	done
}

test_start_ends_before_it_is_ready() {
	mkdir s
	: >s/down
	echo 3 >s/notification-fd
	script s/run <<-'END'
		#!/bin/sh
		exit 7
	END
	supervised s
	start_svc -u -wU s
	fails_with 'start s: exited 7'
	svc -d -wD -T 20000 s
	start_svc -r -wR s
	fails_with 'start s: exited 7'
}

# Whoever asks for another restart meanwhile does not make it fail; whoever
# stops the service does, and that is what svc says.
test_restart_is_overtaken() {
	slow_service s
	: >s/go
	supervised s
	svc -wU -T 20000 s
	rm s/go
	start_svc -r -wR -T 20000 s
	wait_until has_started s 2
	svc -r s
	wait_until has_started s 3
	: >s/go
	ends 0
	rm s/go
	start_svc -r -wR -T 20000 s
	wait_until has_started s 4
	svc -d s
	fails_with 'wait for s: it is down'
}

has_started() {
	is "$(svstat -o starts,state "$1")" "$2 running"
}

# What README promises: the three files that it names tell a new version that
# lives from one that does not.
# long
test_restart_and_know_that_it_worked() {
	row=$(grep '| restart |$' "$SRC/README.md")
	for file in ready-after notification-fd notify-socket; do
		case $row in
		*"\`$file\`"*) ;;
		*) exit 1 ;;
		esac
		mkdir $file
		script $file/run <<-'END'
			#!/bin/sh
			[ ! -e dies ] || exit 3
			if [ ! -e late ]; then
				[ ! -e notification-fd ] || echo >&3
				[ ! -e notify-socket ] || notify READY=1
			fi
			exec sleep 1000
		END
		# or one that is due anyway dies after svc has asked for the next
		echo '600000 600000' >$file/restart-delay
		PATH=$TOOL:$PATH background supervise $file
	done
	echo 300 >ready-after/ready-after
	echo 3 >notification-fd/notification-fd
	: >notify-socket/notify-socket
	for file in ready-after notification-fd notify-socket; do
		svc -wU -T 20000 $file
		: >$file/dies
		start_svc -r -wR $file
		fails_with "start $file: exited 3"
		rm $file/dies
		: >$file/late
		[ $file != ready-after ] || echo 600000 >$file/ready-after
		start_svc -r -wR -T 1500 $file
		ends 1
		is "$(cat err)" \
		    "svc: warning: unable to wait for $file: timed out"
		rm $file/late
		[ $file != ready-after ] || echo 300 >$file/ready-after
		svc -r -wR -T 20000 $file
		is "$(svstat -o state $file)" ready
	done
}

test_restart_ends_before_it_is_ready() {
	fake s
	publish s 100 ready 77 up 4 3 100.000000000
	start_svc -r -wR s
	waits
	publish s 101 finishing 0 up 4 4
	still_waits s/supervise
	publish s 102 running 78 up 5 4
	still_waits s/supervise
	{
		report 103 backoff 0 up 5 5
		printf 'exit_code=\nexit_signal=11\nfailed_attempt=5\n'
	} >s/supervise/report.new
	record 103 0 0 u 0 0 >s/supervise/status.new
	mv s/supervise/report.new s/supervise/report
	mv s/supervise/status.new s/supervise/status
	fails_with 'start s: killed by signal 11'
}

test_waiting_for_what_has_failed() {
	fake s
	publish s 101 failed 0 up 5 5
	printf 'error=restart limit\033 reached\n' >>s/supervise/report
	for letters in '' -t; do
		# shellcheck disable=SC2086
		start_svc $letters -wU s
		fails_with 'wait for s: it has failed: restart limit\x1b reached'
	done
	start_svc -wD s
	ends 0
}

test_signal_does_not_start_what_is_down() {
	fake s
	publish s 101 down 0 down 5 5
	for options in '-t -wR' '-h -wu' '-d -wU'; do
		# shellcheck disable=SC2086
		start_svc $options s
		fails_with 'wait for s: it is down'
	done
	# somebody else may start it
	start_svc -wu s
	still_waits s/supervise
	publish s 102 running 77 up 6 5
	ends 0
}

# The one that svscan starts next is not the one that was told to leave.
test_next_supervise_is_not_waited_for() {
	fake s
	publish s 100 ready 77 up 4 3 100.000000000
	printf 'supervise=10\n' >>s/supervise/report
	start_svc -dx -wD s
	waits
	publish s 101 down 0 down 4 4
	printf 'supervise=10\n' >>s/supervise/report
	still_waits s/supervise
	# svc has slept all the time that nobody had "ok" open
	publish s 102 ready 78 up 5 4 102.000000000
	printf 'supervise=11\n' >>s/supervise/report
	ends 0
	[ ! -s err ]
}

# Killed, it has not done what it was told; who adopts the service does not know.
test_killed_supervise_has_not_left() {
	service s
	script s/run <<-'END'
		#!/bin/sh
		trap '' TERM
		: >trapped
		while :; do sleep 1; done
	END
	supervised s
	wait_until test -e s/trapped
	wait_until is_up s
	start_svc -dx -wD s
	waits
	kill -KILL $supervise_pid
	ends 102
	is "$(cat err)" \
	    'svc: warning: unable to wait for s: supervise not running'
}

run_tests "$@"
