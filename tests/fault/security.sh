#!/bin/sh
# What another user can do: the modes of all files under three umasks; whom the
# FIFOs and files let in; links of every kind at each name that root's supervise
# and multilog open in directories of somebody else; hostile datagrams; and what
# a service inherits.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

FAULTS=0

as_root() {
	[ "$(id -u)" = 0 ] || skip 'root alone can try that'
}

sleeper() {
	mkdir "$1"
	script "$1/run" <<-'END'
		#!/bin/sh
		echo ready >&3
		exec sleep 1000
	END
	echo 3 >"$1/notification-fd"
	: >"$1/notify-socket"
}

# A supervise on s that ends when it wants to.
start() {
	supervise s 2>err &
	sup=$!
	echo "$sup" >>"$PIDS"
}

stop() {
	kill -TERM "$sup" 2>/dev/null || :
	wait_until gone "$sup"
}

modes() {
	rm -rf services
	mkdir -p services/a/log
	sleeper services/a/x
	mv services/a/x/* services/a/
	script services/a/log/run <<-'END'
		#!/bin/sh
		exec multilog s4096 n3 t ./main
	END
	(
		umask "$1"
		exec svscan services 2>err
	) &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until test -S services/a/supervise/notify-socket
	wait_until test -f services/a/log/main/current
	wait_until is_up services/a
	# A file that gets its name meanwhile is found by its new one below.
	find services -path '*supervise*' -printf '%m %y %P\n' \
	    -o -path '*/main*' -printf '%m %y %P\n' >modes || :
	has ' a/supervise/ok$' modes
	kill -TERM "$scan"
	wait_until gone "$scan"
	find services -path '*supervise*' -printf '%m %y %P\n' \
	    -o -path '*/main*' -printf '%m %y %P\n' >>modes
	cat modes
	# What others may write to: ok, as svok does, and the socket.
	awk '
	{
		others = substr($1, length($1)) + 0
		group = substr($1, length($1) - 1, 1) + 0
	}
	$2 == "s" || ($2 == "p" && $3 ~ /supervise\/ok$/) { next }
	others % 4 >= 2 || group % 4 >= 2 { print "writable: " $0; bad = 1 }
	$2 == "p" && others { print "FIFO: " $0; bad = 1 }
	END { exit bad }' modes
}

campaign_modes_under_three_umasks() {
	for mask in 000 022 077; do
		try 'security: modes of all files' upkeep modes "$mask"
	done
	[ "$FAULTS" = 0 ]
}

# denied COMMAND...: nobody cannot do that
denied() {
	! nobody "$@" 2>/dev/null
}

reach() {
	case $1 in
	control) denied sh -c 'echo d >s/supervise/control' ;;
	svc) denied svc -w -d s ;;
	read_control) denied sh -c 'exec 3<s/supervise/control' ;;
	replace) denied rm -f s/supervise/status ;;
	make) denied sh -c ': >s/supervise/report.new' ;;
	lock) denied sh -c 'exec 3<s/supervise/lock' ;;
	notify) denied sh -c 'echo >s/supervise/notify' ;;
	signal) denied kill -TERM "$sup" ;;
	ok) nobody svok s ;;
	status) nobody svstat s ;;
	esac && is_up s
}

campaign_what_another_user_can_reach() {
	as_root
	chmod 0711 "$T"
	nobody test -x "$BIN/svstat" || skip "nobody cannot go to $BIN"
	sleeper s
	start
	wait_until is_up s
	for way in control svc read_control replace make lock notify signal \
	    ok status; do
		try 'security: what another user can reach' upkeep reach "$way"
	done
	stop
	[ "$FAULTS" = 0 ]
}

