#!/bin/sh
# The EXAMPLES of the manual pages: each is run as it stands there.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

# blocks PAGE: its examples, each in a file block.N
blocks() {
	awk '
	/^\.Sh / { on = $2 == "EXAMPLES" }
	!on { next }
	/^\.Dl / { print substr($0, 5) >("block." ++n) }
	/^\.Bd / { block = 1; n++; next }
	/^\.Ed/ { block = 0 }
	block { print >("block." n) }' "$1"
}

# What is run: services that the pages speak of, and programs that only sleep.
try() {
	cat <<'END'
cp -R /root/upkeep/.blocks /tmp/blocks
useradd www; useradd log; groupadd deploy
mkdir -p /service /tmp/bin /run/lock
for name in mail rsync; do
	printf '#!/bin/sh\n:\n' >/tmp/bin/$name
done
chmod 755 /tmp/bin/*
PATH=/tmp/bin:$PATH
for s in blog db backup; do
	mkdir -p /srv/$s/log
	for program in blog server restore; do
		printf '#!/bin/sh\nexec sleep 1000\n' >/srv/$s/$program
	done
	printf '#!/bin/sh\nexec sleep 1000\n' >/srv/$s/run
	printf '#!/bin/sh\nexec multilog ./main\n' >/srv/$s/log/run
	chmod 755 /srv/$s/* /srv/$s/log/run
done
printf '#!/bin/sh\necho done\n' >/srv/backup/run
printf '#!/bin/sh\n:\n' >/srv/blog/restore
touch /srv/backup/down
svscan /service >/tmp/svscan.log 2>&1 &
ln -s /srv/db /srv/backup /service/
svc -wu -T 30000 /service/db
gone() {
	! pgrep -x "$1" >/dev/null
}
for block in /tmp/blocks/*; do
	case $(cat $block) in
	*'svscan /service &'*)
		pkill -x svscan
		within gone svscan
		rm -r /service
		;;
	*'ln -s /srv/blog /service'*)
		rm -f /service/blog
		svc -dx -wD -T 30000 /srv/blog /srv/blog/log
		;;
	*)
		ln -sfn /srv/blog /service/blog
		svc -u -wu -T 30000 /service/blog
		;;
	esac
	cd /srv/blog
	sed 's/^/> /' $block
	case $(head -n 1 $block) in
	'#!'*)
		! grep -q multilog $block || {
			mkdir -p -m 777 /tmp/log
			(cd /tmp/log && exec sh $block </dev/null) || exit 1
			continue
		}
		mkdir -p /srv/example
		cp $block /srv/example/run
		cp /srv/blog/blog /srv/blog/server /srv/example/
		chmod 755 /srv/example/run
		echo 300 >/srv/example/ready-after
		ln -sfn /srv/example /service/example
		svc -u -wU -T 30000 /service/example || exit 1
		svc -d -wD -T 30000 /service/example
		continue
		;;
	esac
	sed 's/^\$ //; t; s/^[*] [*] [*] [*] [*] //; s/ && \.\.\.$//' $block |
	    sed '/^\/service.*: /d; /^NAME /d; /^[a-z]* *\(ready\|backoff\) /d' \
	    >/tmp/command
	# these do not end
	case $(cat /tmp/command) in
	svscan* | *'./server' | *' svscan '* | *'exec ./blog')
		timeout 1 sh -e /tmp/command </dev/null
		[ $? = 124 ] || exit 1
		;;
	*)
		timeout 30 sh -e /tmp/command </dev/null || {
			echo "exit code $?"
			exit 1
		}
		;;
	esac
done
END
}

# manual PAGE
manual() {
	[ "$(id -u)" = 0 ] || skip 'the pages are for root'
	world="needs $2"
	{ set +x; } 2>/dev/null
	blocks "$SRC/$1"
	[ -e block.1 ]
	{
		echo 'mkdir /root/upkeep/.blocks'
		for b in block.*; do
			echo "cat >/root/upkeep/.blocks/$b <<'END OF BLOCK'"
			cat "$b"
			echo 'END OF BLOCK'
		done
		try
	} >examples
	set -x
	run_examples
}

test_svscan() {
	manual svscan/svscan.8 pkill
}

test_supervise() {
	manual supervise/supervise.8 setpriv
}

test_svc() {
	manual svc/svc.8 chgrp
}

test_svstat() {
	manual svstat/svstat.8 grep
}

test_multilog() {
	manual multilog/multilog.8 'setpriv gzip'
}

test_setlock() {
	manual setlock/setlock.8 sh
}

test_softlimit() {
	manual softlimit/softlimit.8 sh
}

test_upkeep() {
	manual doc/upkeep.7 sh
}

run_tests "$@"
