#!/bin/sh
# svscan: whatever changes in its directory, at any moment and hundreds of times
# at once, is found.
#
#   SEEDS=3        so many series of random changes
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/scan.sh
. "${0%/*}/../scan.sh"

SEEDS=${SEEDS:-3}
TARGETS=12

# service DIRECTORY [log]: made elsewhere, and moved there
service() {
	mkdir -p "$(dirname "$1")" made
	books | script made/run
	if [ "${2-}" = log ]; then
		mkdir made/log
		multilogs | script made/log/run
	fi
	mv made "$1"
}

scan() {
	mkdir -p "${1-services}"
	svscan "${1-services}" 2>scan.err &
	scan=$!
	echo "$scan" >>"$PIDS"
}

# It listens: what is made from here on it must learn by itself.
scans() {
	service services/first
	wait_until is_up services/first
}

children() {
	cat "/proc/$scan/task/$scan/children"
}

no_children() {
	[ -z "$(children)" ]
}

needs_children() {
	[ -e /proc/$$/task/$$/children ] || skip "no list of children in /proc"
}

# Neither svscan nor any supervise has said anything.
stop() {
	kill "$scan"
	wait_until gone "$scan"
	wait "$scan"
	not has '^!' ledger
}

# links N: so many at once
links() {
	LINKS=$1
	needs_children
	mkdir there
	# shellcheck disable=SC2046
	mkdir $(seq -f 'there/s%.0f' 1 "$LINKS")
	for dir in there/*; do
		books >"$dir/run"
	done
	chmod 755 there/*/run
	scan
	scans
	# one after the other, and as fast as can be
	for i in $(seq 1 $((LINKS / 3))); do
		ln -s "../there/s$i" services/
	done
	# shellcheck disable=SC2046
	ln -s $(seq -f '../there/s%.0f' $((LINKS / 3 + 1)) "$LINKS") services/
	wait_until count '^+s' ledger = "$LINKS"
	scanned
	count '^+s' ledger = "$LINKS"
	[ "$(sed -n 's/^+\(s[0-9]*\) .*/\1/p' ledger | sort -u | wc -l)" = \
	    "$LINKS" ]
	not has '^[!-]' ledger
	silent
	rm -r services/s*
	kill -HUP "$scan"
	wait_until count '^-s' ledger = "$LINKS"
	one_child() { [ "$(children | wc -w)" = 1 ]; }
	wait_until one_child
	is_up services/first
	stop
	silent
}

# long
test_hundreds_of_links_at_once() {
	links 300
}

soak_thousand_links_at_once() {
	links 1000
}

# The services that are listed, by number, and those of them with loggers.
listed() {
	for link in services/*; do
		[ -d "$link" ] && readlink "$link"
	done | sed 's/.*there/there/' | sort -u | while read -r dir; do
		echo "$dir"
		[ ! -e "$dir/log" ] || echo "$dir/log"
	done
}

running() {
	svstat there/* there/*/log 2>/dev/null | sed -n 's/: up (pid.*//p' |
	    sort
}

all_listed_run() {
	running >running
	listed | sort >listed
	[ -z "$(comm -23 listed running)" ]
}

only_listed_run() {
	all_listed_run && cmp -s listed running
}

# shuffle SEED [hup]
shuffle() {
	mkdir -p services there
	for i in $(seq 0 $((TARGETS - 1))); do
		rm -rf "there/$i"
		if [ $((i % 3)) = 0 ]; then
			service "there/$i" log
		else
			service "there/$i"
		fi
	done
	rm -f services/n*
	scan
	# by then a HUP does not end it
	scanned
	(cd services && "$TOOL/scan_shuffle" "$1" 400 "$TARGETS" ${2+"$scan"})
	# something must be left to be compared
	ln -s ../there/0 services/last
	ln -sfn ../there/1 services/n1
	wait_until all_listed_run
	kill -HUP "$scan"
	wait_until only_listed_run
	scanned
	only_listed_run
	not has '^!' ledger
	rm services/last
	stop
	# a name may lead elsewhere by the time a supervise gets there
	cat scan.err
}

# long
test_random_changes() {
	for seed in $(seq 1 "$SEEDS"); do
		shuffle "$seed"
	done
}

# Services are taken down while they come, and come back while they go.
# long
test_random_changes_and_hups() {
	for seed in $(seq 1 "$SEEDS"); do
		shuffle "$((100 + seed))" hup
	done
}

test_directory_replaced() {
	scan
	scans
	service services/a log
	DEADLINE=20
	wait_until is_up services/a
	for i in 1 2 3 4 5; do
		old=$(pid_of services/a)
		service new log
		mv services/a "services/.a.$i"
		mv new services/a
		wait_until is_up_anew services/a "$old"
		wait_until is_up services/a/log
		# nobody has told the old one to go
		alive "$old"
	done
	kill -HUP "$scan"
	for i in 1 2 3 4 5; do
		wait_until not svok "services/.a.$i"
		wait_until not svok "services/.a.$i/log"
	done
	is_up services/a
	stop
	silent
}

test_target_of_a_link_replaced() {
	scan
	scans
	service srv/a
	ln -s ../srv/a services/a
	DEADLINE=20
	wait_until is_up srv/a
	for i in 1 2 3 4 5; do
		old=$(pid_of srv/a)
		service srv/a.new
		mv srv/a "srv/a.old.$i"
		mv srv/a.new srv/a
		wait_until is_up_anew srv/a "$old"
		alive "$old"
	done
	stop
}

