#!/bin/sh
# svstat and svok on service directories made by hand: every line, who parses
# them, and the exit codes.
# shellcheck source=/dev/null
. "${0%/*}/../lib.sh"

# shellcheck source=/dev/null
. "$SRC/tests/record.sh"
# shellcheck source=/dev/null
. "$SRC/tests/service.sh"

# fake DIR SECONDS_AGO RECORD...: a service whose supervise is this shell
fake() {
	mkdir -p "$1/supervise"
	[ -p "$1/supervise/ok" ] || mkfifo "$1/supervise/ok"
	exec 7<>"$1/supervise/ok"
	name=$1
	since=$(($(date +%s) - $2))
	shift 2
	record "$since" "$@" >"$name/supervise/status"
}

is() {
	[ "$1" = "$2" ]
}

run() {
	code=0
	svstat "$@" >out 2>err || code=$?
}

# says LINE: svstat says exactly this about s, exits 0, and is silent on stderr
says() {
	run s
	is "$code" 0
	[ ! -s err ]
	is "$(cat out)" "$1"
}

# A moment in the future is 0 seconds ago, however slow the machine is.
FUTURE=-1000

test_lines_up() {
	fake s $FUTURE 4242 0 u 0 1
	says 's: up (pid 4242) 0 seconds'
	: >s/down
	says 's: up (pid 4242) 0 seconds, normally down'
	fake s $FUTURE 4242 1 u 0 1
	says 's: up (pid 4242) 0 seconds, normally down, paused'
	fake s $FUTURE 4242 1 d 1 1
	says 's: up (pid 4242) 0 seconds, normally down, paused, want down'
	rm s/down
	fake s $FUTURE 4242 0 0 0 1
	says 's: up (pid 4242) 0 seconds'
	fake s $FUTURE 4294967295 0 u 0 1
	says 's: up (pid 4294967295) 0 seconds'
}

test_lines_down() {
	fake s $FUTURE 0 0 d 0 0
	says 's: down 0 seconds, normally up'
	fake s $FUTURE 0 0 u 0 0
	says 's: down 0 seconds, normally up, want up'
	fake s $FUTURE 77 0 u 0 2
	says 's: down 0 seconds, normally up, want up'
	: >s/down
	says 's: down 0 seconds, want up'
	fake s $FUTURE 0 0 0 0 0
	says 's: down 0 seconds'
}

test_seconds() {
	fake s 100 4242 0 u
	before=$(date +%s)
	run s
	after=$(date +%s)
	n=$(sed -n 's/^s: up (pid 4242) \([0-9]*\) seconds$/\1/p' out)
	[ "$n" -ge 100 ]
	[ "$n" -le $((100 + after - before + 2)) ]
}

test_records_of_the_relatives() {
	fake s $FUTURE 4242 0 u # daemontools
	says 's: up (pid 4242) 0 seconds'
	fake s $FUTURE 4242 0 u 3 0 # encore: running
	says 's: up (pid 4242) 0 seconds'
	fake s $FUTURE 0 0 u 5 0 # encore: failed
	says 's: down 0 seconds, normally up, want up'
	fake s $FUTURE 4242 0 u 0 0 1 # daemontools-x
	says 's: up (pid 4242) 0 seconds'
	record 0 0 0 d 0 0 >log
	fake s $FUTURE 4242 0 u 3 0 # encore with a log
	cat log >>s/supervise/status
	says 's: up (pid 4242) 0 seconds'
}

test_lines_of_trouble() {
	says 's: unable to chdir: file does not exist'
	: >s
	says 's: unable to chdir: not a directory'
	rm s
	mkdir s
	says 's: unable to open supervise/ok: file does not exist'
	mkdir s/supervise
	mkfifo s/supervise/ok
	says 's: supervise not running'
	exec 7<>s/supervise/ok
	says 's: unable to open supervise/status: file does not exist'
	: >s/supervise/status
	says 's: unable to read supervise/status: bad format'
	printf 12345678901234567 >s/supervise/status
	says 's: unable to read supervise/status: bad format'
	rm s/supervise/status
	mkdir s/supervise/status
	says 's: unable to read supervise/status: is a directory'
	ln -s down s/down
	says 's: unable to stat down: symbolic link loop'
}

