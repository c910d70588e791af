#!/bin/sh
# svscan in a container: as process 1 or not, with next to nothing there, and
# told to end at any moment.
#
#   ROUNDS=300     orders to end, from 0 to 200 ms after the start; 20 if not set
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/scan.sh
. "${0%/*}/../scan.sh"

ROUNDS=${ROUNDS:-20}

# service NAME <RUN: made elsewhere and moved there at once, with a logger
service() {
	mkdir -p services made/log
	script made/run
	multilogs | script made/log/run
	mv made "services/$1"
}

ledger() {
	books | service "$1"
}

scan() {
	svscan "$@" 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
}

# Before a command: as process 1 of a name space, with a /proc of its own.
if [ "$(id -u)" = 0 ]; then
	user=
else
	user=Ur
fi
space="unshare -${user}pf --mount-proc"

needs_space() {
	$space true 2>/dev/null || skip "no new name space of processes for us"
}

# scan_first ARGUMENT...: svscan as process 1; $scan waits for it, and has its
# exit code
scan_first() {
	$space svscan "$@" 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until has_child
	first=$(child_of "$scan")
	echo "$first" >>"$PIDS"
}

has_child() {
	[ -n "$(child_of "$scan")" ] &&
	    [ "$(cat "/proc/$(child_of "$scan")/comm")" = svscan ]
}

# Every service that has begun has ended by itself, and its logger has it all.
balanced() {
	not has '^!' ledger
	sed -n 's/^+//p' ledger | sort >begun
	sed -n 's/^-//p' ledger | sort >over
	cmp begun over
	cat services/*/log/main/@* services/*/log/main/current >lines \
	    2>/dev/null || :
	sed -n 's/^last //p' lines | sort >last
	cmp last over
}

# at_any_moment [-1]: the delays grow, for it is the first ones that matter
at_any_moment() {
	for name in a b c d e f; do
		ledger $name
	done
	: >ledger
	: >scan.err
	i=0
	while [ $i -lt "$ROUNDS" ]; do
		delay=$((200000 * i / ROUNDS * i / ROUNDS))
		code=0
		"$TOOL/scan_term" "$@" $delay "$DEADLINE" \
		    svscan services 2>>scan.err || code=$?
		[ $code != 77 ] || skip "no new name space of processes for us"
		if [ $code != 0 ]; then
			echo "round $i, $delay us"
			cat scan.err ledger
			tally 'svscan: TERM at any moment' upkeep 1 0 0 1
			false
		fi
		tally 'svscan: TERM at any moment' upkeep 1 1 0 0
		i=$((i + 1))
		# for the next one c is new, and half of the time so is b
		rm -rf services/c/supervise services/c/log/supervise
		[ $((i % 2)) = 0 ] ||
		    rm -rf services/b/supervise services/b/log/supervise
	done
	cat scan.err
	# they have run at all
	count '^+' ledger -ge 1
	balanced
	nothing_left
	silent
}

# long
campaign_term_at_any_moment() {
	at_any_moment
}

# long
campaign_term_at_any_moment_as_process_1() {
	at_any_moment -1
}

# Many are starting, some have not begun, some have.
# long
test_term_under_fire() {
	# shellcheck disable=SC2046
	mkdir -p $(seq -f 'services/s%.0f/log' 1 50)
	for dir in services/*; do
		books >"$dir/run"
		multilogs >"$dir/log/run"
	done
	chmod 755 services/*/run services/*/log/run
	: >ledger
	for n in 1 10 40; do
		scan services
		wait_until count '^+' ledger -ge $n
		kill "$scan"
		ended
		balanced
		nothing_left
		rm -rf services/*/log/main
		: >ledger
	done
	silent
}

# The service has come and gone before the supervise of its logger gets on.
test_late_logger() {
	ledger a
	mkdir slow
	script slow/supervise <<EOF
#!/bin/sh
if [ "\$1" = a/log ]; then
	until [ -e "$T/go" ]; do sleep 0.02; done
fi
exec "$BIN/supervise" "\$@"
EOF
	PATH=$T/slow:$PATH
	: >ledger
	scan services
	wait_until has '^+a ' ledger
	kill "$scan"
	# the logger is the only child left
	one_child() {
		[ "$(wc -w <"/proc/$scan/task/$scan/children")" = 1 ]
	}
	wait_until has '^-a ' ledger
	wait_until one_child
	alive "$scan"
	: >go
	ended
	balanced
	[ "$(wc -l <over)" = 1 ]
	nothing_left
	silent
}

