# shellcheck shell=sh
# For tests of the tables of doc/from-supervisord.md: what stands in the right
# column is done, and has the effect that the left column has there.  Sourced
# after doc.sh.
#
#   rows <<'END'              run what follows, in the world of doc.sh, with
#                             svscan and the functions of helpers() below

rows() {
	{ set +x; } 2>/dev/null
	{
		helpers
		cat
	} >examples
	set -x
	run_examples
}

# What the tests below begin with, inside.
helpers() {
	cat <<'END'
set -ex
mkdir /service
svscan /service >/tmp/svscan.log 2>&1 &
scan=$!

# code KEY N: the N-th code in the right column of the row that has KEY in
# the left one
code() {
	grep -F "|" /root/upkeep/doc/from-supervisord.md | sed 's/\\|/\t/g' |
	    awk -F '|' -v key="$1" -v n="$2" 'index($2, key) {
		split($3, part, "`")
		print part[2 * n]
		exit
	}' | tr '\t' '|' | grep .
}

# row SECTION KEY: that row is tried now
row() {
	right=$(awk -F ' [|] ' -v section="$1" -v key="$2" '
	/^## / { on = $0 == "## " section }
	on && /^[|] `/ && index($1, key) {
		print NR >>"/tmp/tried." section
		print $2
		exit
	}' /root/upkeep/doc/from-supervisord.md | grep .)
}

# part N: the N-th code in the right column of that row
part() {
	echo "$right" | sed 's/\\|/|/g' | cut -d '`' -f $(($1 * 2)) | grep .
}

# every_row SECTION: each was tried
every_row() {
	awk -v section="$1" '
	/^## / { on = $0 == "## " section }
	on && /^[|] `/ { print NR }' /root/upkeep/doc/from-supervisord.md >/tmp/all.rows
	sort -nu "/tmp/tried.$1" | diff - /tmp/all.rows
}

# claim SECTION TEXT: the section says so
claim() {
	awk -v section="$1" '
	/^## / { on = $0 == "## " section }
	on' /root/upkeep/doc/from-supervisord.md | tr -s '\n ' '  ' |
	    grep -qF -- "$2"
}

# file_of NAME: the file and the content that are the first two codes, for NAME
file_of() {
	part 2 >"/srv/$1/$(part 1)" || :
}

# make NAME LINE...: the service NAME, with these lines in run, not linked
make() {
	name=$1
	shift
	mkdir -p "/srv/$name"
	{ echo "#!/bin/sh"; printf "%s\n" "$@"; } >"/srv/$name/run"
	chmod 755 "/srv/$name/run"
}

# option NAME KEY: the file that the row of KEY speaks of, with its content
option() {
	code "$2" 2 >"/srv/$1/$(code "$2" 1)" || :
}

link() {
	for s; do ln -s "/srv/$s" /service/; done
}

# until_true COMMAND...
until_true() {
	{ set +x; } 2>/dev/null
	within "$@" || { echo "never: $*"; exit 1; }
	set -x
}

lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# is COMMAND TEXT: within the deadline, that is what COMMAND prints
is() {
	{ set +x; } 2>/dev/null
	within says "$@" || { echo "$1: $(eval "$1" 2>&1), not $2"; exit 1; }
	set -x
}

says() {
	[ "$(eval "$1" 2>&1)" = "$2" ]
}

state() {
	is "svstat -o state /service/$1" "$2"
}
END
}
