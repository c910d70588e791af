#!/bin/sh
# The examples in doc/, as they stand there.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

# svscan runs, and there is a web server to be the blog.
scan='
install -D /tmp/tool/http_hello /srv/blog/blog
mkdir /service
svscan /service >/tmp/svscan.log 2>&1 &
'
# The blog runs, too.
blog="$scan
cp -a doc/services/blog /srv/
install -d -o www-data -g www-data /srv/blog/log/main
ln -s /srv/blog /service/
svc -wu -T 30000 /service/blog /service/blog/log
"

# long
test_first_service() {
	world='needs curl cc make; unset MODE; export MAKEFLAGS='
	page first-service
}

test_run_script() {
	world="needs curl setuidgid chpst s6-setuidgid; $scan"
	page run-script
}

test_logs() {
	world="needs tai64nlocal jq awk; $scan"
	page logs
}

# Collectors lose and double no line when multilog starts a new file.
test_shipping() {
	world='needs rsyslogd'
	{ set +x; } 2>/dev/null
	extract logs Shipping >examples
	cat >>examples <<-'END'
	mkdir -p /srv/blog/log/main /var/spool/rsyslog
	cat >/tmp/rsyslog.conf <<-'CONF'
		global(workDirectory="/var/spool/rsyslog")
		include(file="/etc/rsyslog.d/services.conf")
	CONF
	rsyslogd -n -f /tmp/rsyslog.conf -i /tmp/rsyslogd.pid \
	    >/tmp/rsyslogd.log 2>&1 &
	shipped() {
		[ "$(tail -n 1 /var/log/services 2>/dev/null |
		    sed 's/.* //')" = "$1" ]
	}
	mkfifo /tmp/lines
	multilog d s4096 n100 /srv/blog/log/main </tmp/lines &
	exec 5>/tmp/lines
	for last in $(seq 50 50 600); do
		seq $((last - 49)) $last >&5
		within shipped $last || { cat /tmp/rsyslogd.log; wc -l /var/log/services /srv/blog/log/main/*; exit 1; }
	done
	sed 's/.* //' /var/log/services >/tmp/got
	seq 600 | cmp - /tmp/got || exit 1
	set -- /srv/blog/log/main/@*
	[ $# -ge 4 ] || exit 1
	END
	set -x
	run_examples
}

test_limits() {
	world="needs python3; ulimit -S -n 1024; $blog"
	page limits
}

# long
test_foreground() {
	world="needs go curl; $scan"
	page foreground
}

test_order() {
	world='mkdir /service'
	page order
}

# long
test_deploy() {
	world="needs curl nginx cmp; $blog"
	page deploy
}

test_backup() {
	world="needs rsync redis-server redis-cli; $scan"
	page backup
}

# Every page that has something to run is run, here or by a file of its own.
test_nothing_is_left_out() {
	for f in "$SRC"/doc/*.md; do
		name=$(basename "$f" .md)
		grep -q '^```\(console\|[a-z]* /\)' "$f" || continue
		grep -hq "^	page $name\$" "$SRC"/tests/program/doc_*.sh ||
		    [ -e "$SRC/tests/program/doc_$(echo "$name" |
			tr - _).sh" ]
	done
}

run_tests "$@"