# lay KIND NAME: something of that kind is there, laid by nobody
lay() {
	echo precious >precious
	chmod 600 precious
	touch -d 2001-01-01 precious
	rm -rf elsewhere
	mkdir elsewhere
	mkfifo -m 600 elsewhere/fifo
	case $1 in
	dangling) ln -s "$T/elsewhere/made" "$2" ;;
	itself) ln -s "${2##*/}" "$2" ;;
	file) ln -s "$T/precious" "$2" ;;
	second_name) ln "$T/precious" "$2" ;;
	to_fifo) ln -s "$T/elsewhere/fifo" "$2" ;;
	fifo) mkfifo "$2" ;;
	directory) mkdir "$2" ;;
	esac
	chown -h 65534:65534 "$2" || :
	[ "$1" != second_name ] || chown 0:0 precious
	before=$(stat -c '%a %u %s %Y %i' precious elsewhere/fifo)
}

unharmed() {
	[ "$(cat precious)" = precious ]
	[ "$before" = "$(stat -c '%a %u %s %Y %i' precious elsewhere/fifo)" ]
	[ "$(ls elsewhere)" = fifo ]
}

decided() {
	is_up s || gone "$sup" || has 'unable to listen' err
}

# of_supervise KIND NAME: it comes up, or says why it does not
of_supervise() {
	rm -rf s precious
	sleeper s
	mkdir s/supervise
	lay "$1" "s/supervise/$2"
	chown 65534:65534 s/supervise
	start
	wait_until decided
	if is_up s; then
		svc -r s
		wait_until has '^starts=2' s/supervise/report
	else
		has '^supervise: \(fatal\|warning\): ' err
	fi
	# Nobody else's FIFO is read or written.
	fds=$(readlink "/proc/$sup/fd/"* 2>/dev/null || :)
	case $fds in
	*"$T/elsewhere"*) false ;;
	esac
	stop
	unharmed
}

# of_multilog KIND NAME: it writes, or says why it does not
of_multilog() {
	rm -rf main precious
	mkdir main
	lay "$1" "main/$2"
	chown 65534:65534 main
	code=0
	seq 1 5000 | timeout -s KILL 20 multilog s4096 n3 '!cat' ./main \
	    2>err || code=$?
	[ "$code" = 0 ] || { [ "$code" = 111 ] && has '^multilog: ' err; }
	unharmed
}

KINDS='dangling itself file second_name to_fifo fifo directory'
STEP=${STEP:-10}

kinds_and_names() {
	for kind in $KINDS; do
		for name in lock control ok status status.new report report.new \
		    final final.new notify notify-socket; do
			echo "supervise $kind $name"
		done
		for name in lock current state newstate previous processed \
		    @4000000000000000000000ff.s; do
			echo "multilog $kind $name"
		done
	done
}

campaign_links_under_root() {
	as_root
	kinds_and_names | awk -v step="$STEP" 'NR % step == 0' >tries
	while read -r program kind name; do
		try "security: what another user lays for $program of root" \
		    upkeep "of_$program" "$kind" "$name"
	done <tries
	[ "$FAULTS" = 0 ]
}

# A report that nobody has written names a process of root.
campaign_forged_report() {
	as_root
	sleeper s
	start
	wait_until is_up s
	pid=$(pid_of s)
	background sleep 1000
	victim=$!
	kill -KILL "$sup" "$pid"
	wait_until gone "$sup"
	wait_until gone "$pid"
	sed "s/^pid=.*/pid=$victim/; s/^session=.*/session=$victim/
	    s/^born=.*/born=$(stat_of "$victim" 20)/" s/supervise/report >forged
	mv forged s/supervise/report
	chown 65534:65534 s/supervise s/supervise/report
	start
	wait_until is_up s
	try 'security: a report that another user has written' upkeep \
	    [ "$(pid_of s)" != "$victim" ]
	svc -d s
	wait_until is_down s
	alive "$victim"
	stop
	[ "$FAULTS" = 0 ]
}

# send CODE: as nobody, with the socket's path in p and the socket in s
send() {
	nobody /usr/bin/python3 -c "
import array, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setblocking(False)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
p = 's/supervise/notify-socket'
def send(text, fds = []):
    c = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds))]
    try: s.sendmsg([text], c if fds else [], 0, p)
    except OSError: pass
$1"
}

descriptors() {
	find "/proc/$sup/fd" | wc -l
}

