#!/bin/sh
# doc/migrate-daemontools.md, from the daemontools of this machine and back.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

test_there_and_back() {
	world='
	[ -x /usr/bin/svscan ] && ! /usr/bin/svscan --version 2>/dev/null |
	    grep -q upkeep || skipping "no daemontools"
	needs pkill
	mkdir -p /service /srv/blog/log
	printf "#!/bin/sh\nexec sleep 1000000\n" >/srv/blog/run
	printf "#!/bin/sh\nexec multilog t ./main\n" >/srv/blog/log/run
	chmod 755 /srv/blog/run /srv/blog/log/run
	chmod +t /srv/blog
	ln -s /srv/blog /service/
	PATH=/usr/bin:/bin /usr/bin/svscan /service >/tmp/first.log 2>&1 &
	'
	page migrate-daemontools
}

run_tests "$@"
