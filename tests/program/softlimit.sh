#!/bin/sh
# softlimit: every sentence of its page, and the original beside it.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/path.sh
. "${0%/*}/../path.sh"

usage='softlimit: usage: softlimit [-H] [-acdflmoprst value] ... [program [arg ...]]'

# letter, name in /proc/PID/limits, and a value that programs can live with
limits='a:Max address space:60000000000000
c:Max core file size:7000
d:Max data size:60000000000000
f:Max file size:1000000
l:Max locked memory:40000
o:Max open files:64
p:Max processes:3000
r:Max resident set:50000000
s:Max stack size:4000000
t:Max cpu time:600'

# code N COMMAND...: COMMAND exits N; what it prints goes to ./out and ./err
code() {
	wanted=$1
	shift
	got=0
	"$@" >out 2>err || got=$?
	not_in_valgrind
	[ "$got" = "$wanted" ]
}

# soft LETTER and hard LETTER: what is in ./out, the limits of a process
soft() {
	column "$1" '\1'
}

hard() {
	column "$1" '\2'
}

column() {
	name=$(echo "$limits" | sed -n "s/^$1:\(.*\):.*/\1/p")
	sed -n "s/^$name  *\([^ ]*\)  *\([^ ]*\) .*/$2/p" out
}

# our own limits in ./out
read_limits() {
	cat /proc/self/limits >out
}

# a value for LETTER that is below the hard limit: the one from the table, or
# half of the limit
low() {
	read_limits
	low=$(echo "$limits" | sed -n "s/^$1:.*://p")
	limit=$(hard "$1")
	[ "$limit" = unlimited ] || [ "$limit" -gt "$low" ] || low=$((limit / 2))
	[ "$low" -gt 0 ] || skip "the hard limit of -$1 is $limit"
	echo "$low"
}

# bit 24 of the effective capabilities, CAP_SYS_RESOURCE
may_raise() {
	caps=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
	[ $((0x$caps >> 24 & 1)) = 1 ]
}

# as a user who may not raise it, with 4096 files as the hard limit
with_4096() {
	as_user "$BIN/softlimit" -H -o 4096 "$@"
}

peer() {
	[ -x "/usr/bin/$1" ] || skip "no /usr/bin/$1 to compare with"
}

test_wrong_usage() {
	for words in -q -o '-o 1x true' '-o -1 true' '-o k true' \
	    '-o 1kk true' '-o 1K true' '-o 1T true' '-o =1 true' \
	    '-o unlimite true' '-o max true' '-o 0x10 true' '-o +1 true' \
	    -H '-o 50 -H true' '-o 50 -H' '--help true' '--no' \
	    '-o 18446744073709551616 true' '-o 18446744073709551716 true' \
	    '-o 18014398509481984k true' '-o 17179869184G true'; do
		# shellcheck disable=SC2086
		code 100 softlimit $words
		[ "$(cat err)" = "$usage" ]
		[ ! -s out ]
	done
	code 100 softlimit -o '' true
	code 100 softlimit -o ' 1' true
	[ "$(cat err)" = "$usage" ]
}

test_help_and_version() {
	code 0 softlimit --version
	grep -q '^softlimit (upkeep) [0-9.]*$' out
	[ ! -s err ]
	code 0 softlimit --help
	[ ! -s err ]
	[ "softlimit: $(head -n 1 out)" = "$usage" ]
	code 111 sh -c 'exec softlimit --help >/dev/full'
	grep -q '^softlimit: fatal: unable to write to stdout: ' err
	code 111 sh -c 'exec softlimit >/dev/full'
	grep -q '^softlimit: fatal: unable to write to stdout: ' err
	code 111 sh -c 'exec softlimit >&-'
	grep -q '^softlimit: fatal: unable to write to stdout: ' err
}

# A usage text is a plain string: nothing but this keeps it true.
test_usage_lists_the_options() {
	letters=$(echo "$usage" | sed 's/.*\[-\(H\)\] \[-\([a-z]*\) .*/\1\2/')
	[ "$letters" = Hacdflmoprst ]
	for letter in a b c d e f g h i j k l m n o p q r s t u v w x y z \
	    A B C D E F G H I J K L M N O P Q R S T U V W X Y Z 0 1 9 '?' :; do
		expected=100
		case $letters in
		*"$letter"*) expected=0 ;;
		esac
		case $letter in
		H) code "$expected" softlimit -H -c = true ;;
		*) code "$expected" softlimit "-$letter" = true ;;
		esac
	done
}

