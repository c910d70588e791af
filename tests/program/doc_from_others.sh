#!/bin/sh
# The shorter tables of doc/from-supervisord.md, row by row, and the sentences
# on those that have no table.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"
# shellcheck source=tests/rows.sh
. "$SRC/tests/rows.sh"

test_systemd() {
	rows <<'END'
sd() { row systemd "$@"; }
sd ExecStart=
sd ExecStartPre=
make blog 'echo before' 'exec sleep 1000'
sd StandardOutput=
mkdir -p /srv/blog/log
printf '#!/bin/sh\nexec multilog ./main\n' >"/srv/blog/$(part 1)"
chmod 755 /srv/blog/log/run
sd ExecStopPost=
printf '#!/bin/sh\necho after\n' >"/srv/blog/$(part 1)"
chmod 755 /srv/blog/finish
sd enable
eval "$(part 1)"
svc -wu -T 30000 /service/blog
sd ExecReload=
eval "$(part 1)"
is 'sort -u /srv/blog/log/main/current' "$(printf 'after\nbefore')"
sd is-active
active() { $(part 2) /service/blog && $(part 1) /service/blog | grep 'blog: up'; }
until_true active
sd journalctl
eval "$(part 1)" >/tmp/followed 2>&1 &
until_true grep after /tmp/followed
sd enable
eval "$(part 2)"
pkill -HUP -x svscan
is 'svstat /srv/blog' '/srv/blog: supervise not running'

# what a run that ends with 0, and with 1, leads to
for type in simple always failure no; do
	for code in 0 1; do
		make $type$code "echo >>/tmp/$type$code" "exit $code"
	done
done
sd Type=simple
sd Restart=always
sd Restart=on-failure
for s in failure0 failure1; do
	{ echo '#!/bin/sh'; part 2; } >/srv/$s/$(part 1)
	chmod 755 /srv/$s/finish
done
sd Restart=no
for s in no0 no1; do : >/srv/$s/$(part 1); done
make task 'sleep 0.2; exit 3'
sd Type=oneshot
: >/srv/task/$(part 1)
: >/srv/task/down
make notify '/tmp/tool/notify READY=1; exec sleep 1000'
sd Type=notify
: >/srv/notify/$(part 1)
make slow 'exit 1'
sd RestartSec=
file_of slow
make limit 'exit 1'
sd StartLimitBurst=
file_of limit
[ "$(cat /srv/limit/restart-limit)" = '5 10' ]
echo '10 10' >/srv/limit/restart-delay
make deaf 'trap "" TERM INT; : >/tmp/deaf; while :; do sleep 0.05; done'
sd KillSignal=
echo INT >/srv/deaf/$(part 1)
echo 50 >/srv/deaf/$(part 2)
make group 'setsid sleep 1234 &' 'exec sleep 1000'
sd KillMode=
file_of group
make watched '/tmp/tool/notify READY=1; exec sleep 1000'
: >/srv/watched/notify-socket
sd WatchdogSec=
echo 300 >/srv/watched/$(part 1)
seconds() { cut -d . -f 1 /proc/uptime; }
began=$(seconds)
make many
sd LimitNOFILE=
echo "exec $(part 1) 77 sh -c 'ulimit -n >/tmp/many; exec sleep 1000'" >>/srv/many/run
for s in simple0 simple1 always0 always1 failure0 failure1 no0 no1 task notify \
    slow limit deaf group watched many; do
	link $s
done
for s in simple0 simple1 always0 always1 failure1; do
	until_true lines /tmp/$s 2
done
state failure0 failed
state no0 down
state no1 down
is 'cat /tmp/failure0 /tmp/no0 /tmp/no1 | wc -l' 3
sd Type=oneshot
eval "$(part 2) -T 30000 /service/task"
[ "$(svstat -o exitcode /service/task)" = 3 ]
svc -wU -T 30000 /service/notify
state slow backoff
[ "$(svstat -o deaths /service/slow)" -le $((1 + ($(seconds) - began) / 5)) ]
state limit failed
[ "$(svstat -o deaths /service/limit)" = 6 ]
until_true [ -e /tmp/deaf ]
until_true pgrep -f 'sleep 1234'
svc -d -wD -T 30000 /service/deaf /service/group
is 'pgrep -c -f "sleep 1234"' 0
is 'svstat -o signal /service/deaf' SIGKILL
killed() { svstat -l /service/watched | grep 'killed by signal'; }
until_true killed
is 'cat /tmp/many' 77
for other in Type=forking User= After=; do sd $other; done
every_row systemd
END
}

