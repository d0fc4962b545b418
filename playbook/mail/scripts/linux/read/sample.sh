# Give the beginning of one file of a folder that was set aside. No link is followed below it.
#
# values: folder, path (relative to it, each byte as a backslash, a zero and its octal digits), bytes
# says: sample hex TEXT
# refuses: absent (the folder), path (it leads out of it), link, gone (or no regular file)

main() {
	named=$(printf '%b.' "$path")
	left=${named%.}
	cd -P "$folder" || refuse absent "$folder"
	while :; do
		part=${left%%/*}
		case $part in '' | . | ..) refuse path "$folder" ;; esac
		[ "$part" = "$left" ] && break
		left=${left#*/}
		enter_folder "$part"
	done
	if [ -L "./$part" ]; then refuse 'link' "$part"; fi
	[ -f "./$part" ] || refuse gone "$part"
	exec 4<"./$part" || refuse gone "$part"
	# What was opened is what was looked at, and not something that came between.
	[ "$(number_of "./$part")" = "$(number_of /dev/fd/4 -L)" ] || refuse 'link' "$part"
	record sample hex "$(head -c "$bytes" <&4 | od -An -v -tx1 | tr -d ' \n')"
}

enter_folder() {
	below=$(pwd -P)/$1
	if [ -L "./$1" ]; then refuse 'link' "$1"; fi
	cd -P "./$1" || refuse gone "$1"
	[ "$(pwd -P)" = "$below" ] || refuse 'link' "$1"
}

# number_of FILE [-L]: its inode.
number_of() {
	# shellcheck disable=SC2012 # one file; only the number is read
	ls -di ${2:+"$2"} "$1" | awk 'NR == 1 { print $1 }'
}
