#!/bin/sh
# README.md: "Use it" is typed as it stands, and the tables are true.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

# On a machine on which nothing is installed: not even what is tested here.
# long
test_use_it() {
	world='umount /usr/local/bin; mount -t tmpfs tmpfs /usr/local'
	export MAKEFLAGS='' CFLAGS=-O0
	page ../README 'Use it'
}

# Each fact beside others has its row, and each row its fact.
test_facts_have_rows() {
	sed -n 's/^| .*\. | \([a-z]*\) |$/\1/p' "$SRC/README.md" | sort >facts
	[ "$(wc -l <facts)" = 4 ]
	sed -n 's/^| \([a-z]*\) | .*/\1/p' "$SRC/doc/compare.md" |
	    grep -vx row | sort >rows
	diff facts rows
}

test_every_program_and_document_is_listed() {
	for page in "$SRC"/*/*.[58]; do
		grep -q "](${page#"$SRC"/})" "$SRC/README.md"
	done
	for doc in "$SRC"/doc/*.md; do
		grep -q "](${doc#"$SRC"/})" "$SRC/README.md"
	done
	[ "$(wc -l <"$SRC/README.md")" -le 150 ]
}

run_tests "$@"
