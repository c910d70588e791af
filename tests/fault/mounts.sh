#!/bin/sh
# supervise, multilog and svscan on a filesystem that has no room for another
# file, no space, whose quota is used up, or that becomes read-only under them.
# Each works, or says why it does not; and once there is room, all is as if there
# had always been.  The filesystem is mounted at m, where nobody else sees it, and
# vanishes with the last process that does.
#
#   STEP=1         every amount; every fourth if not set
# shellcheck source=tests/lib.sh
if [ -z "$PRIVATE_MOUNTS" ] && unshare -m true 2>/dev/null; then
	PRIVATE_MOUNTS=1 exec unshare -m sh "$0" "$@"
fi
. "${0%/*}/../lib.sh"

# mounted TYPE [OPTIONS]: an empty one at m
mounted() {
	mkdir m
	HERE_IS=$PWD
	if [ "$1" != tmpfs ]; then
		command -v "mkfs.$1" >/dev/null || skip "no mkfs.$1"
		truncate -s 128M image
		"mkfs.$1" -q image
		set -- "$1" loop image
	fi
	mount -t "$1" -o "$2" "${3:-none}" m || skip "cannot mount a $1"
	trap 'cd "$T"; umount -l "$HERE_IS/m"' EXIT
}

# what KIND AMOUNT: so many pages, inodes, or pages of a quota are free in m
with() {
	case $1 in
	space)
		mounted tmpfs "size=$((4 * $2))k"
		;;
	inodes)
		# that of m itself is one
		mounted tmpfs "nr_inodes=$((1 + $2))"
		;;
	quota)
		mounted btrfs
		btrfs quota enable m || skip 'no quota'
		btrfs qgroup limit 1M m
		i=0
		while head -c 4096 /dev/zero >"m/fill.$i"; do i=$((i + 1)); done
		rm -f m/fill.?
		i=0
		while [ $i -lt $((9 - $2)) ]; do
			i=$((i + 1))
			head -c 4096 /dev/zero >"m/fill.$i" || break
		done
		;;
	esac
	KIND_OF_ROOM=$1
}

room() {
	case $KIND_OF_ROOM in
	space) mount -o remount,size=4M m ;;
	inodes) mount -o remount,nr_inodes=1000 m ;;
	quota) btrfs qgroup limit none m ;;
	esac
}

# service DIRECTORY: its pid goes where there is always room
service() {
	mkdir -p "$1"
	cat >"$1/run" <<-END
		#!/bin/sh
		echo \$\$ >>$PWD/starts
		echo \$\$ >$PWD/holder
		exec sleep 1000
	END
	chmod 755 "$1/run"
}

holder() {
	cat holder 2>/dev/null
}

# 0 if the service runs, with a pid other than $1
runs() {
	pid=$(holder)
	[ -n "$pid" ] && [ "$pid" != "$1" ] && alive "$pid"
}

runs_or_ended() {
	runs "$1" || gone "$SUP"
}

# ended PID NAME: it has ended, or has said so and is about to
ended() {
	not has "^$2: fatal: " err || wait_until gone "$1"
	gone "$1"
}

start_supervise() {
	supervise m/s 2>>err &
	SUP=$!
	echo "$SUP" >>"$PIDS"
}

is_shown() {
	[ "$(pid_of m/s)" = "$(holder)" ]
}

# The report names its process, to this supervise.
is_adopted() {
	gone "$SUP" || {
		grep -qsx "pid=$1" m/s/supervise/report &&
		    grep -qsx "supervise=$SUP" m/s/supervise/report
	}
}

