#!/bin/sh
# Power cuts under supervise: the calls that make, replace and remove its files
# are recorded during a start, a restart, a stop and an adoption.  From them
# every state of the names is made that a cut may leave: the first calls alone,
# and each one missing.  In each, the data of a file that was not synced is
# whole, half, zeros or not there.  On all of these supervise is started, after
# another boot, with the pid in the report that of a stranger who was even born
# at the same time.
#
#   STEP=1         every state; every fiftieth if not set
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

STEP=${STEP:-50}
FAULTS=0

service() {
	mkdir "$1"
	script "$1/run" <<-'END'
		#!/bin/sh
		exec sleep 1000
	END
}

# Lines "mkdir|make|fifo|unlink NAME" and "rename NAME NAME" of a trace.
calls() {
	sed -n -E \
	    -e 's/.* = -1 .*//' \
	    -e 's/.*mkdir\("(\.\/)?(supervise)", .*/mkdir \2/p' \
	    -e 's/.*open(at)?\((AT_FDCWD, )?"supervise\/([^"]*)", .*O_CREAT.*/make \3/p' \
	    -e 's/.*mknod(at)?\((AT_FDCWD, )?"supervise\/([^"]*)", S_IFIFO.*/fifo \3/p' \
	    -e 's/.*rename\("supervise\/([^"]*)", "supervise\/([^"]*)"\).*/rename \1 \2/p' \
	    -e 's/.*unlink\("supervise\/([^"]*)"\).*/unlink \1/p' "$1"
}

record() {
	service r
	for i in 1 2; do
		strace -f -o "trace$i" -e \
		    trace=mkdir,open,openat,mknod,mknodat,rename,unlink \
		    supervise r &
		tracer=$!
		echo "$tracer" >>"$PIDS"
		wait_until is_up r
		sup=$(sed -n 's/^supervise=//p' r/supervise/report)
		[ "$i" = 2 ] || { kill -KILL "$sup"; wait_until gone "$sup"; }
	done
	pid=$(pid_of r)
	svc -r r
	wait_until is_up_anew r "$pid"
	svc -dx r
	wait_until gone "$tracer"
	cat trace1 trace2 >trace
	calls trace >ops
	[ "$(wc -l <ops)" -gt 20 ]
	# Every file that it makes is in the states below.
	sed 's/^rename //; s/^[a-z]* //' ops | tr ' ' '\n' | sort -u |
	    grep -vx 'supervise\|lock\|control\|ok\|status\|status\.new' |
	    not grep -vx 'report\|report\.new\|final'
	cp r/supervise/report text
	cp r/supervise/status record
}

# states: one line for each state of the names, which are in it
states() {
	awk '
	function run(from, to, without, i, n, has, names) {
		split("", has)
		for (i = 1; i <= to; i++) {
			split(op[i], part, " ")
			if (i == without)
				continue
			if (part[1] == "rename") {
				if (part[2] in has)
					has[part[3]]
				delete has[part[2]]
			} else if (part[1] == "unlink") {
				delete has[part[2]]
			} else {
				has[part[2]]
			}
		}
		if (!("supervise" in has))
			split("", has)
		n = split(all, name, " ")
		for (i = 1; i <= n; i++)
			if (name[i] in has)
				names = names " " name[i]
		print names
	}
	BEGIN {
		all = "supervise lock control ok report report.new status" \
		    " status.new final"
	}
	{ op[NR] = $0 }
	END {
		for (to = 0; to <= NR; to++)
			for (without = 0; without <= to; without++)
				run(1, to, without)
	}' ops | sort -u
}

# fill FILE WHOLE DATA
fill() {
	size=$(wc -c <"$2")
	case $3 in
	whole) cp "$2" "$1" ;;
	half) head -c $((size / 2)) "$2" >"$1" ;;
	zeros) head -c "$size" /dev/zero >"$1" ;;
	none) : >"$1" ;;
	esac
	touch -d 2001-01-01 "$1"
}

# cut NAMES: the service directory s as it is left
cut_off() {
	rm -rf s
	service s
	for name in $1; do
		case $name in
		supervise) mkdir s/supervise ;;
		lock) : >s/supervise/lock ;;
		control) mkfifo -m 600 s/supervise/control ;;
		ok) mkfifo -m 622 s/supervise/ok ;;
		final) echo 0 >s/supervise/final ;;
		report*)
			sed "s/^pid=.*/pid=$STRANGER/; s/^born=.*/born=$BORN/
			    s/^session=.*/session=$STRANGER/; s/^boot=./boot=x/
			    s/^state=.*/state=stopping/; s/^starts=.*/starts=7/
			    s/^lock=.*/lock=$(stat -c '%d:%i' s/supervise/lock \
				2>/dev/null || echo 1:1)/" text >whole
			fill "s/supervise/$name" whole "$2"
			;;
		status*) fill "s/supervise/$name" record "$3" ;;
		esac
	done
}

# Printable, and no other words than those of a warning.
decent() {
	not grep -q '[^[:print:]	]' "$1"
}

comes_up() {
	svstat s >shown 2>&1 || :
	decent shown
	svstat -j s >shown 2>&1 || :
	decent shown
	supervise s 2>err &
	sup=$!
	echo "$sup" >>"$PIDS"
	wait_until is_up s
	pid=$(pid_of s)
	[ "$pid" != "$STRANGER" ]
	alive "$STRANGER"
	decent err
	not grep -v '^supervise: warning: ' err
	decent s/supervise/report
	case $(svstat -o state,starts s) in
	*1 | *8) ;;
	*) false ;;
	esac
	svc -d s
	wait_until is_down s
	alive "$STRANGER"
	kill -TERM "$sup"
	wait_until gone "$sup"
}

campaign_each_state_after_a_power_cut() {
	command -v strace >/dev/null || skip 'no strace'
	record
	states >names
	[ "$(wc -l <names)" -gt 10 ]
	background sleep 10000
	STRANGER=$!
	BORN=$(stat_of "$STRANGER" 20)
	for report in whole half zeros none; do
		for status in whole half zeros none; do
			sed "s/^/$report $status/" names
		done
	done | awk -v step="$STEP" 'NR % step == 0' >tries
	[ "$(wc -l <tries)" -ge 3 ]
	while read -r report status in_it; do
		cut_off "$in_it" "$report" "$status"
		try 'supervise: each state after a power cut' upkeep comes_up
	done <tries
	[ "$FAULTS" = 0 ]
}

# If the clock stands before the time of the file, half of a report cannot be
# told from one that a living service's supervise wrote on a full disk.
test_half_of_a_report_and_no_clock() {
	service s
	background supervise s
	wait_until is_up s
	svc -dx s
	wait_until not svok s
	head -c 60 s/supervise/report >half
	cp half s/supervise/report
	touch -d 2037-01-01 s/supervise/report
	code=0
	supervise s 2>err || code=$?
	[ "$code" = 111 ]
	has 'unable to read .*supervise/report' err
	touch -d 2001-01-01 s/supervise/report
	background supervise s
	wait_until is_up s
}

run_tests "$@"
