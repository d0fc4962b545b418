# Set a queue folder aside on its own volume, with SMTP seen stopped before and after.
#
# A watchdog or a supervisor may start SMTP between the look and the rename: what is seen after
# it is part of the answer, and decides what comes next.
#
# values: role path folder aside recreate(yes or empty) emptied(yes or empty) install module smtp_port
#         incident
# says: copied how(renamed or carried; nothing where it lay aside already) module folder aside
#       open(processes with files open under it)
# refuses: running exists absent rename full owner rights

main() {
	enter
	if ! is_stopped; then
		say_smtp
		refuse running "SMTP runs: ${pids%,}"
	fi
	if [ -L "$aside" ]; then refuse exists "a link lies at $aside"; fi
	if [ "$emptied" ]; then
		carry
	elif [ ! -d "$aside" ]; then
		turn_away
	fi
	if [ "$recreate" ] && [ ! -e "$folder" ]; then make_like "$folder" "$aside"; fi
	say_smtp
	say_folder "$role" "$path"
	record open "$(holders "$aside")"
}

turn_away() {
	[ -d "$folder" ] || refuse absent "$folder is not a folder"
	act_for "${folder%/*}"
	was=$(inode_of "$folder")
	# Two names in one folder: a rename, whatever lies below. Never a copy, never into another folder.
	reason=$(tree mv "$folder" "$aside" 2>&1) || refuse rename "$(printf '%s' "$reason" | cut -c 1-200)"
	[ "$(inode_of "$aside")" = "$was" ] || refuse rename "what lies at $aside is not what was renamed"
	record how renamed
}

inode_of() {
	# shellcheck disable=SC2012 # one folder, by its own name
	ls -di -- "$1" 2>/dev/null | awk 'NR == 1 { print $1 }'
}

# holders FOLDER: the processes that have a file of the folder open.
holders() {
	# shellcheck disable=SC2012 # the names of processes are numbers
	ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v under=" -> $1/" '
		/^\/proc\// { split($0, part, "/"); process = part[3] }
		index($0, under) { found[process] = 1 }
		END { for (each in found) printf "%s ", each }'
}
