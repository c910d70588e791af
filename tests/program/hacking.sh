#!/bin/sh
# doc/hacking.md: each function is in the file that is named beside it, and is
# called by the one above it that is indented less; each file exists.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

page=$SRC/doc/hacking.md

# body FILE FUNCTION: from its name, at the beginning of a line, to the brace
body() {
	awk -v name="$2" '
	index($0, name "(") == 1 { on = 1 }
	on
	/^}/ { on = 0 }' "$SRC/$1"
}

test_calls() {
	set +x
	awk '/^```calls/ { on = 1; next } /^```/ { on = 0 } on' "$page" |
	    awk '
	!NF { split("", at); next }
	{
		match($0, /^ */)
		depth = RLENGTH / 2
		at[depth] = $1 " " $2
		print $1, $2, depth ? at[depth - 1] : "- -"
	}' >calls
	[ "$(wc -l <calls)" -gt 40 ]
	while read -r name file caller caller_file; do
		body "$file" "$name" | grep -q '^{' || {
			echo "no function $name in $file"
			exit 1
		}
		[ "$caller" != - ] || continue
		body "$caller_file" "$caller" | sed 1d |
		    grep -q "\\(^\\|[^a-z_]\\)$name(" || {
			echo "$caller in $caller_file does not call $name"
			exit 1
		}
	done <calls
}

test_files() {
	grep -o '`[a-z]*/[a-z_./0-9-]*`' "$page" | tr -d '`' | sort -u |
	    grep -vx 'supervise/\(status\|control\)\|log/run\|[a-z]*/' >files
	[ "$(wc -l <files)" -gt 20 ]
	while read -r file; do
		[ -e "$SRC/$file" ]
	done <files
	grep -q 'from here on we never die' "$SRC/supervise/supervise.c"
}

run_tests "$@"
