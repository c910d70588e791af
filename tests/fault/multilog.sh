#!/bin/sh
# multilog in trouble: files that may not grow, full filesystems, calls that
# fail, processors that do.  Nothing is lost, and it always answers.
#
#   SEEDS=500      random scripts; 10 if not set
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"


all() {
	cat "$1"/@* "$1"/current 2>/dev/null || :
}

holds() {
	all "$1" | cmp -s - "$2"
}

# a process waits in the kernel, and for nothing that comes soon
idles() {
	grep -q 'poll\|select' "/proc/$1/wchan"
}

# multilog has its file open
is_open() {
	readlink "/proc/$pid/fd/"* 2>/dev/null | grep -q "/$1/current\$"
}

# start ACTION...: multilog as $pid, reading the FIFO that is descriptor 3
start() {
	[ -p fifo ] || mkfifo fifo
	exec 3<>fifo
	multilog "$@" <fifo 2>err &
	pid=$!
	wait_until test -f d/current
}

# A file that may not grow is full: a new one takes the rest, and no line is
# cut where the limit is known from the beginning.
test_limit_on_the_size_of_files() {
	seq 1 20000 >in
	prlimit --fsize=10000:unlimited "$BIN/multilog" s1M n1000 ./d ./e \
	    <in 2>err
	[ ! -s err ]
	holds d in
	holds e in
	for f in d/@*; do
		[ "$(stat -c %s "$f")" -le 10000 ]
		[ "$(stat -c %s "$f")" -ge 8000 ]
		[ "$(tail -c 1 "$f" | od -An -c | tr -d ' ')" = '\n' ]
	done
}

# The limit comes when lines were read already, and in the midst of a file.
test_limit_comes_late() {
	command -v prlimit >/dev/null || skip 'no prlimit'
	seq 1 30000 >in
	start s1M n1000 ./d
	echo first >&3
	wait_until has first d/current
	prlimit --pid $pid --fsize=10001:unlimited
	cat in >&3 &
	{ echo first; cat in; } >want
	wait_until holds d want
	kill -TERM $pid
	wait $pid
	[ ! -s err ]
	[ "$(find d -size +10001c | wc -l)" = 0 ]
}

# Where not even a new file can hold anything, it pauses.
test_no_file_may_have_content() {
	command -v prlimit >/dev/null || skip 'no prlimit'
	seq 1 1000 >in
	mkfifo fifo words
	cat words >err &
	exec 3<>fifo
	prlimit --fsize=0:unlimited "$BIN/multilog" ./d <fifo 2>words &
	pid=$!
	cat in >&3
	wait_until has 'unable to write to ./d/current, pausing: File too' err
	prlimit --pid $pid --fsize=unlimited:unlimited
	wait_until holds d in
	[ "$(wc -l <err)" = 1 ]
}

in_tmpfs() {
	mkdir tmp
	mount -t tmpfs -o size="$1" none tmp 2>/dev/null ||
	    skip 'cannot mount'
	trap 'cd "$T"; umount -l tmp' EXIT
}

test_full_filesystem() {
	in_tmpfs 256k
	seq 1 100000 >in
	[ -p fifo ] || mkfifo fifo
	exec 3<>fifo
	multilog s1M ./tmp/d <fifo 2>err &
	pid=$!
	cat in >&3 &
	wait_until has 'pausing: out of disk space' err
	mount -o remount,size=2M tmp
	wait_until holds tmp/d in
	[ "$(wc -l <err)" = 1 ]
	kill -TERM $pid
	wait_until gone $pid
}

# All that is read is kept, and what is not kept is still in the pipe.
test_term_with_a_full_filesystem() {
	in_tmpfs 256k
	seq 1 100000 >in
	mkfifo fifo
	exec 3<>fifo
	multilog s1M ./tmp/d <fifo 2>err &
	pid=$!
	cat in >&3 &
	wait_until has 'pausing: out of disk space' err
	kill -TERM $pid
	wait_until gone $pid
	mount -o remount,size=2M tmp
	multilog s1M ./tmp/d <fifo 2>err &
	wait_until holds tmp/d in
}

# What is reserved is given back, and nothing else changes: not what somebody
# has cut or appended since.
test_file_changed_by_somebody_else() {
	in_tmpfs 4M
	[ -p fifo ] || mkfifo fifo
	exec 3<>fifo
	for change in ': >' 'echo more >>'; do
		rm -rf tmp/d
		multilog ./tmp/d <fifo 2>err &
		pid=$!
		wait_until test -f tmp/d/state
		echo one >&3
		wait_until has one tmp/d/current
		wait_until idles $pid
		eval "$change tmp/d/current"
		cp tmp/d/current want
		kill -TERM $pid
		wait $pid
		cmp want tmp/d/current
	done
}

test_full_filesystem_and_rotation() {
	in_tmpfs 256k
	seq 1 200000 >in
	mkfifo fifo
	exec 3<>fifo
	multilog s16k n1000 ./tmp/d <fifo 2>err &
	pid=$!
	cat in >&3 &
	wait_until has 'pausing: out of disk space' err
	mount -o remount,size=4M tmp
	wait_until holds tmp/d in
}

