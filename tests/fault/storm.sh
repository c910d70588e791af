#!/bin/sh
# Storms: svscan, supervise, loggers, services and their finish are killed with
# KILL at random, with orders in between, also in a container, and the whole
# container.  At the end there is one of each again, no service has run twice
# at once or has met a broken pipe, and every line that was acknowledged (its
# write had returned) is in the log.  The same for daemontools, runit and s6.
#
#   ROUNDS=300     kills; 12 if not set
#   SEED=1         the storm of the run that said so
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

ROUNDS=${ROUNDS:-12}
SEED=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
SERVICES='services/a services/b services/c'

# random N: $CHANCE from 0 to N - 1
random() {
	SEED=$(((SEED * 1103515245 + 12345) % 2147483648))
	CHANCE=$((SEED / 65536 % $1))
}

services() {
	mkdir services
	for s in $SERVICES; do
		mkdir -p "$s/log/main"
		# svscan of daemontools 0.76 asks for that
		chmod 1755 "$s"
		script "$s/run" <<-END
			#!/bin/sh
			exec $TOOL/scan_lines state 1000000000 2000 lock
		END
		script "$s/finish" <<-END
			#!/bin/sh
			exec $BIN/setlock -n lock sleep 0.05
		END
		script "$s/log/run" <<-END
			#!/bin/sh
			exec $LOGGER ./main
		END
	done
}

scan() {
	if [ -n "$CONTAINER" ]; then
		background unshare -pf --mount-proc $SCANNER services 2>>err
		SCAN=$!
		wait_until has_child
		SCAN=$(child_of "$SCAN")
		return
	fi
	background $SCANNER services 2>>err
	SCAN=$!
}

child_of() {
	grep -ls "^PPid:.$1\$" /proc/[0-9]*/status | cut -d / -f 3
}

has_child() {
	[ -n "$(child_of "$SCAN")" ]
}

# Lines "PID NAME DIRECTORY" of all that runs below services.
look_around() {
	"$TOOL/below" -l "$T/services" >around
}

# one_of NAMES: a random one of those processes, or nothing; not what a
# supervise has forked, which goes by its name until it is executed
one_of() {
	look_around
	# shellcheck disable=SC2046
	set -- $(grep -E " ($1) " around | cut -d ' ' -f 1)
	[ $# = 0 ] && return
	random $#
	shift "$CHANCE"
	parent=$(parent_of "$1") &&
	    ! cmp -s "/proc/$1/comm" "/proc/$parent/comm" && echo "$1" || :
}

# is_last PID: without it, the pipe to some logger may be held by nobody for a
# moment, and what is in it lost: a new svscan may not have opened it yet
is_last() {
	[ "$KIND_OF" != runit ] && [ -z "$CONTAINER" ] || return 1
	for s in $SERVICES; do
		grep -E " $WATCHER $T/$s(/log)?\$" around | grep -qv "^$1 " ||
		    return 0
	done
	return 1
}

order() {
	case $KIND_OF in
	runit) sv "$1" "$T/$2" ;;
	s6) s6-svc "-$1" "$2" ;;
	daemontools) /usr/bin/svc "-$1" "$2" ;;
	upkeep) svc "-$1" "$2" ;;
	esac >/dev/null 2>&1 || :
}

give_orders() {
	random 3
	# shellcheck disable=SC2086
	set -- $SERVICES
	shift "$CHANCE"
	random 6
	case $CHANCE in
	0) order t "$1" ;;
	1) order k "$1" ;;
	2) order d "$1"; order u "$1" ;;
	3) order p "$1"; order c "$1" ;;
	4) order t "$1/log" ;;
	esac
}

# strike VICTIMS: one of them is killed
strike() {
	random "$#"
	shift "$CHANCE"
	case $1 in
	svscan)
		look_around
		if is_last "$SCAN"; then return; fi
		kill -KILL "$SCAN"
		wait_until gone "$SCAN"
		scan
		;;
	*)
		pid=$(one_of "$1")
		[ -z "$pid" ] || is_last "$pid" || kill -KILL "$pid" 2>/dev/null || :
		;;
	esac
}

# one_each: of each service, logger and supervisor there is one
one_each() {
	look_around
	for s in $SERVICES; do
		[ "$(grep -c " scan_lines $T/$s\$" around)" = 1 ] &&
		    [ "$(grep -cE " ($WATCHER) $T/$s\$" around)" = 1 ] &&
		    [ "$(grep -cE " ($LOGGERS) $T/$s/log(/main)?\$" around)" = 1 ] ||
		    return 1
	done
}

# the same, if they are told to go on and to be up
revived() {
	one_each && return
	for s in $SERVICES; do order c "$s"; order u "$s"; done
	false
}

# lost DIRECTORY: how many of the lines that were acknowledged are in no log
lost() {
	last=$(od -An -t u8 -N 8 "$1/state" | tr -d ' ')
	cat "$1"/log/main/@* "$1/log/main/current" 2>/dev/null |
	    awk -v last="$last" '
		{ seen[$1] = 1 }
		END { for (i = 1; i <= last; i++) n += !(i in seen); print n + 0 }'
}

