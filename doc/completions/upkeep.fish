# fish completion for svc, svstat, svok, svscan, multilog, setlock and softlimit.
# Letters and fields come from each program's own --help.

function __upkeep_services
	if set -q SVDIR
		for d in $SVDIR/*/
			path basename $d 2>/dev/null; or string replace -r '.*/(.+)/$' '$1' $d
		end
	else
		for d in /service/*/
			string trim -r -c / $d
		end
	end
end

function __upkeep_fields
	svstat --help | string match -r '^      .*' | string replace -r "(, and s6's|names:)" '' | string split -n ' '
end

for program in svc svstat setlock softlimit
	for line in ($program --help 2>/dev/null | string match -r '^  -\S.*')
		set -l parts (string match -r '^  -(.) *(.*)' $line)
		contains $parts[2] w T; or test $program$parts[2] = svstato
			or complete -c $program -s $parts[2] -d $parts[3]
	end
end
for program in svc svstat svok svscan multilog setlock softlimit
	complete -c $program -l help -d 'explain the options'
	complete -c $program -l version
end
complete -c svc -f -a '(__upkeep_services)' -d service
complete -c svc -s w -x -a 'u U d D r R'
complete -c svc -s T -x -d milliseconds
complete -c svstat -f -a '(__upkeep_services)' -d service
complete -c svstat -s o -x -a '(__upkeep_fields)' -d field
complete -c svok -f -a '(__upkeep_services)' -d service
complete -c svscan -s T -x -d milliseconds
complete -c multilog -l check -d 'explain each action'
complete -c setlock -n 'test (count (commandline -opc)) -gt 2' -x -a '(__fish_complete_subcommand)'
complete -c softlimit -x -a '(__fish_complete_subcommand -a -c -d -f -l -m -o -p -r -s -t)'
