#!/bin/sh
# setlock: every sentence of its page, and the original beside it.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/path.sh
. "${0%/*}/../path.sh"

usage='setlock: usage: setlock [-nNxX] [-t ms] file program [arg ...]'
busy='setlock: fatal: unable to lock f: temporary failure'

# code N COMMAND...: COMMAND exits N; what it prints goes to ./out and ./err
code() {
	wanted=$1
	shift
	got=0
	"$@" >out 2>err || got=$?
	[ "$got" = "$wanted" ]
}

# hold: another process has the lock of ./f, until let_go
hold() {
	setlock f sh -c 'echo >held; exec sleep 1000' &
	holder=$!
	wait_until test -e held
}

let_go() {
	kill "$holder"
	wait "$holder" || true
}

# is somebody waiting in flock(2) for ./f?
is_waited_for() {
	grep -q -- "-> FLOCK.*:$(stat -c %i f) " /proc/locks
}

is_free() {
	flock -n "$1" true
}

peer() {
	[ -x "/usr/bin/$1" ] || skip "no /usr/bin/$1 to compare with"
}

test_wrong_usage() {
	for words in '' f -n '-q f true' '-t' '-t x f true' '-t -1 f true' \
	    '-t 1k f true' '-t 4294967296 f true' '-t 1 f' '-- f' \
	    '--help f' '--no f true'; do
		# shellcheck disable=SC2086
		code 100 setlock $words
		[ "$(cat err)" = "$usage" ]
		[ ! -s out ]
		[ ! -e f ]
	done
	code 100 setlock -t '' f true
	[ "$(cat err)" = "$usage" ]
}

test_help_and_version() {
	setlock --version >out 2>err
	grep -q '^setlock (upkeep) [0-9.]*$' out
	[ ! -s err ]
	setlock --help >out 2>err
	[ ! -s err ]
	[ "setlock: $(head -n 1 out)" = "$usage" ]
	code 111 sh -c 'exec setlock --help >/dev/full'
	grep -q '^setlock: fatal: unable to write to stdout: ' err
}

# A usage text is a plain string: nothing but this keeps it true.
test_usage_lists_the_options() {
	usage_letters=$(echo "$usage" | sed 's/.*\[-\(nNxX\)\] \[-\(t\) .*/\1\2/')
	[ "$usage_letters" = nNxXt ]
	for letter in a b c d e f g h i j k l m n o p q r s t u v w x y z \
	    A B C D E F G H I J K L M N O P Q R S T U V W X Y Z 0 1 9 '?' :; do
		expected=100
		case $usage_letters in
		*"$letter"*) expected=0 ;;
		esac
		case $letter in
		t) code "$expected" setlock -t 1 f true ;;
		*) code "$expected" setlock "-$letter" f true ;;
		esac
	done
}

test_page_lists_the_options() {
	setlock --help | sed -n 's/^  -\(.\) \([a-z]*\) .*/\1\2/p' >ours
	sed -n 's/^\.It Fl \(.\)$/\1/p; s/^\.It Fl \(.\) Ar \(.*\)/\1\2/p' \
	    "$SRC/setlock/setlock.8" >page
	[ "$(wc -l <ours)" = 5 ]
	cmp ours page
}

test_file_is_made_and_never_changed() {
	setlock f true
	[ "$(stat -c '%a %s' f)" = '600 0' ]
	(umask 277 && setlock g true)
	[ "$(stat -c %a g)" = 400 ]
	echo text >f
	setlock f true
	[ "$(cat f)" = text ]
}

test_program_has_the_lock() {
	setlock f sh -c '! setlock -n f true' 2>err
	[ "$(cat err)" = "$busy" ]
	setlock -n f true
}

test_program_is_the_same_process() {
	setlock f sh -c 'echo $$ >pid' &
	wait $!
	[ "$(cat pid)" = $! ]
}

test_lock_is_that_of_flock() {
	code 1 setlock f flock -n f true
	code 111 flock f setlock -n f true
	[ "$(cat err)" = "$busy" ]
	is_free f
}

