# shellcheck shell=sh
# The inside of doc.sh: carries out the examples of a page, which call "file",
# "example" and "shows", in a root directory that is theirs alone.

# Output with what varies made equal: pids, times, stamps, blanks.
equalize() {
	sed -E 's/@[0-9a-f]{24}/@STAMP/g
	    s/20(2[6-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}([.,][0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})?/STAMP/g
	    s/\bpid [0-9]+/pid N/g
	    s/ (starting|running|ready|stopping|finishing) +[0-9]+ / \1 N /
	    s/("?pid"?[:=]) ?[0-9]+/\1 N/g
	    s/\b[0-9]+ seconds?\b/N seconds/g
	    s/\b[0-9]+(\.[0-9]+)?s\b/Ns/g
	    s/[ 	]+/ /g
	    s/[ \r]*$//' "$1"
}

# matches EXPECTED GOT: the same, where "..." stands for anything
matches() {
	equalize "$1" >"$1.equal"
	equalize "$2" >"$2.equal"
	awk -v expected="$1.equal" '
	BEGIN {
		while ((getline line <expected) > 0)
			want = want line "\n"
	}
	{ got = got $0 "\n" }
	END {
		n = split(want, part, /\.\.\./)
		if (n == 1)
			exit got != want
		if (substr(got, 1, length(part[1])) != part[1])
			exit 1
		got = substr(got, length(part[1]) + 1)
		for (i = 2; i < n; i++) {
			if (!(at = index(got, part[i])))
				exit 1
			got = substr(got, at + length(part[i]))
		}
		last = part[n]
		exit length(got) < length(last) ||
		    substr(got, length(got) - length(last) + 1) != last
	}' "$2.equal"
}

# file NAME: made of standard input; one that begins with #! can be executed
file() {
	mkdir -p "${1%/*}"
	cat >"$1"
	chmod 644 "$1"
	[ "$(head -c 2 "$1")" != '#!' ] || chmod 755 "$1"
	echo "# file $1"
}

# skipping REASON: ends the test as skipped
skipping() {
	echo "$*" >/tmp/reason
	exit 77
}

needs() {
	for program; do
		command -v "$program" >/dev/null || skipping "no $program"
	done
}

example() {
	example=/tmp/example.$1
	cat >"$example"
}

# Runs the command of line $1, and compares what it prints with standard input.
# One that only looks may be early, and is run again; tail -F is ended when it
# has shown all.
shows() {
	cat >"$example.want"
	sed "s/^/$1: \$ /" "$example"
	case $(cat "$example") in
	'tail -F '*)
		sh "$example" >"$example.got" 2>&1 &
		follower=$!
		within matches "$example.want" "$example.got" || fail "$1"
		kill $follower
		return
		;;
	'svstat '* | 'svok '* | 'cat '* | 'tail '* | 'head '* | 'grep '* | \
	    'ls '* | 'curl '* | 'zcat '*)
		within once_more || fail "$1"
		return
		;;
	esac
	# shellcheck disable=SC1090
	. "$example" >"$example.got" 2>&1 </dev/null
	code=$?
	[ $code = 0 ] || fail "$1" "exit $code"
	matches "$example.want" "$example.got" || fail "$1"
}

once_more() {
	# shellcheck disable=SC1090
	(. "$example") >"$example.got" 2>&1 </dev/null &&
	    matches "$example.want" "$example.got"
}

within() {
	looks=$((DEADLINE * 20))
	until "$@"; do
		[ $((looks -= 1)) -gt 0 ] || return 1
		sleep 0.05
	done
}

fail() {
	echo "line $1: $2"
	echo '--- the page says:'
	cat "$example.want"
	echo '--- what came:'
	cat "$example.got"

	for log in /tmp/svscan.log /srv/home/svscan.log /var/log/svscan.log /srv/*/log/main/current; do
		[ ! -s "$log" ] || tail -n 8 "$log" | sed "s|^|$log: |"
	done
	exit 1
}