test_crashing_processor() {
	seq 1 900 >in
	start s4096 '!kill -9 $$' ./d
	cat in >&3
	wait_until has 'processor crashed in ./d, pausing' err
	echo on >&3
	wait_until has on d/current
	kill -TERM $pid
	wait_until gone $pid
	cmp in d/previous
}

# No processor can be started, and lines come in all the same.
test_no_process_to_spare() {
	command -v prlimit >/dev/null || skip 'no prlimit'
	mkfifo fifo
	exec 3<>fifo
	cp "$BIN/multilog" .
	mkdir w
	chmod 777 w
	as_user prlimit --nproc=1 ./multilog s4096 '!cat' ./w/d <fifo 2>err &
	wait_until test -f w/d/current
	seq 1 900 >&3
	is_rotated() { [ -f w/d/previous ] || [ -n "$(find w/d -name '@*')" ]; }
	wait_until is_rotated
	if [ ! -f w/d/previous ] || [ -f w/d/processed ]; then
		skip 'there is always a process to spare'
	fi
	wait_until has 'unable to fork for processor in ./w/d' err
	echo on >&3
	wait_until has on w/d/current
}

test_one_processor_does_not_stop_the_other_log() {
	start s4096 '!read x <../go' ./d '!cat' ./e
	mkfifo go
	seq 1 900 >&3
	wait_until test -f d/processed
	echo on >&3
	wait_until has on e/current
}

campaign_random_scripts() {
	seed=1
	FAULTS=0
	while [ $seed -le "${SEEDS:-10}" ]; do
		try 'multilog: random scripts and lines' upkeep \
		    random_script $seed
		seed=$((seed + 1))
	done
	[ "$FAULTS" = 0 ]
}

random_script() {
	rm -rf w
	mkdir w
	cd w
	"$TOOL/log_property" "$1" "$BIN/multilog" >&2
}

test_random_scripts_and_daemontools() {
	peer=$(PATH=$ORIGINAL_PATH command -v multilog) || peer=
	[ -n "$peer" ] || skip 'no multilog of daemontools'
	if [ "$("$peer" --version </dev/null 2>&1)" != "" ]; then
		skip 'the multilog here is not that of daemontools'
	fi
	seed=101
	while [ $seed -le 115 ]; do
		rm -rf w
		mkdir w
		(cd w && "$TOOL/log_property" $seed "$BIN/multilog" \
		    "$peer") >&2
		seed=$((seed + 1))
	done
}

# One reader after the other on the same pipe, each ended by TERM wherever it
# happens to be, rotated by ALRM, with a processor: no line is missing.
test_many_terms() {
	seq 1 300000 >in
	mkfifo fifo
	exec 3<>fifo
	cat in >&3 &
	round=0
	while [ $round -lt 40 ]; do
		multilog s20k n10000 ./d '!cat' ./e <fifo &
		pid=$!
		wait_until is_open d
		kill -ALRM $pid
		kill -TERM $pid
		wait $pid
		round=$((round + 1))
	done
	multilog s20k n10000 ./d '!cat' ./e <fifo &
	pid=$!
	wait_until holds d in
	kill -ALRM $pid
	wait_until holds e in
}

# What a name or a mode promises is on disk before it.
test_order_of_syncs() {
	command -v strace >/dev/null || skip 'no strace'
	seq 1 3000 >in
	strace -o trace multilog s4096 ./d <in || skip 'nobody may trace here'
	# shellcheck disable=SC2016
	awk '
	/^fsync/ && $NF == 0 { synced = 1; file[$1] = 1 }
	/^write\(/ { synced = 0; mode = 0; written++ }
	/^fchmod/ && /0744/ { if (!synced) bad = "mode"; mode = 1 }
	/^rename/ && /"current"/ {
		if (!synced || !mode) bad = "name"
		renamed++
		fresh = 0
	}
	/^openat/ && /O_EXCL/ { made = 1 }
	/^fsync/ && made { fresh = 1; made = 0 }
	/^write\(/ && renamed && !fresh { bad = "directory" }
	END {
		if (bad || renamed < 2 || written < 3) {
			print "wrong order: " bad, renamed, written
			exit 1
		}
	}' trace
}

test_name_of_a_new_directory_is_on_disk() {
	command -v strace >/dev/null || skip 'no strace'
	for want in 1 0; do
		strace -y -o trace -e trace=fsync "$BIN/multilog" ./d \
		    </dev/null || skip 'nobody may trace here'
		[ "$(grep -c "<$T>) *= 0" trace)" = $want ]
	done
}

test_memory_is_constant() {
	mkfifo fifo
	exec 3<>fifo
	multilog t s1G ./d <fifo &
	pid=$!
	wait_until test -f d/current
	head -c 20000000 /dev/zero >&3
	wait_until test -s d/current
	head -c 80000000 /dev/zero >&3
	[ "$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' /proc/$pid/status)" \
	    -lt 8000 ]
	echo >&3
	wait_until is_whole
}

is_whole() {
	[ "$(stat -c %s d/current)" = 100000027 ]
}

run_tests "$@"