test_link_exchanged() {
	scan
	scans
	DEADLINE=20
	for i in 1 2 3 4 5; do
		service "srv/$i"
		ln -s "../srv/$i" services/.new
		mv -T services/.new services/a
		wait_until is_up "srv/$i"
	done
	kill -HUP "$scan"
	for i in 1 2 3 4; do
		wait_until not svok "srv/$i"
	done
	is_up srv/5
	stop
	silent
}

test_name_that_was_dangling() {
	scan
	scans
	for i in 1 2 3; do
		ln -s "../srv/$i" "services/$i"
		wait_until has "stat $i: " scan.err
	done
	# that of a link to nowhere no watch can tell
	for i in 1 2 3; do
		service "new"
		mkdir -p srv
		mv new "srv/$i"
		wait_until is_up "srv/$i"
	done
	stop
}

# In any order and any number of steps; the service itself is started anew, to
# print into the pipe.
# long
test_log_that_comes_later() {
	scan
	scans
	DEADLINE=20
	for way in whole run_renamed run_made run_linked filled_elsewhere; do
		for kind in directory link; do
			name=$way-$kind
			if [ $kind = directory ]; then
				dir=services/$name
				service "$dir"
			else
				dir=srv/$name
				service "$dir"
				ln -s "../$dir" services/
			fi
			wait_until is_up "$dir"
			old=$(pid_of "$dir")
			"$way" "$dir"
			wait_until is_up "$dir/log"
			wait_until is_up_anew "$dir" "$old"
			wait_until has begin "$dir/log/main/current"
		done
	done
	stop
	# what cp(1) still writes is tried again
	sed '/log: unable to execute .* text busy/d' scan.err >rest
	cat rest
	[ ! -s rest ]
}

whole() {
	mkdir making
	multilogs | script making/run
	mv making "$1/log"
}

run_renamed() {
	mkdir "$1/log"
	multilogs | script making
	mv making "$1/log/run"
}

run_made() {
	mkdir "$1/log"
	multilogs | script making
	cp making "$1/log/run"
}

run_linked() {
	mkdir "$1/log"
	multilogs | script making
	ln -s "$T/making" "$1/log/run"
}

# The log/ that is watched is another than the one that gets the run.
filled_elsewhere() {
	mkdir "$1/log" making.log
	multilogs | script making.log/run
	rmdir "$1/log"
	mv making.log "$1/log"
}

# No watch tells of a link half way; the timer does.
# long
test_inner_link_exchanged() {
	service srv/1
	service srv/2
	ln -s srv/1 middle
	scan
	scans
	ln -s ../middle services/a
	wait_until is_up srv/1
	ln -s srv/2 middle.new
	mv -T middle.new middle
	wait_until is_up srv/2
	is_up srv/1
	stop
	silent
}

# long
test_inner_link_to_the_scan_directory_exchanged() {
	service one/a
	service two/b
	ln -s one middle
	ln -s middle current
	scan current
	wait_until is_up one/a
	ln -s two middle.new
	mv -T middle.new middle
	wait_until is_up two/b
	is_up one/a
	stop
	silent
}

test_scan_directory_replaced() {
	service services/a
	scan
	wait_until is_up services/a
	DEADLINE=20
	for i in 1 2 3; do
		service "new/b$i"
		mv services "old$i"
		mv new services
		wait_until is_up "services/b$i"
	done
	is_up old1/a
	stop
	silent
}

# The supervise of services/a has started, and is not in there/1 yet.
start_one_on_its_way() {
	service there/1
	service there/2
	mkdir slow services
	script slow/supervise <<EOF
#!/bin/sh
: >"$T/started"
until [ -e "$T/go" ]; do sleep 0.02; done
exec "$BIN/supervise" "\$@"
EOF
	PATH=$T/slow:$PATH
	scan
	ln -s ../there/1 services/a
	wait_until test -e started
}

# Its name is given to another one while its supervise is on the way there.
test_name_given_away_meanwhile() {
	start_one_on_its_way
	mv services/a services/b
	ln -s ../there/2 services/a
	kill -ALRM "$scan"
	: >go
	wait_until is_up there/1
	wait_until is_up there/2
	stop
}

# The same, and the name is given back before svscan looks: no scan can tell.
test_name_given_away_and_back() {
	start_one_on_its_way
	kill -STOP "$scan"
	ln -sfn ../there/2 services/a
	: >go
	wait_until is_up there/2
	ln -sfn ../there/1 services/a
	kill -CONT "$scan"
	wait_until is_up there/1
	wait_until not svok there/2
	stop
}

has_orphans() {
	[ "$(children | wc -w)" -ge "$1" ]
}

# They become svscan's, and die all at once, while there is other work to do.
test_many_orphans_at_once() {
	needs_children
	mkdir -p services/a
	printf '#!/bin/sh\nexec %s 2000 hold\n' "$TOOL/scan_orphans" |
	    script services/a/run
	mkfifo services/a/hold
	: >services/a/once
	sleep 100000 >services/a/hold &
	hold=$!
	echo "$hold" >>"$PIDS"
	scan
	forked() { [ -e services/a/ready ] || [ -e services/a/few ]; }
	wait_until forked
	[ -e services/a/ready ] || skip "not so many processes for us"
	wait_until is_up services/a
	pid=$(pid_of services/a)
	kill -KILL "$(supervise_of services/a)"
	kill -KILL "$pid"
	wait_until has_orphans 2000
	kill -KILL "$hold"
	scans
	few_children() {
		[ "$(children | wc -w)" -le 2 ] || return 1
		for pid in $(children); do alive "$pid" || return 1; done
	}
	wait_until few_children
	stop
	# if the next supervise of it begins while they die
	not grep -v ' left [0-9]* processes behind ' scan.err
}

run_tests "$@"
