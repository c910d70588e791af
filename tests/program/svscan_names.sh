#!/bin/sh
# svscan: a service may have any name that a directory entry may have.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/scan.sh
. "${0%/*}/../scan.sh"

newline='
'
escape=$(printf '\033')

# each COMMAND...: with every name added, in turn
each() {
	long=$(printf 'long%0251d' 0)
	for name in -x --help --version -- -T "one${newline}two" \
	    "$newline" "${escape}[31mred${escape}]0;title" " lead" "trail " \
	    "a b" "'" '"' '$HOME' '`id`' '*' '?' '[a]' '%s%n' '\' '\x41' \
	    "$(printf '\001\177\002')" "$(printf '\377\376')" \
	    "$(printf 'caf\303\251')" "$(printf '\302\233m')" log supervise run \
	    '#' ';' '~' '=' 'a=b' "$long"; do
		"$@" "$name"
	done
}

number_of_names() {
	each echo . | grep -c '^\. '
}

# The name as a message shows it, from its bytes.
shown() {
	printf %s "$1" | od -An -v -tx1 | tr -s ' ' '\n' |
	    while read -r byte; do
		code=$(printf %d "0x${byte:-0}")
		case $byte in
		'') ;;
		5c) printf '\\x5c' ;;
		*)
			if [ "$code" -ge 32 ] && [ "$code" -lt 127 ]; then
				# shellcheck disable=SC2059
				printf "\\$(printf %03o "$code")"
			else
				printf '\\x%s' "$byte"
			fi
			;;
		esac
	done
}

service() {
	mkdir -p "services/$1"
	books | script "services/$1/run"
}

logged_service() {
	service "$1"
	mkdir "services/$1/log"
	multilogs | script "services/$1/log/run"
}

# the pid that runs there; svstat is asked where no name is in the way
pid_in() {
	(cd "services/$1" && pid_of .)
}

runs() {
	[ -n "$(pid_in "$1")" ]
}

is_gone() {
	(cd "services/$1" && not svok .)
}

# what was begun, and nothing of it ended
begun() {
	[ "$(grep -c '^+' ledger)" = "$1" ] && not has '^[!-]' ledger
}

waits_to_run() {
	wait_until runs "$1"
}

logs() {
	wait_until has '^begin ' "services/$1/log/main/current"
}

ends() {
	wait_until is_gone "$1"
}

test_each_runs_once() {
	each service
	scan
	each waits_to_run
	n=$(number_of_names)
	[ "$n" -ge 30 ]
	wait_until begun "$n"
	# nothing comes twice
	kill -ALRM "$scan"
	scanned
	begun "$n"
	kill "$scan"
	wait_until gone "$scan"
	wait "$scan"
	[ "$(grep -c '^-' ledger)" = "$n" ]
	[ ! -s scan.err ]
}

test_each_with_a_logger() {
	each logged_service
	scan
	each logs
	n=$(number_of_names)
	begun "$n"
	kill "$scan"
	wait_until gone "$scan"
	wait "$scan"
	each ended_well
	[ ! -s scan.err ]
}

ended_well() {
	has '^last ' "services/$1/log/main/current"
	[ -x "services/$1/log/main/current" ]
	is_gone "$1"
	is_gone "$1/log"
}

# long
test_each_is_adopted() {
	each logged_service
	scan
	each logs
	each waits_to_run
	n=$(number_of_names)
	begun "$n"
	before=
	each kill_supervises
	each same
	scanned
	begun "$n"
	kill "$scan"
	wait_until gone "$scan"
	wait "$scan"
	each ended_well
	[ "$(grep -c '^-' ledger)" = "$n" ]
	not has '^!' ledger
	cat scan.err
	not has '^svscan' scan.err
}

kill_supervises() {
	for dir in "$1" "$1/log"; do
		pid=$(pid_in "$dir")
		before="$before $pid"
		supervise=$(parent_of "$pid")
		kill -KILL "$supervise"
		wait_until gone "$supervise"
	done
}

same() {
	wait_until is_one_of_them "$1"
	wait_until is_one_of_them "$1/log"
}

is_one_of_them() {
	pid=$(pid_in "$1")
	[ -n "$pid" ] || return 1
	case "$before " in
	*" $pid "*) ;;
	*) return 1 ;;
	esac
}

dangling() {
	ln -s nowhere "services/$1"
}

is_said() {
	line="svscan: warning: unable to stat $(shown "$1"): $words"
	[ "$(grep -cFx -- "$line" scan.err)" = 1 ]
}

said() {
	[ "$(wc -l <scan.err)" -ge "$1" ]
}

# Each in one line of its own, that no terminal takes for a command.
test_each_in_a_message() {
	mkdir services
	ln -s nowhere services/plain
	scan
	wait_until has '^svscan: warning: unable to stat plain: ' scan.err
	words=$(sed 's/.*plain: //' scan.err)
	each dangling
	n=$(number_of_names)
	wait_until said $((n + 1))
	scanned
	[ "$(wc -l <scan.err)" = $((n + 1)) ]
	each is_said
	not has '[^ -~]' scan.err
	kill "$scan"
	wait_until gone "$scan"
}

# Of a supervise that another svscan has left, by name.
# long
test_each_in_a_notice() {
	each service
	scan
	each waits_to_run
	kill -KILL "$scan"
	wait_until gone "$scan"
	scan
	n=$(number_of_names)
	wait_until said "$n"
	each is_noticed
	not has '[^ -~]' scan.err
	kill "$scan"
	wait_until gone "$scan"
	each ends
	[ "$(wc -l <scan.err)" = "$n" ]
	[ "$(grep -c '^-' ledger)" = "$n" ]
	not has '^!' ledger
}

is_noticed() {
	line="svscan: warning: $(shown "$1"): waiting for the supervise that runs it"
	[ "$(grep -cFx -- "$line" scan.err)" = 1 ]
}

# Its supervise calls it by the name of the service, not by that of a directory.
test_a_logger_behind_a_link() {
	mkdir -p v3/log services
	printf '#!/bin/sh\nexec sleep 1000\n' | script v3/run
	: >v3/log/run
	ln -s ../v3 services/blog
	scan
	wait_until has '^supervise: warning: blog/log: unable to execute' scan.err
	not has v3 scan.err
}

test_names_of_the_scan_directory() {
	for name in -x --help "a${newline}b" '%s' "$(printf '\377')"; do
		mkdir -p "scan/$name"
		mv "scan/$name" .
		printf '#!/bin/sh\nexec sleep 1000\n' | script run
		mkdir "./$name/a"
		mv run "./$name/a/run"
		background svscan -- "$name"
		wait_until is_up "./$name/a"
	done
}

run_tests "$@"
