#!/bin/sh
# Every system call of a logger, one at a time, fails with each error that the
# kernel may give there, from its start to its end by TERM, with rotations.  What
# it has not read stays in the pipe for the one that is started next, and in the
# end each line is in the log, once, in order; or the logger has ended with a
# message, and only what it had read then is missing.  So it is with a processor,
# and while the processor's child gets ready to execute it.  The same is done to
# the loggers of daemontools, runit and s6.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/inject.sh
. "${0%/*}/../inject.sh"


use() {
	WHO=$1
	case $WHO in
	upkeep) set -- "$BIN/multilog" s4096 n100 ./d ;;
	daemontools) set -- /usr/bin/multilog s4096 n100 ./d ;;
	runit) set -- /usr/bin/svlogd d ;;
	s6) set -- /usr/bin/s6-log n100 s4096 ./d ;;
	esac
	[ -x "$1" ] || skip "no $1"
	ours_or_theirs "$1"
	[ "$WHO" = upkeep ] || DEADLINE=10 MOST=400
	LOGGER=$*
	KIND='logger'
}

# What is being processed is in previous until it is in processed as a whole.
use_processor() {
	use upkeep
	LOGGER="$BIN/multilog s4096 n100 !cat ./d"
	KIND='logger with a processor'
}

# svlogd is told in a file.
prepare() {
	if [ "$WHO" = runit ]; then
		mkdir d
		printf 's4096\nn100\n' >d/config
	fi
	seq 1000 3000 >in
	mkfifo fifo
	exec 3<>fifo
	cat in >&3
}

# A file that changes its name meanwhile may be missing, or be there twice.
all() {
	cat d/@* 2>/dev/null || :
	cat d/previous 2>/dev/null || cat d/processed 2>/dev/null || :
	cat d/current 2>/dev/null || :
}

has_all() {
	[ "$(all | wc -c)" -ge "$(wc -c <in)" ]
}

has_all_or_ended() {
	has_all || gone "$PID"
}

# log [COMMAND...]: starts it, under the command if there is one
log() {
	# shellcheck disable=SC2086
	"$@" $LOGGER <fifo 2>>err 3>&- &
	PID=$!
	echo "$PID" >>"$PIDS"
	wait_until has_all_or_ended
}

# The logger itself, not who traces it.
logger() {
	case $(cat "/proc/$PID/comm") in
	kill_at) sed 's/ .*//' "/proc/$PID/task/$PID/children" ;;
	*) echo "$PID" ;;
	esac
}

# 0.76's multilog may overlook a signal that comes just before it reads.  It may
# have ended by itself meanwhile.
stop() {
	kill -TERM "$(logger)" || :
	[ "$WHO" = upkeep ] || wait_until obeys_term
	wait_until gone "$PID"
}

obeys_term() {
	gone "$PID" || not kill -TERM "$(logger)"
}

# All is there; or it ended, and said so, and then lines may be missing at one
# place only, those that it had read.
is_whole() {
	all >got
	if cmp got in; then return; fi
	[ -n "$ENDED" ]
	[ -s err ]
	sort -c -u got
	diff in got >missing || :
	[ "$(grep -c '^[0-9]' missing)" = 1 ]
	not has '^>' missing
}

life_fails() {
	begin "$KIND: $WHAT"
	prepare
	ENDED=
	# shellcheck disable=SC2086
	log "$TOOL/kill_at" -s "$1" $HOW "$3" trace "$2"
	if gone "$PID"; then
		if [ "$HOW" != -g ]; then
			ENDED=1
			[ -s err ]
		fi
		log
		wait_until has_all || :
	fi
	stop
	is_whole
	has_happened || return 0
	[ "$(sed -n 's/^count //p' trace)" -lt "$CALLS_MAX" ]
	if [ -n "$ENDED" ]; then before; else survived; fi
}

# list_life [OPTION]: of kill_at
list_life() {
	mkdir count
	(
		cd count
		prepare
		log "$TOOL/kill_at" "$@" -l trace 0
		wait_until has_all
		stop
		sed -n 's/^may //p' trace >../may
	)
	end_of_attempt count
}

lives_fail() {
	use "$1"
	list_life
	WHAT='each call fails'
	attempts life_fails
}

outages_of() {
	use "$1"
	list_life
	outages
	WHAT='a call fails for two seconds'
	attempts life_fails
}

signals_to() {
	use "$1"
	list_life
	signals TERM ALRM CHLD
	WHAT='TERM, ALRM or CHLD at each call'
	attempts life_fails
}

campaign_multilog() {
	lives_fail upkeep
}

# Whoever closes again what has been closed may close another's, or end.
test_interrupted_close() {
	use upkeep
	list_life
	grep '^close .* EINTR' may >closes
	mv closes may
	WHAT='a close is interrupted' STEP=1
	attempts life_fails
}

campaign_with_a_processor() {
	use_processor
	list_life
	WHAT='each call fails'
	attempts life_fails
}

campaign_processors_child() {
	use_processor
	list_life -fc
	HOW='-fc -e'
	WHAT="each call of the processor's child fails"
	attempts life_fails
}

campaign_outages() {
	outages_of upkeep
}

torture_outages_of_multilog_of_daemontools() {
	outages_of daemontools
}

torture_outages_of_svlogd() {
	outages_of runit
}

torture_outages_of_s6_log() {
	outages_of s6
}

# It does not spin while it cannot wait.
test_pause_in_an_outage_of_ppoll() {
	unsanitized
	WHO=upkeep
	"$TOOL/kill_at" may 0 true || skip "$(sed -n 's/^denied //p' may)"
	mkfifo fifo
	exec 3<>fifo
	"$TOOL/kill_at" -s ppoll -o 2000 -e ENOMEM trace 1 "$BIN/multilog" ./d \
	    <fifo 2>err 3>&- &
	PID=$!
	echo "$PID" >>"$PIDS"
	echo one >&3
	wait_until has one d/current
	stop
	has '^multilog: warning: unable to wait for input: out of memory$' err
	has_happened
	[ "$(sed -n 's/^count //p' trace)" -lt 500 ]
}

campaign_signals() {
	signals_to upkeep
}

torture_signals_to_multilog_of_daemontools() {
	signals_to daemontools
}

torture_multilog_of_daemontools() {
	lives_fail daemontools
}

torture_svlogd() {
	lives_fail runit
}

torture_s6_log() {
	lives_fail s6
}

run_tests "$@"