test_page_lists_the_options() {
	softlimit --help | sed -n 's/^  -\(.\)  .*/\1/p' >ours
	sed -n 's/^\.It Fl \(.\)$/\1/p; s/^\.It Fl \(.\) Ar value$/\1/p' \
	    "$SRC/softlimit/softlimit.8" >page
	[ "$(wc -l <ours)" = 12 ]
	cmp ours page
}

test_each_sets_the_soft_limit_alone() {
	for letter in a c d f l o p r s t; do
		value=$(low "$letter")
		read_limits
		hard=$(hard "$letter")
		grep -v "$(echo "$limits" | sed -n "s/^$letter:\(.*\):.*/\1/p")" \
		    out >others
		code 0 softlimit "-$letter" "$value" cat /proc/self/limits
		[ ! -s err ]
		[ "$(soft "$letter")" = "$value" ]
		[ "$(hard "$letter")" = "$hard" ]
		# Only this one has changed.
		[ "$(grep -c -v -x -F -f others out)" = 1 ]
	done
}

test_m_sets_four() {
	read_limits
	hards="$(hard d) $(hard s) $(hard l) $(hard a)"
	value=$(low l)
	code 0 softlimit -d 60000000000000 -s 4000000 -l "$value" -a 60000000000000 \
	    softlimit -m = cat /proc/self/limits
	[ "$(soft d) $(soft s) $(soft l) $(soft a)" = "$hards" ]
	[ "$(hard d) $(hard s) $(hard l) $(hard a)" = "$hards" ]
	code 0 softlimit -m 30000000000 cat /proc/self/limits
	[ ! -s err ]
	for letter in d s l a; do
		limit=$(hard "$letter")
		[ "$limit" != unlimited ] && [ "$limit" -lt 30000000000 ] ||
		    limit=30000000000
		[ "$(soft "$letter")" = "$limit" ]
	done
	[ "$(soft o)" = "$(read_limits && soft o)" ]
}

test_options_from_left_to_right() {
	code 0 softlimit -o 20 -o 30 -o40 -- cat /proc/self/limits
	[ "$(soft o)" = 40 ]
	code 0 softlimit -o 20 softlimit -o 30 -s 4000000 cat /proc/self/limits
	[ "$(soft o)" = 30 ]
	[ "$(soft s)" = 4000000 ]
}

test_equals_is_the_hard_limit() {
	for letter in a c d f l o p r s t; do
		read_limits
		hard=$(hard "$letter")
		value=$(low "$letter")
		code 0 softlimit "-$letter" "$value" softlimit "-$letter" = \
		    cat /proc/self/limits
		[ ! -s err ]
		[ "$(soft "$letter")" = "$hard" ]
		[ "$(hard "$letter")" = "$hard" ]
	done
}

test_unlimited() {
	read_limits
	[ "$(hard f)" = unlimited ] || skip 'the size of files is limited'
	for value in unlimited 18446744073709551615; do
		code 0 softlimit -f 100000 softlimit -f "$value" \
		    cat /proc/self/limits
		[ ! -s err ]
		[ "$(soft f)" = unlimited ]
	done
}

test_suffixes() {
	read_limits
	[ "$(hard c)" = unlimited ] || skip 'the size of core files is limited'
	while read -r value bytes; do
		code 0 softlimit -c "$value" cat /proc/self/limits
		[ "$(soft c)" = "$bytes" ]
	done <<-EOF
	0 0
	0k 0
	100000 100000
	00100000 100000
	100k 102400
	3M 3145728
	2G 2147483648
	17179869183G 18446744072635809792
	18014398509481983k 18446744073709550592
	EOF
}

test_above_the_hard_limit_without_permission() {
	code 0 with_4096 "$BIN/softlimit" -o 100000 cat /proc/self/limits
	has '^softlimit: warning: -o 100000: hard limit is 4096, using 4096$' err
	[ "$(grep -c '^softlimit:' err)" = 1 ]
	[ "$(soft o)" = 4096 ]
	[ "$(hard o)" = 4096 ]
	code 0 with_4096 "$BIN/softlimit" -o 4097 -o 50 cat /proc/self/limits
	has '^softlimit: warning: -o 4097: hard limit is 4096, using 4096$' err
	[ "$(soft o)" = 50 ]
	code 0 with_4096 "$BIN/softlimit" -o 100k -o unlimited cat /proc/self/limits
	has '^softlimit: warning: -o 100k: hard limit is 4096, using 4096$' err
	has '^softlimit: warning: -o unlimited: hard limit is 4096, using 40' err
	[ "$(soft o)" = 4096 ]
	code 0 with_4096 "$BIN/softlimit" -o 4096 cat /proc/self/limits
	if has '^softlimit:' err; then false; fi
	[ "$(soft o)" = 4096 ]
}

