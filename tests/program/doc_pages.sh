#!/bin/sh
# The examples in doc/, as they stand there.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
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

test_first_service() {
	world='needs curl cc make; export MAKEFLAGS='
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

test_limits() {
	world="needs python3; ulimit -S -n 1024; $blog"
	page limits
}

test_foreground() {
	world="needs go curl; $scan"
	page foreground
}

test_order() {
	world='mkdir /service'
	page order
}

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
