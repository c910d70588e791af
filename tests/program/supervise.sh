#!/bin/sh
# supervise against real processes: what supervise(8) promises.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/service.sh
. "${0%/*}/../service.sh"

test_runs_and_restarts() {
	sleeper s
	run_supervise s
	wait_until is_up s
	has_started s 1
	first=$(pid_of s)
	kill -KILL "$first"
	wait_until is_up_anew s "$first"
	gone "$first"
	has_started s 2
	report_is s exit_signal 9
	report_is s deaths 1
}

test_one_start_a_second() {
	service s <<-'END'
		#!/bin/sh
		echo x >>starts
	END
	began=$(date +%s)
	run_supervise s
	wait_until lines_at_least s/starts 4
	kill -KILL "$SUP"
	[ "$(wc -l <s/starts)" -le $(($(date +%s) - began + 2)) ]
}

test_immediate_restart_after_a_long_run() {
	service s <<-'END'
		#!/bin/sh
		[ -e first ] && exec sleep 1000
		>first
		exec sleep 1.1
	END
	run_supervise s
	wait_until report_is s starts 2
	# One start a second counts from start to start: nothing was waited for.
	report_is s exit_code 0
}

# A supervise that is deaf in the second after a start never passes this; ours
# does unless the machine stalls each time.
test_obeys_in_the_second_after_a_start() {
	sleeper s
	run_supervise s
	for try in 1 2 3 4 5 6 7 8 9 10; do
		svc -u s
		wait_until is_up s
		svc -d s
		wait_until is_down s
		[ "$(report s ran_ms)" -ge 700 ] || return 0
	done
	: "$try"
	return 1
}

test_letters() {
	service s <<-END
		#!/bin/sh
		exec $TOOL/catch caught
	END
	run_supervise s
	wait_until has ready s/caught
	for letter_signal in h:HUP a:ALRM i:INT q:QUIT 1:USR1 2:USR2 b:ABRT \
	    c:CONT; do
		printf %s "${letter_signal%:*}" >s/supervise/control
		wait_until has "^${letter_signal#*:}\$" s/caught
	done
	pid=$(pid_of s)
	svc -t s
	wait_until is_up_anew s "$pid"
	pid=$(pid_of s)
	svc -k s
	wait_until is_up_anew s "$pid"
	report_is s exit_signal 9
}

test_several_letters_in_one_write_and_unknown_ones() {
	sleeper s
	run_supervise s
	wait_until is_up s
	printf 'zZ\000 w\377dx' >s/supervise/control
	wait_until gone "$SUP"
	unsupervised s
	report_is s state down
}

test_how_a_service_is_started() {
	service s <<-END
		#!/bin/sh
		exec $TOOL/catch caught
	END
	trap '' HUP USR1 CHLD PIPE
	run_supervise s
	trap - HUP USR1 CHLD PIPE
	wait_until has ready s/caught
	has '^SigBlk:	0000000000000000$' s/caught
	has '^SigIgn:	0000000000000000$' s/caught
	background "$TOOL/catch" direct
	wait_until has ready direct
	# Nothing of supervise's own, and nothing it was given is lost.
	has "^$(grep fds direct)\$" s/caught
	has '^session own$' s/caught
	touch s/no-setsid
	rm s/caught
	pid=$(pid_of s)
	svc -t s
	wait_until is_up_anew s "$pid"
	wait_until has ready s/caught
	has '^session other$' s/caught
}

# The binary itself, without a shell in between that would clear its mask.
test_mask_is_empty_for_a_binary() {
	mkdir s
	cp "$TOOL/catch" s/run
	run_supervise s
	# Without an argument it ends with 100; that it ran is enough here.
	wait_until report_is s exit_code 100
}