test_children_inherit_the_lock() {
	setlock f sh -c 'sleep 1000 & echo $! >pid'
	code 111 setlock -n f true
	kill "$(cat pid)"
	wait_until is_free f
}

test_kill_frees_the_lock() {
	hold
	kill -KILL "$holder"
	wait_until is_free f
}

test_descriptor() {
	setlock f readlink /proc/self/fd/3 >out
	[ "$(cat out)" = "$PWD/f" ]
	setlock f cat /proc/self/fdinfo/3 >out
	# O_WRONLY and O_APPEND
	grep -q '^flags:.*[2367]..1$' out
	setlock f readlink /proc/self/fd/4 3</dev/null >out
	[ "$(cat out)" = "$PWD/f" ]
}

test_closed_descriptors_stay_closed() {
	code 1 sh -c 'exec setlock f readlink /proc/self/fd/0 <&-'
	code 1 sh -c 'exec setlock f test -e /proc/self/fd/1 >&-'
	code 1 sh -c 'exec setlock f test -e /proc/self/fd/2 2>&-'
	code 1 sh -c 'exec setlock f test -e /proc/self/fd/0 <&- >&- 2>&-'
	code 0 sh -c 'exec setlock f readlink /proc/self/fd/3 <&- 2>&-'
	[ "$(cat out)" = "$PWD/f" ]
	code 0 setlock f sh -c 'setlock -n f true <&- >&- 2>&-; [ $? = 111 ]'
	code 1 sh -c 'exec setlock f sh -c "echo lost" <&- >&- 2>&-'
	[ ! -s f ]
}

test_n_gives_up() {
	hold
	code 111 setlock -n f touch ran
	[ "$(cat err)" = "$busy" ]
	[ ! -s out ]
	code 111 setlock -Nn f touch ran
	code 111 setlock -N -t 99999 -n f touch ran
	[ ! -e ran ]
	let_go
	setlock -n f touch ran
	[ -e ran ]
}

test_x_is_silent() {
	hold
	for words in '-nx f' '-t 1 -X -x f' '-x none/f' '-x .'; do
		# shellcheck disable=SC2086
		code 0 setlock $words touch ran
		[ ! -s out ]
		[ ! -s err ]
	done
	code 111 setlock -nxX f touch ran
	[ "$(cat err)" = "$busy" ]
	[ ! -e ran ]
	let_go
	setlock -x f touch ran
	[ -e ran ]
	code 111 setlock -x f ./none
	grep -q '^setlock: fatal: unable to run \./none: ' err
}

test_waits() {
	hold
	for option in -N -nN '-t 0 -N' '-t 99999999' '-n -t 99999999'; do
		# shellcheck disable=SC2086
		background setlock $option f touch "ran$option"
	done
	wait_until is_waited_for
	[ "$(echo ran*)" = 'ran*' ]
	let_go
	wait_until test -e ran-N
	wait_until test -e ran-nN
	wait_until test -e 'ran-t 0 -N'
	wait_until test -e 'ran-t 99999999'
	wait_until test -e 'ran-n -t 99999999'
}

is_stopped() {
	has '^State:.T' "/proc/$waiter/status"
}

# Whoever gives up does not run anything when the lock is free.
test_stop_and_continue_do_not_end_the_wait() {
	for option in -N '-t 99999999'; do
		hold
		# shellcheck disable=SC2086
		background setlock $option f touch ran
		waiter=$!
		wait_until is_waited_for
		for round in 1 2 3; do
			kill -STOP "$waiter"
			wait_until is_stopped
			kill -CONT "$waiter"
			wait_until is_waited_for
		done
		: "$round"
		let_go
		wait_until test -e ran
		rm ran held
	done
}