supervise_in() {
	with "$1" "$2"
	# Where there is no room for the service itself there is none to try.
	service m/s && [ -s m/s/run ] || return 0
	start_supervise
	wait_until runs_or_ended
	if gone "$SUP"; then
		has '^supervise: fatal: ' err
		[ ! -e starts ]
		room
		start_supervise
		wait_until runs
	fi
	first=$(holder)
	kill -KILL "$first"
	wait_until runs "$first"
	first=$(holder)
	kill -KILL "$SUP"
	wait_until gone "$SUP"
	start_supervise
	wait_until is_adopted "$first"
	alive "$first"
	room
	if gone "$SUP"; then
		start_supervise
		wait_until is_adopted "$first"
	fi
	[ "$(wc -l <starts)" = 2 ]
	# It could not be written who the service is, so that has the lock.
	if gone "$SUP"; then
		has 'fatal: unable to acquire m/s/supervise/lock' err
		kill -KILL "$first"
		wait_until gone "$first"
		start_supervise
		wait_until runs "$first"
		first=$(holder)
	fi
	wait_until is_shown
	svc -wD -T 60000 -d m/s
	gone "$first"
	svc -dx m/s
	wait_until gone "$SUP"
}

holds() {
	cat m/d/@* m/d/current 2>/dev/null | cmp -s - "$1"
}

all_or_message() {
	holds in || [ -s err ] || gone "$LOG"
}

multilog_in() {
	with "$1" "$2"
	seq 1000 9000 >in
	mkfifo fifo
	exec 3<>fifo
	cat in >&3
	multilog s4096 n100 ./m/d <fifo 2>err &
	LOG=$!
	wait_until all_or_message
	if ended "$LOG" multilog; then
		has '^multilog: fatal: ' err
		room
		multilog s4096 n100 ./m/d <fifo 2>err &
		LOG=$!
	fi
	room
	wait_until holds in
	kill -TERM "$LOG"
	wait "$LOG"
	holds in
}

both_up() {
	is_up m/services/a && is_up m/services/a/log
}

up_or_message() {
	both_up || [ -s err ] || gone "$SCAN"
}

start_svscan() {
	svscan m/services 2>>err &
	SCAN=$!
	echo "$SCAN" >>"$PIDS"
}

svscan_in() {
	with "$1" "$2"
	service m/services/a && mkdir m/services/a/log &&
	    printf '#!/bin/sh\nexec cat\n' >m/services/a/log/run &&
	    chmod 755 m/services/a/log/run || return 0
	: >err
	start_svscan
	wait_until up_or_message
	room
	if ended "$SCAN" svscan; then
		has '^svscan: fatal: ' err
		start_svscan
	fi
	wait_until both_up
	kill -TERM "$SCAN"
	wait "$SCAN"
	[ -z "$(processes_below "$PWD/m/services")" ]
}

# amounts ROW FUNCTION KIND FIRST LAST
amounts() {
	[ -n "$PRIVATE_MOUNTS" ] || skip 'no mount namespace for us'
	FAULTS=0
	amount=$4
	while [ "$amount" -le "$5" ]; do
		mkdir "$3.$amount"
		cd "$3.$amount"
		try "$1" upkeep "$2" "$3" "$amount"
		cd "$T"
		amount=$((amount + (${STEP:-10} > 1 ? 4 : 1)))
	done
	[ "$FAULTS" = 0 ]
}

campaign_inodes_for_supervise() {
	amounts 'few inodes: supervise' supervise_in inodes 2 12
}

campaign_inodes_for_multilog() {
	amounts 'few inodes: multilog' multilog_in inodes 0 9
}

campaign_inodes_for_svscan() {
	amounts 'few inodes: svscan' svscan_in inodes 5 20
}

campaign_space_for_supervise() {
	amounts 'little space: supervise' supervise_in space 1 7
}

campaign_space_for_svscan() {
	amounts 'little space: svscan' svscan_in space 2 12
}

# long
campaign_quota_for_supervise() {
	amounts 'a quota is used up: supervise' supervise_in quota 1 9
}

# long
campaign_quota_for_multilog() {
	amounts 'a quota is used up: multilog' multilog_in quota 0 9
}

# long
campaign_quota_for_svscan() {
	amounts 'a quota is used up: svscan' svscan_in quota 4 12
}

# An error has made ext4 read-only for good: m is what it was before, once it is
# checked and mounted again.
broken() {
	command -v mkfs.ext4 >/dev/null && command -v e2fsck >/dev/null ||
	    skip 'no ext4'
	mounted ext4 loop
}

