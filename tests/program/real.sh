#!/bin/sh
# Programs of others that say "ready" in systemd's words.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/service.sh
. "${0%/*}/../service.sh"

# runs_for_real SERVICE: it gets ready, restarts into ready, and stops by itself
runs_for_real() {
	: >"$1/notify-socket"
	echo 60000 >"$1/timeout-ready"
	background supervise "$1"
	DEADLINE=60 wait_until report_is "$1" state ready
	pid=$(pid_of "$1")
	svc -r -wR -T 60000 "$1"
	is_up_anew "$1" "$pid"
	svc -d -wD -T 60000 "$1"
	report_is "$1" state down
	report_is "$1" exit_code 0
	gone "$pid"
}

test_redis() {
	# The server is the same program as the tool, by another name.
	program=$(command -v redis-server || command -v redis-check-rdb) ||
	    skip 'no redis-server, and no redis-tools'
	mkdir s
	ln -s "$program" redis-server
	script s/run <<-END
		#!/bin/sh
		exec 2>&1 $T/redis-server --port 0 --unixsocket $T/socket \
		    --supervised systemd --daemonize no --save ''
	END
	runs_for_real s
	report_has s status_text 'Ready to accept connections'
}

test_rsyslogd() {
	PATH=$PATH:/usr/sbin
	command -v rsyslogd || skip 'no rsyslogd'
	mkdir s
	cat >rsyslog.conf <<-END
		global(workDirectory="$T")
		module(load="immark")
		*.* action(type="omfile" file="$T/out")
	END
	script s/run <<-END
		#!/bin/sh
		exec rsyslogd -n -iNONE -f $T/rsyslog.conf
	END
	runs_for_real s
}

run_tests "$@"
