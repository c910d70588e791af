#!/bin/sh
# supervise(8), supervise-status(5) and servicedir(5) against what they are
# about: letters, files, events, names.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

PAGE=$SRC/supervise/supervise.8
STATUS_PAGE=$SRC/supervise/supervise-status.5
SERVICEDIR_PAGE=$SRC/supervise/servicedir.5

# section PAGE NAME: its text
section() {
	awk -v name="$2" '/^\.Sh /{on = $0 == ".Sh " name} on' "$1"
}

# The letter, and the signal if to send it is all that it does.
letters_in_source() {
	sed -n 's/^ *{.\(.\)., {EVENT_SIGNAL, SIG\([A-Z0-9]*\)}.*/\1 \2/p
	    s/^ *{.\(.\)., {EVENT_[A-Z]*, 0}, ".*/\1/p' \
	    "$SRC/supervise/control.c"
}

letters_in_page() {
	section "$PAGE" 'CONTROL LETTERS' | awk '
	/^\.It Li / { if (letter) print letter signal; letter = $3; signal = "" }
	/^Send [A-Z0-9]*\.$/ { sub(/\.$/, "", $2); signal = " " $2 }
	END { print letter signal }'
}

test_control_letters() {
	letters_in_source >source
	letters_in_page >page
	[ "$(wc -l <source)" -ge 15 ]
	diff source page
	section "$STATUS_PAGE" CONTROL | tr -d '\n' >control
	has "$(cut -c 1 source | sed '/r/d' | tr '\n' ' ' | sed 's/ $//')" \
	    control
}

# Whatever can happen to a service, a signal included, and is no letter, as the
# test of the state names it; the golden table lacks what changes nothing.
test_transitions() {
	sed -n 's/^ *\[[A-Z_]*\] = "\([^"]*\)",$/\1/p' \
	    "$SRC/tests/unit/supervise/state.c" |
	    sed '/^.$/d; s/^signal .*/signal/' | sort -u >events
	sed -n 's/^.* | \([^ ]*\) -> .*$/\1/p' \
	    "$SRC/tests/unit/supervise/state.golden" |
	    sed '/^.$/d' | sort -u >golden
	section "$PAGE" TRANSITIONS | sed -n 's/^\.It Ic //p' | sort >page
	[ "$(wc -l <golden)" -ge 8 ]
	diff events page
	[ -z "$(comm -23 golden page)" ]
}

test_phases() {
	sed -n 's/^.* | [^ ]* -> .*$/&/p' \
	    "$SRC/tests/unit/supervise/state.golden" |
	    cut -d ' ' -f 1 | sort -u >golden
	section "$PAGE" TRANSITIONS | sed -n 's/^\.It Sy //p' | sort >page
	diff golden page
}

supervised() {
	svstat "$1" | grep -q ': up'
}

names_in_page() {
	section "$STATUS_PAGE" REPORT | sed -n 's/^\.It Sy \(.*\) Ns Li =$/\1/p'
}

# All of them, in the order they come in.
test_names_of_the_report() {
	mkdir s
	script s/run <<-'END'
		#!/bin/sh
		exec sleep 1000
	END
	background supervise s
	wait_until supervised s
	names_in_page >page
	[ "$(wc -l <page)" -ge 10 ]
	sed 's/=.*//' s/supervise/report >live
	diff live page
}

test_states_of_the_report() {
	awk '/^state_word\(/ { on = 1 } on { print } on && /^}/ { exit }' \
	    "$SRC/supervise/state.c" | grep -o '"[a-z]*"' | tr -d '"' |
	    sort -u >source
	section "$STATUS_PAGE" REPORT |
	    sed -n '/It Sy state/,/^\.El/s/^\.It Li //p' | sort >page
	[ "$(wc -l <page)" -ge 5 ]
	diff source page
}

# The example's bytes, in a service directory of their own with a reader of ok.
test_example_of_the_status() {
	mkdir -p s/supervise
	mkfifo s/supervise/ok
	exec 7<>s/supervise/ok
	section "$STATUS_PAGE" STATUS | grep -m 1 '^40 00' >bytes
	# shellcheck disable=SC2046
	set -- $(cat bytes)
	[ $# = 20 ]
	for byte; do
		# shellcheck disable=SC2059
		printf "\\$(printf %o "0x$byte")"
	done >s/supervise/status
	[ "$(stat -c %s s/supervise/status)" = 20 ]
	svstat s | grep -q '^s: up (pid 12345) [0-9]* seconds$'
	label=$(cut -d ' ' -f 1-8 bytes | tr -d ' ')
	has "hexadecimal $label" "$STATUS_PAGE"
	has "^$((0x$label))\\.$" "$STATUS_PAGE"
	secs=$((0x$label - (1 << 62) - 10))
	has "^That minus 10 is $secs, which is $(date -u -d "@$secs" \
	    '+%Y-%m-%d %H:%M:%S') UTC" "$STATUS_PAGE"
}

# Every file that is looked for by name, in both pages.
test_option_files() {
	{
		sed -n 's/^ *{"\([a-z-]*\)", [A-Z]*, AT(.*/\1/p' \
		    "$SRC/supervise/options.c"
		cat "$SRC"/supervise/*.c |
		    sed -n 's/.*access("\([a-z-]*\)", F_OK).*/\1/p'
	} | sort -u >source
	[ "$(wc -l <source)" -ge 10 ]
	while read -r name; do
		section "$PAGE" 'THE SERVICE DIRECTORY' |
		    grep -qx "\\.It Pa $name\\( Li \\*\\)\\{0,1\\}"
		grep -q "^\\.It Pa $name Ta" "$SERVICEDIR_PAGE"
	done <source
}

# Every cause that is given for a failing execution.
test_causes() {
	section "$PAGE" DIAGNOSTICS >page
	sed -n '/^cause_in_script/,/^[}]/p; /^message_cause/,/^[}]/p' \
	    "$SRC/supervise/message.c" | grep -o '"[a-z][^"]*"' |
	    tr -d '"' >causes
	[ "$(wc -l <causes)" -ge 8 ]
	while read -r cause; do
		has "^\\.Dq $cause\\( [,.]\\)\\{0,1\\}\$" page
	done <causes
}

test_modes() {
	mkdir s
	script s/run <<-'END'
		#!/bin/sh
		exec sleep 1000
	END
	background supervise s
	wait_until supervised s
	for file in lock control ok status report; do
		section "$PAGE" FILES | grep -A 1 "^\\.It Pa.*\\b$file\\b" |
		    grep -q "^Mode 0$(stat -c %a "s/supervise/$file")\\.$"
	done
	section "$PAGE" FILES | grep -q "mode 0$(stat -c %a s/supervise)\\.$"
}

run_tests "$@"