# Nobody asked by name for what -m implies: no word, and no hard limit raised,
# even where that is permitted.
test_m_leaves_the_hard_limits() {
	value=$(low l)
	for value_of_m in 40000000000 unlimited =; do
		code 0 softlimit -H -l "$value" \
		    softlimit -m "$value_of_m" cat /proc/self/limits
		[ ! -s err ]
		[ "$(soft l) $(hard l)" = "$value $value" ]
		code 0 softlimit -H -l "$value" \
		    softlimit -H -m "$value_of_m" cat /proc/self/limits
		[ ! -s err ]
		[ "$(soft l) $(hard l)" = "$value $value" ]
	done
	code 0 softlimit -H -m 40000000000 cat /proc/self/limits
	[ "$(soft d) $(hard d)" = '40000000000 40000000000' ]
}

# Who may raise them hides an attempt; its system calls do not.
test_m_does_not_try_to_raise() {
	command -v strace || skip 'no strace'
	value=$(low l)
	softlimit -H -l "$value" strace -o calls -e trace=prlimit64,setrlimit \
	    softlimit -m 40000000000 true || skip 'strace does not work here'
	grep -q 'MEMLOCK.*rlim_cur=' calls
	if grep 'MEMLOCK.*rlim_max=40000000000' calls; then false; fi
}

# A warning: -m implies -l, but this asks for it by name.
test_l_above_the_hard_limit() {
	value=$(low l)
	code 0 as_user "$BIN/softlimit" -H -l "$value" "$BIN/softlimit" \
	    -l 40000000000 cat /proc/self/limits
	[ "$(soft l)" = "$value" ]
	has "^softlimit: warning: -l 40000000000: hard limit is $value, \
using $value\$" err
}

# What cannot be printed at once is not worth a program that does not run.
test_warning_into_a_full_pipe() {
	not_in_valgrind
	mkdir open
	chmod 777 open
	mkfifo full
	exec 5<>full
	dd if=/dev/zero of=full bs=4096 count=1000 oflag=nonblock || true
	dd if=/dev/zero of=full bs=1 count=5000 oflag=nonblock || true
	as_user "$BIN/softlimit" -H -o 4096 sh -c \
	    'exec "$0" -o 100000 touch open/ran 2>&5 5>&-' "$BIN/softlimit" &
	echo $! >>"$PIDS"
	wait_until test -e open/ran
}

test_warning_into_a_broken_pipe() {
	mkfifo pipe
	exec 5<>pipe 6>pipe 5>&-
	code 0 as_user "$BIN/softlimit" -H -o 4096 sh -c \
	    'exec "$0" -o 100000 echo runs 2>&6' "$BIN/softlimit"
	[ "$(cat out)" = runs ]
}

# -f has been obeyed when the warning is written.
test_warning_into_a_file_that_may_not_grow() {
	code 7 with_4096 "$BIN/softlimit" -f 0 -o 100000 sh -c 'exit 7'
	code 7 with_4096 "$BIN/softlimit" -f 0 -o 100000 sh -c \
	    'grep -q "^SigIgn:.*[02468ace]\{7\}$" /proc/self/status; exit 7'
}

test_above_the_hard_limit_with_permission() {
	may_raise || skip 'not permitted to raise limits (CAP_SYS_RESOURCE)'
	code 0 softlimit -H -o 4096 softlimit -o 5000 cat /proc/self/limits
	[ ! -s err ]
	[ "$(soft o)" = 5000 ]
	[ "$(hard o)" = 5000 ]
	code 0 softlimit -H -f 4M softlimit -f unlimited cat /proc/self/limits
	[ ! -s err ]
	[ "$(soft f)" = unlimited ]
	code 0 softlimit -H -o 4096 softlimit -H -o 5000 cat /proc/self/limits
	[ "$(hard o)" = 5000 ]
	# More than the kernel can do at all is not permitted to root either.
	code 0 softlimit -H -o 4096 softlimit -o unlimited cat /proc/self/limits
	[ "$(soft o)" = 4096 ]
	has 'warning: -o unlimited: hard limit is 4096, using 4096$' err
}

