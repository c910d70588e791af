#!/bin/sh
# What "make run" shows: the page, the log, the restarts, and an end in order.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

hello=$BUILD/doc/http_hello

start_demo() {
	# below those that the kernel gives to clients
	port=$((20000 + $$ % 12000))
	[ -x "$hello" ]
	until "$hello" -n "$port"; do
		port=$((port + 7))
		[ "$port" -lt 65000 ]
	done
	PORT=$port TMPDIR=$T sh "$SRC/doc/demo" "$BUILD" >shown 2>&1 &
	demo=$!
	echo "$demo" >>"$PIDS"
	wait_until is_answered
	blog=$(echo "$T"/upkeep.*/service/blog)
	log=$blog/log/main/current
	wait_until test -e "$log"
	wait_until is_up "$blog"
	wait_until is_up "$blog/log"
}

is_answered() {
	"$hello" -g "$port" >page 2>/dev/null && has '^Hello from process' page
}

# processes that live in the directory of a demo, be it removed or not
survivors() {
	"$TOOL/below" -l "$T" | grep " $T/upkeep\."
}

stop_demo() {
	result=0
	kill "-$1" "$demo"
	wait "$demo" || result=$?
	[ "$result" = 0 ]
	[ "$(echo "$T"/upkeep.*)" = "$T/upkeep.*" ]
	if "$hello" -g "$port"; then false; fi
	if survivors; then false; fi
}

test_page_log_and_restarts() {
	start_demo
	wait_until has '200 GET / HTTP/1.0$' "$log"
	has '^@[0-9a-f]\{24\} listening on 127\.0\.0\.1:' "$log"
	pid=$(pid_of "$blog")
	has "^Hello from process $pid, " page
	survivors
	svc -t "$blog"
	wait_until is_up_anew "$blog" "$pid"
	wait_until is_answered
	pid=$(pid_of "$blog")
	kill -KILL "$pid"
	wait_until is_up_anew "$blog" "$pid"
	wait_until is_answered
	three() { [ "$(grep -c ' listening on ' "$log")" = 3 ]; }
	wait_until three
	stop_demo TERM
}

# The lines that it prints can be pasted.
test_what_it_says() {
	start_demo
	wait_until has 'svc -t' shown
	sed -n 's/^    //p' shown >lines
	[ "$(wc -l <lines)" = 3 ]
	sed -n 1p lines | sh >status
	[ "$(grep -c ': up (pid [0-9]*) [0-9]* seconds$' status)" = 2 ]
	(eval "exec $(sed -n 2p lines)") >followed 2>&1 &
	echo $! >>"$PIDS"
	wait_until has 'listening on' followed
	pid=$(pid_of "$blog")
	sed -n 3p lines | sh
	wait_until is_up_anew "$blog" "$pid"
	stop_demo TERM
}

# It builds what it runs, and nothing else.
test_make_run_builds_no_test() {
	MAKEFLAGS="" make -C "$SRC" -n B="$T/build" run >plan
	has ' -o .*/bin/svscan ' plan
	if grep 'tests/tool\|tests/unit\|setlock' plan; then false; fi
}

test_end_by_each_signal() {
	start_demo
	stop_demo HUP
	start_demo
	stop_demo TERM
}

test_busy_port() {
	start_demo
	result=0
	PORT=$port TMPDIR=$T sh "$SRC/doc/demo" "$BUILD" >out 2>err || result=$?
	[ "$result" = 111 ]
	has "unable to listen on 127.0.0.1:$port: " err
	has 'make run PORT=' err
	[ "$(echo "$T"/upkeep.*/srv/blog/run | wc -w)" = 1 ]
	stop_demo TERM
}

run_tests "$@"