breaks() {
	mount -o remount,abort m
	not touch m/file 2>/dev/null
}

mended() {
	umount m
	e2fsck -fp image >/dev/null || [ $? -lt 4 ]
	mount -o loop image m
}

# The service runs on, is started again when it dies, and stops; and so do those
# that svscan looks after.
supervise_read_only() {
	broken
	service m/services/a
	mkdir m/services/a/log
	printf '#!/bin/sh\nexec multilog ./main\n' | script m/services/a/log/run
	start_svscan
	wait_until both_up
	wait_until is_in_use m/services/a
	wait_until runs
	first=$(holder)
	sup=$(parent_of "$first")
	sync -f m
	breaks
	svc -h m/services/a
	wait_until gone "$first"
	wait_until runs "$first"
	first=$(holder)
	before=$(cpu_ticks "$sup")
	svc -d m/services/a
	wait_until gone "$first"
	svc -u m/services/a
	wait_until runs "$first"
	[ $(($(cpu_ticks "$sup") - before)) -lt 50 ]
	kill -TERM "$SCAN"
	wait "$SCAN"
	gone "$(holder)"
	[ -z "$(processes_below "$PWD/m/services")" ]
	mended
	start_svscan
	wait_until both_up
	kill -TERM "$SCAN"
	wait "$SCAN"
}

is_in_use() {
	svok "$1" && svok "$1/log"
}

has_message() {
	has "$1" err
}

# What it had not read stays in the pipe; of what it had read, lines are missing
# at one place at most, and it says that it could not write.
multilog_read_only() {
	broken
	mkfifo fifo
	exec 3<>fifo
	multilog s4096 n100 ./m/d <fifo 2>err &
	LOG=$!
	seq 1000 2999 >in
	cat in >&3
	wait_until holds in
	sync m/d/current
	breaks
	seq 3000 9999 >next
	cat next >>in
	cat next >&3
	wait_until has_message 'pausing'
	kill -TERM "$LOG"
	wait "$LOG" || :
	exec 3<>fifo
	mended
	multilog s4096 n100 ./m/d <fifo 2>>err &
	LOG=$!
	echo end >&3
	has_end() {
		tail -n 1 m/d/current | grep -qx end
	}
	wait_until has_end
	kill -TERM "$LOG"
	wait "$LOG"
	echo end >>in
	cat m/d/@* m/d/current >got || :
	sort -c -u got
	diff in got >missing || :
	cat err
	wc -l missing
	not has '^>' missing
	[ "$(grep -c '^[0-9]' missing)" -le 1 ]
}

# Before they start: they say so, and start once it may be written.
start_read_only() {
	mounted tmpfs size=4M
	service m/s
	mount -o remount,ro m
	not supervise m/s 2>err
	has '^supervise: fatal: .*read-only' err
	not multilog ./m/d </dev/null 2>err
	has '^multilog: fatal: .*read-only' err
	mkdir services
	ln -s "$PWD/m/s" services/s
	svscan services 2>err &
	SCAN=$!
	echo "$SCAN" >>"$PIDS"
	wait_until has_message read-only
	alive "$SCAN"
	[ ! -e starts ]
	mount -o remount,rw m
	wait_until runs
	kill -TERM "$SCAN"
	wait "$SCAN"
}

once() {
	[ -n "$PRIVATE_MOUNTS" ] || skip 'no mount namespace for us'
	FAULTS=0
	try "$@"
	[ "$FAULTS" = 0 ]
}

campaign_read_only_for_svscan() {
	once 'a filesystem becomes read-only: svscan, supervise' upkeep \
	    supervise_read_only
}

campaign_read_only_for_multilog() {
	once 'a filesystem becomes read-only: multilog' upkeep multilog_read_only
}

campaign_read_only_at_the_start() {
	once 'a filesystem is read-only: the start' upkeep start_read_only
}

run_tests "$@"
