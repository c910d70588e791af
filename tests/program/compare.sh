#!/bin/sh
# The table of doc/compare.md: each row is tried on each set of programs that is
# installed, and must come out as the page says.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

sets='upkeep daemontools runit s6 supervisord'

# the programs of a set come first in PATH
use() {
	set_name=$1
	case $1 in
	upkeep) PATH=$BIN:$ORIGINAL_PATH ;;
	*) PATH=/usr/bin:/bin:/usr/sbin:/sbin ;;
	esac
	case $1 in
	upkeep) ;;
	daemontools) [ -x /usr/bin/svscan ] ;;
	runit) [ -x /usr/bin/runsvdir ] ;;
	s6) [ -x /usr/bin/s6-svscan ] ;;
	supervisord) [ -x /usr/bin/supervisord ] ;;
	esac
}

# service NAME: a directory for it, with a run made of standard input, and a line
# for supervisord
service() {
	mkdir -p "services/$1"
	script "services/$1/run"
	if [ ! -e conf ]; then
		cat >conf <<-END
			[supervisord]
			pidfile=$PWD/pid
			logfile=$PWD/log
			[unix_http_server]
			file=$PWD/sock
			[rpcinterface:supervisor]
			supervisor.rpcinterface_factory =
			 supervisor.rpcinterface:make_main_rpcinterface
			[supervisorctl]
			serverurl=unix://$PWD/sock
		END
	fi
	printf '[program:%s]\ncommand=%s/run\ndirectory=%s\n' "$1" \
	    "$PWD/services/$1" "$PWD/services/$1" >>conf
}

# Starts what watches over all services; $top is its pid.
start() {
	rm -f top.log
	case $set_name in
	upkeep | daemontools) svscan services >top.log 2>&1 & ;;
	runit) runsvdir services >top.log 2>&1 & ;;
	s6) s6-svscan services >top.log 2>&1 & ;;
	supervisord) supervisord -n -c conf >top.log 2>&1 & ;;
	esac
	top=$!
	echo "$top" >>"$PIDS"
}

# Each run writes its pid to a file before it becomes the service.
running() {
	count=0
	for pid in $(cat "$1" 2>/dev/null); do
		if alive "$pid"; then count=$((count + 1)); fi
	done
	echo "$count"
}

is_running() {
	[ "$(running "$1")" -ge 1 ]
}

# The supervisor of a service gets kill -9 and is started again, by the scanner
# or, where there is none, by hand.  How many copies run then?
row_copies() {
	service a <<-'END'
		#!/bin/sh
		echo $$ >>../../pids
		exec sleep 1000
	END
	start
	wait_until is_running pids
	pid=$(head -n 1 pids)
	if [ "$set_name" = supervisord ]; then
		kill -KILL "$top"
		start
		wait_until grep -q 'entered RUNNING' top.log
	else
		parent=$(cut -d ' ' -f 4 "/proc/$pid/stat")
		kill -KILL "$parent"
		wait_until supervised_again "$pid"
	fi
	running pids >result
}

# The new supervisor has adopted the process $1, or started another one.
supervised_again() {
	case $set_name in
	upkeep)
		svstat services/a | grep -q ": up (pid $1)" &&
		    [ "$(sed -n 's/^supervise=//p' services/a/supervise/report)" \
		        != "$parent" ]
		;;
	*) [ "$(wc -l <pids)" = 2 ] ;;
	esac
}

# run is not executable: does the command that shows the state tell why?
row_reason() {
	service a <<-'END'
		#!/bin/sh
		exec sleep 1000
	END
	chmod 644 services/a/run
	start
	case $set_name in
	upkeep) wait_until shows 'not executable' svstat -o error services/a ;;
	daemontools) wait_until shows ': ' svstat services/a ;;
	runit) wait_until shows '^[drf]' sv status "$PWD/services/a" ;;
	s6) wait_until shows '^down' s6-svstat services/a ;;
	supervisord) wait_until shows 'FATAL\|BACKOFF' supervisorctl -c conf status ;;
	esac
	if grep -q 'not executable\|ermission\|denied' shown; then
		echo yes >result
	else
		echo no >result
	fi
}

shows() {
	pattern=$1
	shift
	"$@" >shown 2>&1 || true
	grep -q "$pattern" shown
}

# A service gets a new run that dies before it is ready, and a restart with
# whatever there is to wait with: does the exit code tell?  It dies when it is
# known whether the command waits.
row_restart() {
	service a <<-'END'
		#!/bin/sh
		echo $$ >>../../pids
		exec sleep 1000
	END
	echo 15000 >services/a/ready-after
	echo startsecs=15 >>conf
	start
	wait_until is_running pids
	script services/a/run <<-'END'
		#!/bin/sh
		echo $$ >>../../pids
		until [ -e ../../die ]; do sleep 0.1; done
		exit 1
	END
	case $set_name in
	upkeep) svc -r -wR -T 20000 services/a & ;;
	daemontools) svc -t services/a & ;;
	runit) sv restart "$PWD/services/a" & ;;
	s6) s6-svc -r -wr -T 20000 services/a & ;;
	supervisord) supervisorctl -c conf restart a & ;;
	esac
	command=$!
	wait_until is_restarted
	since=$(now_ms)
	wait_until has_ended_or_waits
	: >die
	code=0
	wait $command || code=$?
	if [ "$code" = 0 ]; then echo no >result; else echo yes >result; fi
}

is_restarted() {
	[ "$(wc -l <pids)" = 2 ]
}

has_ended_or_waits() {
	gone $command || [ $(($(now_ms) - since)) -gt 1000 ]
}

# A service starts a helper that makes a session of its own; then it is stopped,
# with what the set has for such cases.  Is the helper gone as well?
row_helper() {
	service a <<-'END'
		#!/bin/sh
		setsid sh -c 'echo $$ >>../../helper; exec sleep 1000' &
		echo $$ >>../../pids
		exec sleep 1000
	END
	echo all >services/a/kill-mode
	printf 'stopasgroup=true\nkillasgroup=true\n' >>conf
	start
	wait_until is_running helper
	wait_until is_running pids
	case $set_name in
	upkeep) svc -d -wD -T 20000 services/a ;;
	daemontools) svc -d services/a ;;
	runit) sv down "$PWD/services/a" ;;
	s6) s6-svc -d services/a ;;
	supervisord) supervisorctl -c conf stop a ;;
	esac
	wait_until not is_running pids
	if is_running helper; then echo no >result; else echo yes >result; fi
}

# what the page says of row $1 and set $2
page_says() {
	awk -F ' *[|] *' -v row="$1" -v name="$2" '
	/^\| row / { for (i = 2; i < NF; i++) if ($i == name) column = i }
	$2 == row { print $column }' "$SRC/doc/compare.md"
}

compare() {
	tried=0
	for name in $sets; do
		mkdir "$name"
		cd "$name"
		if use "$name"; then
			"row_$1"
			echo "$1, $name: $(cat result), the page: $(page_says "$1" "$name")"
			[ "$(cat result)" = "$(page_says "$1" "$name")" ]
			tried=$((tried + 1))
		fi
		cd ..
	done
	[ "$tried" -ge 2 ] || skip 'nothing to compare with'
}

# long
test_copies() {
	compare copies
}

test_reason() {
	compare reason
}

# long
test_restart() {
	compare restart
}

# long
test_helper() {
	compare helper
}

run_tests "$@"
