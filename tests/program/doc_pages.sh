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
	world='needs curl; install -D /tmp/tool/http_hello /srv/blog/blog'
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

# Every section that has something to run is run by somebody.
test_nothing_is_left_out() {
	for f in "$SRC"/doc/*.md; do
		name=$(basename "$f" .md)
		! grep -hqx "[	 ]*page $name" "$SRC"/tests/program/doc_*.sh ||
		    continue
		awk '
		/^## / && !inside { title = substr($0, 4) }
		/^```/ { inside = !inside }
		inside && /^```(console|[a-z]+ \/)/ && !seen[title]++ {
			print title
		}' "$f" >sections
		while read -r title; do
			grep -hq "[	 ]page $name .*'$title'" \
			    "$SRC"/tests/program/doc_*.sh
		done <sections
	done
}

run_tests "$@"
