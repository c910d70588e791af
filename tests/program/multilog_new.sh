#!/bin/sh
# multilog: the actions that daemontools does not have, the warnings, --check.
# shellcheck source=/dev/null
. "${0%/*}/../lib.sh"

all() {
	cat "$1"/@* "$1"/current 2>/dev/null || :
}

rotated() {
	[ -n "$(find "$1" -name '@*.s')" ]
}

size_of_old() {
	cat "$1"/@* | wc -c
}

test_utc() {
	printf 'one\n\ntwo' | TZ=Asia/Kolkata multilog d ./d
	[ "$(grep -c '^20[0-9-]*T[0-9:]*\.[0-9]\{9\}Z ' d/current)" = 3 ]
	sort -u d/current | cmp - d/current
	stamp=$(head -n 1 d/current | cut -d' ' -f1)
	age=$(($(date +%s) - $(date -d "$stamp" +%s)))
	[ $age -ge 0 ]
	[ $age -lt 60 ]
}

test_local() {
	echo one | TZ=AAA-05:30 multilog D ./d
	grep -q '^20[0-9-]*T[0-9:]*\.[0-9]\{9\}+05:30 one$' d/current
	stamp=$(head -n 1 d/current | cut -d' ' -f1)
	age=$(($(date +%s) - $(date -d "$stamp" +%s)))
	[ $age -ge 0 ]
	[ $age -lt 60 ]
	echo one | TZ=AAA+03:00 multilog D ./e
	has '-03:00 one$' e/current
}

test_prefix() {
	printf 'one\n\ntwo' | multilog 'pweb: ' ./d
	printf 'web: one\nweb: \nweb: two\n' | cmp - d/current
	echo one | multilog t 'pweb: ' '-*' '+* web: *' ./e
	grep -q '^@[0-9a-f]\{24\} web: one$' e/current
}

test_stdout() {
	head -c 100000 /dev/zero | tr '\0' x >long
	{ echo one; cat long; echo; echo two; } >in
	multilog 1 '-one' ./d <in >out
	cmp in out
	tail -n +2 in >want
	all d | cmp - want
	printf 'one\ntwo\n' | multilog 1 '-one' 1 >out
	sort out >sorted
	printf 'one\ntwo\ntwo\n' | cmp - sorted
}

test_stdout_reader_gone() {
	{ seq 1 100000; } | { multilog 1 ./d 2>err; echo $? >code; } | head -n 1
	wait_until has 0 code
	has 'multilog: warning: unable to write to standard output' err
	[ "$(wc -l <err)" = 1 ]
	[ "$(all d | tail -n 1)" = 100000 ]
}

test_stdout_reader_waits() {
	mkfifo fifo in
	exec 3<>fifo
	exec 4<>in
	multilog 1 ./d <in >fifo 2>err &
	pid=$!
	seq 1 100000 >&4 &
	writer=$!
	wait_until has . d/current
	kill -TERM $pid
	wait_until gone $pid
	kill $writer
}

test_sizes() {
	seq 1 20000 | multilog s8k n100 ./d
	for f in d/@*; do
		[ "$(stat -c %s "$f")" -le 8192 ]
		[ "$(stat -c %s "$f")" -ge 6192 ]
	done
}

# What is empty has no age: it is not rotated while its neighbour is.
test_rotates_what_is_old() {
	mkfifo fifo
	exec 3<>fifo
	multilog R1 ./d '-one' ./e <fifo &
	wait_until test -f e/current
	echo one >&3
	wait_until rotated d
	[ "$(cat d/@*.s)" = one ]
	[ ! -s d/current ]
	not rotated e
	echo two >&3
	wait_until rotated e
	[ "$(cat e/@*.s)" = two ]
	wait_until has_old 2 d
	[ "$(cat d/@*.s)" = "one
two" ]
}

# 0 if the log in DIR has that many old files
has_old() {
	[ "$(find "$2" -name '@*' | wc -l)" = "$1" ]
}

test_age_survives_a_restart() {
	echo one | multilog ./d
	touch -d '1 hour ago' d/lock
	mkfifo fifo
	exec 3<>fifo
	multilog R30m ./d <fifo &
	wait_until rotated d
	[ "$(cat d/@*.s)" = one ]
	multilog R3h ./e <fifo &
}

test_total_size() {
	seq 1 20000 | multilog s8k n100 c20k ./d
	[ "$(size_of_old d)" -le 20480 ]
	[ "$(size_of_old d)" -gt 8192 ]
	[ "$(all d | tail -n 1)" = 20000 ]
	# the newest always stays
	seq 1 20000 | multilog s8k n100 c1 ./e
	[ "$(find e -name '@*' | wc -l)" = 1 ]
}

test_warnings() {
	echo one | multilog t log/main s5x '' ./d t 2>err
	has '^multilog: warning: action log/main: unknown action' err
	has '^multilog: warning: action s5x: ' err
	has '^multilog: warning: action : unknown' err
	has '^multilog: warning: action t: only at the beginning' err
	[ "$(wc -l <err)" = 4 ]
	has ' one$' d/current
	multilog t log/main </dev/null 2>err
	has '^multilog: warning: nothing is written' err
}

test_check() {
	multilog --check t '-*' '+*a' s5M n3 '!gzip' R1d c1G ./d >out
	[ "$(wc -l <out)" = 9 ]
	has 's5M .*: 5242880$' out
	has 'R1d .*: 86400$' out
	[ ! -e d ]
	code=0
	multilog --check t log/main >out || code=$?
	[ $code = 100 ]
	has 'log/main .*unknown' out
	code=0
	multilog --check >out || code=$?
	[ $code = 100 ]
}

test_help_and_version() {
	multilog --version >out
	has '^multilog (upkeep) [0-9]' out
	multilog --help >out
	# every action is in the manual, and the other way round
	sed -n 's/^  \([^ ]\).*/\1/p' out | sort -u >letters
	grep -c . letters >count
	[ "$(cat count)" = 16 ]
	while read -r letter; do
		case $letter in
		. | /) continue ;;
		esac
		grep -q "^\.It Ic \(\\\\&\)*$letter\( \|\$\)" \
		    "$SRC/multilog/multilog.8"
	done <letters
}

run_tests "$@"
