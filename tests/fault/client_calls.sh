#!/bin/sh
# Every system call of setlock, softlimit, svstat, svok and svc, one at a time,
# fails with each error that the kernel may give there: they do what they are for,
# or exit with a message and have not done half of it, and what svstat and svok
# claim is true.  The same is done to those of daemontools, runit and s6.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/inject.sh
. "${0%/*}/../inject.sh"

# use WHO PATH: their commands for what is tried, without the path $P
use() {
	WHO=$1
	P=$2
	SUPERVISE=supervise SETLOCK=setlock SETLOCK_N='setlock -n'
	SOFTLIMIT=softlimit SVSTAT=svstat UP='s: up (pid '
	SVOK=svok S=s DOWN='svc -d' DOWN_AND_WAIT='svc -wD -T 20000 -d'
	case $WHO in
	runit)
		SUPERVISE=runsv SETLOCK='chpst -l' SETLOCK_N='chpst -L'
		SOFTLIMIT=chpst SVSTAT='sv status' UP='run: ./s: (pid ' S=./s
		DOWN='sv down' DOWN_AND_WAIT='sv -w 20 down'
		;;
	s6)
		SUPERVISE=s6-supervise SETLOCK=s6-setlock
		SETLOCK_N='s6-setlock -n' SOFTLIMIT=s6-softlimit
		SVSTAT=s6-svstat UP='up (pid ' SVOK=s6-svok
		DOWN='s6-svc -d' DOWN_AND_WAIT='s6-svc -wD -T 20000 -d'
		;;
	esac
	[ -x "$P/$SUPERVISE" ] || skip "no $P/$SUPERVISE"
	ours_or_theirs "$P/$SUPERVISE"
}

# Exit code 111, or another one of others; a message; and the program has not run.
gave_up() {
	[ "$CODE" = 111 ] || { [ "$WHO" != upkeep ] && [ "$CODE" != 0 ]; }
	[ -s err ] && [ ! -s out ]
}

# Words of the names above may be two.
# shellcheck disable=SC2086
run_setlock() {
	"$@" "$P/"$SETLOCK lock echo ran
}

right_setlock() {
	if [ "$CODE" = 0 ]; then [ "$(cat out)" = ran ]; else gave_up; fi
}

# Another one has the lock.
# shellcheck disable=SC2086
run_setlock_n() {
	"$P/"$SETLOCK locked sh -c 'echo >has; exec sleep 1000' &
	wait_until test -e has
	"$@" "$P/"$SETLOCK_N locked echo ran
}

right_setlock_n() {
	gave_up
}

run_softlimit() {
	"$@" "$P/$SOFTLIMIT" -o 50 sh -c 'ulimit -n'
}

right_softlimit() {
	if [ "$CODE" = 0 ]; then [ "$(cat out)" = 50 ]; else gave_up; fi
}

# a service that is up, its pid in $PID
supervised() {
	mkdir s
	printf '#!/bin/sh\nexec sleep 1000\n' | script s/run
	"$P/$SUPERVISE" s &
	wait_until shows_pid
}

# shellcheck disable=SC2086
shows_pid() {
	PID=$("$P/"$SVSTAT "$S" | sed -n 's/.*(pid \([0-9]*\).*/\1/p')
	[ -n "$PID" ]
}

# shellcheck disable=SC2086
run_svstat() {
	supervised
	"$@" "$P/"$SVSTAT "$S"
}

# Not a word of a state that is not so.
right_svstat() {
	case $(cat out) in
	"$UP$PID"[\ \)]*) [ "$CODE" = 0 ] ;;
	*' unable to '*) ;;
	*) gave_up ;;
	esac
}

run_svok() {
	supervised
	"$@" "$P/$SVOK" s
}

# 100 would be that there is none; of s6, 1.
right_svok() {
	[ "$CODE" = 0 ] || gave_up
}

run_svok_of_none() {
	mkdir s
	"$@" "$P/$SVOK" s
}

right_svok_of_none() {
	case $WHO.$CODE in
	s6.1 | upkeep.100 | daemontools.100) ;;
	*) gave_up ;;
	esac
}

# shellcheck disable=SC2086
run_svc() {
	supervised
	"$@" "$P/"$DOWN "$S"
}

# sv says everything on standard output.
has_said() {
	[ -s err ] || { [ "$WHO" = runit ] && [ "$CODE" != 0 ] && [ -s out ]; }
}

right_svc() {
	has_said || wait_until gone "$PID"
}

# shellcheck disable=SC2086
run_svc_w() {
	supervised
	"$@" "$P/"$DOWN_AND_WAIT "$S"
}

right_svc_w() {
	if [ "$CODE" = 0 ]; then
		gone "$PID"
	else
		has_said && not has 'timed out' err
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

# clients_fail WHO PATH CASE...
clients_fail() {
	unsanitized
	use "$1" "$2"
	shift 2
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

torture_clients_of_runit() {
	clients_fail runit /usr/bin setlock setlock_n softlimit svstat svc svc_w
}

torture_clients_of_s6() {
	clients_fail s6 /usr/bin setlock setlock_n softlimit svstat svok \
	    svok_of_none svc svc_w
}

run_tests "$@"