test_dangling_down_does_not_count() {
	fake s $FUTURE 4242 0 u
	ln -s nowhere s/down
	says 's: up (pid 4242) 0 seconds'
}

# 0.76 repeats what it knows of the service before
test_read_error_is_not_the_previous_service() {
	fake a $FUTURE 4242 0 u
	exec 8<&7
	mkdir -p s/supervise/status
	mkfifo s/supervise/ok
	exec 7<>s/supervise/ok
	run a s
	is "$code" 0
	cat >want <<-'END'
		a: up (pid 4242) 0 seconds
		s: unable to read supervise/status: is a directory
	END
	cmp want out
}

# 0.76 takes it for a living supervise
test_ok_that_is_no_fifo() {
	fake s $FUTURE 4242 0 u
	rm s/supervise/ok
	: >s/supervise/ok
	says 's: unable to open supervise/ok: bad format'
	code=0
	svok s 2>err || code=$?
	is "$code" 111
}

test_stale_status_is_not_shown() {
	fake s $FUTURE 4242 0 u
	exec 7>&-
	says 's: supervise not running'
}

# supervise dies after svstat has found it alive and before it reads
test_death_while_looking() {
	command -v strace >/dev/null || skip 'no strace'
	strace -o trace true || skip 'no permission to trace'
	mkdir -p s/supervise
	mkfifo s/supervise/ok
	record "$(date +%s)" 4242 0 u 0 1 >s/supervise/status
	background sleep 1000 7<>s/supervise/ok
	holder=$!
	wait_until svok s
	export ASAN_OPTIONS=detect_leaks=0 # it cannot look while traced
	strace -o trace -P supervise/status -e trace=open,openat \
	    -e inject=open,openat:delay_exit=1500000 svstat s >out &
	looking=$!
	wait_until has supervise/status trace
	kill "$holder"
	wait "$looking"
	is "$(cat out)" 's: supervise not running'
	is "$(grep -c '= -1' trace)" 0
}

test_names_as_given_in_order() {
	mkdir -p 'a b' c -- -d
	run c/../c 'a b' '' -- "$PWD/c/"
	is "$code" 0
	is "$(sed 's/: unable.*//' out)" "c/../c
a b

--
$PWD/c/"
	run -- -d
	is "$code" 0
	is "$(cat out)" '-d: unable to open supervise/ok: file does not exist'
	run
	is "$code" 0
	[ ! -s out ]
	has '^svstat: usage: .*SVDIR' err
}

test_many() {
	set --
	i=0
	while [ $i -lt 500 ]; do
		set -- "$@" "nope$i"
		i=$((i + 1))
	done
	run "$@"
	is "$code" 0
	is "$(wc -l <out)" 500
	is "$(tail -n 1 out)" 'nope499: unable to chdir: file does not exist'
}

test_wrong_option() {
	run -Z s
	is "$code" 100
	has '^svstat: usage: ' err
	[ ! -s out ]
}

# 0.76 exits 0
test_stdout_that_takes_nothing() {
	mkdir s
	code=0
	svstat s >/dev/full 2>err || code=$?
	is "$code" 111
	has '^svstat: fatal: unable to write to stdout: out of disk space$' err
	not_in_valgrind
	code=0
	svstat s >&- 2>err || code=$?
	is "$code" 111
	has '^svstat: fatal: unable to write to stdout: ' err
}

test_closed_streams() {
	fake s $FUTURE 4242 0 u
	svstat s <&- 2>&- >out
	is "$(cat out)" 's: up (pid 4242) 0 seconds'
}

test_unreadable_starting_directory() {
	fake s $FUTURE 4242 0 u
	chmod 0622 s/supervise/ok
	mkdir start
	cd start || exit
	chmod 0111 .
	as_user svstat ../s >../out
	is "$(cat ../out)" '../s: up (pid 4242) 0 seconds'
}

