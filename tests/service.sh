# shellcheck shell=sh disable=SC2034
# For tests of a supervise: services, a supervise on one, what it reports.

# service NAME: a service directory whose run script is standard input
service() {
	mkdir -p "$1"
	script "$1/run"
}

# one that only sleeps, and adds a line to "starts" each time it starts
sleeper() {
	service "$1" <<-'END'
		#!/bin/sh
		echo x >>starts
		exec sleep 1000
	END
}

supervised() {
	case $(svstat "$1") in
	*'not running'* | *unable*) return 1 ;;
	esac
}

unsupervised() {
	case $(svstat "$1") in
	*'not running'*) ;;
	*) return 1 ;;
	esac
}

# run_supervise NAME: in the background, its pid in $SUP
run_supervise() {
	background supervise "$1"
	SUP=$!
	wait_until supervised "$1"
}

# traced_sleeper NAME: it is up, and system calls can be counted
traced_sleeper() {
	unsanitized
	command -v strace >/dev/null || skip 'no strace'
	strace -o trace true || skip 'no permission to trace'
	sleeper "$1"
	run_supervise "$1"
	wait_until is_up "$1"
}

# calls_for_one_more NAME COMMAND...: how many calls COMMAND makes for it, if it
# is given the name of a service once more; their trace is in "six"
calls_for_one_more() {
	name=$1
	shift
	strace -o one "$@" "$name" >out
	strace -o six "$@" "$name" "$name" "$name" "$name" "$name" "$name" >out
	echo $((($(wc -l <six) - $(wc -l <one)) / 5))
}

# the value of a name in the report
report() {
	{ set +x; } 2>/dev/null # a long list; and it runs in a subshell
	while IFS= read -r line; do
		case $line in
		"$2="*) echo "${line#*=}" ;;
		esac
	done <"$1/supervise/report"
}

report_is() {
	[ "$(report "$1" "$2")" = "$3" ]
}

report_has() {
	report "$1" "$2" | grep -q -- "$3"
}

# A service is up when ./run is executed, which may be before its first line is.
# has_started NAME N: it has written so many lines to "starts", and no more
has_started() {
	wait_until lines_at_least "$1/starts" "$2"
	[ "$(wc -l <"$1/starts")" = "$2" ]
}

# lines_at_least FILE N
lines_at_least() {
	[ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

# 0 if it was tried to start the service in $1 $2 times at least
attempted() {
	[ "$(report "$1" attempts)" -ge "$2" ]
}

# past MS: that many milliseconds since $BEGAN
past() {
	[ $(($(now_ms) - BEGAN)) -gt "$1" ]
}
