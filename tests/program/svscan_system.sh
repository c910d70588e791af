#!/bin/sh
# svscan in the world: as process 1, as an ordinary user, with nothing to spare,
# and with nothing to do.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/scan.sh
. "${0%/*}/../scan.sh"

# service NAME [log] <RUN
service() {
	mkdir -p "services/$1"
	script "services/$1/run"
	[ "${2-}" = log ] || return 0
	mkdir "services/$1/log"
	multilogs | script "services/$1/log/run"
}

sleeper() {
	service "$@" <<'EOF'
#!/bin/sh
exec sleep 100000
EOF
}

# as_user, with the pid in $scan, and what svscan says in scan.err
scan_as_user() {
	: >scan.pid
	: >scan.err
	chmod 666 scan.pid scan.err
	# shellcheck disable=SC2016
	as_user sh -c 'echo $$ >scan.pid; exec "$@" 2>scan.err' sh "$@" &
	echo $! >>"$PIDS"
	wait_until test -s scan.pid
	scan=$(cat scan.pid)
	echo "$scan" >>"$PIDS"
}

ended() {
	wait_until gone "$scan"
}

# svscan wakes up to try again, and does nothing in most of the time.
rests() {
	from=$(now_ms) slept=$(switches "$scan") used=$(cpu_ticks "$scan")
	wait_until has_slept
	used=$(($(cpu_ticks "$scan") - used))
	[ $((used * 10)) -lt $((($(now_ms) - from) / 4)) ]
}

has_slept() {
	[ $(($(now_ms) - from)) -ge 2000 ] &&
	    [ "$(switches "$scan")" != "$slept" ]
}

orphans() {
	service a <<'EOF'
#!/bin/sh
for i in 1 2 3 4 5; do
	(sleep 0.$i & echo $! >>orphans) &
done
wait
while :; do
	(sleep 0.2 &)
	sleep 0.05
done
EOF
}

five_orphans() {
	[ "$(wc -l <services/a/orphans)" -ge 5 ]
}

zombies_of() {
	cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | grep -c "^Z $1 "
}

no_zombies_of() {
	[ "$(zombies_of "$1")" = 0 ]
}

test_orphans_are_reaped() {
	[ -e /proc/self/task ] || skip "no Linux"
	orphans
	scan
	wait_until test -e services/a/orphans
	wait_until five_orphans
	for pid in $(cat services/a/orphans); do
		wait_until not test -e "/proc/$pid"
	done
	wait_until no_zombies_of "$scan"
	kill "$scan"
	ended
}

test_process_1() {
	unshare -pf --mount-proc true 2>/dev/null ||
	    skip "no new pid namespace for us"
	orphans
	mkdir services/a/log
	multilogs | script services/a/log/run
	# the pid is 1 inside; from outside, the child of unshare
	unshare -pf --mount-proc svscan services 2>scan.err &
	parent=$!
	echo "$parent" >>"$PIDS"
	wait_until test -s services/a/orphans
	scan=$(child_of "$parent")
	echo "$scan" >>"$PIDS"
	[ "$(grep ^NSpid: "/proc/$scan/status" | sed 's/.*	//')" = 1 ]
	wait_until is_up services/a/log
	wait_until no_zombies_of "$scan"
	kill -KILL "$(supervise_below "$scan")"
	wait_until is_up services/a
	kill "$scan"
	wait_until gone "$parent"
	code=0
	wait "$parent" || code=$?
	[ "$code" = 0 ]
	is_gone services/a
	[ -x services/a/log/main/current ]
	not has '^svscan' scan.err
}

supervise_below() {
	for pid in $(cat "/proc/$1/task/$1/children"); do
		if [ "$(readlink "/proc/$pid/cwd")" = "$T/services/a" ]; then
			echo "$pid"
			return
		fi
	done
}

test_ordinary_user() {
	sleeper a log
	chmod -R a+rwX services
	scan_as_user svscan services
	wait_until is_up services/a
	wait_until is_up services/a/log
	kill "$scan"
	ended
	is_gone services/a
	is_gone services/a/log
	not has . scan.err
}

test_read_only_directory() {
	service a log <<'EOF'
#!/bin/sh
echo hello
exec sleep 100000
EOF
	mkdir -m 777 var
	printf '#!/bin/sh\nexec multilog "%s/var/log"\n' "$T" |
	    script services/a/log/run
	ln -s "$T/var/s/a" services/a/supervise
	ln -s "$T/var/s/a-log" services/a/log/supervise
	chmod 555 services/a/log services/a services
	scan_as_user svscan services
	wait_until has hello var/log/current
	kill "$scan"
	ended
	not has . scan.err
	[ -p var/s/a-log/logpipe ]
}

