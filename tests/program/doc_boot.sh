#!/bin/sh
# doc/boot.md, and the files in doc/boot.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

# long
test_page() {
	world='needs systemd-analyze'
	page boot
}

# As process 1 of a name space; what a service does at its end is to be seen.
test_busybox_init() {
	world='needs busybox pkill unshare'
	{ set +x; } 2>/dev/null
	extract boot 'busybox init' >examples
	cat >>examples <<-'END'
	mkdir -p /service/blog
	cat >/service/blog/run <<-'RUN'
		#!/bin/sh
		trap 'echo ended >>/tmp/seen; exit' TERM
		echo started >>/tmp/seen
		while :; do sleep 0.05; done
	RUN
	chmod 755 /service/blog/run
	unshare -pf --mount-proc --kill-child busybox init >/tmp/init.log 2>&1 &
	seen() {
		[ "$(grep -c "$1" /tmp/seen)" -ge "$2" ]
	}
	within seen started 1 || { cat /tmp/init.log; exit 1; }
	# it is started again, and so the services are adopted
	first=$(pgrep -x svscan)
	pkill -KILL -x svscan
	again() {
		pgrep -x svscan | grep -qvx "$first"
	}
	within again || exit 1
	kill -USR1 "$(pgrep -f 'busybox init' | tail -n 1)"
	within seen ended 1 || { cat /tmp/init.log; exit 1; }
	END
	set -x
	run_examples
}

# typed SECTION: what its text blocks say
typed() {
	awk -v section="$1" '
	/^## / { on = $0 == "## " section }
	/^```/ { block = on && $0 == "```text"; next }
	block' "$SRC/doc/boot.md"
}

test_openrc() {
	world='needs openrc-run rc-service supervise-daemon pkill'
	{ set +x; } 2>/dev/null
	{
		cat <<-'END'
		set -e
		mkdir -p /srv/hello /service
		for d in daemons exclusive failed inactive options scheduled \
		    started starting stopping wasinactive; do
			mkdir -p /run/openrc/$d # as at boot
		done
		touch /run/openrc/softlevel
		printf '#!/bin/sh\nexec sleep 1000000\n' >/srv/hello/run
		chmod 755 /srv/hello/run
		ln -s /srv/hello /service/
		(ulimit -H -n 524288) 2>/dev/null ||
		    sed -i '/^rc_ulimit/d' doc/boot/svscan.openrc
		rm -f /etc/init.d/svscan
		END
		typed OpenRC
		cat <<-'END'
		up() {
			svstat -q /service/hello
		}
		within up || exit 1
		rc-service svscan status
		first=$(pgrep -x -o svscan)
		tr '\0' '\n' </proc/$first/environ | grep '^PATH=/usr/local/sbin:'
		rm /service/hello
		rc-service svscan reload
		left() {
			svstat /srv/hello | grep 'supervise not running'
		}
		within left || exit 1
		ln -s /srv/hello /service/
		within up || exit 1
		# it is started again, and so the service is adopted
		pid=$(svstat -o pid /service/hello)
		kill -KILL $first
		again() {
			pgrep -x svscan | grep -qvx $first
		}
		within again || exit 1
		[ "$(svstat -o pid /service/hello)" = "$pid" ]
		rc-service svscan stop
		within left || exit 1
		code=0
		rc-service svscan status || code=$?
		[ $code = 3 ]
		END
	} >examples
	set -x
	run_examples
}

# As init of sysvinit executes what follows the third colon.  That init itself
# takes over the console, so it is not run here.
test_sysvinit_line() {
	world='needs pkill'
	{ set +x; } 2>/dev/null
	{
		echo 'mkdir -p /srv/hello /service; cat >/tmp/inittab <<"LINE"'
		typed sysvinit
		cat <<-'END'
		LINE
		printf '#!/bin/sh\nexec sleep 1000000\n' >/srv/hello/run
		chmod 755 /srv/hello/run
		ln -s /srv/hello /service/
		grep -Eqx '[^:]{1,4}:[0-9]+:respawn:[^:].*' /tmp/inittab || exit 1
		env -i sh -c "exec $(cut -d : -f 4- /tmp/inittab)" &
		init_child=$!
		up() {
			svstat -q /service/hello
		}
		within up || exit 1
		[ "$(pgrep -x svscan)" = $init_child ] || exit 1
		kill $init_child
		wait $init_child
		svstat /service/hello | grep 'supervise not running'
		END
	} >examples
	set -x
	run_examples
}

test_files() {
	for f in svscan.openrc svscan.initd svscan.rcd service.initd; do
		sh -n "$SRC/doc/boot/$f"
	done
	for f in "$SRC"/doc/svscan.service "$SRC"/doc/boot/svscan*; do
		has '/usr/local/bin' "$f"
		has 'PATH=.*/usr/bin' "$f"
	done
	command -v python3 >/dev/null || skip 'no python3'
	python3 -c '
import plistlib, sys
p = plistlib.load(open(sys.argv[1], "rb"))
assert p["ProgramArguments"][0] == "/usr/local/bin/svscan"
assert "/usr/local/bin" in p["EnvironmentVariables"]["PATH"]
	' "$SRC/doc/boot/org.upkeep.svscan.plist"
}

run_tests "$@"