test_h_sets_both() {
	for letter in a c d f l o p r s t; do
		value=$(low "$letter")
		code 0 softlimit -H "-$letter" "$value" cat /proc/self/limits
		[ ! -s err ]
		[ "$(soft "$letter")" = "$value" ]
		[ "$(hard "$letter")" = "$value" ]
	done
	read_limits
	hard=$(hard o)
	code 0 softlimit -o 50 -H -s 4M cat /proc/self/limits
	[ "$(soft o) $(hard o)" = "50 $hard" ]
	[ "$(soft s) $(hard s)" = '4194304 4194304' ]
	code 0 softlimit -o 50 -H -o = cat /proc/self/limits
	[ "$(soft o) $(hard o)" = "$hard $hard" ]
}

test_h_that_fails_is_fatal() {
	code 111 with_4096 "$BIN/softlimit" -H -o 4097 touch ran
	has '^softlimit: fatal: unable to set -o 4097: .' err
	[ ! -e ran ]
}

test_shows_the_limits() {
	code 0 softlimit -o 50 -c 0
	[ ! -s err ]
	mv out shown
	softlimit -o 50 -c 0 cat /proc/self/limits >out
	for letter in a c d f l o p r s t; do
		echo "-$letter $(soft "$letter") $(hard "$letter")"
	done >wanted
	while read -r letter soft hard words; do
		echo "$letter $soft $hard"
		[ -n "$words" ]
	done <shown >got
	cmp wanted got
}

test_program_is_the_same_process() {
	softlimit -o 50 sh -c 'echo $$ >pid' &
	wait $!
	[ "$(cat pid)" = $! ]
}

test_program_gets_what_we_got() {
	not_in_valgrind
	env -i A=1 B= 'C=x y' PATH=/usr/bin:/bin env >before
	env -i A=1 B= 'C=x y' PATH=/usr/bin:/bin "$BIN/softlimit" -c 0 env >after
	cmp before after
	code 1 sh -c 'exec softlimit -o 50 test -e /proc/self/fd/0 <&-'
	code 1 sh -c 'exec softlimit -o 50 test -e /proc/self/fd/2 2>&-'
	ls /proc/self/fd >before
	softlimit -c 0 ls /proc/self/fd >after
	cmp before after
}

test_exit_code_is_the_programs() {
	for n in 0 1 3 100 111 255; do
		code "$n" softlimit -o 50 sh -c "exit $n"
	done
	code 137 softlimit sh -c 'kill -KILL $$'
	code 111 softlimit -o 50 none
	has '^softlimit: fatal: unable to run none: .' err
	code 111 softlimit ./none
	has '^softlimit: fatal: unable to run ./none: .' err
	code 111 softlimit ''
}

test_path() {
	make_path_tree
	echo "$path_cases$our_path_cases" | while read -r path result dir; do
		[ -n "$path" ] || continue
		code "$result" env PATH="$path" "$BIN/softlimit" p
		[ "$(cat out)" = "$dir" ]
		[ -n "$dir" ] || has '^softlimit: fatal: unable to run p: ' err
	done
	code 111 env PATH=none:noexec:none "$BIN/softlimit" p
	has 'unable to run p: access denied$' err
	code 111 env PATH= "$BIN/softlimit" p
	has '^softlimit: fatal: unable to run p: file does not exist$' err
	code 0 env -u PATH "$BIN/softlimit" true
	code 111 env -u PATH "$BIN/softlimit" p
}

# whether the original does the same: exit code, output and message; the command
# gets the program to use in $PEER
alike() {
	for PEER in /usr/bin/softlimit "$BIN/softlimit"; do
		export PEER
		[ ! -e out ] || mv out theirs.out
		[ ! -e said ] || mv said theirs.said
		result=0
		"$@" >out 2>said || result=$?
		echo "$result" >>said
	done
	cmp out theirs.out
	cmp said theirs.said
}

test_as_the_original() {
	not_in_valgrind
	peer softlimit
	make_path_tree
	for letter in a c d f l o p r s t; do
		value=$(low "$letter")
		for words in "-$letter $value" "-$letter$value" "-$letter =" \
		    "-$letter 1 -$letter=" \
		    "-$letter $value -$letter 00$value --"; do
			alike sh -c "exec \"\$PEER\" $words cat /proc/self/limits"
		done
	done
	for words in '-o 20 none' ./file ./isdir '-c 0 echo -n a' '-o 0 true' \
	    '-a 1 true' '-m 1 true' '-s 1 true' '-f 0 sh -c "echo >x"' \
	    '-p 0 true'; do
		alike sh -c "exec \"\$PEER\" $words"
	done
	echo "$path_cases" | while read -r path result; do
		# shellcheck disable=SC2016
		[ -z "$result" ] || alike sh -c 'PATH=$0 exec "$PEER" p' "$path"
	done
}

run_tests "$@"
