#!/bin/sh
# svscan: directories, links and logs that are replaced, that vanish, and that
# come back; and whom an order reaches then.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/scan.sh
. "${0%/*}/../scan.sh"

# service DIRECTORY: made elsewhere and moved there; it prints its name and pid
# each time it starts
service() {
	mkdir -p "$(dirname "$1")" making
	script making/run <<-EOF
		#!/bin/sh
		echo "$(basename "$1") \$\$"
		echo "\$\$" >>$T/pids
		exec sleep 100000
	EOF
	mv making "$1"
}

# logger DIRECTORY: into the file got in it
logger() {
	mkdir -p making
	printf '#!/bin/sh\nexec cat >>got\n' | script making/run
	mv making "$1"
}

scan() {
	mkdir -p services
	svscan "$@" services >scan.out 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
}

# Nobody whom a run has named is left.
all_dead() {
	while read -r pid; do
		gone "$pid" || return 1
	done <pids
}

kill_hard() {
	kill -KILL "$1"
	wait_until gone "$1"
}

test_removed_and_made_again_behind_a_link() {
	service srv/a
	mkdir services
	ln -s ../srv/a services/a
	scan
	wait_until is_up srv/a
	rm -rf srv/a
	service srv/a
	wait_until is_up srv/a
	is_up services/a
	kill "$scan"
	ended
	all_dead
}

# long
test_scan_directory_made_again() {
	service services/a
	scan
	wait_until is_up services/a
	mv services/a gone
	rmdir services
	service services/a
	wait_until is_up services/a
	kill "$scan"
	ended
	all_dead
}

# Each time the service has another pid, and the old logger ends by itself.
test_log_replaced() {
	service services/a
	logger services/a/log
	scan
	wait_until has '^a ' services/a/log/got
	for i in 1 2; do
		wait_until is_up services/a
		old=$(pid_of services/a)
		logger new
		mv services/a/log "old$i"
		mv new services/a/log
		wait_until has '^a ' services/a/log/got
		not has "^a $old\$" services/a/log/got
		wait_until is_gone "old$i"
	done
	kill "$scan"
	ended
	all_dead
}

test_link_of_a_log_switched() {
	service services/a
	logger one
	logger two
	ln -s ../../one services/a/log
	scan
	wait_until has '^a ' one/got
	for to in two one two; do
		rm -f one/got two/got
		ln -sfn "../../$to" services/a/log
		wait_until has '^a ' $to/got
	done
	wait_until is_gone one
	kill "$scan"
	ended
	is_gone two
	silent
}

# Said once, with the name; the logger goes on until it ends, and only then the
# service prints elsewhere.
# long
test_log_gone() {
	service services/a
	logger services/a/log
	scan
	wait_until has '^a ' services/a/log/got
	wait_until is_up services/a
	old=$(pid_of services/a)
	mv services/a/log gone
	wait_until has '^svscan: warning: unable to find a/log/run: ' scan.err
	kill -ALRM "$scan"
	service services/b
	wait_until is_up services/b
	count . scan.err = 1
	[ "$(pid_of services/a)" = "$old" ]
	svc -dx gone
	wait_until has '^a ' scan.out
	not has "^a $old\$" scan.out
	count . scan.err = 1
	kill "$scan"
	ended
	all_dead
}

# long
test_dangling_log_that_gets_a_target() {
	service services/a
	ln -s ../../later services/a/log
	scan
	wait_until has '^a ' scan.out
	logger later
	wait_until has '^a ' later/got
	kill "$scan"
	ended
	is_gone later
	silent
}

# Each prints more than the pipe holds.
test_two_services_one_log() {
	logger both
	for name in a b; do
		mkdir -p services/$name
		printf '#!/bin/sh\nexec %s state 5000 0\n' \
		    "$TOOL/scan_lines" | script services/$name/run
		ln -s ../../both services/$name/log
	done
	scan
	all_there() { count '^5000 ' both/got = 2; }
	wait_until all_there
	count . both/got = 10000
	# taken away from one it still is the other one's
	pid=$(pid_of both)
	mv services/a a
	kill -HUP "$scan"
	wait_until is_gone a
	service services/c
	wait_until is_up services/c
	[ "$(pid_of both)" = "$pid" ]
	kill "$scan"
	ended
	is_gone both
	silent
}

