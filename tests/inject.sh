# shellcheck shell=sh
# For campaigns that let one system call fail at a time, with each error that the
# kernel may give there (tests/tool/kill_at.c, calls.h).  Their row of the table
# and whom they are tried on are $ROW and $WHO; what fails with upkeep fails the
# test, what fails with others is counted.
#
#   STEP=1         every one of them; every hundredth if not set
#   OFFSET=0       of those, from 0 to STEP - 1: another one every day
#   WIDTH=8        that many at a time
#   MOST=400       of those of others, where one makes very many

STEP=${STEP:-100}
OFFSET=${OFFSET:-$(($(date +%s) / 86400 % STEP))}
WIDTH=${WIDTH:-8}

# What kill_at is told: that a call fails, with the error that follows.
HOW=-e

# The most system calls that a program makes in one attempt if it does not spin; to
# look for what a service has left behind takes three for each process there is.
CALLS_MAX=${CALLS_MAX:-20000}

# Ours may have been installed over theirs.
ours_or_theirs() {
	[ "$WHO" = upkeep ] || [ "$WHO" != daemontools ] ||
	    not cmp -s "${1%/*}/svstat" "${1%/*}/svok" ||
	    skip "$1 is not that of $WHO"
}

# What comes of a part of an attempt: of the row $1, survived or before.
begin() {
	echo "$1" >row
}

survived() {
	tally "$(cat row)" "$WHO" 1 1 0 0
	rm row
}

before() {
	tally "$(cat row)" "$WHO" 1 0 1 0
	rm row
}

# 0 if the call that was meant has come
has_happened() {
	has '^failed\|^killed' trace
}

# may_fail COMMAND...: all that could fail, to the file may
may_fail() {
	rm -f trace
	code=0
	"$TOOL/kill_at" -l trace 0 "$@" || code=$?
	[ "$code" != 77 ] || skip "$(sed -n 's/^denied //p' trace)"
	sed -n 's/^may //p' trace >may
}

# Instead of a failure there are
# an outage: for each call and error, all such calls fail for two seconds from
# one in the middle on; those that say that it is to be done again come once only
outages() {
	grep -v "EINTR\|^read.*EAGAIN\|^write.*EAGAIN\|short" may | sort | awk '
	function flush() { if (k) print lines[int((k + 1) / 2)]; k = 0 }
	$1 " " $3 != last { flush(); last = $1 " " $3 }
	{ lines[++k] = $0 }
	END { flush() }' >middle
	mv middle may
	HOW='-o 2000 -e'
}

# or a signal: at each call, of those named one after the other
signals() {
	awk -v names="$*" '
	BEGIN { n = split(names, name, " ") }
	!seen[$1, $2]++ { print $1, $2, name[++k % n + 1] }' may >moments
	mv moments may
	HOW=-g
}

# attempts FUNCTION: called as FUNCTION CALL N ERROR for each line of may, in a
# directory of its own that is empty
attempts() {
	FAILURES=0
	BATCH=
	{ set +x; } 2>/dev/null
	lines=$(wc -l <may)
	[ "$lines" -gt 0 ]
	step=$((STEP * (1 + lines / (${MOST:-$lines} + 1))))
	[ "$step" -le "$lines" ] || step=$lines
	sed -n "$((step - OFFSET % step))~${step}p" may >chosen
	while read -r call n error; do
		name=$call-$n-$error
		mkdir "$name"
		(
			cd "$name" || exit
			set -x
			"$1" "$call" "$n" "$error"
		) >"$name/log" 2>&1 </dev/null &
		BATCH="$BATCH $!:$name"
		[ "$(echo "$BATCH" | wc -w)" -lt "$WIDTH" ] || batch
	done <chosen
	batch
	set -x
	[ "$FAILURES" = 0 ]
}

batch() {
	for pid_and_name in $BATCH; do
		name=${pid_and_name#*:}
		code=0
		wait "${pid_and_name%%:*}" || code=$?
		if [ "$code" != 0 ] && grep -qs '^failed\|^killed' "$name/trace"
		then
			tally "$(cat "$name/row")" "$WHO" 1 0 0 1
			echo "$WHO: $name: $(cat "$name/row")" >&2
			if [ "$WHO" = upkeep ]; then
				FAILURES=$((FAILURES + 1))
			fi
			tail -n 25 "$name/log" >&2
			(cd "$name" && cat trace err) >&2
		fi
		end_of_attempt "$name"
	done
	BATCH=
}

# What an attempt has left running, which may be starting more, and its files.
end_of_attempt() {
	wait_until removed "$1"
}

removed() {
	for pid in $(processes_below "$T/$1"); do
		kill -KILL "$pid" 2>/dev/null || :
	done
	rm -rf "${T:?}/$1" 2>/dev/null
}