test_as_another_user() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	set +x # it would be in err
	fake s $FUTURE 4242 0 u
	chmod 0622 s/supervise/ok
	as_user svstat s >out 2>err
	is "$(cat out)" 's: up (pid 4242) 0 seconds'
	chmod 0600 s/supervise/ok
	as_user svstat s >out 2>err
	is "$(cat out)" 's: unable to open supervise/ok: access denied'
	code=0
	as_user svok s || code=$?
	is "$code" 111
	chmod 0700 s
	as_user svstat s >out 2>err
	is "$(cat out)" 's: unable to chdir: access denied'
	[ ! -s err ]
	# it is one of all, too
	mkdir sv
	mv s sv
	export SVDIR="$T/sv"
	is "$(as_user svstat)" 's: unable to chdir: access denied'
}

svok_is() {
	code=0
	shift
	svok "$@" >out 2>err || code=$?
	[ ! -s out ]
}

test_svok() {
	fake s $FUTURE 4242 0 u
	svok_is - s
	is "$code" 0
	[ ! -s err ]
	exec 7>&-
	svok_is - s
	is "$code" 100
	[ ! -s err ]
	rm s/supervise/ok
	svok_is - s
	is "$code" 100
	[ ! -s err ]
	svok_is - nope
	is "$code" 111
	has '^svok: fatal: unable to chdir to nope: file does not exist$' err
	svok_is - -x
	is "$code" 111
	svok_is -
	is "$code" 100
	has '^svok: usage: ' err
}

test_help_and_version() {
	run --version
	is "$code" 0
	has '^svstat (upkeep) [0-9]' out
	run --help
	is "$code" 0
	has '^usage: svstat ' out
	[ ! -s err ]
	svok --version >out
	has '^svok (upkeep) [0-9]' out
	svok --help >out
	has '^usage: svok ' out
}

fields_of() {
	svstat -o "$@" || code=$?
}

test_fields() {
	sleeper s
	background supervise s
	wait_until is_up s
	code=0
	is "$(fields_of name,up,pid s)" "s true $(pid_of s)"
	is "$(fields_of pgid s)" "$(pid_of s)"
	is "$(fields_of starts,deaths,wantedup,normallyup s)" '1 0 true true'
	is "$(fields_of updownsince s)" "$(od -An -v -tx1 -N12 \
	    s/supervise/status | tr -d ' \n' | sed 's/^/@/')"
	svc -d -wD s
	is "$(fields_of up,exitcode,signal,signum s)" 'false -1 SIGTERM 15'
	is "$(fields_of state,want s)" 'down down'
	is "$code" 0
	svc -x -wD s
	wait_until unsupervised s
	code=0
	svstat -o name,state,pid,error s >out || code=$?
	is "$code" 4
	is "$(cat out)" 's unsupervised -1 supervise not running'
	code=0
	svstat -o nonsense s 2>err || code=$?
	is "$code" 100
	has '^svstat: usage: ' err
}

test_json() {
	sleeper 'a"b'
	background supervise 'a"b'
	wait_until is_up 'a"b'
	run -j 'a"b' nope
	is "$code" 4
	[ ! -s err ]
	is "$(wc -l <out)" 2
	has '^{"name":"a\\"b","state":"[a-z]*","up":true,.*}$' out
	has "\"pid\":$(pid_of 'a"b')," out
	has '^{"name":"nope",.*"up":null,.*"error":"unable to chdir: file' out
	run -j 'a"b'
	is "$code" 0
	# every field of -o but s6's other names, in the order of --help
	sed 's/^{//; s/}$//; s/a\\"b//; s/:"[^"]*"/:0/g' out | tr , '\n' |
	    sed 's/"\([a-z_]*\)":.*/\1/' >keys
	svstat --help | sed '1,/of:$/d; /^Without/d' | tr -s ' ,' '\n' >names
	sed '/^and$/,$d; /^$/d' names | diff keys -
	sed -n '/^names:$/,$p' names | sed 1d >aliases
	is "$(tr '\n' ' ' <aliases)" 'exitcode signum updownsince readysince '
	for name in $(cat keys aliases); do
		svstat -o "$name" 'a"b' >value
		[ -s value ]
	done
	sed -n '/^\.Ss Fields/,/^\.Sh ENV/s/^\.It Cm //p' \
	    "$SRC/svstat/svstat.8" | tr -d , | tr -s ' ' '\n' | sort >page
	sort keys aliases | diff - page
}

