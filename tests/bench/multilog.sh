#!/bin/sh
# make bench-multilog: multilog beside daemontools' multilog, s6-log, svlogd,
# and cat.  Everything runs in turn, ROUNDS times; the medians are printed.
#
#   MB=256 ROUNDS=7 BENCH_DIR=/var/tmp make bench-multilog
#
# Without BENCH_DIR it happens in memory, where there is room: on a disk, cat
# alone does not wait until everything is there.
#
# real MB/s; CPU seconds per GB; system calls per MB (Linux, where tracing is
# allowed); and the time as a multiple of that of cat.
cd "$(dirname "$0")/../.." || exit 1
BUILD=$(cd "${1:-build}" && pwd) || exit 1
MB=${MB:-256}
ROUNDS=${ROUNDS:-7}
LENGTHS=${LENGTHS:-20 120 4096}
place=${TMPDIR:-/tmp}
free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ "${free:-0}" -gt $((MB * 4096)) ]; then
	place=/dev/shm
fi
dir=$(mktemp -d "${BENCH_DIR:-$place}/upkeep.bench.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
ours=$BUILD/bin/multilog
peer=$(command -v multilog)
[ "$peer" != "$ours" ] || peer=
feed=$BUILD/tests/tool/line_bench
wrap=

# Each prints its command line's result: "microseconds cpu".  $1 bytes, $2
# length of a line.
cat_plain() { $feed "$1" "$2" $wrap cat >d.out; }
ours_plain() { $feed "$1" "$2" $wrap "$ours" s1G ./d; }
multilog_plain() { $feed "$1" "$2" $wrap "$peer" s16777215 n1000 ./d; }
s6_plain() { $feed "$1" "$2" $wrap s6-log -b s268435455 n1000 ./d; }
svlogd_plain() { mkdir d && echo s999999999 >d/config &&
	$feed "$1" "$2" $wrap svlogd ./d; }

ours_stamp() { $feed "$1" "$2" $wrap "$ours" t s1G ./d; }
multilog_stamp() { $feed "$1" "$2" $wrap "$peer" t s16777215 n1000 ./d; }
s6_stamp() { $feed "$1" "$2" $wrap s6-log -b t s268435455 n1000 ./d; }
svlogd_stamp() { mkdir d && echo s999999999 >d/config &&
	$feed "$1" "$2" $wrap svlogd -t ./d; }

ours_select() { $feed "$1" "$2" $wrap "$ours" t '-*' '+*status=500*' s1G ./d; }
multilog_select() { $feed "$1" "$2" $wrap "$peer" t '-*' '+*status=500*' \
	s16777215 n1000 ./d; }
s6_select() { $feed "$1" "$2" $wrap s6-log -b - '+status=500' t s268435455 ./d; }
svlogd_select() { mkdir d && printf '%s\n' s999999999 '-*' '+*status=500*' \
	>d/config && $feed "$1" "$2" $wrap svlogd -t ./d; }

ours_rotate() { $feed "$1" "$2" $wrap "$ours" s16000000 n5 ./d; }
multilog_rotate() { $feed "$1" "$2" $wrap "$peer" s16000000 n5 ./d; }
s6_rotate() { $feed "$1" "$2" $wrap s6-log -b s16000000 n4 ./d; }
svlogd_rotate() { mkdir d && printf '%s\n' s16000000 n4 >d/config &&
	$feed "$1" "$2" $wrap svlogd ./d; }

ours_two() { $feed "$1" "$2" $wrap "$ours" s1G ./d ./e; }
multilog_two() { $feed "$1" "$2" $wrap "$peer" s16777215 n1000 ./d ./e; }
s6_two() { $feed "$1" "$2" $wrap s6-log -b s268435455 n1000 ./d ./e; }
svlogd_two() { mkdir d e && echo s999999999 | tee d/config >e/config &&
	$feed "$1" "$2" $wrap svlogd ./d ./e; }

# A peer that is not there, or has no such thing, is left out.
present() {
	case $1 in
	ours) ;;
	cat) [ "$2" = plain ] ;;
	multilog) [ -n "$peer" ] ;;
	s6) command -v s6-log >/dev/null ;;
	svlogd) command -v svlogd >/dev/null ;;
	esac
}

one() {
	rm -rf d e d.out
	"$1_$2" $((MB * 1048576)) "$3" 2>&1 >/dev/null |
	    tail -n 1 >>"result.$1.$2.$3"
}

median() {
	sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}

# System calls per MB, in a run of 16 MB.
calls() {
	rm -rf d e d.out report
	wrap="$BUILD/tests/tool/kill_at report 0"
	"$1_$2" 16777216 "$3" >/dev/null 2>&1
	wrap=
	sed -n 's/^count //p' report | awk '{ print int($1 / 16) }'
}

table() {
	printf '\n%s, lines of %s bytes, %s MB, median of %s\n' "$1" "$2" \
	    "$MB" "$ROUNDS"
	printf '%-10s %8s %10s %10s %10s\n' '' MB/s 'CPU s/GB' calls/MB 'x ours'
	mine=$(cut -d' ' -f1 "result.ours.$1.$2" | median)
	for who in ours cat s6 multilog svlogd; do
		[ -s "result.$who.$1.$2" ] || continue
		real=$(cut -d' ' -f1 "result.$who.$1.$2" | median)
		cpu=$(cut -d' ' -f2 "result.$who.$1.$2" | median)
		echo "$who $real $cpu $mine $(calls "$who" "$1" "$2")" | awk -v mb="$MB" '{
			printf "%-10s %8.0f %10.3f %10s %10.2f\n", $1,
			    mb * 1048576 / $2, $3 / mb * 1024 / 1000000, $5,
			    $2 / $4 }'
	done
}

for kind in ${KINDS:-plain stamp select rotate two}; do
	for length in $LENGTHS; do
		round=0
		while [ $round -lt "$ROUNDS" ]; do
			for who in ours cat s6 multilog svlogd; do
				if present $who "$kind"; then
					one $who "$kind" "$length"
				fi
			done
			round=$((round + 1))
		done
		table "$kind" "$length"
	done
done
