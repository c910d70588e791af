#!/bin/sh
# All programs say the same words of the same errno: those of daemontools, which
# scripts have matched on for twenty years.
# shellcheck source=/dev/null
. "$(dirname "$0")/../lib.sh"

# says WORDS COMMAND...: at the end of its first line
says() {
	want=$1
	shift
	{ "$@" 2>&1 || true; } | head -n 1 >line
	case $(cat line) in
	*": $want") ;;
	*)
		echo "$*: $(cat line)"
		return 1
		;;
	esac
}

# all_say WORDS PATH [RUNNER]
all_say() {
	for program in svscan supervise 'svc -d' svstat svok softlimit multilog; do
		# shellcheck disable=SC2086
		says "$1" $3 $program "$2"
	done
	# shellcheck disable=SC2086
	says "$1" $3 setlock "$2" true
	# shellcheck disable=SC2086
	says "$1" $3 multilog "$2"
}

test_missing() {
	all_say 'file does not exist' ./no/where
}

test_not_a_directory() {
	: >file
	all_say 'not a directory' ./file/x
}

test_link_loop() {
	ln -s loop loop
	all_say 'symbolic link loop' ./loop/x
}

test_long_name() {
	all_say 'file name too long' "./$(printf %0300d 0)"
}

test_access() {
	set +x # it would be in the lines
	mkdir locked
	chmod 0 locked
	all_say 'access denied' ./locked/x as_user
	chmod 0700 locked
}

run_tests "$@"
