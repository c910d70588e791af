#!/bin/sh
# svscan: services that come in great number are run by supervises that one
# fork server has forked.  They are as good as those that are executed, and it
# may fail in any way.
#
#   SERVICES=60    so many services at once
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

SERVICES=${SERVICES:-60}

# services N...: each one with a logger
services() {
	mkdir -p made services
	for n; do
		mkdir -p "made/s$n/log"
		printf '#!/bin/sh\nexec %s %s/ledger\n' \
		    "$TOOL/scan_ledger" "$T" | script "made/s$n/run"
		printf '#!/bin/sh\nexec multilog ./main\n' |
		    script "made/s$n/log/run"
	done
	mv made/* services/
}

scan() {
	mkdir -p services
	svscan services 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
}

stop() {
	kill "$scan"
	wait_until gone "$scan"
	wait "$scan"
	not has '^!' ledger
}

count() {
	[ "$(grep -c "$1" "$2")" = "$3" ]
}

all_run() {
	count '^+s' ledger "$SERVICES" || return 1
	for dir in services/*; do
		svok "$dir" && svok "$dir/log" || return 1
	done
}

children() {
	for stat in /proc/[0-9]*/stat; do
		read -r line <"$stat" || continue
		# shellcheck disable=SC2086
		set -- ${line##*) }
		[ "$2" != "$scan" ] || echo "$stat" | tr -dc '0-9\n'
	done 2>/dev/null
}

# Each fork server leaves its pid in the file servers.
note_fork_servers() {
	needs_fork_server
	mkdir bin
	cat <<-EOF | script bin/supervise
		#!/bin/sh
		[ "\$1" != --fork-server ] || echo \$\$ >>$T/servers
		exec $BIN/supervise "\$@"
	EOF
	PATH=$T/bin:$PATH
}

one_came() {
	[ -s servers ]
}

last_one() {
	tail -n 1 servers
}

all_are_gone() {
	while read -r pid; do
		gone "$pid" || return 1
	done <servers
}

needs_fork_server() {
	case $(uname -s) in
	Linux) ;;
	*) skip "only on Linux is there a fork server" ;;
	esac
}

# What ps(1) shows of a supervise.  If it has been forked, its arguments are one
# string; and it is all that it is otherwise.
look_at_supervise() {
	tr '\0' '|' <"/proc/$1/cmdline"
	echo
	sed -n '/^\(SigBlk\|PPid\|NSpgid\)/p' "/proc/$1/status"
	(cd "/proc/$1/fd" && echo [0-9]*)
	sed -n 's/^Max open files *//p' "/proc/$1/limits"
	readlink "/proc/$1/cwd"
}

no_other_children() {
	[ "$(children | wc -l)" = $((2 * SERVICES)) ]
}

test_forked_is_as_executed() {
	needs_fork_server
	# shellcheck disable=SC2046
	services $(seq 1 "$SERVICES")
	scan
	wait_until all_run
	wait_until no_other_children
	for pid in $(children); do
		look_at_supervise "$pid" >seen
		cat seen
		read -r words <seen
		case $words in
		"supervise|"*) executed=$((${executed-0} + 1)) ;;
		"supervise "*) forked=$((${forked-0} + 1)) ;;
		*) false ;;
		esac
		dir=$(readlink "/proc/$pid/cwd")
		case "$(echo "$words" | tr ' ' '|')" in
		"supervise|${dir##*/}|") ;;
		*) false ;;
		esac
		has "^SigBlk:.*0000" seen
		has "^PPid:	$scan\$" seen
		if has '^NSpgid' seen; then
			has "^NSpgid:	$pid" seen
		fi
		# what is not its own is the same for all
		sed '/^supervise/d; /^\//d; /^NSpgid/d' seen |
		    tr '\n' ' ' >>kinds
		echo >>kinds
	done
	[ "$executed" -ge 8 ]
	[ "$forked" -gt 0 ]
	[ $((executed + forked)) = $((2 * SERVICES)) ]
	[ "$(sort -u kinds | wc -l)" = 1 ]
	stop
	[ ! -s scan.err ]
}

