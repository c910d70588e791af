# shellcheck shell=sh
# For tests of those who look for a program in PATH: what they find.

# a PATH, and what is to come of running "p" by it: the exit code, and the
# directory it was found in
path_cases="
one:two 0 one
two:one 0 two
none:two 0 two
noexec:two 0 two
isdir:two 0 two
script:two 111
none 111
noexec:none 111
two/ 0 two
"

# the same, of what is not as in the original
our_path_cases="
file:two 0 two
: 111
none: 111
:two 0 two
none::two 0 two
"

make_path_tree() {
	mkdir one two noexec isdir isdir/p script
	for d in one two noexec; do
		printf '#!/bin/sh\necho %s\n' "$d" >"$d/p"
		chmod 755 "$d/p"
	done
	printf '#!/bin/sh\necho here\n' >p
	chmod 755 p
	chmod 644 noexec/p
	: >file
	printf 'echo no interpreter\n' >script/p
	chmod 755 script/p
}
