# shellcheck shell=sh
# For tests of an svscan, whose pid is $scan, whose messages are in scan.err, and
# which most often scans the directory "services".

# scan [OPTION...]
scan() {
	mkdir -p services
	svscan "$@" services 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
}

ended() {
	wait_until gone "$scan"
	wait "$scan"
}

silent() {
	cat scan.err
	[ ! -s scan.err ]
}

nothing_left() {
	[ -z "$(processes_below "$T/services")" ]
}

# no supervise in the service directory $1
is_gone() {
	not svok "$1"
}

# the supervise of the service that runs in directory $1; one that has adopted
# the service is not its parent
supervise_of() {
	parent_of "$(pid_of "$1")"
}

# every supervise in directory $1, by its name; not what one of them has forked,
# which goes by that name until it is executed
supervise_in() {
	for pid in $("$TOOL/below" -x "$T/$1" supervise); do
		parent=$(parent_of "$pid") && ! grep -qsx supervise \
		    "/proc/$parent/comm" && echo "$pid"
	done
	:
}

# svscan has scanned "services" once more since: a service that is made now has
# been started.  It is removed again.
scanned() {
	mkdir services/.barrier
	printf '#!/bin/sh\nexec sleep 1000\n' | script services/.barrier/run
	mv services/.barrier services/barrier
	wait_until is_up services/barrier
	mv services/barrier services/.barrier
	svc -dx services/.barrier
	wait_until not svok services/.barrier
	rm -r services/.barrier
}

# the first child of process $1
child_of() {
	child=
	read -r child _ <"/proc/$1/task/$1/children" || [ -n "$child" ] &&
	    echo "$child"
}

# count PATTERN FILE OPERATOR N, as in: count '^+' ledger -ge 3
count() {
	test "$(grep -c "$1" "$2")" "$3" "$4"
}

# Two run scripts, on standard output: a service that keeps its books in
# $T/ledger, and a logger that keeps what it reads in main.
books() {
	printf '#!%s %s/ledger\n' "$TOOL/scan_ledger" "$T"
}

multilogs() {
	printf '#!/bin/sh\nexec multilog ./main\n'
}