# long
test_mount_over_a_service() {
	user=Ur
	[ "$(id -u)" != 0 ] || user=
	service services/a
	service b
	cat >begin <<'EOF'
svscan services 2>scan.err &
echo $! >scan.pid
until [ -e mount ]; do sleep 0.01; done
mount --bind b services/a
: >mounted
wait
EOF
	unshare -${user}m mount --bind b services/a 2>err ||
	    skip "we may not mount: $(cat err)"
	unshare -${user}m sh begin &
	echo $! >>"$PIDS"
	wait_until is_up services/a
	wait_until test -s scan.pid
	scan=$(cat scan.pid)
	echo "$scan" >>"$PIDS"
	: >mount
	wait_until is_up b
	wait_until test -e mounted
	is_up services/a
	kill "$scan"
	wait_until gone "$scan"
	all_dead
}

# The name that ln(1) uses for an instant is nobody's.
switch_releases() {
	for i in 1 2 3 4 5 6; do
		service "releases/r$i"
		[ "$1" != log ] || logger "releases/r$i/log"
	done
	mkdir services
	ln -s ../releases/r1 services/app
	scan
	wait_until is_up releases/r1
	for i in 2 3 4 5 6; do
		ln -sfn "../releases/r$i" services/app
		wait_until is_up "releases/r$i"
	done
	[ "$1" != log ] || wait_until is_up releases/r6/log
	[ "$(readlink services/app)" = ../releases/r6 ]
	kill -HUP "$scan"
	for i in 1 2 3 4 5; do
		wait_until is_gone "releases/r$i"
		wait_until is_gone "releases/r$i/log"
	done
	named releases/r6 app
	kill "$scan"
	ended
	silent
	all_dead
}

# named DIRECTORY NAME: its supervise has that name
named() {
	[ "$(tr '\0' ' ' <"/proc/$(supervise_in "$1")/cmdline")" = \
	    "supervise $2 " ]
}

test_ln_sfn() {
	switch_releases
}

test_ln_sfn_with_loggers() {
	switch_releases log
}

# However slow ln is; but a link that stays is a service.
test_temporary_name_of_ln() {
	for i in a b c d; do service $i; done
	scan
	ln -s ../d services/
	wait_until is_up d
	began=$(now_ms)
	ln -s ../a services/CuAbCd12
	kill -ALRM "$scan"
	ln -s ../b services/
	wait_until is_up b
	started=$(supervise_in a)
	mv services/CuAbCd12 services/app
	took=$(($(now_ms) - began))
	wait_until is_up a
	# a machine so slow shows nothing
	if [ $took -lt 1000 ]; then
		[ -z "$started" ]
		named a app
	fi
	ln -s ../c services/CuAbCd34
	wait_until is_up c
	wait_until count . pids = 4
	kill "$scan"
	ended
	silent
	all_dead
}

# Of several names the one that the service has is kept while it leads there.
test_name_is_kept_while_it_leads_there() {
	service there
	mkdir services
	ln -s ../there services/m
	scan
	wait_until is_up there
	ln -s ../there services/k
	ln -s ../there services/z
	scanned
	kill_hard "$(supervise_in there)"
	wait_until is_up there
	named there m
	rm services/m
	scanned
	kill_hard "$(supervise_in there)"
	wait_until is_up there
	named there k || named there z
	kill "$scan"
	ended
	all_dead
}

# A name that only looks like one of ln: not with the scan after five seconds.
test_name_like_a_temporary_one() {
	scan
	for i in 1 2 3; do
		service $i
		scanned
		began=$(now_ms)
		ln -s ../$i services/Custome$i
		wait_until is_up $i
		# a machine so slow shows nothing
		[ $(($(now_ms) - began)) -ge 4000 ] || return 0
	done
	false
}

new_link() {
	service "$1"
	ln -s "../$1" services/
	wait_until is_up "$1"
}

replaced_directory() {
	service "services/$1"
	wait_until is_up "services/$1"
	service new
	mv "services/$1" "$1" && mv new "services/$1"
	wait_until is_up "services/$1"
}

replaced_target() {
	new_link "$1"
	service new
	mv "$1" "$1.old" && mv new "$1"
	wait_until is_up "$1"
}

switched_link() {
	new_link "$1"
	service "$1.new"
	ln -sfn "../$1.new" "services/$1"
	wait_until is_up "$1.new"
}

new_log() {
	new_link "$1"
	logger "$1/log"
	wait_until has . "$1/log/got"
}

new_run_in_a_log() {
	new_link "$1"
	mkdir "$1/log"
	logger new
	mv new/run "$1/log/run"
	rmdir new
	wait_until has . "$1/log/got"
}

# told KIND: no scan of the timer's came between; if the machine was so slow
# that one did, that shows nothing.
told() {
	tries=$((${tries-0} + 1))
	before=$(wc -l <trace)
	set -x
	"$1" "$1$tries"
	{ set +x; } 2>/dev/null
	! tail -n "+$before" trace | grep -q 'tv_sec=[1-9].* = 0 (Timeout)'
}