test_upstart() {
	rows <<'END'
up() { row upstart "$@"; }
up exec
make blog 'echo before >>/tmp/seen' 'exec sleep 1000'
up pre-start
printf '#!/bin/sh\necho after >>/tmp/seen\n' >/srv/blog/$(part 2)
chmod 755 /srv/blog/finish
up 'console log'
mkdir /srv/blog/log
printf '#!/bin/sh\nexec multilog ./main\n' >/srv/blog/$(part 1)
chmod 755 /srv/blog/log/run
up respawn
make limit 'exit 1'
file_of limit
[ "$(cat /srv/limit/restart-limit)" = '10 5' ]
echo '10 10' >/srv/limit/restart-delay
up 'kill signal'
make deaf 'trap "" TERM INT; : >/tmp/deaf; while :; do sleep 0.05; done'
echo INT >/srv/deaf/$(part 1)
echo 50 >/srv/deaf/$(part 2)
up manual
make manual 'exec sleep 1000'
: >/srv/manual/$(part 1)
up 'start on'
link blog limit deaf manual
svc -wu -T 30000 /service/blog /service/blog/log
svc -d -wD -T 30000 /service/blog
is 'cat /tmp/seen' "$(printf 'before\nafter')"
state limit failed
[ "$(svstat -o deaths /service/limit)" = 11 ]
until_true [ -e /tmp/deaf ]
svc -d -wD -T 30000 /service/deaf
is 'svstat -o signal /service/deaf' SIGKILL
state manual down
for other in 'expect fork' 'expect stop' setuid; do up "$other"; done
every_row upstart
END
}

test_inetd() {
	rows <<'END'
needs socat
claim 'inetd and xinetd' '`instances` is `max-children=` of socat'
claim 'inetd and xinetd' '`disable = yes` is `down`'
cp -a /root/upkeep/doc/services/finger /srv/
sed -i 's/max-children=40/max-children=1/' /srv/finger/run
# one that lasts: until the file is there
printf '#!/bin/sh\necho >>/tmp/calls\nuntil [ -e /tmp/go ]; do sleep 0.05; done\n' \
    >/srv/finger/answer
: >/srv/finger/down
rm -r /srv/finger/log
link finger
state finger down
svc -u -wu -T 30000 /service/finger
call() { socat -u TCP:127.0.0.1:1079,retry=100,interval=0.05 STDOUT; }
call &
first=$!
until_true lines /tmp/calls 1
call &
second=$!
# the second is accepted after the first has ended
: >/tmp/go
wait $first
wait $second
[ "$(wc -l </tmp/calls)" = 2 ]
END
}

test_runit() {
	rows <<'END'
needs sv svlogd
says_runit() { claim runit "$1"; }
says_runit '`sv` reads what `supervise` writes'
says_runit 'The first argument of `finish` is 256, not -1'
make blog 'echo started' 'exec sleep 1000'
mkdir -p /srv/blog/control /srv/blog/log/main
printf '#!/bin/sh\necho "finish $1" >>/tmp/finish\n' >/srv/blog/finish
says_runit '`control/t` and the like are not read'
says_runit '`check` is not executed'
for f in control/t check; do
	printf '#!/bin/sh\necho %s >>/tmp/executed\n' $f >/srv/blog/$f
done
says_runit '`svlogd` goes on working in `log/run`'
printf '#!/bin/sh\nexec svlogd -tt ./main\n' >/srv/blog/log/run
chmod 755 /srv/blog/finish /srv/blog/control/t /srv/blog/check /srv/blog/log/run
link blog
until_true grep started /srv/blog/log/main/current
is 'sv status /service/blog | cut -c 1-19' 'run: /service/blog:'
svc -k -wR -T 30000 -r /service/blog
until_true grep 'finish 256' /tmp/finish
svc -r -wR -T 30000 /service/blog
[ ! -e /tmp/executed ]
says_runit '`multilog` does not read `log/main/config`'
mkdir /tmp/main
echo s1000 >/tmp/main/config
seq 1000 | multilog /tmp/main
[ "$(wc -l </tmp/main/current)" = 1000 ]
says_runit '`svscan` does so at HUP'
rm /service/blog
svc -wu -T 30000 /srv/blog
pkill -HUP -x svscan
is 'svstat /srv/blog' '/srv/blog: supervise not running'
END
}