# C1 control characters reach no terminal, in UTF-8 or as bytes.
test_control_characters() {
	fake s $FUTURE 4242 0 u 0 1
	{
		printf 'state=running\npid=4242\nsince=%s.000000000\n' "$since"
		printf 'want=up\nstatus_text=a\302\23331mb\23331mc\03331md\n'
		printf 'error=e\302\2331m\n'
	} >s/supervise/report
	is "$(svstat -o status_text s)" 'a?31mb?31mc?31md'
	svstat -l s >out
	has 'e?1m$' out
	svstat -j s >out
	has '"status_text":"a.u009b31mb.ufffd31mc.u001b31md"' out
	LC_ALL=C not grep -q "$(printf '[\200-\237]')" out
}

# The columns begin where their heads do.
test_table() {
	for s in a a-longer-name; do
		sleeper $s
		background supervise $s
		wait_until is_up $s
	done
	script a/run <<-'END'
		#!/bin/sh
		exit 7
	END
	svc -t -wd -T 20000 a
	wait_until has_in_table '^a  *[a-z]*  *- .*exited 7'
	run -l a a-longer-name nope
	is "$code" 4
	[ ! -s err ]
	is "$(wc -l <out)" 4
	is "$(head -n 1 out | tr -s ' ')" \
	    'NAME STATE PID FOR RESTARTS LAST END ERROR'
	pid=$(pid_of a-longer-name)
	has "^a-longer-name  ready  *$pid  *[0-9]*s  *0$" out
	at=$(head -n 1 out | grep -bo PID | cut -d: -f1)
	is "$(sed -n 3p out | grep -bo " $pid " | cut -d: -f1)" $((at - 1))
	has '^nope  *-  .*  unable to chdir: file does not exist$' out
	run -l a
	is "$code" 0
	run -l -j a
	is "$code" 100
}

has_in_table() {
	svstat -l a | grep -q "$1"
}

quiet_is() {
	code=0
	want=$1
	shift
	svstat -q "$@" >out 2>err || code=$?
	is "$code" "$want"
	[ ! -s out ]
	[ ! -s err ]
}

test_quiet() {
	fake up $FUTURE 4242 0 u
	fake down $FUTURE 0 0 d
	exec 8<>up/supervise/ok
	mkdir never
	quiet_is 0 up up
	quiet_is 3 down
	quiet_is 3 up down up
	quiet_is 4 up never
	quiet_is 4 down never down
	quiet_is 4 never down
	quiet_is 4 nope
	exec 8>&-
	quiet_is 4 up
	code=0
	svstat -q -j up 2>err || code=$?
	is "$code" 100
}

# the report of a supervise of old beside the status of another one
test_report_that_is_not_about_this() {
	fake s $FUTURE 4242 0 u
	printf 'state=failed\nsince=1000000000.000000000\nstarts=9\n' \
	    >s/supervise/report
	is "$(svstat -o state,starts s)" 'running -1'
}

test_svdir() {
	mkdir sv
	fake sv/s $FUTURE 4242 0 u
	fake sv/s/log $FUTURE 4343 0 u
	exec 8<>sv/s/supervise/ok
	: >sv/s/log/run
	mkdir sv/a sv/a/log sv/.hidden
	: >sv/file
	SVDIR=$T/sv
	export SVDIR
	run
	is "$code" 0
	cat >want <<-'END'
		a: unable to open supervise/ok: file does not exist
		s: up (pid 4242) 0 seconds
		s/log: up (pid 4343) 0 seconds
	END
	cmp want out
	run s s/log
	cat >want <<-'END'
		s: up (pid 4242) 0 seconds
		s/log: unable to chdir: file does not exist
	END
	cmp want out
	svok s
	mkdir s
	says 's: unable to open supervise/ok: file does not exist'
	is "$(svstat -o name,pid "$T/sv/s")" "$T/sv/s 4242"
	code=0
	SVDIR=$T/nope svstat 2>err || code=$?
	is "$code" 111
	has '^svstat: fatal: unable to chdir to .*/nope: file does not' err
	SVDIR='' run
	is "$code" 0
	[ ! -s out ]
}

