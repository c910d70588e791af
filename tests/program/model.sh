#!/bin/sh
# The model of adoption names the functions of the program that its steps are:
# each is where the model says.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

test_functions() {
	set +x
	tr -d '\n' <"$SRC/tests/unit/supervise/adoption.c" |
	    grep -o '[a-z]*\.c: [a-z_]*()' | sort -u | tr -d ':()' >named
	[ "$(wc -l <named)" -ge 20 ]
	while read -r file name; do
		grep -q "^$name(" "$SRC/supervise/$file" || {
			echo "no function $name in supervise/$file"
			exit 1
		}
	done <named
}

run_tests "$@"