# The first process ends, with all below it, after its last child.
test_process_1_ends() {
	needs_space
	for i in 1 2 3; do
		ledger $i
	done
	for signal in TERM INT; do
		rm -rf services/*/log/main
		: >ledger
		scan_first services
		[ "$(sed -n 's/^NSpid:.*	//p' "/proc/$first/status")" = 1 ]
		wait_until count '^+' ledger = 3
		kill -$signal "$first"
		ended
		balanced
		[ "$(wc -l <over)" = 3 ]
		for i in 1 2 3; do
			[ -x "services/$i/log/main/current" ]
		done
		nothing_left
	done
	silent
}

test_essential_as_process_1() {
	needs_space
	ledger a
	service b <<'EOF'
#!/bin/sh
until [ -e go ]; do sleep 0.02; done
echo good bye
exit 7
EOF
	: >services/b/once
	: >services/b/essential
	: >ledger
	scan_first services
	wait_until count '^+' ledger = 1
	: >services/b/go
	wait_until gone "$scan"
	code=0
	wait "$scan" || code=$?
	[ "$code" = 7 ]
	has '^good bye$' services/b/log/main/current
	balanced
	nothing_left
	silent
}

# Neither a service that does not heed TERM nor a logger that does not heed the
# end of its input nor a process that holds the pipe open; in either place.
stubborn() {
	service a <<'EOF'
#!/bin/sh
trap '' TERM HUP INT
: >ready
while :; do sleep 0.05; done
EOF
	service b <<'EOF'
#!/bin/sh
: >ready
exec sleep 100000
EOF
	script services/b/log/run <<'EOF'
#!/bin/sh
trap '' TERM HUP
cat >/dev/null
: >at_end
while :; do sleep 0.05; done
EOF
	service c <<'EOF'
#!/bin/sh
(trap '' TERM HUP; exec sleep 100000) &
: >ready
exec sleep 100000
EOF
	ledger d
}

wait_for_stubborn() {
	for i in a b c; do
		wait_until test -e "services/$i/ready"
	done
	wait_until test -s ledger
	for i in a b c d; do
		wait_until is_up "services/$i/log"
	done
}

test_patience_bounds_all() {
	stubborn
	scan -T 2500 services
	wait_for_stubborn
	from=$(now_ms)
	kill "$scan"
	# those that can stop do not wait for the others
	wait_until test -e services/b/log/at_end
	ended
	[ $(($(now_ms) - from)) -ge 2400 ]
	balanced
	for i in a b c d; do
		is_gone "services/$i"
		is_gone "services/$i/log"
	done
}

test_patience_bounds_all_of_process_1() {
	needs_space
	stubborn
	scan_first -T 2500 services
	wait_for_stubborn
	from=$(now_ms)
	kill "$first"
	wait_until test -e services/b/log/at_end
	ended
	[ $(($(now_ms) - from)) -ge 2400 ]
	balanced
	nothing_left
}

# Processes that nobody waits for any more.
test_orphans_of_process_1() {
	needs_space
	service a <<'EOF'
#!/bin/sh
for i in 1 2 3 4 5 6 7 8 9; do
	(sleep 0.$i & echo $! >>orphans)
done
exec sleep 100000
EOF
	scan_first services
	nine() { count . services/a/orphans = 9; }
	wait_until nine
	# supervise and its child, twice
	only_four() {
		[ "$(processes_below "$T/services/a" | wc -l)" = 4 ] &&
		    [ "$(zombies)" = 0 ]
	}
	wait_until only_four
	kill "$first"
	ended
}

zombies() {
	cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' |
	    grep -c "^Z $first "
}

test_closed_descriptors() {
	needs_space
	ledger a
	for closed in '<&-' '<&- >&- 2>&-' '>&-' '2>&-'; do
		: >ledger
		rm -rf services/a/log/main
		$space sh -c "exec svscan services $closed" 2>scan.err &
		scan=$!
		echo "$scan" >>"$PIDS"
		wait_until has '^+a' ledger
		wait_until has '^begin a' services/a/log/main/current
		# nothing of svscan's has got one of these numbers
		[ "$(wc -l <services/a/log/main/current)" = 1 ]
		kill "$(child_of "$scan")"
		ended
		balanced
		nothing_left
	done
}

# make_root: a root with nothing but what the programs need
make_root() {
	mkdir -p root/bin root/var var
	for program in "$BIN/svscan" "$BIN/supervise" "$BIN/multilog" \
	    "$TOOL/scan_ledger"; do
		cp "$program" root/bin
		# the shared libraries that it is linked with, if any
		ldd "$program" 2>/dev/null | grep -o '/[^ ]*' |
		    while read -r file; do
			    mkdir -p "root$(dirname "$file")"
			    [ -e "root$file" ] || cp "$file" "root$file"
		    done
	done
	PATH=$PATH:/usr/sbin:/sbin
	cat >begin <<EOF
mount --bind root root && mount --bind var root/var &&
mount -o remount,bind,ro root || exit 75
exec env -i PATH=/bin $(command -v chroot) root "\$@"
EOF
}

# Not even a shell, a /dev or a /proc, and the root cannot be written to: the
# programs are the scripts.
test_nothing_but_the_programs() {
	if has __asan_ "$BIN/svscan"; then
		skip "the sanitizers need a /proc"
	fi
	make_root
	unshare -${user}mpf sh begin svscan --version >out 2>err ||
	    skip "no such name space: $(cat err)"
	has upkeep out
	mkdir -p var/services/a/log
	ln -s /bin/multilog var/services/a/log/run
	ln -s /bin/scan_ledger var/services/a/run
	unshare -${user}mpf sh begin svscan /var/services 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until has '^+a ' var/services/a/ledger
	wait_until is_up var/services/a/log
	first=$(child_of "$scan")
	kill "$first"
	ended
	has '^-a ' var/services/a/ledger
	is_gone var/services/a
	# a multilog without arguments has its own opinion
	cat scan.err
	not has '^svscan\|^supervise' scan.err
}

# The name space of mounts with an empty /dev, and closed descriptors.
test_no_dev() {
	unshare -${user}mpf sh -c 'mount -t tmpfs none /dev' 2>/dev/null ||
	    skip "we may not mount"
	books | service a
	: >ledger
	unshare -${user}mpf sh -c 'mount -t tmpfs none /dev &&
	    exec svscan services <&- >&- 2>&-' &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until has '^begin a' services/a/log/main/current
	wait_until has '^+a' ledger
	kill "$(child_of "$scan")"
	ended
	balanced
	nothing_left
}

# The root cannot be written to, but for a place for supervise/.
test_read_only_root() {
	mkdir var
	service a <<EOF
#!/bin/sh
exec $TOOL/scan_ledger $T/var/ledger
EOF
	# it takes a lock in its directory
	: >services/a/lock
	script services/a/log/run <<EOF
#!/bin/sh
exec multilog $T/var/main
EOF
	ln -s "$T/var/s/a" services/a/supervise
	ln -s "$T/var/s/a-log" services/a/log/supervise
	ln -sf "$T/var/lock" services/a/lock
	cat >begin <<'EOF'
mount --bind services services && mount --bind var var &&
mount -o remount,bind,ro services || exit 75
cd . && exec "$@"
EOF
	unshare -${user}mpf sh begin true 2>err || skip "we may not mount: $(cat err)"
	code=0
	unshare -${user}mpf sh begin touch services/x 2>err || code=$?
	[ "$code" = 1 ]
	has 'Read-only' err
	unshare -${user}mpf sh begin svscan services 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until has '^begin a' var/main/current
	kill "$(child_of "$scan")"
	ended
	has '^last a' var/main/current
	[ -x var/main/current ]
	nothing_left
	silent
}

# A user without a name, a group, a home; PATH is all that is set.
test_any_user() {
	[ "$(id -u)" = 0 ] || skip "only root can be another user"
	as_user true # skips where the programs cannot be reached
	ledger a
	: >ledger
	: >scan.err
	chmod -R a+rwX services ledger scan.err
	# shellcheck disable=SC2016
	env -i PATH="$PATH" UPKEEP_TEST_RUN="$UPKEEP_TEST_RUN" \
	    ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
	    setpriv --reuid=12345 --regid=54321 --clear-groups \
	    svscan services 2>>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until has '^begin a' services/a/log/main/current
	[ "$(stat -c %u:%g services/a/supervise services/a/log/main)" = \
	    "12345:54321
12345:54321" ]
	kill "$scan"
	ended
	balanced
	silent
}

run_tests "$@"