# Who parses the lines, with the expressions they parse them with; lines are
# numbered as in the file below, "." is the class of all others that must not
# match.
test_consumers() {
	fake s 5 4242 0 u 0 1
	svstat s "$PWD/s" >lines
	fake s 5 4242 0 d 1 1
	svstat s >>lines
	fake s 5 0 0 d 0 0
	svstat s >>lines
	fake s 5 0 0 u 0 0
	svstat s >>lines
	exec 7>&-
	svstat s nope >>lines
	mkdir never
	svstat never >>lines
	failed=
	while IFS='|' read -r who want expression; do
		got=$(grep -nE -- "$expression" lines | cut -d: -f1 | tr -d '\n')
		[ "$got" = "$want" ] || {
			echo "$who: $expression: lines $got, not $want"
			failed=1
		}
	done <<-'END'
		ansible svc: pid|123|\(pid ([0-9]+)\)
		ansible svc: duration|12345|([0-9]+) seconds
		ansible svc: up|123| up 
		ansible svc: down|45| down 
		ansible svc: want|35| want 
		salt: pid|123|\(pid ([0-9]+)\)
		puppet: running|123|:[[:space:]]+up \(
		chef (hirose31): up|123|: up \(pid [1-9]
		chef (hirose31): down|45|: down [1-9]
		chef (hirose31): retry|6|: supervise not running
		specinfra|123|up \(pid [0-9]+\)
		check_svstat.pl|2|^/.+ seconds$
		check_daemontools_service|12345|^[^:]+: ([a-z]+) (\(pid [0-9]+\) )?([0-9]+) seconds
		check_daemontools_service: unknown|78|unable
		check_daemontools_service: want|3|wants? down
		sensu: up|123|.*: up \(pid ([0-9]+)\) ([0-9]+) seconds
		sensu: down|45|.*: down ([0-9]+) seconds, normally up
		panoptimon|12345|^[^:]+: (up|down) (\(pid [0-9]+\) )?[0-9]+ seconds(, normally (up|down))?
		Proc::Daemontools: up|13|^s: up
		Proc::Daemontools: down|45|^s: down
		zesk: not running|6|: supervise not running$
		puppet's spec|8|unable to open supervise/ok: file does not exist
		venus|78|does not exist
	END
	cat lines
	[ -z "$failed" ]
}

test_name_on_a_terminal() {
	needs_terminal
	odd=$(printf 'o\033[31md\nd')
	svstat "$odd" >out
	is "$(cat out)" "$odd: unable to chdir: file does not exist"
	ODD=$odd SHELL=/bin/sh command script -qec 'svstat "$ODD"' /dev/null >out \
	    </dev/null
	is "$(tr -d '\r' <out)" \
	    'o\x1b[31md\x0ad: unable to chdir: file does not exist'
}

is_up_in_status() {
	case $(svstat s) in
	's: up (pid '*) ;;
	*) return 1 ;;
	esac
}

# A relative name takes one more, back to the starting directory: daemontools'
# svstat has that among its 8, and does not ask again whether supervise runs.
test_few_calls() {
	traced_sleeper s
	[ "$(calls_for_one_more s svstat)" -le 9 ]
	[ "$(calls_for_one_more "$T/s" svstat)" -le 8 ]
	has 'supervise/status' six
}

# Whatever stands at the names that supervise writes is replaced, and a file
# that a link leads to is not touched.
test_status_files_in_the_way() {
	mkdir -p s/supervise
	script s/run <<-'END'
		#!/bin/sh
		exec sleep 1000
	END
	echo precious >elsewhere
	for file in status.new report.new status report; do
		for make in mkfifo mkdir 'ln -s no/where' "ln -s $file" \
		    'ln -s ../../elsewhere' 'ln elsewhere'; do
			# What is no report at all must not be taken for none.
			[ "$make $file" != 'ln elsewhere report' ] || continue
			$make s/supervise/$file
			background supervise s
			wait_until is_up_in_status
			rm -rf s/supervise/status.new s/supervise/report.new
			$make s/supervise/status.new
			$make s/supervise/report.new
			svc -dx -wD -T 20000 s
			# It may be about to publish its end.
			wait_until not svok s
			is "$(cat elsewhere)" precious
			rm -rf s/supervise
			mkdir s/supervise
		done
	done
}

run_tests "$@"
