#!/bin/sh
# doc/completions, by completing.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

dir=$SRC/doc/completions

needs() {
	command -v "$1" >/dev/null || skip "no $1"
	mkdir -p services/blog/log services/mail
}

# in_bash WORD...: the completions of the last word
in_bash() {
	bash --norc -c '
	. "$0"
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_upkeep "$1" "${!#}"
	printf "%s\n" "${COMPREPLY[@]}"' "$dir/upkeep.bash" "$@" >out 2>err
	[ ! -s err ]
}

# offers WORD...: these and no others
offers() {
	printf '%s\n' "$@" | sort >wanted
	sort out | diff wanted -
}

test_bash() {
	needs bash
	export SVDIR="$T/services"
	in_bash svc -d ''
	offers blog mail services
	in_bash svc -d b
	offers blog
	in_bash svstat blog
	offers blog blog/log
	in_bash svstat "$T/services/"
	offers "$T/services/blog" "$T/services/mail"
	in_bash svc -w ''
	offers u U d D r R
	in_bash svc -
	svc --help | sed -n 's/^  \(-.\).*/\1/p' >letters
	[ "$(wc -l <letters)" -ge 20 ]
	# shellcheck disable=SC2046
	offers $(cat letters) --help --version
	in_bash svstat -o starts,exit_
	offers starts,exit_code starts,exit_signal
	in_bash multilog --c
	offers --check
	in_bash softlimit -o 100 sle
	has '^sleep$' out
	in_bash setlock lock sle
	has '^sleep$' out
	in_bash setlock -
	has '^-n$' out
	unset SVDIR
}

# A shell on a terminal is told to complete, and shows what it has made of it.
test_zsh() {
	needs zsh
	zsh -fc 'zmodload zsh/zpty' 2>/dev/null || skip 'no zsh/zpty'
	export SVDIR="$T/services"
	mkdir z
	cp "$dir/_upkeep" z/
	cat >start <<-END
		PS1= PS2=
		fpath=($T/z \$fpath)
		autoload -U compinit
		compinit -u -d $T/dump
		svc() { print -r -- "<\$0 \$*>" }
		functions[svstat]=\$functions[svc]
		functions[multilog]=\$functions[svc]
		print started
	END
	cat >script <<-'END'
		zmodload zsh/zpty
		zpty z zsh -f -i
		zpty -w z "source ./start"
		zpty -r z line '*started*'
		for words in 'svc -d bl' 'svc -d mail bl' 'svc --he' \
		    'svstat -o exit_c' 'multilog --ch'; do
			zpty -w z "$words"$'\t'
			zpty -r z line '*<*>*'
			print -r -- "$line"
		done
		zpty -d z
	END
	timeout "$DEADLINE" zsh -f script >out 2>&1 </dev/null
	has '<svc -d blog>' out
	has '<svc -d mail blog>' out
	has '<svc --help>' out
	has '<svstat -o exit_code>' out
	has '<multilog --check>' out
}

test_fish() {
	needs fish
	export HOME="$T" SVDIR="$T/services"
	fish --no-config -n "$dir/upkeep.fish"
	in_fish() {
		fish --no-config -c "source '$dir/upkeep.fish'
		    complete -C '$1'" | cut -f 1 | sort >out
	}
	in_fish 'svc -d '
	has '^blog$' out
	has '^mail$' out
	in_fish 'svstat -o exit_'
	has '^exit_code$' out
	in_fish 'svc -w '
	[ "$(tr '\n' ' ' <out)" = 'D R U d r u ' ]
	in_fish 'softlimit -o 10 slee'
	has '^sleep$' out
	in_fish 'svc -'
	has '^-u$' out
	has '^--help$' out
}

run_tests "$@"