test_t_gives_up_in_time() {
	hold
	for ms in 0 1 40 1001; do
		before=$(now_ms)
		code 111 setlock -t "$ms" f touch ran
		took=$(($(now_ms) - before))
		[ "$(cat err)" = "$busy" ]
		[ $((took + 1)) -ge "$ms" ]
		[ "$took" -lt $((ms + 10000)) ]
	done
	[ ! -e ran ]
}

# A deadline that falls between the look at the clock and flock(2) must not be
# lost: with many short ones, some do.
test_t_never_hangs() {
	hold
	round=0
	while [ $((round += 1)) -le 200 ]; do
		code 111 timeout 20 setlock -t 1 f true
	done
	[ "$(cat err)" = "$busy" ]
}

switches() {
	grep ctxt_switches "/proc/$waiter/status"
}

# It sleeps until the lock is free: it does not get the processor once while
# others wait for a fifth of a second.
test_t_does_not_poll() {
	hold
	background setlock -t 99999999 f touch ran
	waiter=$!
	wait_until is_waited_for
	wait_until has '^State:.S' "/proc/$waiter/status"
	before=$(switches)
	for round in 1 2 3 4; do
		code 111 setlock -t 50 f true
	done
	: "$round"
	[ "$(switches)" = "$before" ]
	let_go
	wait_until test -e ran
}

test_t_leaves_no_trace_in_the_program() {
	hold
	(
		trap '' USR1 CHLD
		cp /proc/self/status before
		exec setlock -t 99999999 f cp /proc/self/status after
	) &
	waiter=$!
	wait_until is_waited_for
	let_go
	wait "$waiter"
	for when in before after; do
		grep '^Sig[BIC]\|^S..Pnd' "$when" >"$when.signals"
		[ "$(wc -l <"$when.signals")" = 5 ]
	done
	cmp before.signals after.signals
	setlock -t 5 f cat /proc/self/timers >timers || skip 'no list of timers'
	[ ! -s timers ]
}

# It needs a signal that can be queued, and does not wait without end instead.
test_t_without_a_timer() {
	command -v prlimit || skip 'no prlimit'
	hold
	code 111 prlimit --sigpending=0 "$BIN/setlock" -t 100 f touch ran
	[ "$(cat err)" = 'setlock: fatal: unable to set a timer: temporary failure' ]
	[ ! -e ran ]
}

# Two wait for the first file, which loses its name; somebody makes and locks
# another one.  When the first file is free, both must wait for the second.
test_waiters_of_a_removed_file() {
	for lose in 'rm f' 'mv f g'; do
		hold
		first=$holder
		background setlock f touch ran
		background setlock -t 99999999 f touch ran-t
		wait_until are_waiting 2
		$lose
		rm held
		hold
		kill "$first"
		wait_until are_waiting 2
		[ ! -e ran ]
		[ ! -e ran-t ]
		let_go
		wait_until test -e ran
		wait_until test -e ran-t
		rm -f ran ran-t held g
	done
}

are_waiting() {
	[ "$(grep -c -- "-> FLOCK.*:$(stat -c %i f) " /proc/locks)" = "$1" ]
}

# The time is that of both waits together.
test_t_of_a_removed_file() {
	hold
	first=$holder
	background sh -c 'setlock -t 2000 f true; echo $? >result'
	wait_until is_waited_for
	rm f held
	hold
	kill "$first"
	wait_until test -s result
	[ "$(cat result)" = 111 ]
}

# The name is gone for good: the wait ends with a file of the same name.
test_removed_file_is_made_again() {
	hold
	background setlock f sh -c 'test -e f && touch ran'
	wait_until is_waited_for
	rm f
	let_go
	wait_until test -e ran
}

test_a_file_that_may_only_be_read() {
	: >f
	chmod 444 f
	if as_user sh -c ': >>f' 2>/dev/null; then skip 'f can be written'; fi
	code 0 as_user "$BIN/setlock" -n f readlink /proc/self/fd/3
	[ "$(cat out)" = "$PWD/f" ]
	code 111 as_user "$BIN/setlock" -n f "$BIN/setlock" -n f true
	has "^$busy\$" err
	[ "$(stat -c '%a %s' f)" = '444 0' ]
}