# The timer would find all this, too: here it does not get to that.
test_watches_tell() {
	strace -o /dev/null true 2>/dev/null || skip "no strace, or not for us"
	mkdir services
	strace -D -o trace -e trace=poll,ppoll svscan services 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
	new_link first
	for kind in new_link replaced_directory replaced_target switched_link \
	    new_log new_run_in_a_log; do
		wait_until told $kind
	done
	has ' = 1 (\[{fd' trace
	kill "$scan"
	wait_until gone "$scan"
	all_dead
}

# The link is switched between the two looks of one scan, at the directory and
# at its log: the log of another service is not the service's.
test_log_of_another() {
	strace -o /dev/null true 2>/dev/null || skip "no strace, or not for us"
	service there/1
	service there/2
	logger there/2/log
	mkdir services
	ln -s ../there/1 services/a
	scan
	wait_until is_up there/1
	old=$(pid_of there/1)
	background strace -p "$scan" -o trace -P a -P a/log \
	    -e trace=stat,newfstatat,statx \
	    -e inject=stat,newfstatat,statx:delay_enter=1000000:when=2
	traced() { not has '^TracerPid:.0' "/proc/$scan/status"; }
	wait_until traced
	kill -ALRM "$scan"
	wait_until has '"a"' trace
	ln -sfn ../there/2 services/a
	wait_until is_up there/2
	wait_until has '^2 ' there/2/log/got
	[ "$(pid_of there/1)" = "$old" ]
	kill -HUP "$scan"
	wait_until is_gone there/1
	not has '^1 ' there/2/log/got
	count '^1 ' scan.out = 1
	kill "$scan"
	ended
	all_dead
	silent
}

# As in the examples of the page; nobody runs while another one does.
test_deploy() {
	mkdir services
	for i in 1 2 3; do
		service "r$i"
		books | script "r$i/run"
		logger "r$i/log"
	done
	ln -s ../r1 services/app
	scan
	wait_until has '^+r1' ledger
	for i in 2 3; do
		old=$(readlink -f services/app)
		rm services/app && svc -dx -wD "$old" && kill -HUP "$scan"
		has "^-r$((i - 1))" ledger
		ln -s ../r$i services/app
		wait_until has "^+r$i" ledger
		wait_until is_gone "r$((i - 1))/log"
		has '^last ' "r$((i - 1))/log/got"
	done
	kill "$scan"
	ended
	silent
	not has '^!' ledger
}

# Two releases whose supervise, and that of the log, are one place.
# The logger that is still there reads the first lines of the new service.
test_releases_that_share_supervise() {
	for i in 1 2; do
		service "r$i"
		script "r$i/run" <<-EOF
			#!/bin/sh
			echo "\$\$" >>$T/pids
			while echo "r$i \$\$"; do sleep 0.05; done
		EOF
		logger "r$i/log"
		ln -s "$T/place/app" "r$i/supervise"
		ln -s "$T/place/log" "r$i/log/supervise"
	done
	mkdir services
	ln -s ../r1 services/app
	scan
	wait_until has '^r1 ' r1/log/got
	ln -sfn ../r2 services/app
	wait_until has '^svscan: warning: app: waiting' scan.err
	wait_until has '^svscan: warning: app/log: waiting' scan.err
	kill -HUP "$scan"
	wait_until has '^r2 ' r2/log/got
	: >r1/log/got
	: >r2/log/got
	wait_until has '^r2 ' r2/log/got
	# by svc it is the same
	ln -sfn ../r1 services/app
	said_again() { count 'app/log: waiting' scan.err = 2; }
	wait_until said_again
	[ ! -s r1/log/got ]
	svc -dx services/app
	wait_until has '^r1 ' r1/log/got
	kill "$scan"
	ended
	all_dead
	is_gone r1
	is_gone r1/log
}

flags_of() {
	sed -n 's/^flags:.*\(.\)$/\1/p' "/proc/$1/fdinfo/$2"
}

# Who can read what it prints to takes it for a connection that was closed.
test_output_can_only_be_written_to() {
	service services/a
	logger services/a/log
	scan
	wait_until is_up services/a
	wait_until is_up services/a/log
	pid=$(pid_of services/a)
	[ "$(readlink "/proc/$pid/fd/1")" = \
	    "$T/services/a/log/supervise/logpipe" ]
	[ "$(flags_of "$pid" 1)" = 1 ]
	[ "$(flags_of "$(pid_of services/a/log)" 0)" = 0 ]
	# the reader that keeps SIGPIPE away
	supervise=$(supervise_in services/a)
	readers=0
	for fd in "/proc/$supervise/fd"/*; do
		[ "$(readlink "$fd")" != "$(readlink "/proc/$pid/fd/1")" ] ||
		    [ "$(flags_of "$supervise" "${fd##*/}")" != 0 ] ||
		    readers=$((readers + 1))
	done
	[ "$readers" = 1 ]
}

