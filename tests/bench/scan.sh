#!/bin/sh
# make bench-scan: svscan and its supervises beside daemontools 0.76, s6-svscan
# and runsvdir.  Each starts, holds and stops N services in turn, ROUNDS times;
# the medians are printed.
#
#   SIZES='100 1000' LOGGED='0 1' ROUNDS=5 PEERS='ours 0.76 s6 runit' \
#       make bench-scan
#
# ROUNDS=1 for more than 5000 services, if not set.  HOW=links: the links are
# made in one loop while the scanner runs already (s6-svscan gets an ALRM, as
# it does not look by itself).  IDLE_S (11) seconds of idling are measured in
# the first round.  DEADLINE (120) seconds until all must be gone.
#
# Columns: ms until all run, and from the stop request until all are gone; of
# the tree without the service programs, in kB per service: PSS, private dirty
# memory, page tables; CPU ms per second of the whole tree when idle; of the
# scanner alone: PSS and RSS in kB, CPU ms until all run, and in the stop; CPU
# ms of the whole tree until all run, and in the stop.
cd "$(dirname "$0")/../.." || exit 1
BUILD=$(cd "${1:-build}" && pwd) || exit 1
SIZES=${SIZES:-100 1000 10000}
LOGGED=${LOGGED:-0 1}
PEERS=${PEERS:-ours 0.76 s6 runit}
HOW=${HOW:-}
IDLE_S=${IDLE_S:-11}
DEADLINE=${DEADLINE:-120}
bench=$BUILD/tests/tool/scan_bench
tool=
status=0

# Not everywhere may programs be run.
usable() {
	dir=$(mktemp -d "$1/upkeep.bench.XXXXXX" 2>/dev/null) || return 1
	cp "$BUILD/tests/tool/scan_service" "$dir/run" &&
	    env -u SCAN_BENCH "$dir/run" 2>/dev/null
	[ $? -eq 100 ] || { rm -rf "$dir"; return 1; }
}

finish() {
	trap '' INT TERM HUP
	[ -z "$tool" ] || { kill "$tool"; wait "$tool"; } 2>/dev/null
	rm -rf "$dir"
}

free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
{ [ "${free:-0}" -gt 1000000 ] && usable /dev/shm; } ||
    usable "${TMPDIR:-/tmp}" || exit 1
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
cd "$dir" || exit 1

# The directory of the peer's program $1, which must not be one of ours.
directory_of() {
	echo "$PATH" | tr : '\n' | while read -r d; do
		if [ -x "$d/$1" ] && ! "$d/$1" --version 2>&1 </dev/null |
		    grep -q upkeep; then
			echo "$d"
			break
		fi
	done | grep .
}

# The peer's $1 rest of the command line of scan_bench: options or scanner.
options_of() {
	case $1 in
	0.76) echo "-x svc" ;;
	runit) echo "-s HUP" ;;
	esac
	[ "$HOW" != links ] || case $1 in
	s6) echo "-L ALRM" ;;
	*) echo "-L 0" ;;
	esac
}

scanner_of() {
	case $1 in
	ours | 0.76) echo svscan . ;;
	s6) echo "s6-svscan -c $(($2 * 2 + 10)) ." ;;
	runit) echo runsvdir . ;;
	esac
}

path_of() {
	case $1 in
	ours) echo "$BUILD/bin" ;;
	0.76) directory_of svscan ;;
	s6) directory_of s6-svscan ;;
	runit) directory_of runsvdir ;;
	esac
}

# one PEER N LOGGED IDLE_S: adds a line of numbers to the results
one() {
	mkdir run.d && ln "$dir/run" run.d/run
	where=$(path_of "$1") || {
		echo "not installed" >why
		rm -rf run.d
		return 1
	}
	set -- "$1" "$2" "$3" "$4" "$([ "$3" = 0 ] || echo -l)"
	# shellcheck disable=SC2046,SC2086
	PATH=$where:$PATH "$bench" $5 $(options_of "$1") -i "$4" \
	    -d "$DEADLINE" "$2" run.d $(scanner_of "$1" "$2") >line 2>why &
	tool=$!
	wait "$tool"
	code=$?
	tool=
	if [ $code -eq 0 ]; then
		cat line >>"result.$1.$2.$3"
		[ ! -s why ] || sed "s/^/$1: /" why >"note.$1"
	else
		tail -n 1 run.d/log >>why 2>/dev/null
	fi
	rm -rf run.d
	return $code
}

# column PEER N LOGGED COLUMN: the median
column() {
	[ -s "result.$1.$2.$3" ] || { echo -; return; }
	cut -d' ' -f"$4" "result.$1.$2.$3" | grep -v '^-$' | sort -n |
	    awk '{ a[NR] = $1 } END { print NR ? a[int((NR + 1) / 2)] : "-" }'
}

row() {
	for c in 1 2 3 4 5 6 7 8 9 10 11 12; do
		column "$1" "$2" "$3" $c
	done | tr '\n' ' '
	echo "$1"
}

table() {
	printf '\n%s services, %s loggers%s, median of %s\n' "$1" \
	    "$([ "$2" = 0 ] && echo no || echo with)" \
	    "$([ "$HOW" != links ] || echo ', links made meanwhile')" "$rounds"
	for who in $PEERS; do row "$who" "$1" "$2"; done | awk '
	BEGIN {
		format = "%-9s %8s %8s %7s %7s %6s %7s %7s %7s %8s %8s %8s %8s\n"
		printf format, "", "run", "gone", "PSS", "private", "PTE",
		    "idle", "scanner", "scanner", "scanner", "scanner", "all",
		    "all"
		printf format, "", "ms", "ms", "kB", "kB", "kB", "ms/s",
		    "PSS kB", "RSS kB", "run ms", "stop ms", "run ms",
		    "stop ms"
	}
	{
		if ($1 != "-")
			printf format, $13, $1, $2, $3, $4, $5, $6, $7, $8, $9,
			    $10, $11, $12
		for (i = 1; i <= 12; i++) {
			if ($13 == "ours" && $i != "-")
				mine[i] = $i
			if ($13 == "ours" || $i == "-")
				continue
			if (!(i in best) || $i + 0 < best[i] + 0)
				best[i] = $i
		}
	}
	END {
		for (i = 1; i <= 12; i++) {
			x[i] = "-"
			if (!(i in mine && i in best))
				continue
			x[i] = "1.00"
			if (best[i] > 0)
				x[i] = sprintf("%.2f", mine[i] / best[i])
			else if (mine[i] > 0)
				x[i] = "inf"
		}
		printf format, "x best", x[1], x[2], x[3], x[4], x[5], x[6],
		    x[7], x[8], x[9], x[10], x[11], x[12]
	}'
	cat note.* out.* 2>/dev/null
}

for size in $SIZES; do
	rounds=${ROUNDS:-$([ "$size" -gt 5000 ] && echo 1 || echo 5)}
	for logged in $LOGGED; do
		rm -f note.* out.*
		order=$PEERS
		round=0
		while [ $round -lt "$rounds" ]; do
			for who in $order; do
				[ ! -e "out.$who" ] || continue
				one "$who" "$size" "$logged" \
				    "$([ $round -gt 0 ] || echo "$IDLE_S")" &&
				    continue
				printf '%s left out: %s\n' "$who" \
				    "$(paste -sd';' why)" >"out.$who"
				[ "$who" != ours ] || status=1
			done
			# shellcheck disable=SC2086
			set -- $order
			first=$1
			shift
			order="$* $first"
			round=$((round + 1))
		done
		table "$size" "$logged"
	done
done
exit $status