test_environment_and_directory_are_kept() {
	service s <<-'END'
		#!/bin/sh
		echo "$UPKEEP_TEST $0 $# $(pwd) $(umask)" >said
		exec sleep 1000
	END
	umask 027
	UPKEEP_TEST=kept background supervise s
	wait_until test -s s/said
	[ "$(cat s/said)" = "kept ./run 0 $T/s 0027" ]
}

test_modes_whatever_the_umask() {
	sleeper s
	umask 077
	run_supervise s
	wait_until is_up s
	[ "$(stat -c '%a' s/supervise)" = 755 ]
	[ "$(stat -c '%a %F' s/supervise/ok)" = '622 fifo' ]
	[ "$(stat -c '%a %F' s/supervise/control)" = '600 fifo' ]
	[ "$(stat -c '%a' s/supervise/status)" = 644 ]
	[ "$(stat -c '%a %s' s/supervise/status)" = '644 20' ]
	[ "$(stat -c '%a' s/supervise/report)" = 644 ]
	[ "$(stat -c '%a %s' s/supervise/lock)" = '600 0' ]
}

test_existing_fifos_keep_inode_and_mode() {
	sleeper s
	mkdir s/supervise
	mkfifo -m 620 s/supervise/control
	mkfifo -m 666 s/supervise/ok
	before=$(stat -c '%i %a' s/supervise/control s/supervise/ok)
	run_supervise s
	wait_until is_up s
	[ "$(stat -c '%i %a' s/supervise/control s/supervise/ok)" = "$before" ]
}

test_dangling_symlink_is_made() {
	sleeper s
	ln -s "$T/run/deep/down" s/supervise
	run_supervise s
	wait_until is_up s
	[ -p "$T/run/deep/down/control" ]
}

test_second_supervise_is_refused() {
	sleeper s
	run_supervise s
	wait_until lines_at_least s/starts 1
	code=0
	supervise s 2>err || code=$?
	[ "$code" = 111 ]
	has '^supervise: fatal: unable to acquire s/supervise/lock: temporary' err
	wait_until is_up s
	[ "$(wc -l <s/starts)" = 1 ]
}

test_two_first_starts_at_once() {
	for n in 0 1 2 3 4 5 6 7 8 9; do
		sleeper s$n
		for _ in 1 2 3 4; do
			background sh -c 'exec supervise "$1" 2>>err' sh s$n
		done
	done
	for n in 0 1 2 3 4 5 6 7 8 9; do
		wait_until is_up s$n
	done
	wait_until lines_at_least err 30
	not grep -v 'unable to acquire s[0-9]/supervise/lock: temp' err
}

# Slow to open what it shows itself by, if that can be had.
test_run_finds_itself_supervised() {
	for n in 0 1 2 3 4 5 6 7 8 9; do
		service s$n <<-'END'
			#!/bin/sh
			svok .
			echo $? >code.new
			mv code.new code
			exec sleep 1000
		END
		background supervise s$n
	done
	for n in 0 1 2 3 4 5 6 7 8 9; do
		wait_until test -s s$n/code
		[ "$(cat s$n/code)" = 0 ]
	done
	cp -R s0 slow
	rm -r slow/supervise slow/code
	strace -o /dev/null true || skip 'that it is so on a slow machine: no strace'
	background strace -D -o trace -P supervise/ok -e trace=open,openat \
	    -e inject=open,openat:delay_enter=200000 supervise slow
	wait_until test -s slow/code
	[ "$(cat slow/code)" = 0 ]
}

test_usage() {
	code=0
	supervise 2>err || code=$?
	[ "$code" = 100 ]
	has '^supervise: usage: supervise dir$' err
	code=0
	supervise nowhere 2>err || code=$?
	[ "$code" = 111 ]
	has '^supervise: fatal: unable to chdir to nowhere: file does not' err
	supervise --help | grep -q '^usage: supervise dir$'
	supervise --version | grep -q '^supervise (upkeep) [0-9]'
}

