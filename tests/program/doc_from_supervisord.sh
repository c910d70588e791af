#!/bin/sh
# doc/from-supervisord.md row by row: what stands in the right column is done,
# and has the effect that the left column has there.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"
# shellcheck source=tests/rows.sh
. "$SRC/tests/rows.sh"

test_lines_of_run() {
	rows <<'END'
install -D /tmp/tool/http_hello /srv/blog/blog
make blog "$(code redirect_stderr= 1)" "$(code directory= 1)" \
    "$(code umask= 1)" "$(code environment= 1)" \
    'echo "$PWD $(umask) $A $B" >/tmp/seen; echo error >&2' \
    "$(code user= 1)"
mkdir /srv/blog/log
{ echo '#!/bin/sh'; code stdout_logfile=/ 2; } >/srv/blog/log/run
chmod 755 /srv/blog/log/run
link blog
is 'cat /tmp/seen' '/srv/blog 0027 1 2'
is 'cut -d " " -f 2 /srv/blog/log/main/current | head -n 1' error
is 'ps -o user= -p $(svstat -o pid /service/blog)' www-data
is 'ps -o args= -p $(svstat -o pid /service/blog)' './blog 8080'
[ "$(code command= 2)" = 'exec ./blog 8080' ]
multilog --check d "$(code logfile_maxbytes 1)" "$(code logfile_backups= 1)" .
make none "$(code logfile=NONE 1)" 'echo none to be seen' 'exec sleep 1000'
make auto 'echo auto is seen' 'exec sleep 1000'
link none
svc -wu -T 30000 /service/none
link auto
is 'grep -c "auto is seen" /tmp/svscan.log' 1
is 'grep -c "none to be" /tmp/svscan.log' 0
END
}

test_starts_and_ends() {
	rows <<'END'
make manual 'exec sleep 1000'
option manual autostart=false
make again 'echo again >>/tmp/again'
make no 'echo no >>/tmp/no'
option no autorestart=false
make quick 'exit 1'
option quick startretries=
echo '10 10' >/srv/quick/restart-delay
for n in 0 2 1; do
	make exit$n "echo x >>/tmp/exit$n; exit $n"
	sed -n '/^#!.bin.sh/,/^```/p' /root/upkeep/doc/from-supervisord.md | sed '$d' \
	    >/srv/exit$n/finish
	chmod 755 /srv/exit$n/finish
done
link manual again no quick exit0 exit2 exit1
state manual down
state exit0 failed
state exit2 failed
is 'wc -l </tmp/exit0' 1
is 'wc -l </tmp/exit2' 1
until_true lines /tmp/exit1 2
until_true lines /tmp/again 2
state quick failed
is 'svstat -o deaths /service/quick' 4
state no down
is 'wc -l </tmp/no' 1
svc -u -wu -T 30000 /service/manual
END
}