# What a service finds, by way of either.
test_services_find_the_same() {
	needs_fork_server
	mkdir -p services seen
	for n in $(seq 1 "$SERVICES"); do
		mkdir "services/s$n"
		cat <<-EOF | script "services/s$n/run"
			#!/bin/sh
			exec 2>>$T/errors
			{
				(cd /proc/\$\$/fd && echo [0-9]*)
				readlink /proc/\$\$/fd/0
				ulimit -a
				sed -n '/^Sig[BIC]/p' /proc/self/status
				umask
				env | sort
				read line || echo no input
			} >$T/seen/s$n.new
			mv $T/seen/s$n.new $T/seen/s$n
			exec sleep 1000
		EOF
	done
	scan
	for n in $(seq 1 "$SERVICES"); do
		wait_until [ -e "seen/s$n" ]
	done
	sed -i "s/s[0-9][0-9]*\$/sN/" seen/*
	for n in $(seq 2 "$SERVICES"); do
		cmp seen/s1 "seen/s$n"
	done
	has 'no input' seen/s1
	kill "$scan"
	wait_until gone "$scan"
}

# It is not kept.
test_fork_server_leaves() {
	note_fork_servers
	# shellcheck disable=SC2046
	services $(seq 1 "$SERVICES")
	scan
	wait_until all_run
	one_came
	wait_until all_are_gone
	rm servers
	services more
	SERVICES=$((SERVICES + 1))
	wait_until all_run
	not one_came
	stop
}

test_no_fork_server_for_a_few() {
	note_fork_servers
	SERVICES=4
	services 1 2 3 4
	scan
	wait_until all_run
	never one_came
	stop
}

# Each once, for its number may come to be another's.
kill_again() {
	before=
	until [ -e enough ]; do
		server=$(last_one) || continue
		[ "$server" != "$before" ] || continue
		kill -KILL "$server" && : >killed
		before=$server
	done 2>/dev/null
}

# One that is forked but unknown is found by its lock.
test_fork_server_is_killed() {
	note_fork_servers
	scan
	kill_again &
	echo $! >>"$PIDS"
	# shellcheck disable=SC2046
	services $(seq 1 "$SERVICES")
	wait_until all_run
	until [ -e killed ]; do
		# shellcheck disable=SC2046
		services $(seq $((SERVICES + 1)) $((SERVICES + 20)))
		SERVICES=$((SERVICES + 20))
		wait_until all_run
	done
	: >enough
	never not all_run
	stop
}

test_fork_server_hangs() {
	note_fork_servers
	# shellcheck disable=SC2046
	services $(seq 1 "$SERVICES")
	scan
	wait_until one_came
	kill -STOP "$(last_one)" || :
	# shellcheck disable=SC2046
	services $(seq $((SERVICES + 1)) $((SERVICES + 20)))
	SERVICES=$((SERVICES + 20))
	wait_until all_run
	wait_until all_are_gone
	stop
}

test_fork_server_does_not_outlive_svscan() {
	note_fork_servers
	for signal in KILL QUIT TERM; do
		# shellcheck disable=SC2046
		services $(seq 1 "$SERVICES")
		scan
		wait_until one_came
		kill "-$signal" "$scan"
		wait_until all_are_gone
		wait_until gone "$scan"
		mv services "$signal"
		rm servers
	done
	not has '^!' ledger
}

all_of() {
	for dir in "$1"/*; do
		is_up "$dir" || return 1
	done
}

# It must not look for their names where svscan was.
test_scan_directory_replaced() {
	note_fork_servers
	# shellcheck disable=SC2046
	services $(seq 1 "$SERVICES")
	mv services one
	# shellcheck disable=SC2046
	services $(seq 1001 $((1000 + SERVICES)))
	mv services two
	ln -s one services
	ln -s two next
	scan
	wait_until one_came
	mv -T next services
	wait_until all_of two
	cat scan.err
	[ ! -s scan.err ]
	stop
}

# A wrapper, or that of daemontools.
test_supervise_without_fork_server() {
	mkdir bin
	cat <<-EOF | script bin/supervise
		#!/bin/sh
		echo "\$#" >>$T/calls
		[ \$# = 1 ] || exit 100
		exec $BIN/supervise "\$1"
	EOF
	PATH=$T/bin:$PATH
	# shellcheck disable=SC2046
	services $(seq 1 "$SERVICES")
	scan
	wait_until all_run
	count '^1$' calls $((2 * SERVICES))
	# It is asked once, not again and again.
	count '^2$' calls 1
	stop
	[ ! -s scan.err ]
}

test_not_a_socket() {
	code=0
	supervise --fork-server "   " </dev/null 2>err || code=$?
	[ "$code" = 111 ]
	has '^supervise: fatal: unable to begin --fork-server: ' err
}

run_tests "$@"
