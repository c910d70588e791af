#!/bin/sh
# doc/troubles.md knows every message of the programs.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

test_examples() {
	world='
	mkdir /service
	svscan /service >/tmp/svscan.log 2>&1 &
	install -D /tmp/tool/http_hello /srv/blog/blog
	cp -a doc/services/blog /srv/
	install -d -o www-data -g www-data /srv/blog/log/main
	ln -s /srv/blog /service/
	svc -wu -T 30000 /service/blog /service/blog/log
	'
	page troubles
}

# literals PROGRAM: the texts in its sources that are words with a blank between
# them, those that the compiler joins joined; what is only help, or a part that
# the page has with other words around it, left out.
literals() {
	cat "$SRC/$1"/*.c | sed "/^#include/d; s/'\"'//g; s/\\\\\"/Q/g" | tr '\n\t' '##' |
	    sed 's/"[# ]*"//g' | grep -o '"[a-z][^"]* [^"]*"' | tr -d '"' |
	    sed 's/^svc: //; s/%s.*//; s/[ :]*$//' | grep ' ' |
	    grep -Ev '^(svc options:.*|up \(pid|(svstat|supervise): usage|svscan|svok|svstat|supervise|setlock|softlimit|multilog)( |$)|^usage:|\(upkeep\)$' |
	    grep -Ev '^(up|down|once|pause|continue|exit|restart|group|process): |^bytes |^seconds of' |
	    grep -Ev '^(open files|processes of the user|report_parse\(\) .*)$' |
	    grep -Ev '^(append selected|deselect lines|feed each|files in a|keep the|put text|rotate what|select lines|selected lines|stamp each|the first 200|wrong: )' |
	    sort -u
}

# verbs PROGRAM: what stands after "unable to" in a word of its own
verbs() {
	cat "$SRC/$1"/*.c | tr -d '\n\t' |
	    grep -oE '(message\)\{|die\(|diefu\(111, |(failed|trouble)\([&a-z, ]*)"[a-z]+ ?"' |
	    sed 's/.*"\([a-z]*\) *"/unable to \1/' | sort -u
}

test_all_messages() {
	tr '\n' ' ' <"$SRC/doc/troubles.md" | sed 's/WORDS//g' >known
	for program in svscan supervise svc svstat multilog setlock softlimit; do
		literals $program >said
		verbs $program >>said
		[ -s said ]
		while IFS= read -r text; do
			grep -qF -- "$text" known || echo "$program: $text"
		done <said
	done >missing
	cat missing
	[ ! -s missing ]
}

# The page invents none: what is between the first code quotes of a row, without
# the parts in capitals, is in some program.
test_no_others() {
	cat "$SRC"/*/*.[ch] | sed 's/\\"/Q/g' | tr -d '\n\t' |
	    sed 's/" *"//g' >sources
	sed -n '/^## svc/,$s/^| `\([^`]*\)`.*/\1/p' "$SRC/doc/troubles.md" |
	    sed 's/ [A-Z./@]*[A-Z@][A-Za-z./@]*\b.*//; s/^unable to //
	        s/:$//; s/[:(,] .*//; s/ -o$//; s/ -o 100000$//; s/^-o .*/hard limit is/; s/ \.\.\.$//
	        s|\./finish exited.*| exited |; s| ./run$||; s/failed in$/failed/
	        s/processor failed/processor /; s/write to standard output/write to/' |
	    sort -u >named
	[ "$(wc -l <named)" -ge 40 ]
	while IFS= read -r text; do
		grep -qF -- "${text%:}" sources || echo "$text"
	done <named >invented
	cat invented
	[ ! -s invented ]
}

run_tests "$@"