test_stops() {
	rows <<'END'
make int 'trap "echo INT >/tmp/int; exit" INT; echo >/tmp/int-set; while :; do sleep 0.05; done'
option int stopsignal=
make deaf 'trap "" TERM; echo >/tmp/deaf-set; while :; do sleep 0.05; done'
option deaf stopwaitsecs=
[ "$(cat /srv/deaf/timeout-kill)" = 10000 ]
echo 50 >/srv/deaf/timeout-kill
make group 'sleep 1000' 'exit'
option group stopasgroup=
make startsecs 'exec sleep 1000'
option startsecs startsecs=
link int deaf group startsecs
svc -wu -T 30000 /service/*
until_true [ -e /tmp/int-set ]
until_true [ -e /tmp/deaf-set ]
until_true pgrep -P "$(svstat -o pid /service/group)" -x sleep
svc -d -wD -T 30000 /service/*
is 'cat /tmp/int' INT
is 'pgrep -x sleep | wc -l' 0
svc -u -wU -T 30000 /service/startsecs
[ "$(svstat -o state /service/startsecs)" = ready ]
# a run that ends before that is a failed start
make short 'sleep 0.2; exit 7'
option short startsecs=
[ "$(cat /srv/short/ready-after)" = 1000 ]
link short
svc -u -wU -T 30000 /service/short && exit 1
END
}

test_the_daemon() {
	rows <<'END'
softlimit -o 500 true
cd /tmp
printf '#!/bin/sh\nulimit -n >fds; exec prlimit -u -o SOFT --noheadings >procs\n' >blog
chmod 755 blog
for key in minfds= minprocs=; do
	(eval "$(code $key 1)")
done
[ "$(cat procs)" -eq 200 ]
[ "$(cat fds)" -gt 1024 ]
cd /root/upkeep
make blog 'exec sleep 1000'
link blog
svc -wu -T 30000 /service/blog
groupadd -f deploy
usermod -aG deploy nobody
as_nobody() { setpriv --reuid=nobody --regid=nogroup --init-groups "$@"; }
is 'as_nobody svc -d /service/blog' \
    'svc: warning: unable to control /service/blog: access denied'
(cd /service/blog/supervise && eval "$(code chmod=0770 1)")
as_nobody svc -d -wD -T 30000 /service/blog
eval "$(code rpcinterface 1 | sed 's/^ssh web1 //')" | grep '"state":"down"'
make shop-web 'exec sleep 1000'
make shop-mail 'exec sleep 1000'
link shop-web shop-mail
svc -wu -T 30000 /service/shop-*
old=$(svstat -o pid /service/shop-*)
eval "$(code '[group:shop]' 1)"
is 'svstat -o up /service/shop-* | uniq' true
anew() { [ "$(svstat -o pid /service/shop-*)" != "$old" ]; }
until_true anew
END
}

test_commands() {
	rows <<'END'
make blog 'echo started; exec sleep 1000'
mkdir -p /srv/blog/log
printf '#!/bin/sh\nexec multilog ./main\n' >/srv/blog/log/run
chmod 755 /srv/blog/log/run
run() { eval "$(code "$1" "${2:-1}")"; }
run '`add blog`'
run '`start blog`'
run '`status`' | grep 'blog: up (pid'
run '`status blog`' | grep 'blog: up (pid'
run '`status blog`' 2
pid=$(run '`pid blog`')
kill -0 "$pid"
until_true grep -x started /service/blog/log/main/current
run '`tail blog`' | grep -x started
run '`tail -f blog`' >/tmp/followed &
is 'cat /tmp/followed' started
run '`restart blog`'
[ "$(run '`pid blog`')" != "$pid" ]
run '`signal HUP blog`'
svc -u -wu -T 30000 /service/blog
run '`clear blog`'
rotated() { [ -s "$(echo /srv/blog/log/main/@*)" ]; }
until_true rotated
for n in 2 1 3; do run '`start all`' $n; done
run '`stop blog`'
run '`status blog`' 2 && exit 1
(run '`fg blog`') >/tmp/fg &
is 'cat /tmp/fg' started
run '`start blog`'
run '`remove blog`'
is 'svstat /srv/blog' '/srv/blog: supervise not running'
make gone 'exec sleep 1000'
link gone
svc -wu -T 30000 /service/gone
rm /service/gone
run '`reread`'
is 'svstat /srv/gone' '/srv/gone: supervise not running'
run '`shutdown`' 2
wait $scan
END
}

test_states() {
	rows <<'END'
word() {
	code "$1" "$2" | sed 's/[0-9][0-9]* s/N s/; s/pid [0-9]*/pid N/'
}
# a service is in the state of row $2, which is the N-th word of its cell
shows() {
	state "$1" "$(code "$2" "${3:-1}")"
}
line() {
	svstat "/service/$1" | sed 's/.*: //; s/[0-9][0-9]* s/N s/; s/pid [0-9]*/pid N/'
}
# third N: what svstat prints in row N
third() {
	awk -F '|' -v key="$1" '$2 ~ "^ " key " $" { print $4 }' \
	    /root/upkeep/doc/from-supervisord.md | tr -d '`' |
	    sed 's/^ //; s/ $//; s/[0-9][0-9]* s/N s/; s/pid [0-9]*/pid N/'
}
make stopped 'exec sleep 1000'
make starting 'exec sleep 1000'
echo 3 >/srv/starting/notification-fd
make stopping 'trap "" TERM; : >/tmp/set; while :; do sleep 0.05; done'
make backoff 'exit 1'
echo '1000000 1000000' >/srv/backoff/restart-delay
make exited 'exit 0'
: >/srv/exited/once
make fatal 'exit 1'
echo '0 60' >/srv/fatal/restart-limit
make unknown 'exec sleep 1000'
link stopped starting stopping backoff exited fatal unknown
until_true [ -e /tmp/set ]
svc -wu -T 30000 /service/starting /service/stopped /service/unknown
is 'svstat -o state /service/unknown' "$(code RUNNING 1)"
svc -d -wD -T 30000 /service/stopped
svc -d /service/stopping
rm /service/unknown
svc -dx -wD -T 30000 /srv/unknown
ln -s /srv/unknown /service/.unknown
is 'svstat -o state /service/starting' running
shows stopped STOPPED
shows stopping STOPPING
shows backoff BACKOFF
shows exited EXITED
shows fatal FATAL
for s in stopped starting stopping backoff exited fatal; do
	is "line $s" "$(third "$(echo $s | tr a-z A-Z)")"
done
is 'line .unknown' "$(third UNKNOWN)"
END
}

# Each key of the three tables is tried above, or has only words beside it.
test_every_row() {
	sed -n '/^## A program/,/^## States/s/^| \(`[^|]*\) |.*/\1/p' \
	    "$SRC/doc/from-supervisord.md" | grep -o '`[^`]*`' | tr -d '`' |
	    sed 's/.*\] //; s/=.*//; s/\[\(.*\):.*/\1/; s/ .*//' | sort -u >keys
	[ "$(wc -l <keys)" -ge 60 ]
	for key in process_name numprocs numprocs_start priority serverurl \
	    stderr_logfile stdout_syslog stdout_capture_maxbytes \
	    stdout_events_enabled loglevel identifier silent strip_ansi \
	    nocleanup pidfile nodaemon childlogdir logfile logfile_maxbytes \
	    logfile_backups file port username password prompt history_file \
	    rpcinterface fcgi-program eventlistener maintail open version \
	    avail help reload update exitcodes killasgroup chown umask \
	    directory environment user files programs socket stdout_logfile_backups \
	    stdout_logfile_maxbytes '[include]' '[group' '[fcgi-program' \
	    '[eventlistener' '[rpcinterface'; do
		echo "$key"
	done >words
	while read -r key; do
		grep -qxF -- "$key" words ||
		    grep -qF -- "$key" "$SRC/tests/program/doc_from_supervisord.sh" ||
		    echo "$key"
	done <keys >untried
	cat untried
	[ ! -s untried ]
}

run_tests "$@"