test_files_of_the_wrong_kind() {
	sleeper s
	mkdir s/supervise
	: >s/supervise/control
	code=0
	supervise s 2>err || code=$?
	[ "$code" = 111 ]
	has 'supervise/control' err
	rm s/supervise/control
	: >s/supervise/ok
	code=0
	supervise s 2>err || code=$?
	[ "$code" = 111 ]
	has 'supervise/ok' err
	not test -e s/starts
}

test_down_file() {
	sleeper s
	: >s/down
	run_supervise s
	is_down s
	svc -u s
	wait_until lines_at_least s/starts 1
	wait_until is_up s
	report_is s starts 1
}

test_once() {
	sleeper s
	: >s/down
	run_supervise s
	svc -o s
	wait_until is_up s
	kill "$(pid_of s)"
	wait_until is_down s
	svc -u s
	wait_until is_up s
	report_is s starts 2
}

test_once_then_up_restores_restarting() {
	sleeper s
	run_supervise s
	wait_until is_up s
	svc -ou s
	pid=$(pid_of s)
	kill "$pid"
	wait_until is_up_anew s "$pid"
}

# down and up again while the service takes its time to die
test_down_up_of_a_slow_service_runs_it_once() {
	service s <<-'END'
		#!/bin/sh
		setlock -n running true || echo double >>starts
		exec setlock -n running sh -c 'echo x >>starts
		trap "sleep 0.5; exit" TERM
		while :; do sleep 0.01; done'
	END
	run_supervise s
	wait_until test -s s/starts
	svc -d s
	svc -u s
	wait_until lines_at_least s/starts 2
	svc -dx s
	wait_until gone "$SUP"
	[ "$(wc -l <s/starts)" = 2 ]
	not has double s/starts
}

test_exit_waits_for_the_service() {
	sleeper s
	run_supervise s
	wait_until is_up s
	has_started s 1
	svc -xp s
	wait_until svstat_says s paused
	alive "$SUP"
	svc -ck s
	wait_until gone "$SUP"
	[ "$(wc -l <s/starts)" = 1 ]
}

# A run script that says x and ends is not started once more.
test_exit_said_by_a_dying_service() {
	service s <<-'END'
		#!/bin/sh
		echo x >>starts
		[ "$(wc -l <starts)" -lt 2 ] || svc -x .
	END
	run_supervise s
	wait_until gone "$SUP"
	[ "$(wc -l <s/starts)" = 2 ]
}

test_term_stops_the_service_and_leaves() {
	sleeper s
	run_supervise s
	wait_until is_up s
	pid=$(pid_of s)
	kill -TERM "$SUP"
	code=0
	wait "$SUP" || code=$?
	[ "$code" = 0 ]
	gone "$pid"
	report_is s want down
}

test_term_that_lasts_is_shown() {
	service s <<-'END'
		#!/bin/sh
		trap 'echo told >told' TERM
		: >set
		while :; do sleep 0.1; done
	END
	run_supervise s
	wait_until [ -e s/set ]
	kill -TERM "$SUP"
	wait_until [ -e s/told ]
	wait_until report_is s state stopping
	report_is s want down
	wait_until svstat_says s 'want down'
	svc -k s
	wait_until gone "$SUP"
	report_is s state down
}

test_hup_leaves_when_the_service_ends() {
	sleeper s
	run_supervise s
	wait_until is_up s
	kill -HUP "$SUP"
	svc -p s
	wait_until svstat_says s paused
	alive "$SUP"
	svc -ck s
	wait_until gone "$SUP"
}

test_usr1_hands_the_wish_to_the_successor() {
	sleeper s
	: >s/down
	run_supervise s
	svc -u s
	wait_until is_up s
	kill -USR1 "$SUP"
	wait_until gone "$SUP"
	run_supervise s
	wait_until is_up s
	rm s/down
	svc -d s
	wait_until is_down s
	kill -USR1 "$SUP"
	wait_until gone "$SUP"
	run_supervise s
	wait_until report_is s state down
	# What was handed over counts once.
	kill -TERM "$SUP"
	wait_until gone "$SUP"
	run_supervise s
	wait_until is_up s
}

