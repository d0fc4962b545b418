# Set a queue folder aside on its own volume, with SMTP seen stopped before and after.
#
# A watchdog or a supervisor may start SMTP between the look and the rename: what is seen after
# it is part of the answer, and decides what comes next.
#
# values: role path folder aside recreate(yes or empty) emptied(yes or empty) install module smtp_port
# says: copied how(renamed or carried; nothing where it lay aside already) module folder aside
#       open(processes with files open under it)
# refuses: running exists absent rename

main() {
	enter
	if ! is_stopped; then
		say_smtp
		refuse running "SMTP runs: ${pids%,}"
	fi
	if [ ! -d "$aside" ]; then
		[ -d "$folder" ] || refuse absent "$folder is not a folder"
		if [ "$emptied" ]; then carry; else turn_away; fi
	elif [ "$emptied" ]; then
		carry
	fi
	if [ "$recreate" ] && [ ! -e "$folder" ]; then make_again; fi
	say_smtp
	say_folder "$role" "$path"
	record open "$(holders "$aside")"
}

turn_away() {
	# Two names in one folder: a rename, whatever lies below. Never a copy, never into another folder.
	reason=$(mv "$folder" "$aside" 2>&1) || refuse rename "$(printf '%s' "$reason" | cut -c 1-200)"
	record how renamed
}

# A mount point cannot be renamed: its contents are copied, compared, and only then removed.
carry() {
	rm -rf "$aside.partly"
	if [ ! -d "$aside" ]; then
		progress "copying $folder, which is a mount point"
		cp -pR "$folder" "$aside.partly" || refuse rename "$folder cannot be copied to $aside"
		diff -r "$folder" "$aside.partly" >/dev/null || refuse rename "the copy of $folder differs"
		mv "$aside.partly" "$aside"
	fi
	diff -r "$folder" "$aside" | grep "^Only in $folder" >/dev/null &&
		refuse exists "$folder holds files that $aside does not"
	find "$folder" -xdev -type f -exec rm -f {} +
	record how carried
}

make_again() {
	# shellcheck disable=SC2012 # owner and mode of one folder, by its own name
	# shellcheck disable=SC2046 # three words are wanted
	set -- $(ls -ldn "$aside" | awk '{ print $1, $3, $4 }')
	mkdir "$folder"
	chown "$2:$3" "$folder"
	chmod "$(symbolic "$1")" "$folder"
}

# symbolic drwxr-x---: the mode as chmod takes it.
symbolic() {
	printf '%s' "$1" | sed 's/^.\(...\)\(...\)\(...\).*/u=\1,g=\2,o=\3/; s/-//g'
}

# holders FOLDER: the processes that have a file of the folder open.
holders() {
	# shellcheck disable=SC2012 # the names of processes are numbers
	ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v under=" -> $1/" '
		/^\/proc\// { split($0, part, "/"); process = part[3] }
		index($0, under) { found[process] = 1 }
		END { for (each in found) printf "%s ", each }'
}
