# shellcheck shell=sh
# For tests of the pages in doc/: runs the examples of a page as they stand
# there.  Sourced after lib.sh.
#
#   page NAME [SECTION...]    run the examples of doc/NAME.md, or of these
#                             sections, in order, in one shell
#   run_examples              run the commands in the file "examples" instead
#   $world                    commands to be run before, if not empty
#
# What is run, and what must come, is said in README.md beside this file.  It
# runs as root in name spaces of its own: the root directory is new, with the
# system's programs and a copy of /etc; no process, no port and no file of this
# machine can be reached.  The shell is in a copy of the source tree.

# The examples of a page, as a script of calls of the two functions below.
extract() {
	name=$1
	shift
	sections=$(printf '%s\n' "$@") awk '
	BEGIN { sections = ENVIRON["sections"] }
	function flush() {
		if (command != "")
			printf "example %d <<\047END OF TEXT\047\n%s" \
			    "END OF TEXT\nshows %d <<\047END OF TEXT\047\n%s" \
			    "END OF TEXT\n", line, command, line, output
		command = output = ""
	}
	/^## / && kind == "" {
		wanted = sections == "" ||
		    index("\n" sections "\n", "\n" substr($0, 4) "\n")
		if (sections != "" && wanted)
			found++
	}
	NR == 1 && sections == "" { wanted = 1 }
	/^```/ && kind == "" {
		kind = !wanted ? "text" : $1 == "```console" ? "console" : \
		    NF == 2 && $2 ~ /^\// ? "file" : "text"
		if (kind == "file")
			print "file " $2 " <<\047END OF TEXT\047"
		next
	}
	/^```/ {
		flush()
		if (kind == "file")
			print "END OF TEXT"
		kind = ""
		next
	}
	kind == "file"
	kind == "console" && /^\$ / {
		flush()
		line = NR
		command = substr($0, 3) "\n"
		open = 1
		next
	}
	kind == "console" && /^> ?/ && open {
		sub(/^> ?/, "")
		command = command $0 "\n"
		next
	}
	kind == "console" {
		open = 0
		output = output $0 "\n"
	}
	END {
		if (sections != "" && found != split(sections, any, "\n"))
			print "echo no such section; exit 1"
	}' "$SRC/doc/$name.md"
}

page() {
	{ set +x; } 2>/dev/null
	extract "$@" >examples
	set -x
	[ -s examples ]
	if has '^echo no such section' examples; then false; fi
	run_examples
}

# run_examples: those in the file "examples"
run_examples() {
	[ "$(id -u)" = 0 ] || skip 'the pages are for root'
	command -v ip >/dev/null || skip 'no ip'
	unshare -mpfnu true 2>/dev/null || skip 'no name spaces here'
	mkdir -p root
	code=0
	# shellcheck disable=SC2016
	unshare -mpfnu --kill-child --propagation private \
	    sh -ec '. "$SRC/tests/doc.sh"; make_root; cd root; pivot_root . mnt
	        cd /; umount -l mnt; exec sh /tmp/all' ||
	    code=$?
	[ "$code" != 77 ] || skip "$(cat reason)"
	[ "$code" = 0 ]
}

export SRC BUILD BIN TOOL DEADLINE world

# In the name spaces: a root directory, and the examples in it.
make_root() {
	mount -t tmpfs -o mode=755 tmpfs root
	for d in bin sbin lib lib32 lib64 libx32; do
		if [ -L /$d ]; then
			cp -P /$d root/
		elif [ -d /$d ]; then
			mkdir root/$d
			mount --bind /$d root/$d
		fi
	done
	(
		cd root || exit
		mkdir usr dev proc sys srv home root mnt run run/lock var \
		    var/log var/lib var/spool var/cache var/backups
		mkdir -m 1777 tmp var/tmp
		ln -s /run var/run
	)
	mount --bind /usr root/usr
	mount --bind "$BIN" root/usr/local/bin
	mount --rbind /dev root/dev
	mount -t proc proc root/proc
	cp -a /etc root/
	mkdir root/root/upkeep root/tmp/tool
	tar -c -C "$SRC" --exclude=./build --exclude=./.git . |
	    tar -x -C root/root/upkeep
	cp "$BUILD/doc/http_hello" "$TOOL/notify" root/tmp/tool/
	: >reason
	touch root/tmp/reason
	mount --bind reason root/tmp/reason
	hostname web1
	echo '127.0.0.1 localhost web1' >root/etc/hosts
	ip link set lo up
	{
		echo 'export HOME=/root TMPDIR=/tmp; unset OLDPWD SVDIR'
		echo 'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
		cat "$SRC/tests/example.sh"
		echo 'cd /root/upkeep'
		printf '%s\n' "$world"
		cat examples
		echo 'exit 0'
	} >root/tmp/all
}
