#!/bin/sh
# svscan with each of its system calls failing once, with each error that the
# kernel may give there, from its start to its end.  Whatever fails, the services
# come up, none runs twice, and TERM ends them all; of the svscan whose call has
# failed, or, every second time, of one that is started after it gets kill -9.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/inject.sh
. "${0%/*}/../inject.sh"

# service DIRECTORY: it complains in err if another one runs
service() {
	mkdir -p making/log
	script making/run <<-'END'
		#!/bin/sh
		exec 2>>../../err
		echo begun
		exec setlock -n running sleep 100000
	END
	printf '#!/bin/sh\nexec cat >>got\n' | script making/log/run
	mkdir -p "$(dirname "$1")"
	mv making "$1"
}

# trace ARGUMENT...: svscan under kill_at; its pid in $scan
trace() {
	"$TOOL/kill_at" "$@" svscan services 2>err &
	tracer=$!
	echo "$tracer" >>"$PIDS"
	wait_until has '^ready\|^denied' trace
	not has '^denied' trace || skip "$(sed -n 's/^denied //p' trace)"
	# It may have ended already.
	scan=$(sed 's/ .*//' "/proc/$tracer/task/$tracer/children") || :
}

both_up() {
	for dir in services/*; do
		is_up "$dir" && is_up "$dir/log" || return 1
	done
	[ -d services/b ]
}

# It said why; or a signal came before it had begun, in the start of libc.
ended_early() {
	has '^svscan: fatal: ' err || has '^count [1-9]$' trace
}

# As whoever has started it would: what ends at the start is started again.
all_up() {
	if gone "${scan:-none}"; then
		ended_early || return 1
		svscan services 2>>err &
		scan=$!
		echo "$scan" >>"$PIDS"
	fi
	both_up
}

stopped() {
	not svok services/a && not svok services/b
}

case $(uname -m) in
x86_64) CLOSE=3 ;;
*) CLOSE=57 ;;
esac

# begin_life ARGUMENT...: of kill_at; one service is there, and one comes
begin_life() {
	service services/a
	trace "$@"
	service services/b
	wait_until all_up
	wait_until has begun services/a/log/got
}

end_life() {
	kill -TERM "$scan"
	# What was not closed in truth keeps the logger from its end of file.
	if has "^failed [0-9]* $CLOSE\$" trace; then
		wait_until stopped
		kill -TERM "$scan" || :
	fi
	wait_until gone "$scan"
	wait_until has '^count' trace
	for dir in services/a services/b; do
		not svok "$dir"
		not svok "$dir/log"
		setlock -n "$dir/running" true
	done
	not has '^setlock' err
}

life_fails() {
	begin "svscan: $WHAT"
	# shellcheck disable=SC2086
	begin_life -s "$1" $HOW "$3" trace "$2"
	# Its end is that of the one that was started after it.
	ENDED=
	if ended_early; then ENDED=1; fi
	if [ $((($2 + ${#3}) % 2)) = 0 ]; then
		begin "svscan: $WHAT, then kill -9 and another start"
		kill -KILL "$scan"
		wait_until gone "$scan"
		svscan services 2>>err &
		scan=$!
		echo "$scan" >>"$PIDS"
		# until it knows one, TERM ends it alone
		knows_one() {
			has . "/proc/$scan/task/$scan/children" ||
			    has ': waiting for the supervise that' err
		}
		wait_until knows_one
		wait_until all_up
		not has '^setlock' err
	fi
	end_life
	has_happened || return 0
	[ "$(sed -n 's/^count //p' trace)" -lt "$CALLS_MAX" ]
	if [ -n "$ENDED" ]; then before; else survived; fi
}

list_life() {
	[ -e /proc/$$/task/$$/children ] || skip "no list of children in /proc"
	"$TOOL/kill_at" -e EIO denied 1 true || :
	not has '^denied' denied || skip "$(sed -n 's/^denied //p' denied)"
	unsanitized
	WHO=upkeep
	mkdir count
	(
		cd count
		begin_life -l trace 0
		end_life
		sed -n 's/^may //p' trace >../may
	)
	rm -r count
}

campaign_every_call_fails() {
	list_life
	WHAT='each call fails'
	attempts life_fails
}

campaign_outages() {
	list_life
	outages
	WHAT='a call fails for two seconds'
	attempts life_fails
}

campaign_signals() {
	list_life
	signals ALRM CHLD
	WHAT='ALRM or CHLD at each call'
	attempts life_fails
}

# It waits while signals are blocked, and asks for the scan that comes anyway.
test_alarm_before_the_first_scan() {
	unsanitized
	begin_life -s signalfd4 -g ALRM trace 1
	end_life
	has_happened
}

# It ends as it would later, and as process 1 has to.
test_term_before_the_first_scan() {
	list_life
	service services/a
	"$TOOL/kill_at" -s signalfd4 -g TERM trace 1 svscan services 2>err
	has '^killed' trace
	not svok services/a
	[ ! -s err ]
}

# injected CALL=ERROR: strace(1) lets calls fail that come before the directory
# is entered, too.
injected() {
	unsanitized
	strace -o /dev/null true 2>/dev/null || skip "no strace, or not for us"
	service services/a
	strace -D -o trace -e "trace=${1%%:*}" -e "inject=$1" \
	    svscan services 2>err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until is_up services/a
	wait_until is_up services/a/log
	# one more scan, or two
	called() {
		kill -ALRM "$scan"
		has INJECTED trace
	}
	wait_until called
	kill "$scan"
	# What was not closed in truth keeps the logger from its end of file.
	wait_until not svok services/a
	kill "$scan" || :
	wait_until gone "$scan"
}

test_interrupted_close() {
	for i in 1 2 3 4 5 6; do
		injected close:error=EINTR:when=$i
		wait_until not svok services/a/log
		rm -r services
	done
}

test_limits_not_permitted() {
	injected prlimit64,setrlimit,getrlimit:error=EPERM
	has '^begun' services/a/log/got
}

run_tests "$@"
