#!/bin/sh
# svscan: the log service, which reads what svscan and the services without a
# logger of their own have to say.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/scan.sh
. "${0%/*}/../scan.sh"

# service NAME <RUN: made elsewhere and moved there at once
service() {
	mkdir -p services made
	script made/run
	mv made "services/$1"
}

# log_service [NAME]: into main/ in its directory
log_service() {
	service "${1-.log}" <<'EOF1'
#!/bin/sh
exec multilog s1000000 n1000 ./main
EOF1
}

talker() {
	service "$1" <<'EOF1'
#!/bin/sh
echo "$(basename "$PWD") to stdout"
echo "$(basename "$PWD") to stderr" >&2
exec sleep 100000
EOF1
}

# stream NAME [PAUSE_US [LAST]]: numbered lines
stream() {
	printf '#!/bin/sh\nexec %s state %s %s lock\n' "$TOOL/scan_lines" \
	    "${3-10000000}" "${2-2000}" | service "$1"
}

ledger() {
	books | service "$1"
}

# scan [NAME]: with that log service
scan() {
	svscan services "${1-.log}" >scan.out 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
}

silent() {
	cat scan.out scan.err
	[ ! -s scan.out ]
	[ ! -s scan.err ]
}

# all that the log service has written, in one file
collect() {
	set -- services/.log/main/@* services/.log/main/current
	[ -e "$1" ] || shift
	cat "$@" >all
}

log=services/.log/main/current

# Every line that the service a has printed so far is there, once.
complete() {
	collect
	grep -v '^svscan: \|^supervise: ' all >lines || :
	last=$(tail -n 1 lines | sed 's/ .*//')
	[ "$last" -gt 0 ]
	"$TOOL/scan_check" "$last" 0 lines
	[ ! -s services/a/lock ]
}

grows() {
	[ "$(wc -c <"$1")" -gt "$2" ]
}

# Lines go on to come.
flows() {
	collect
	wait_until grows "$log" "$(wc -c <"$log")"
}

test_what_it_reads() {
	log_service
	talker a
	talker b
	mkdir services/b/log
	multilogs | script services/b/log/run
	ln -s nowhere services/dangling
	ln -s nowhere2 "services/$(printf 'x\033y')"
	scan
	wait_until has '^a to stdout$' $log
	wait_until has '^a to stderr$' $log
	wait_until has '^b to stderr$' $log
	wait_until has '^svscan: warning: unable to stat dangling: ' $log
	wait_until has '^svscan: warning: unable to stat x\\x1by: ' $log
	wait_until has '^b to stdout$' services/b/log/main/current
	# what comes later, too
	ln -s nowhere services/later
	wait_until has '^svscan: warning: unable to stat later: ' $log
	kill "$scan"
	ended
	not has '^b to stdout$' $log
	[ "$(sort $log | uniq -d)" = '' ]
	[ -x $log ]
	nothing_left
	silent
}

