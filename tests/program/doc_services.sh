#!/bin/sh
# The service directories in doc/services, as their page says to use them.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

scan='
mkdir /service
svscan /service >/tmp/svscan.log 2>&1 &
'

# run_service NAME PROGRAM...: these must be there
run_service() {
	service=$1
	shift
	world="needs $*; $scan"
	page services/README "$service"
}

test_blog() {
	run_service blog go curl
}

test_nginx() {
	run_service nginx nginx curl
}

test_redis() {
	run_service redis redis-server redis-cli
}

test_mariadb() {
	run_service mariadb mariadbd mariadb-install-db mariadb
}

test_postgresql() {
	run_service postgresql /usr/lib/postgresql/*/bin/postgres psql
}

test_rsyncd() {
	run_service rsyncd rsync
}

test_cron() {
	run_service cron cron
}

test_finger() {
	run_service finger socat
}

test_sshd() {
	run_service sshd sshd ssh-keygen
}

test_worker() {
	run_service worker sleep
}

test_periodic() {
	run_service periodic df
}

# Every directory has a run and a logger, a section and a test.
test_all() {
	for d in "$SRC"/doc/services/*/; do
		name=$(basename "$d")
		[ -x "$d/run" ]
		[ -x "$d/log/run" ]
		[ "$name" != status-page ] || continue
		has "^## $name\$" "$SRC/doc/services/README.md"
		has "^	run_service $name " "$SRC/tests/program/doc_services.sh"
	done
}

run_tests "$@"
