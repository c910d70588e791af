#!/bin/sh
# What the world's parsers make of our output, in all states: the patterns and
# the calls of configuration managers, monitoring and libraries, as a table; and
# those that are installed, themselves.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/service.sh
. "$SRC/tests/service.sh"

# The states, each as a service directory of that name.
states() {
	mkdir -p all
	for s in up down once want_down paused backoff failed finish normally_down; do
		mkdir "all/$s"
		script "all/$s/run" <<-'END'
			#!/bin/sh
			exec sleep 1000
		END
	done
	script all/backoff/run <<-'END'
		#!/bin/sh
		exit 1
	END
	cp all/backoff/run all/failed/run
	echo '1000000 1000000' >all/backoff/restart-delay
	echo '0 60' >all/failed/restart-limit
	script all/want_down/run <<-'END'
		#!/bin/sh
		trap '' TERM
		: >set
		while :; do sleep 0.05; done
	END
	script all/finish/finish <<-'END'
		#!/bin/sh
		: >finishing
		exec sleep 1000
	END
	echo 0 >all/finish/timeout-finish
	: >all/normally_down/down
	mkdir -p all/.unsupervised all/gone
	cp all/up/run all/gone/
	background svscan all
	for s in up down once want_down paused finish gone; do
		wait_until is_up "all/$s"
	done
	wait_until [ -e all/want_down/set ]
	svc -d all/down all/want_down
	svc -p all/paused
	svc -o all/once
	svc -t all/finish
	svc -o all/normally_down
	wait_until is_up all/normally_down
	wait_until [ -e all/finish/finishing ]
	wait_until shows_state backoff backoff
	wait_until shows_state failed failed
	wait_until shows_state down down
	wait_until shows_state want_down stopping
	wait_until shows_state finish finishing
	wait_until paused
	# The reports tell that; the statuses come after them.
	for s in down backoff failed finish; do
		wait_until is_down "all/$s"
	done
	wait_until wants_down
	# the link of a service that was removed
	mv all/gone .
	svc -dx gone
	wait_until unsupervised
	mv gone all/.gone
}

shows_state() {
	[ "$(svstat -o state "all/$1")" = "$2" ]
}

paused() {
	svstat all/paused | grep -q paused
}

wants_down() {
	svstat all/want_down | grep -q 'want down'
}

unsupervised() {
	svstat gone | grep -q 'not running'
}

# One line a state: its name, then what parsers are to find in it: is it up, is
# there a pid, is something wanted that is not so.
table='up               up   pid -
once             up   pid -
normally_down    up   pid -
paused           up   pid -
want_down        up   pid down
down             down -   -
failed           down -   -
backoff          down -   up
finish           down -   up
.unsupervised    none -   -
.gone            none -   -'

# Who reads "svstat DIR", with the pattern for up, for down and for the pid, in
# the syntax of Perl.
readers='ansible-svc;: up ;: down ;\(pid (\d+)\)
ansible-svc-seconds;(\d+) seconds;(\d+) seconds;
salt-daemontools;: up \(pid (\d+)\);: down;\(pid (\d+)\)
puppet-daemontools;:\s+up \(;:\s+down ;
chef-hirose31;: up \(pid [1-9];: down [0-9];
specinfra;up \(pid [0-9]+\);down \d;
sensu;.*: up \(pid (\d+)\) (\d+) seconds;.*: down (\d+) seconds;\(pid (\d+)\)
nagios-of-plugins;^[^:]+: (up) (?:\(pid \d+\) )?(\d+) seconds;^[^:]+: (down) (?:\(pid \d+\) )?(\d+) seconds;
panoptimon;^\S+: up \(pid \d+\) \d+ seconds;^\S+: down \d+ seconds;\(pid (\d+)\)
proc-daemontools;^\S+: up;^\S+: down;
zesk;: up \(pid (\d+)\) (\d+) seconds;: down (\d+) seconds;\(pid (\d+)\)'

matches() {
	printf '%s\n' "$2" | grep -Pq -- "$1"
}

test_table() {
	printf 'x\n' | grep -Pq x || skip 'grep has no -P'
	states
	echo "$table" | while read -r state up pid want; do
		line=$(svstat "all/$state" 2>err)
		[ ! -s err ]
		[ "$(printf '%s\n' "$line" | wc -l)" = 1 ]
		echo "$readers" | while IFS=';' read -r name is_up is_down has_pid; do
			: "$name $state: $line"
			case $up in
			up) matches "$is_up" "$line" ;;
			down) matches "$is_down" "$line" ;;
			none)
				not matches "$is_up" "$line"
				not matches "$is_down" "$line"
				;;
			esac
			if [ "$pid" = pid ] && [ -n "$has_pid" ]; then
				matches "$has_pid" "$line"
			fi
		done
		case $want in
		-) not matches ' want ' "$line" ;;
		*) matches " want $want\$" "$line" ;;
		esac
	done
	# Nagios wants nothing after a healthy line; Sensu the words right there.
	matches '^all/.+ seconds$' "$(svstat all/up)"
	matches ': down \d+ seconds, normally up$' "$(svstat all/down)"
	matches ', normally down$' "$(svstat all/normally_down)"
	matches ': supervise not running$' "$(svstat all/.gone)"
	matches ': unable to open supervise/ok: file does not exist$' \
	    "$(svstat all/.unsupervised)"
	matches ': unable to chdir: file does not exist$' "$(svstat all/nothing)"
}

