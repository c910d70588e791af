#!/bin/sh
# doc/containers.md: its Dockerfile is carried out, and the image is run by an
# OCI runtime, read-only and as an ordinary user.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

# Appended to the examples of the page.  The base of the image is this system.
runtime() {
	cat <<'END'
needs crun python3
set -e
cd /tmp/image
mkdir bin root root/proc root/run root/dev root/tmp root/usr
cp /usr/local/bin/* bin/
cp /tmp/tool/http_hello bin/blog
system=
for d in bin lib lib64 sbin; do
	[ -d /usr/$d ] || continue
	[ ! -L /$d ] || cp -P /$d root/
	mkdir root/usr/$d
	system="$system, {\"destination\": \"/usr/$d\", \"type\": \"bind\",
	    \"source\": \"/usr/$d\", \"options\": [\"rbind\", \"ro\"]}"
done
mount -t tmpfs tmpfs /sys
mkdir -p /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup || skipping 'no cgroup2'
while read -r word rest; do
	case $word in
	FROM | STOPSIGNAL) ;;
	COPY)
		mkdir -p "root${rest#* }"
		cp -R "${rest%% *}." "root${rest#* }"
		;;
	RUN)
		for d in bin lib lib64; do mount --bind /usr/$d root/usr/$d; done
		chroot root /bin/sh -c "$rest"
		for d in bin lib lib64; do umount root/usr/$d; done
		;;
	USER) user=$rest ;;
	ENTRYPOINT) args=$rest ;;
	*) echo "what is $word?"; exit 1 ;;
	esac
done <Dockerfile
cat >config.json <<EOF
{"ociVersion": "1.0.0", "root": {"path": "root", "readonly": true},
 "process": {"user": {"uid": ${user%:*}, "gid": ${user#*:}}, "cwd": "/",
  "args": $args, "env": ["PATH=/usr/local/bin:/usr/bin:/bin"],
  "noNewPrivileges": true},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
  {"destination": "/run", "type": "tmpfs", "source": "tmpfs",
   "options": ["mode=1777"]}$system],
 "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}]}}
EOF
crun="crun --root /run/crun --cgroup-manager=disabled"
start() {
	name=$1
	$crun run "$name" >out 2>&1 &
	pid=$!
	within grep -q 'listening' out || {
		cat out
		! grep -q 'not permitted\|cgroup\|mount' out ||
		    skipping "crun cannot run here: $(tail -n 1 out)"
		exit 1
	}
}
command_of() {
	python3 - "$1" "$2" <<EOF
import sys, re
text = open(sys.argv[1]).read()
i = text.index(sys.argv[2])
print(" ".join(re.findall('"([^"]*)"', text[i:i + text[i:].index("]")])))
EOF
}
inside() {
	$crun exec --user "$user" --env PATH=/usr/local/bin:/usr/bin:/bin "$name" "$@"
}
start one
[ "$(inside sh -c 'command -v svstat')" = /usr/local/bin/svstat ]
for probe in "compose.yaml test:" "pod.yaml startupProbe" "pod.yaml livenessProbe"; do
	line=$(command_of $probe | sed 's/^CMD //')
	echo "probe: $line"
	inside $line
done
inside sh -c 'echo x >/service/x' 2>/dev/null && exit 1
$crun kill one TERM
code=0
wait $pid || code=$?
[ $code = 0 ]
echo 'stopped with 0'
start two
for n in 1 2 3 4; do
	# The last death ends the container, and perhaps this command with it.
	old=$(inside svstat -o pid /service/blog) || break
	inside sh -c "kill -KILL $old" || [ $n = 4 ]
	another() {
		! inside true 2>/dev/null ||
		    { p=$(inside svstat -o pid /service/blog) &&
		    [ "$p" != "$old" ] && [ "$p" -gt 0 ]; }
	}
	within another
done
code=0
wait $pid || code=$?
echo "ended with $code"
[ $code = 137 ]
! command -v docker-compose >/dev/null ||
    docker-compose -f compose.yaml config -q
python3 -c "import yaml" 2>/dev/null || exit 0
python3 -c "
import yaml
compose = yaml.safe_load(open('compose.yaml'))['services']['blog']
pod = yaml.safe_load(open('pod.yaml'))
assert compose['read_only'] and compose['stop_grace_period'] == '30s'
assert pod['kind'] == 'Pod' and pod['spec']['containers'][0]['name'] == 'blog'
"
END
}

# long
test_containers() {
	{ set +x; } 2>/dev/null
	extract containers >examples
	runtime >>examples
	set -x
	run_examples
}

run_tests "$@"
