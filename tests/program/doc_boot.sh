#!/bin/sh
# doc/boot.md, and the files in doc/boot.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

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