test_s6() {
	rows <<'END'
needs s6-svwait execlineb
says_s6() { claim s6 "$1"; }
says_s6 '`notification-fd`, `timeout-kill`, `timeout-finish`, `down-signal` and `no-setsid`'
make blog 'exec 4>&-; trap "" INT; : >/tmp/deaf; while :; do sleep 0.05; done'
printf '#!/bin/sh\nexec sleep 1000\n' >/srv/blog/finish
chmod 755 /srv/blog/finish
for pair in timeout-kill=50 timeout-finish=50 down-signal=INT no-setsid=; do
	echo "${pair#*=}" >"/srv/blog/${pair%=*}"
done
make ready 'echo >&4; exec sleep 1000'
echo 4 >/srv/ready/notification-fd
says_s6 '`max-death-tally` is `restart-limit`'
says_s6 'There is no `event/`'
says_s6 '`flag-newpidns` is refused with a message'
make newpidns 'exec sleep 1000'
: >/srv/newpidns/flag-newpidns
says_s6 'A `run` in execline goes on working'
mkdir /srv/execline
printf '#!%s -P\nsleep 1000\n' "$(command -v execlineb)" >/srv/execline/run
chmod 755 /srv/execline/run
link blog ready newpidns execline
svc -wU -T 30000 /service/ready
svc -wu -T 30000 /service/execline
is 'svstat -o error /service/newpidns | grep -c flag-newpidns' 1
is 'grep -c "newpidns.*flag-newpidns" /tmp/svscan.log' 1
[ ! -e /srv/ready/event ]
s6-svwait -t 10 -u /service/ready && exit 1
until_true [ -e /tmp/deaf ]
[ "$(ps -o sid= -p "$(svstat -o pid /service/blog)")" = \
    "$(ps -o sid= -p "$(pgrep -x svscan)")" ]
svc -d -wD -T 30000 /service/blog
[ "$(svstat -o signal /service/blog)" = SIGKILL ]
END
}

test_encore() {
	rows <<'END'
says_encore() { claim encore "$1"; }
says_encore '`start`, `stop` and `notify` are not executed'
make blog 'trap "echo QUIT >>/tmp/got" QUIT' 'trap "echo USR1 >>/tmp/got" USR1' \
    'trap "echo USR2 >>/tmp/got" USR2' ': >/tmp/set' 'while :; do sleep 0.05; done'
for f in start stop notify; do
	printf '#!/bin/sh\necho %s >>/tmp/executed\n' $f >/srv/blog/$f
	chmod 755 /srv/blog/$f
done
says_encore 'the letters `q 1 2 + =`'
link blog
until_true [ -e /tmp/set ]
for letter in q 1 2; do svc -$letter /service/blog; done
got() { [ "$(sort /tmp/got | tr '\n' ' ')" = 'QUIT USR1 USR2 ' ]; }
until_true got
says_encore '`svup` is `svstat -q`'
svstat -q /service/blog
svc -d -wD -T 30000 /service/blog
svstat -q /service/blog && exit 1
[ ! -e /tmp/executed ]
END
}

test_pm2() {
	rows <<'END'
needs node
pm() { row pm2 "$@"; }
pm 'pm2 start'
make blog "$(part 2)"
echo 'console.log("hello"); setInterval(() => {}, 1000)' >/srv/blog/app.js
"$(part 3 | cut -d ' ' -f 1)" -s /srv/blog /service/
pm 'pm2 ls'
is "$(part 1) | awk 'NR > 1 { print \$1, \$2 }'" '/service/blog ready'
is 'grep -c hello /tmp/svscan.log' 1
old=$(svstat -o pid /service/blog)
eval "$(part 3) -wR -T 30000 /service/blog"
[ "$(svstat -o pid /service/blog)" != "$old" ]
$(part 2) /tmp/svscan.log >/tmp/followed &
until_true grep hello /tmp/followed
$(part 4) /service/blog
$(part 5) /srv/blog
is 'svstat /srv/blog' '/srv/blog: supervise not running'
pm max_memory_restart
make fat
echo "exec $(part 1) node -e 'const a = []; for (;;) a.push(Buffer.alloc(1e7, 1))'" >>/srv/fat/run
link fat
died() { [ "$(svstat -o deaths /service/fat)" -ge 1 ]; }
until_true died
pm wait_ready
make mute 'exec sleep 1000'
: >/srv/mute/$(part 1)
echo 50 >/srv/mute/$(part 2)
link mute
late() { svstat -l /service/mute | grep 'killed by signal'; }
until_true late
for other in '`-i 4`' reload startup ecosystem; do pm "$other"; done
every_row pm2
END
}

# Each section that names another system has its test here.
test_every_section() {
	sed -n '/^## systemd/,$s/^## //p' "$SRC/doc/from-supervisord.md" >sections
	[ "$(wc -l <sections)" = 8 ]
	while read -r word _; do
		[ "$word" != init.d ] || continue # boot.md has its wrapper
		has "^test_$word()" "$SRC/tests/program/doc_from_others.sh"
	done <sections
}

run_tests "$@"