# The reason is that of the first open: the second cannot make a file.
test_a_file_that_cannot_be_made() {
	mkdir shut
	chmod 555 shut
	if as_user sh -c ': >shut/f' 2>/dev/null; then skip 'f can be made'; fi
	code 111 as_user "$BIN/setlock" shut/f true
	has '^setlock: fatal: unable to open shut/f: access denied$' err
}

test_open_trouble() {
	mkfifo fifo
	mkdir dir
	: >shut
	chmod 0 shut
	for file in fifo dir none/f ''; do
		code 111 setlock "$file" touch ran
		grep -q "^setlock: fatal: unable to open $file: ." err
		[ "$(wc -l <err)" = 1 ]
	done
	code 111 as_user "$BIN/setlock" shut touch ran
	grep -q '^setlock: fatal: unable to open shut: access denied$' err
	[ ! -e ran ]
}

test_exit_code_is_the_programs() {
	for n in 0 1 3 100 111 255; do
		code "$n" setlock f sh -c "exit $n"
	done
	code 137 setlock f sh -c 'kill -KILL $$'
}

test_environment_is_untouched() {
	env -i A=1 B= 'C=x y' PATH=/usr/bin:/bin env >before
	env -i A=1 B= 'C=x y' PATH=/usr/bin:/bin "$BIN/setlock" f env >after
	cmp before after
}

test_path() {
	make_path_tree
	echo "$path_cases$our_path_cases" | while read -r path result dir; do
		[ -n "$path" ] || continue
		code "$result" env PATH="$path" "$BIN/setlock" f p
		[ "$(cat out)" = "$dir" ]
		[ -n "$dir" ] || grep -q '^setlock: fatal: unable to run p: ' err
	done
	code 111 env PATH=none:noexec:none "$BIN/setlock" f p
	has 'unable to run p: access denied$' err
	for path in '' :; do
		code 111 env PATH="$path" "$BIN/setlock" f p
		has '^setlock: fatal: unable to run p: file does not exist$' err
	done
	env -u PATH "$BIN/setlock" f true
	code 111 env -u PATH "$BIN/setlock" f p
	env PATH=none "$BIN/setlock" f ./p
	code 111 env PATH="$PWD" "$BIN/setlock" f one/none
	long=$(printf '%05000d' 0)
	code 111 env PATH="$long" "$BIN/setlock" f p
}

# whether the original does the same: exit code, output and message; the command
# gets the program to use in $PEER
alike() {
	for PEER in /usr/bin/setlock "$BIN/setlock"; do
		export PEER
		[ ! -e out ] || mv out theirs.out
		[ ! -e said ] || mv said theirs.said
		result=0
		"$@" >out 2>said || result=$?
		echo "$result" >>said
	done
	cmp out theirs.out
	cmp said theirs.said
}

test_as_the_original() {
	peer setlock
	make_path_tree
	hold
	for words in '-n f echo a' '-nx f echo a' '-xn f echo a' \
	    '-nxX f echo a' '-n -- f echo a' '-n none/f echo a' \
	    '-x none/f echo a' '-n . echo a' 'g echo -n a' '-nN g echo a' \
	    'g none' '-x g none' 'g ./file' 'g ./isdir' '-N g sh -c echo' \
	    '- echo a'; do
		# shellcheck disable=SC2086
		alike sh -c "exec \"\$PEER\" $words"
	done
	let_go
	echo "$path_cases" | while read -r path result; do
		# shellcheck disable=SC2016
		[ -z "$result" ] || alike sh -c 'PATH=$0 exec "$PEER" g p' "$path"
	done
}

test_excludes_the_original() {
	peer setlock
	code 111 setlock f /usr/bin/setlock -n f true
	code 111 /usr/bin/setlock f "$BIN/setlock" -n f true
	code 111 /usr/bin/setlock f "$BIN/setlock" -t 5 f true
}

run_tests "$@"
