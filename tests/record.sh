# shellcheck shell=sh
# What supervise publishes, made by hand: for tests of those who read it.

byte() {
	# shellcheck disable=SC2059
	printf "\\$(printf %03o "$1")"
}

# record SINCE PID PAUSED WANT [BYTE...]: a status, SINCE in Unix seconds, WANT
# u d or 0; the bytes behind the 18 of daemontools
record() {
	label=$((4611686018427387914 + $1))
	for shift in 56 48 40 32 24 16 8 0; do
		byte $((label >> shift & 255))
	done
	printf '\0\0\0\0'
	for shift in 0 8 16 24; do
		byte $(($2 >> shift & 255))
	done
	byte "$3"
	case $4 in
	[ud]) printf %s "$4" ;;
	*) byte 0 ;;
	esac
	shift 4
	for b; do
		byte "$b"
	done
}