# long
test_read_only_directory_without_links() {
	service a log <<'EOF'
#!/bin/sh
exec sleep 100000
EOF
	chmod 555 services/a/log services/a services
	scan_as_user svscan services
	if [ -w services ]; then
		[ "$(id -u)" = 0 ] || skip "we may write everywhere"
	fi
	wait_until has 'unable to make a named pipe for a' scan.err
	rests
	alive "$scan"
	count 'named pipe' scan.err = 1
	kill "$scan"
	ended
}

# long
test_fork_failure() {
	prlimit --version >/dev/null 2>&1 || skip "no prlimit"
	[ "$(id -u)" = 0 ] || skip "only root can be a user with no processes"
	as_user true # skips where the programs cannot be reached
	# a user of our own, who has 20 processes already, and may have 10
	as_user() {
		setpriv --reuid="$uid" --regid="$uid" --clear-groups "$@"
	}
	uid=$((50000 + $$ % 10000))
	chmod 711 .
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		setpriv --reuid="$uid" --regid="$uid" --clear-groups \
		    sleep 1000 &
		echo $! >>others
	done
	cat others >>"$PIDS"
	sleeper a
	sleeper b
	chmod -R a+rwX services
	scan_as_user prlimit --nproc=10: svscan services
	wait_until has '^svscan: warning: unable to fork for [ab]: ' scan.err
	rests
	not is_up services/a
	count 'for a: ' scan.err -le 1
	count . scan.err -le 2
	# shellcheck disable=SC2046
	kill $(cat others)
	DEADLINE=8
	wait_until is_up services/a
	wait_until is_up services/b
	kill "$scan"
	ended
	is_gone services/a
}

test_no_descriptors() {
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		sleeper "s$i" log
	done
	(
		ulimit -n 15
		exec svscan services 2>scan.err
	) &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until has '^svscan: warning: unable to create pipe for s[0-9]*/log: ' \
	    scan.err
	rests
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		count "for s$i/log: " scan.err -le 1
	done
	count . scan.err -le 13
	# what there is room for runs
	up=0
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		if svok "services/s$i"; then up=$((up + 1)); fi
	done
	[ "$up" -ge 1 ]
	[ "$up" -lt 12 ]
	kill "$scan"
	ended
	wait "$scan"
}

# long
test_no_inotify() {
	unshare -Ur true 2>/dev/null || skip "no user namespace for us"
	mkdir services
	# shellcheck disable=SC2016
	unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_inotify_instances &&
	    exec svscan services 2>scan.err' &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until test -e scan.err
	wait_until has '^svscan: warning: unable to watch the directory' scan.err
	sleeper a
	DEADLINE=15 wait_until is_up services/a
	count . scan.err = 1
	kill "$scan"
	ended
}

# Nobody reads the messages, and the pipe is full.
test_full_standard_error() {
	mkfifo messages
	sleep 1000 <>messages &
	echo $! >>"$PIDS"
	dd if=/dev/zero of=messages bs=1024 count=1000 oflag=nonblock \
	    conv=notrunc 2>/dev/null || :
	mkdir services
	ln -s nowhere services/dangling
	svscan services 2>messages &
	scan=$!
	echo "$scan" >>"$PIDS"
	sleeper a
	DEADLINE=4 wait_until is_up services/a
	kill "$scan"
	ended
}

soak_idle() {
	[ -e /proc/self/status ] || skip "no /proc"
	for i in $(seq 1 100); do
		sleeper "s$i" log
	done
	scan
	for i in $(seq 1 100); do
		wait_until is_up "services/s$i"
		wait_until is_up "services/s$i/log"
	done
	wait_until all_run
	sleep 3
	before=$(all_switches)
	ours=$(switches "$scan")
	from=$(now_ms)
	sleep 10
	[ "$(all_switches)" = "$before" ]
	[ $(($(switches "$scan") - ours)) -le \
	    $((1 + ($(now_ms) - from) / 5000)) ]
	kill "$scan"
	ended
	not has . scan.err
}

# three of each service
all_run() {
	watched="$(processes_below "$T/services" supervise)
$(processes_below "$T/services" multilog)"
	[ "$(echo "$watched" | wc -l)" = 300 ]
}

all_switches() {
	for pid in $watched; do
		sed -n "s/^voluntary_ctxt_switches:/$pid/p" "/proc/$pid/status"
	done
}

run_tests "$@"