test_paused_is_what_is() {
	sleeper s
	run_supervise s
	wait_until is_up s
	svc -p s
	wait_until svstat_says s paused
	kill -CONT "$(pid_of s)"
	wait_until not svstat_says s paused
	kill -STOP "$(pid_of s)"
	wait_until svstat_says s paused
	svc -d s
	wait_until is_down s
	not svstat_says s paused
}

published() {
	stat -c %i "$1/supervise/status" "$1/supervise/report"
}

published_anew() {
	[ "$(published "$1")" != "$2" ]
}

test_only_what_changes_is_published() {
	service s <<-'END'
		#!/bin/sh
		trap 'echo told >told' HUP
		echo x >>starts
		while :; do sleep 0.02; done
	END
	run_supervise s
	wait_until lines_at_least s/starts 1
	wait_until is_up s
	before=$(published s)
	svc -uch s
	wait_until test -e s/told
	[ "$(published s)" = "$before" ]
	svc -o s
	wait_until published_anew s "$before"
}

svstat_says() {
	svstat "$1" | grep -q "$2"
}

test_not_executable_is_down_with_the_reason() {
	sleeper s
	chmod 644 s/run
	background sh -c 'exec supervise s 2>err'
	wait_until report_has s error 'not executable'
	wait_until attempted s 2
	report_is s starts 0
	# Said once, not once a second.
	[ "$(grep -c 'unable to execute' err)" = 1 ]
	chmod 755 s/run
	wait_until is_up s
	report_is s error ''
}

reason() {
	mkdir "$1"
	cat >"$1/run"
	chmod 755 "$1/run"
	background supervise "$1"
	wait_until report_has "$1" error "$2"
	svc -dx "$1"
}

test_reasons() {
	printf '#!/bin/sh\r\nexit\r\n' | reason crlf CRLF
	echo '#!/nowhere/sh' | reason interpreter 'interpreter missing'
	echo 'echo no shebang' | reason plain 'neither a program nor a script'
	: | reason empty 'empty file'
	mkdir directory directory/run
	background supervise directory
	wait_until report_has directory error 'a directory'
	mkdir missing
	background supervise missing
	wait_until report_has missing error 'no such file'
	ln -s nothing missing/run
	wait_until report_has missing error 'dangling link'
}

test_vanished_run_is_said_once() {
	sleeper s
	background sh -c 'exec supervise s 2>err'
	wait_until is_up s
	rm s/run
	svc -t s
	wait_until report_has s error 'no such file'
	wait_until attempted s $(($(report s attempts) + 1))
	[ "$(wc -l <err)" = 1 ]
	sleeper s
	wait_until is_up s
}

test_fork_failure_is_survived() {
	mkdir d
	chmod 777 d
	[ "$(id -u)" = 0 ] || skip 'needs a user that runs nothing else'
	as_user test -x "$BIN/supervise" || skip 'nobody cannot go to the programs'
	sleeper d/s
	chmod 777 d/s
	cd d
	T=$T/d background as_user supervise s
	wait_until is_up s
	sup=$(processes_below "$T" supervise)
	for pid in $sup; do as_user prlimit --pid "$pid" --nproc=0:; done
	svc -t s
	wait_until report_has s error 'fork'
	wait_until is_down s
	svstat s | grep -q 'want up'
	# It answers meanwhile.
	svc -d s
	wait_until not svstat_says s 'want up'
	svc -u s
	wait_until svstat_says s 'want up'
	for pid in $sup; do as_user prlimit --pid "$pid" --nproc=4096:; done
	wait_until is_up s
}