# It is forgotten by nobody but its own supervise.
test_unlisted_and_supervise_killed() {
	for signal in TERM HUP; do
		: >pids
		service app
		logger app/log
		ln -s ../app services/app 2>/dev/null || {
			mkdir services
			ln -s ../app services/app
		}
		scan
		wait_until test -s pids
		wait_until is_up app
		wait_until is_up app/log
		logger=$(pid_of app/log)
		supervise=$(supervise_in app)
		rm services/app
		# the scan that misses it comes before this one's start
		service services/next
		wait_until is_up services/next
		kill_hard "$supervise"
		kill_hard "$(supervise_in app/log)"
		kill -$signal "$scan"
		wait_until gone "$(head -n 1 pids)"
		wait_until gone "$logger"
		[ $signal = TERM ] || kill "$scan"
		ended
		all_dead
		rm -r app services/next
	done
}

test_signals_without_a_use() {
	service services/a
	scan
	wait_until is_up services/a
	# A C library may keep 32 to 34 to itself.
	for signal in USR1 USR2 PWR WINCH PIPE CONT URG CHLD IO VTALRM PROF \
	    XCPU XFSZ TTOU 32 33 34 35 50 64; do
		kill -$signal "$scan"
	done
	# they have all come before this one
	kill -ALRM "$scan"
	service services/b
	wait_until count . pids = 2
	wait_until is_up services/b
	kill "$scan"
	ended
	silent
}

# full ARGUMENT...: svscan, and then no descriptor more than those that it has
full() {
	prlimit --version >/dev/null 2>&1 || skip "no prlimit"
	scan "$@"
	wait_until is_up services/a
	wait_until is_up services/a/log
	free=0
	while [ -e "/proc/$scan/fd/$free" ]; do free=$((free + 1)); done
	prlimit --pid "$scan" --nofile=$free:$free
}

test_full_table_stop() {
	service services/a
	logger services/a/log
	full
	kill "$scan"
	ended
	all_dead
	is_gone services/a/log
	has '^a ' services/a/log/got
	silent
}

test_full_table_hup() {
	service services/a
	logger services/a/log
	full
	mv services/a a
	kill -HUP "$scan"
	wait_until is_gone a
	wait_until is_gone a/log
	all_dead
	kill "$scan"
	ended
	silent
}

test_full_table_kill() {
	mkdir -p services/a
	printf '#!/bin/sh\necho $$ >>%s\ntrap "" TERM\n%s\n' "$T/pids" \
	    'while :; do sleep 1; done' | script services/a/run
	logger services/a/log
	full -T 0
	wait_until test -s pids
	kill -STOP "$(supervise_in services/a)"
	kill "$scan"
	ended
	wait_until all_dead
	wait_until is_gone services/a
	is_gone services/a/log
}

test_full_table_essential() {
	service services/a
	logger services/a/log
	service services/b
	printf '#!/bin/sh\nread -r code <go\nexit "$code"\n' |
	    script services/b/run
	mkfifo services/b/go
	: >services/b/once
	: >services/b/essential
	full
	echo 7 >services/b/go
	code=0
	wait "$scan" || code=$?
	[ "$code" = 7 ]
	all_dead
	is_gone services/a/log
}

# The list of a supervise's children is longer than any buffer.
test_all_children_are_killed() {
	[ -e /proc/$$/task/$$/children ] || skip "no list of children in /proc"
	mkdir -p fake services/a
	script fake/supervise <<-EOF
		#!/bin/sh
		trap '' TERM HUP
		cd a || exit 111
		exec $TOOL/scan_orphans 1500 hold
	EOF
	mkfifo services/a/hold
	sleep 100000 >services/a/hold &
	echo $! >>"$PIDS"
	PATH=$T/fake:$PATH
	scan -T 0
	forked() { [ -e services/a/ready ] || [ -e services/a/few ]; }
	wait_until forked
	[ -e services/a/ready ] || skip "not so many processes for us"
	[ "$(processes_below "$T/services/a" | wc -l)" -gt 1500 ]
	kill "$scan"
	ended
	none_left() { [ -z "$(processes_below "$T/services/a")" ]; }
	wait_until none_left
}

run_tests "$@"