as_before() {
	[ "$(descriptors)" = "$has_before" ]
}

# It waits for its descriptors, and has no file open that it publishes.
is_idle() {
	has poll "/proc/$sup/wchan"
}

datagram() {
	send "$1"
	# A barrier: what the service says is read after all that.
	echo "$2" >s/now.new
	mv s/now.new s/now
	wait_until has "^status_text=barrier$2" s/supervise/report
	has '^state=running' s/supervise/report
	wait_until as_before
}

campaign_hostile_datagrams() {
	as_root
	nobody /usr/bin/python3 -c '' || skip 'no python3'
	chmod 0711 "$T"
	nobody test -x "$TOOL/notify" || skip "nobody cannot go to $BIN"
	mkdir s
	: >s/notify-socket
	script s/run <<-END
		#!/bin/sh
		said=0
		while :; do
			read -r n <now
			if [ "\$n" != "\$said" ]; then
				$TOOL/notify "STATUS=barrier\$n" gone
				said=\$n
			else
				sleep 0.05
			fi
		done
	END
	echo 0 >s/now
	start
	wait_until is_up s
	wait_until is_idle
	has_before=$(descriptors)
	n=0
	for code in "send(b'READY=1')" "send(b'READY=1\\n')" \
	    "send(b'READY=1\\0')" "send(b'')" "send(b'\\0' * 4096)" \
	    "send(b'x' * 4088 + b'\\nREADY=1')" \
	    "send(b'x' * 200000)" "send(b'STATUS=' + b'\\x1b' * 9000)" \
	    "send(b'READY=1', [0] * 1)" "send(b'READY=1', [0, 1, 2] * 80)" \
	    "[send(b'READY=1', [0] * 9) for i in range(3000)]" \
	    "[send(b'STOPPING=1') for i in range(20000)]"; do
		n=$((n + 1))
		try 'security: datagrams of another user' upkeep \
		    datagram "$code" "$n"
	done
	is_up s
	stop
	[ "$FAULTS" = 0 ]
}

# inherits WORDS COMMAND...: what ./run finds when svscan was started like that
inherits() {
	rm -rf services found
	mkdir -p services/a
	script services/a/run <<-'END'
		#!/bin/sh
		{
			ls /proc/self/fd
			grep '^Sig\(Blk\|Ign\)' /proc/self/status
			umask
			pwd
			env | grep -v '^\(PWD\|OLDPWD\|_\|SHLVL\)='
			cut -d ' ' -f 6 /proc/self/stat | grep -x $$ ||
				echo no session
		} >../../new 2>&1
		mv ../../new ../../found
		exec sleep 1000
	END
	"$@" svscan services 5<services 9<services 2>err &
	scan=$!
	echo "$scan" >>"$PIDS"
	wait_until test -e found
	wait_until is_up services/a
	pid=$(pid_of services/a)
	cat found
	# 3 and 4 are those of ls, and of the shell that redirects.
	{
		printf '0\n1\n2\n3\n'
		printf 'SigBlk:\t%016d\nSigIgn:\t%016d\n' 0 0
		printf '%s\n%s\n' "$MASK" "$T/services/a"
		"$@" env | grep -v '^\(PWD\|OLDPWD\|_\|SHLVL\)='
		echo "$pid"
	} >wanted
	sort wanted >wanted.sorted
	sort found | diff wanted.sorted -
	kill -TERM "$scan"
	wait_until gone "$scan"
}

campaign_what_a_service_inherits() {
	MASK=0022
	try 'security: what a service inherits' upkeep inherits env
	try 'security: what a service inherits' upkeep inherits \
	    env -i PATH="$PATH" UPKEEP_TEST_RUN="$T" x='a b' empty=
	try 'security: what a service inherits' upkeep inherits \
	    setsid
	for option in --ignore-signal --block-signal; do
		env $option true || continue
		try 'security: what a service inherits' upkeep inherits \
		    env $option=PIPE,TERM,HUP,INT,USR1,CHLD
	done
	[ "$FAULTS" = 0 ]
}

run_tests "$@"