test_full_descriptor_table_is_survived() {
	sleeper s
	run_supervise s
	wait_until is_up s
	prlimit --pid "$SUP" --nofile=3:
	pid=$(pid_of s)
	kill -KILL "$pid"
	wait_until is_down s
	before=$(cpu_ticks "$SUP")
	BEGAN=$(now_ms)
	wait_until past 1100
	is_down s
	alive "$SUP"
	[ $(($(cpu_ticks "$SUP") - before)) -lt 20 ]
	prlimit --pid "$SUP" --nofile=64:
	wait_until is_up s
}

test_full_disk_tells_the_truth() {
	[ "$(id -u)" = 0 ] || skip 'needs to mount a small tmpfs'
	unshare -m true 2>/dev/null || skip 'no mount namespaces here'
	sleeper s
	mkdir disk
	ln -s "$T/disk" s/supervise
	cat >scenario <<-'END'
		set -ex
		mount -t tmpfs -o size=64k none disk
		supervise s &
		wait_until is_up s
		cat /dev/zero >disk/filler || :
		pid=$(pid_of s)
		kill -KILL "$pid"
		wait_until is_up_anew s "$pid"
		svc -d s
		wait_until is_down s
		kill -TERM $!
	END
	cat >outer <<-END
		PIDS=$PIDS
		set --
		$(sed -n '/^[a-z_]*() {/,/^}/p' "$SRC/tests/lib.sh")
		DEADLINE=30
		T=$T
		. ./scenario
	END
	unshare -m sh outer
}

# A program that is root for its first moments, and drops that when told to.
# A service that its supervise, run by nobody, may not signal before s/go exists.
not_permitted() {
	[ "$(id -u)" = 0 ] || skip 'needs root to make a program set-user-ID'
	cp "$(command -v setpriv)" suid
	chmod 4755 suid
	service s <<-'END'
		#!/bin/sh
		exec ../suid --reuid=0 --clear-groups sh -c '
		echo x >began
		until [ -e go ]; do sleep 0.02; done
		exec setpriv --reuid=65534 sleep 1000'
	END
	chown -R 65534:65534 s
	: >err
	chmod 666 err
	chmod 711 "$T"
	nobody test -x "$BIN/supervise" || skip 'nobody cannot go to the programs'
	nobody_supervises
	wait_until test -e s/began
	wait_until is_up s
	grep -q '^Uid:	0' "/proc/$(pid_of s)/status" ||
	    skip 'set-user-ID does not count here'
}

nobody_supervises() {
	: >err
	background setpriv --reuid=65534 --regid=65534 --clear-groups \
	    sh -c 'exec supervise s 2>err'
	SUP=$(tail -n 1 "$PIDS")
	wait_until supervised s
}

test_a_signal_that_is_not_permitted_is_sent_later() {
	not_permitted
	svc -d s
	wait_until has 'unable to signal s/./run: permission denied' err
	: >s/go
	wait_until is_down s
	report_is s exit_signal 15
}

test_a_signal_that_was_not_permitted_is_sent_by_the_next_supervise() {
	not_permitted
	pid=$(pid_of s)
	svc -+d s
	wait_until has 'unable to signal s/./run: permission denied' err
	kill -KILL "$SUP"
	wait_until gone "$SUP"
	nobody_supervises
	wait_until has 'unable to signal s/./run: permission denied' err
	: >s/go
	wait_until is_down s
	gone "$pid"
	wait_until report_is s unsent_group 0
}

# STOP and CONT replace each other, and nothing else.
test_cont_leaves_the_stop_signal_that_is_kept() {
	not_permitted
	term=$((1 << 14)) cont=$((1 << 17)) stop=$((1 << 18))
	svc -d s
	wait_until report_is s unsent $((term + cont))
	svc -p s
	wait_until report_is s unsent $((term + stop))
	svc -c s
	wait_until report_is s unsent $((term + cont))
	: >s/go
	wait_until is_down s
	report_is s exit_signal 15
}