# The oldest child is the supervise of the log service.
test_it_is_started_first() {
	[ -e "/proc/$$/task/$$/children" ] || skip "no list of children in /proc"
	for i in 1 2 3 4 5 6 7 8 9; do
		talker "$i"
	done
	log_service
	scan
	wait_until has '^9 to stdout$' $log
	wait_until is_up services/.log
	# shellcheck disable=SC2046
	set -- $(cat "/proc/$scan/task/$scan/children")
	[ $# -ge 10 ]
	[ "$1" = "$(supervise_of services/.log)" ]
	kill "$scan"
	ended
}

# What it says itself would come back to it.
test_no_loop() {
	service .log <<'EOF1'
#!/bin/sh
echo own words to stderr >&2
echo own words to stdout
exec tee -a copy
EOF1
	talker a
	scan
	wait_until has '^own words to stderr$' scan.err
	wait_until has '^own words to stdout$' scan.out
	wait_until has '^a to stdout$' scan.out
	# nor its supervise
	svc -x services/.log
	wait_until has '^a to stderr$' services/.log/copy
	kill "$scan"
	ended
	not has own services/.log/copy
	count '^a to ' services/.log/copy = 2
	count '^a to ' scan.out = 2
}

# The supervise of a run that cannot be executed says so, but not to itself.
test_no_loop_of_its_supervise() {
	mkdir -p services/.log
	talker a
	scan
	wait_until has '^supervise: .*\.log: ' scan.err
	tried() { has '^attempts=[3-9]' services/.log/supervise/report; }
	wait_until tried
	count . scan.err -le 20
	multilogs | script services/.log/run
	wait_until has '^a to stdout$' $log
	wait_until has '^a to stderr$' $log
	kill "$scan"
	ended
	not has '\.log: ' $log
}

# Whoever of them dies is there again, and the pipe has kept all.
# long
test_deaths_lose_nothing() {
	log_service
	stream a
	scan
	wait_until has . $log
	for i in 1 2 3; do
		wait_until is_up services/.log
		old=$(pid_of services/.log)
		supervise=$(supervise_of services/.log)
		kill -KILL "$supervise"
		wait_until gone "$supervise"
		wait_until is_up services/.log
		[ "$(pid_of services/.log)" = "$old" ]
		svc -t services/.log
		wait_until is_up_anew services/.log "$old"
		flows
		# both at once
		old=$(pid_of services/.log)
		kill -STOP "$(supervise_of services/.log)"
		kill -TERM "$old"
		kill -KILL "$(supervise_of services/.log)"
		wait_until is_up_anew services/.log "$old"
		flows
	done
	kill "$scan"
	ended
	complete
	nothing_left
	cat scan.err
	not has '^svscan' scan.err
}

# say N: the service a prints a line with that number
say() {
	echo "$1" >services/a/feed
}

# A logger that has read nothing it could lose is killed the hard way.
test_killed_logger_is_started_again() {
	log_service
	service a <<'EOF1'
#!/bin/sh
exec <>feed
while read -r n; do
	echo "line $n"
done
EOF1
	mkfifo services/a/feed
	scan
	for i in 1 2 3 4; do
		say "$i.first"
		wait_until has "line $i.first" $log
		wait_until is_up services/.log
		old=$(pid_of services/.log)
		supervise=$(supervise_of services/.log)
		[ $((i % 2)) = 0 ] || kill -KILL "$supervise"
		kill -KILL "$old"
		say "$i.second"
		say "$i.third"
		wait_until has "line $i.third" $log
		wait_until is_up_anew services/.log "$old"
	done
	collect 2>/dev/null
	cat services/.log/main/* | grep '^line' | sort -u >lines
	[ "$(wc -l <lines)" = 12 ]
	[ "$(cat services/.log/main/* | grep -c '^line')" = 12 ]
	kill "$scan"
	ended
	nothing_left
}

# What services print while they stop comes to it, and it is the last to end.
test_last_lines() {
	log_service
	for i in $(seq 1 20); do
		ledger "s$i"
	done
	for signal in TERM INT; do
		rm -f ledger
		scan
		wait_until test -e ledger
		wait_until count '^+' ledger = 20
		kill -$signal "$scan"
		ended
		count '^-' ledger = 20
		# shellcheck disable=SC2013
		for line in $(sed -n 's/^-\(.*\) /\1_/p' ledger); do
			has "^last ${line%_*} ${line#*_}\$" $log
		done
		[ -x $log ]
		nothing_left
	done
	count '^begin ' $log = 40
	count '^last ' $log = 40
	silent
}

test_last_lines_of_loggers() {
	log_service
	service a <<'EOF1'
#!/bin/sh
exec sleep 100000
EOF1
	mkdir services/a/log
	script services/a/log/run <<'EOF1'
#!/bin/sh
echo a logger begins >&2
while read -r line; do :; done
echo a logger ends >&2
EOF1
	scan
	wait_until has 'logger begins' $log
	kill "$scan"
	ended
	has 'logger ends' $log
	[ -x $log ]
	silent
}

test_without_services() {
	log_service
	scan
	wait_until is_up services/.log
	wait_until test -e $log
	kill "$scan"
	ended
	[ -x $log ]
	nothing_left
	silent
}

noticed() {
	collect
	count '^svscan: warning: a: waiting for the supervise ' all = "$1" &&
	    count '^svscan: warning: \.log: waiting for ' all = "$1" &&
	    count '^svscan: ' all = $((2 * $1))
}

# The next svscan opens the same pipe.
test_next_svscan() {
	log_service
	stream a
	scan
	wait_until has . $log
	rounds=0
	for signal in QUIT KILL QUIT KILL; do
		wait_until is_up services/a
		pids="$(pid_of services/a) $(pid_of services/.log)"
		kill -$signal "$scan"
		wait_until gone "$scan"
		flows
		scan
		# said once of each, to the log like all else
		rounds=$((rounds + 1))
		wait_until noticed $rounds
		[ "$pids" = "$(pid_of services/a) $(pid_of services/.log)" ]
		flows
		# and both get a new one
		for name in a .log; do
			supervise=$(supervise_in "services/$name")
			kill -KILL "$supervise"
			wait_until gone "$supervise"
			wait_until is_up "services/$name"
		done
		flows
		[ "$pids" = "$(pid_of services/a) $(pid_of services/.log)" ]
		noticed $rounds
	done
	kill "$scan"
	ended
	complete
	nothing_left
	silent
}

# Nobody reads, and the pipe is full: svscan says what it has to say where it
# would without a log service, and goes on.
test_full_pipe() {
	log_service
	: >services/.log/down
	stream a 0 10000
	scan
	wait_until is_up services/a
	wait_until is_stuck "$(pid_of services/a)"
	wait_until is_down services/.log
	talker b
	wait_until is_up services/b
	ln -s nowhere services/dangling
	wait_until has '^svscan: warning: unable to stat dangling: ' scan.err
	kill -ALRM "$scan"
	rm services/dangling
	service c <<'EOF1'
#!/bin/sh
exec sleep 100000
EOF1
	wait_until is_up services/c
	svc -u services/.log
	wait_until has '^b to stdout$' $log
	wait_until has '^b to stderr$' $log
	# what it says now goes where it belongs again
	wait_until has '^10000 ' $log
	ln -s nowhere services/again
	wait_until has '^svscan: warning: unable to stat again: ' $log
	not has again scan.err
	kill "$scan"
	ended
	collect
	grep '^[0-9]' all >lines
	"$TOOL/scan_check" 10000 0 lines
}

# It has printed all that it can: its counter stands still.
is_stuck() {
	case $(cat "/proc/$1/wchan" 2>/dev/null) in
	*pipe_w*) return ;;
	esac
	before=${printed-}
	printed=$(od -An -tu8 -N8 services/a/state)
	[ "$printed" = "$before" ] && [ "$printed" -gt 100 ]
}

# refused NAME
refused() {
	code=0
	svscan services "$1" >out 2>err || code=$?
	cat err
	[ "$code" = 111 ]
	[ "$(wc -l <err)" = 1 ]
	has '^svscan: fatal: unable to use log service ' err
	not has . out
	not test -e services/a/supervise
	not test -e services/supervise
}

test_what_is_no_log_service() {
	talker a
	talker .log
	mkdir outside
	: >services/file
	ln -s nowhere services/.dangling
	for name in '' . .. ./.log .log/ ../outside "$T/outside" .none file \
	    .dangling; do
		refused "$name"
	done
	not test -e services/.log/supervise
	not test -e outside/supervise
}

# Its name need not begin with a dot; a thorough look does not start it again.
test_listed_name() {
	mkdir fakebin services
	cp "$TOOL/scan_fake" fakebin/supervise
	SCAN_FAKE=$T/fake
	PATH=$T/fakebin:$PATH
	export SCAN_FAKE PATH
	mkdir services/logger services/a
	scan logger
	wait_until has 'start a ' fake
	wait_until has 'start logger ' fake
	kill -ALRM "$scan"
	kill -HUP "$scan"
	mkdir services/b
	wait_until has 'start b ' fake
	mv services/logger services/logger2
	ln -s logger2 services/logger
	kill -HUP "$scan"
	mkdir services/c
	wait_until has 'start c ' fake
	count 'start logger' fake = 1
	kill "$scan"
	ended
	count '^start' fake = 4
	count '^HUP logger' fake = 1
	count '^TERM logger' fake = 0
	silent
}

test_link_to_it() {
	log_service ../real
	talker a
	ln -s ../real services/.log
	scan
	wait_until has '^a to stderr$' real/main/current
	kill "$scan"
	ended
	[ -x real/main/current ]
	silent
}

# A new directory in its place: the old one goes on until it ends.
replaced() {
	stream a
	scan "$1"
	wait_until has . "services/$1/main/current"
	wait_until is_up "services/$1"
	old=$(pid_of "services/$1")
	mv "services/$1" services/.old
	log_service "$1"
	talker b
	wait_until is_up services/b
	not svok "services/$1"
	kill -HUP "$scan"
	alive "$old"
	svc -x services/.old
	svc -t services/.old
	wait_until is_up "services/$1"
	wait_until has . "services/$1/main/current"
	is_gone services/.old
	kill "$scan"
	ended
	for dir in services/.old "services/$1"; do
		set -- "$dir"/main/@* "$dir/main/current"
		[ -e "$1" ] || shift
		cat "$@"
	done >all
	grep '^[0-9]' all >lines
	"$TOOL/scan_check" "$(tail -n 1 lines | sed 's/ .*//')" 0 lines
	nothing_left
}

test_directory_replaced() {
	log_service
	replaced .log
}

test_listed_directory_replaced() {
	log_service logger
	replaced logger
}

test_directory_removed() {
	log_service
	stream a 20000
	scan
	wait_until has . $log
	wait_until is_up services/.log
	mv services/.log .old
	svc -dx .old
	wait_until is_gone .old
	talker b
	wait_until is_up services/b
	log_service
	wait_until has . $log
	is_up services/a
	kill "$scan"
	ended
	cat .old/main/current $log | grep '^[0-9]' >lines
	"$TOOL/scan_check" "$(tail -n 1 lines | sed 's/ .*//')" 0 lines
	nothing_left
}

# HUP takes down what is not listed, but not the log service.
test_hup_leaves_it() {
	log_service
	talker a
	talker b
	scan
	wait_until has '^a to stderr$' $log
	wait_until is_up services/.log
	wait_until is_up services/a
	pid=$(pid_of services/.log)
	mv services/a .
	kill -HUP "$scan"
	wait_until is_gone a
	talker c
	wait_until is_up services/c
	[ "$(pid_of services/.log)" = "$pid" ]
	kill "$scan"
	ended
	silent
}

# A service that does not heed TERM: all of it ends all the same.
test_patience() {
	log_service
	service a <<'EOF1'
#!/bin/sh
trap 'echo will not' TERM
echo ready
while :; do sleep 0.05; done
EOF1
	svscan -T 2000 services .log >scan.out 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until has '^ready$' $log
	kill "$scan"
	ended
	has '^will not$' $log
	is_gone services/a
	is_gone services/.log
}

test_ordinary_user_and_nothing_to_write_to() {
	mkdir -m 777 var
	service .log <<EOF1
#!/bin/sh
exec multilog "$T/var/main"
EOF1
	talker a
	ln -s "$T/var/s/log" services/.log/supervise
	ln -s "$T/var/s/a" services/a/supervise
	chmod 555 services/.log services/a services
	: >scan.pid
	: >scan.err
	chmod 666 scan.pid scan.err
	# shellcheck disable=SC2016
	as_user sh -c 'echo $$ >scan.pid
	    exec svscan services .log 2>scan.err' &
	echo $! >>"$PIDS"
	wait_until test -s scan.pid
	scan=$(cat scan.pid)
	echo "$scan" >>"$PIDS"
	wait_until has '^a to stdout$' var/main/current
	wait_until has '^a to stderr$' var/main/current
	[ -p var/s/log/logpipe ]
	kill "$scan"
	wait_until gone "$scan"
	[ -x var/main/current ]
	[ ! -s scan.err ]
}

run_tests "$@"