acknowledged() {
	for s in $SERVICES; do od -An -t u8 -N 8 "$s/state"; done |
	    awk '{ n += $1 } END { print n }'
}

silent() {
	look_around
	! grep -q ' scan_lines ' around
}

is_idle() {
	before=$(cat services/*/log/main/* | cksum)
	sleep 0.3
	[ "$before" = "$(cat services/*/log/main/* | cksum)" ]
}

stop_all() {
	for pid in $(grep ' scan_lines ' around | cut -d ' ' -f 1); do
		kill -CONT "$pid" 2>/dev/null || :
	done
	if [ "$KIND_OF" = upkeep ]; then
		# An svscan that knows of no service yet would end alone.
		mkdir last
		printf '#!/bin/sh\nexec sleep 1000\n' | script last/run
		mv last services
		wait_until is_up services/last
		kill -TERM "$SCAN"
		wait_until gone "$SCAN"
		wait_until silent
		return
	fi
	# They may be past obeying: all that would start another one goes first.
	kill -KILL "$SCAN"
	while look_around && grep -E " ($WATCHER|scan_lines) " around >still; do
		# shellcheck disable=SC2046
		kill -KILL $(cut -d ' ' -f 1 still) 2>/dev/null || :
	done
	wait_until is_idle
}

# storm NAME VICTIMS...
storm() {
	row=$1
	shift
	echo "SEED=$SEED"
	services
	scan
	wait_until one_each || { cat err around; false; }
	round=0
	while [ "$round" -lt "$ROUNDS" ]; do
		round=$((round + 1))
		strike "$@"
		give_orders
	done
	one=1 patience=$DEADLINE
	[ "$KIND_OF" = upkeep ] || patience=10
	DEADLINE=$patience wait_until revived || one=0
	cat around
	stop_all
	doubles=$(cat services/*/lock | grep -c double || :)
	doubles=$((doubles + $(grep -c 'unable to lock' err || :)))
	pipes=$(cat services/*/lock | grep -c pipe || :)
	# Where all are killed at once, the reader may go before the writer.
	state='one of each at the end, no EPIPE'
	[ -z "$CONTAINER" ] || { pipes=0 state='one of each at the end'; }
	lines=$(acknowledged) missing=0
	for s in $SERVICES; do missing=$((missing + $(lost "$s"))); done
	# A second one may have been started more than once for each kill.
	harmless=$((ROUNDS > doubles ? ROUNDS - doubles : 0))
	tally "$row: kills" "$KIND_OF" "$ROUNDS" "$harmless" 0 "$doubles"
	tally "$row: $state" "$KIND_OF" 1 \
	    $((one && !pipes)) 0 $((!(one && !pipes)))
	tally "$row: lines acknowledged" "$KIND_OF" "$lines" \
	    $((lines - missing)) 0 "$missing"
	[ "$KIND_OF" != upkeep ] ||
	    [ "$one $doubles $pipes" = '1 0 0' ]
}

use_upkeep() {
	KIND_OF=upkeep SCANNER=svscan CONTAINER=
	WATCHER=supervise LOGGERS=multilog LOGGER="$BIN/multilog s1000000 n1000"
}

campaign_kills_but_of_multilog() {
	use_upkeep
	storm 'storm of kill -9, not of loggers' \
	    svscan supervise scan_lines 'setlock|sleep'
	[ "$missing" = 0 ]
}

campaign_kills_of_all() {
	use_upkeep
	storm 'storm of kill -9' \
	    svscan supervise scan_lines 'setlock|sleep' multilog
}

campaign_kills_in_a_container() {
	[ "$(id -u)" = 0 ] && unshare -pf --mount-proc true ||
	    skip 'no pid namespaces'
	use_upkeep
	CONTAINER=1
	storm 'storm of kill -9 in a container, and of it' \
	    svscan supervise supervise scan_lines scan_lines 'setlock|sleep'
}

# peer NAME SCANNER WATCHER LOGGER
peer() {
	[ -x "/usr/bin/$2" ] || skip "no $2"
	KIND_OF=$1 SCANNER="env PATH=$ORIGINAL_PATH /usr/bin/$2" WATCHER=$3
	CONTAINER=
	LOGGER="/usr/bin/$4" LOGGERS=${4%% *}
	storm 'storm of kill -9, not of loggers' \
	    svscan "$WATCHER" scan_lines 'setlock|sleep'
}

torture_daemontools() {
	! /usr/bin/svscan --version 2>/dev/null | grep -q upkeep ||
	    skip 'svscan is not that of daemontools'
	peer daemontools svscan supervise 'multilog s1000000 n1000'
}

torture_runit() {
	peer runit runsvdir runsv svlogd
}

torture_s6() {
	peer s6 s6-svscan s6-supervise 's6-log s1000000 n1000'
}

run_tests "$@"