test_standard_descriptors_closed() {
	sleeper s
	(
		supervise s <&- >&- 2>&- &
		echo $! >>"$PIDS"
	)
	wait_until is_up s
	[ "$(stat -c %s s/supervise/lock)" = 0 ]
	for fd in 0 1 2; do
		[ "$(readlink "/proc/$(pid_of s)/fd/$fd")" = /dev/null ]
	done
}

test_a_terminal_does_not_stop_it() {
	needs_terminal
	sleeper s
	chmod 644 s/run
	cat >session <<-'END'
		set -m
		stty tostop
		supervise s &
		echo $! >supervise.pid
		wait
	END
	background env script -qec 'sh ./session' typescript
	wait_until report_has s error 'not executable'
	chmod 755 s/run
	wait_until is_up s
	SUP=$(cat supervise.pid)
	svc -dx s
	wait_until gone "$SUP"
}

test_closed_stderr_pipe_does_not_kill() {
	sleeper s
	mkfifo pipe
	exec 7<>pipe
	background supervise s 2>pipe
	exec 7>&-
	wait_until is_up s
	chmod 644 s/run
	svc -t s
	wait_until report_has s error 'not executable'
	chmod 755 s/run
	wait_until is_up s
}

# The service holds a lock while it lives, so a second one would be noticed.
exclusive() {
	service "$1" <<-'END'
		#!/bin/sh
		setlock -n running true || echo double >>starts
		exec setlock -n running sh -c 'echo x >>starts; exec sleep 1000'
	END
}

test_killed_supervise_is_succeeded_without_a_double() {
	exclusive s
	run_supervise s
	wait_until is_up s
	pid=$(pid_of s)
	for round in 1 2 3 4 5; do
		kill -KILL "$SUP"
		wait_until gone "$SUP"
		unsupervised s
		run_supervise s
		[ "$(pid_of s)" = "$pid" ]
	done
	: "$round"
	has_started s 1
	# The adopted service obeys, and its end is noticed.
	svc -d s
	wait_until is_down s
	gone "$pid"
	report_is s exit_code unknown
	svc -u s
	wait_until is_up s
	not has double s/starts
}

test_adopted_keeps_wish_and_age() {
	exclusive s
	: >s/down
	run_supervise s
	svc -o s
	wait_until is_up s
	has_started s 1
	since=$(report s since)
	kill -KILL "$SUP"
	wait_until gone "$SUP"
	run_supervise s
	report_is s want once
	report_is s since "$since"
	kill "$(pid_of s)"
	wait_until is_down s
	report_is s state down
	[ "$(wc -l <s/starts)" = 1 ]
}

test_a_reused_pid_is_nobody() {
	exclusive s
	run_supervise s
	wait_until is_up s
	kill -KILL "$SUP" "$(pid_of s)"
	wait_until gone "$SUP"
	background sleep 1000
	stranger=$(tail -n 1 "$PIDS")
	sed "s/^pid=.*/pid=$stranger/" s/supervise/report >report.new
	cat report.new >s/supervise/report
	run_supervise s
	wait_until is_up s
	[ "$(pid_of s)" != "$stranger" ]
	svc -dx s
	wait_until gone "$SUP"
	alive "$stranger"
}

contexts() {
	for pid; do grep ctxt "/proc/$pid/status"; done
}

# Once the second after its start is over, and over an adopted service as well.
test_idle_sleeps() {
	exclusive s
	sleeper t
	run_supervise s
	wait_until is_up s
	pid=$(pid_of s)
	kill -KILL "$SUP"
	wait_until gone "$SUP"
	run_supervise s
	adopter=$SUP
	run_supervise t
	wait_until is_up t
	BEGAN=$(now_ms)
	wait_until past 1200
	before=$(contexts "$SUP" "$adopter")
	wait_until past 2400
	[ "$(contexts "$SUP" "$adopter")" = "$before" ]
	kill -KILL "$pid"
	wait_until is_up_anew s "$pid"
}

run_tests "$@"
