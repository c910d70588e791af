#!/bin/sh
# Every system call of setlock, softlimit, svstat, svok and svc, one at a time,
# fails with each error that the kernel may give there: they do what they are for,
# or exit with a message and have not done half of it, and what svstat and svok
# claim is true.  The same is done to those of daemontools.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/inject.sh
. "${0%/*}/../inject.sh"

# Exit code 111, a message, and the program has not run.
gave_up() {
	[ "$CODE" = 111 ] && [ -s err ] && [ ! -s out ]
}

run_setlock() {
	"$@" "$P/setlock" lock echo ran
}

right_setlock() {
	if [ "$CODE" = 0 ]; then [ "$(cat out)" = ran ]; else gave_up; fi
}

# Another one has the lock.
run_setlock_n() {
	setlock locked sh -c 'echo >has; exec sleep 1000' &
	wait_until test -e has
	"$@" "$P/setlock" -n locked echo ran
}

right_setlock_n() {
	gave_up
}

run_softlimit() {
	"$@" "$P/softlimit" -o 50 sh -c 'ulimit -n'
}

right_softlimit() {
	if [ "$CODE" = 0 ]; then [ "$(cat out)" = 50 ]; else gave_up; fi
}

# a service that is up, its pid in $PID
supervised() {
	mkdir s
	printf '#!/bin/sh\nexec sleep 1000\n' | script s/run
	"$P/supervise" s &
	wait_until "$P/svok" s
	wait_until eval "$P/svstat s | grep -q 'up (pid'"
	PID=$("$P/svstat" s | sed 's/.*(pid \([0-9]*\)).*/\1/')
}

run_svstat() {
	supervised
	"$@" "$P/svstat" s
}

# Not a word of a state that is not so.
right_svstat() {
	case $(cat out) in
	"s: up (pid $PID) "*" seconds"*) [ "$CODE" = 0 ] ;;
	's: unable to '*) ;;
	*) [ ! -s out ] && [ "$CODE" = 111 ] && [ -s err ] ;;
	esac
}

run_svok() {
	supervised
	"$@" "$P/svok" s
}

# 100 would be that there is none.
right_svok() {
	[ "$CODE" = 0 ] || [ "$CODE" = 111 ]
}

run_svok_of_none() {
	mkdir s
	"$@" "$P/svok" s
}

right_svok_of_none() {
	[ "$CODE" = 100 ] || [ "$CODE" = 111 ]
}

run_svc() {
	supervised
	"$@" "$P/svc" -d s
}

right_svc() {
	[ -s err ] || wait_until gone "$PID"
}

run_svc_w() {
	supervised
	"$@" "$P/svc" -wD -T 20000 -d s
}

right_svc_w() {
	if [ "$CODE" = 0 ]; then
		gone "$PID"
	else
		[ -s err ] && not has 'timed out' err
	fi
}

client_fails() {
	begin 'setlock, softlimit, svstat, svok, svc: each call fails'
	CODE=0
	"run_$CASE" timeout 60 "$TOOL/kill_at" -s "$1" -e "$3" trace "$2" \
	    >out 2>err || CODE=$?
	echo "exit code $CODE"
	"right_$CASE"
	has_happened || return 0
	if [ "$CODE" = 0 ]; then survived; else before; fi
}

clients_fail() {
	WHO=$1
	P=$2
	shift 2
	unsanitized
	[ -x "$P/setlock" ] || skip "no $P/setlock"
	ours_or_theirs "$P/setlock"
	for CASE; do
		mkdir count
		(
			cd count
			"run_$CASE" "$TOOL/kill_at" -l trace 0 || :
			sed -n 's/^may //p' trace >../may
		)
		end_of_attempt count
		attempts client_fails
	done
}

campaign_setlock_and_softlimit() {
	clients_fail upkeep "$BIN" setlock setlock_n softlimit
}

campaign_svstat_and_svok() {
	clients_fail upkeep "$BIN" svstat svok svok_of_none
}

campaign_svc() {
	clients_fail upkeep "$BIN" svc svc_w
}

torture_clients_of_daemontools() {
	clients_fail daemontools /usr/bin setlock setlock_n softlimit svstat svok \
	    svok_of_none svc
}

run_tests "$@"