# What they call, and what they take for success.
test_calls() {
	states
	# Ansible, Puppet, Salt, specinfra, Chef: exit code 0, nothing on stderr
	for letters in u d t o p c h a i 1 2 k; do
		svc -$letters all/up >out 2>&1
		[ ! -s out ]
	done
	svok all/up
	code=0
	svok all/.unsupervised || code=$?
	[ "$code" = 100 ]
	# Puppet and specinfra: the vanished path, and no log
	svc -d all/nothing 2>err
	has 'unable to chdir to all/nothing: file does not exist' err
	(cd all/up && exec svc -dx . log 2>"$T/err")
	[ "$(wc -l <err)" = 1 ]
	[ -p all/down/supervise/ok ]
}

# go-runit and node_exporter read 20 bytes; jehiah's go-daemontools and others
# the first 18; each with its constants.
test_status_bytes() {
	command -v python3 >/dev/null || skip 'no python3'
	states
	cat >read.py <<-'END'
		import struct, sys, time
		for line in sys.stdin:
		    name, up, pid, want = line.split()
		    print(name, file=sys.stderr)
		    b = open("all/%s/supervise/status" % name, "rb").read()
		    assert len(b) == 20, len(b)
		    since = struct.unpack(">Q", b[:8])[0] - 4611686018427387914
		    assert time.time() - 600 < since <= time.time() + 1, since
		    assert struct.unpack(">I", b[8:12])[0] < 1000000000
		    number = struct.unpack("<I", b[12:16])[0]
		    assert (number > 0) == (pid == "pid"), number
		    assert b[16] == (name == "paused")
		    assert b[19] == (2 if name == "finish" else int(pid == "pid"))
		    assert b[18] == (name == "want_down"), b[18]
		    wants = {"down": b"d", "up": b"u"}.get(want)
		    assert wants is None or b[17:18] == wants, b[17]
	END
	echo "$table" | grep -v 'unsupervised\|gone' >rows
	[ "$(wc -l <rows)" -ge 9 ]
	python3 read.py <rows
}

# runit's sv, which Ansible, Salt, Puppet, InSpec, itamae and inxi parse
test_sv() {
	sv=$(PATH=$ORIGINAL_PATH command -v sv) || skip 'no sv'
	states
	echo "$table" | while read -r state up pid want; do
		line=$("$sv" status "$PWD/all/$state" 2>&1) || :
		case $state:$up in
		*:up)
			echo "$line" | grep -Eq "^run: .*: \(pid [0-9]+\) [0-9]+s"
			;;
		finish:*) echo "$line" | grep -q '^finish: ' ;;
		*:down) echo "$line" | grep -Eq "^down: .*: [0-9]+s" ;;
		.unsupervised:*) echo "$line" | grep -q '^warning: .*unable to open supervise/ok' ;;
		.gone:*) echo "$line" | grep -q 'runsv not running$' ;;
		esac
	done
}

run_tests "$@"
