# bash completion for svc, svstat, svok, svscan, multilog, setlock and softlimit.
# Letters, options and fields come from each program's own --help.

# The services: directories in $SVDIR by name, those of /service by path.
_upkeep_services() {
	local d
	if [[ $cur == */* || $cur == .* ]]; then
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
	else
		for d in "${SVDIR:-/service}"/*/; do
			[[ -d $d ]] || continue
			d=${d%/}
			[[ -n $SVDIR ]] && d=${d##*/}
			[[ $d == "$cur"* || $d == */"$cur"* ]] && COMPREPLY+=("$d")
			[[ -d ${SVDIR:+$SVDIR/}$d/log && -n $cur && $d == *"$cur" ]] &&
				COMPREPLY+=("$d/log")
		done
		mapfile -O "${#COMPREPLY[@]}" -t COMPREPLY < <(compgen -d -- "$cur")
	fi
	compopt -o filenames 2>/dev/null
}

# The letters that may follow the word so far, as "-d" becomes "-du"
_upkeep_letters() {
	local letters
	letters=$("$1" --help 2>/dev/null | sed -n 's/^  -\(.\).*/\1/p')
	if [[ $cur == - ]]; then
		COMPREPLY=(${letters//[[:space:]]/ })
		COMPREPLY=("${COMPREPLY[@]/#/-}" --help --version)
	elif [[ $cur == --* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--help --version' -- "$cur")
	else
		COMPREPLY=("$cur")
	fi
}

# What a program that runs another one has before it: $2 are the options that
# take a value, $3 the number of words that belong to it.
_upkeep_wrapper() {
	local i n=0
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -* && $n == 0 ]]; then
			[[ ${COMP_WORDS[i]} == -*[$2] ]] && ((i++))
		else
			((n++ == $3)) && break
		fi
	done
	if ((i < COMP_CWORD || n == $3)) && [[ $cur != -* || $n != 0 ]]; then
		if ((n > $3)) && declare -F _command_offset >/dev/null; then
			_command_offset "$i"
		elif ((n > $3)); then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
		fi
	elif [[ $cur == -* ]]; then
		_upkeep_letters "$1"
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

_upkeep() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local head
	COMPREPLY=()
	case $1:$prev in
	svc:-w) COMPREPLY=(u U d D r R) && return ;;
	svc:-T | svscan:-T | setlock:-*t) return ;;
	svstat:-o)
		head=
		[[ $cur == *,* ]] && head=${cur%,*},
		mapfile -t COMPREPLY < <(compgen -P "$head" -W "$(svstat --help |
			sed -n '/^      /p' | sed '1s/^ *//; s/, and s6.s$//; s/names://')" \
			-- "${cur##*,}")
		compopt -o nospace 2>/dev/null
		return
		;;
	esac
	case $1 in
	svc | svstat | svok)
		if [[ $cur == -* && $1 != svok ]]; then
			_upkeep_letters "$1"
		else
			_upkeep_services
		fi
		;;
	svscan)
		mapfile -t COMPREPLY < <(compgen -W '-T --help --version' -- "$cur")
		[[ $cur == -* ]] ||
			mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		;;
	multilog)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W \
				'--check --help --version' -- "$cur")
		elif [[ $cur == [./]* ]]; then
			mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		fi
		;;
	setlock) _upkeep_wrapper setlock t 1 ;;
	softlimit) _upkeep_wrapper softlimit acdflmoprst 0 ;;
	esac
}

complete -F _upkeep svc svstat svok svscan multilog setlock softlimit
