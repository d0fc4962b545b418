# Merge a folder that was set aside back into its place, with SMTP seen stopped, overwriting nothing.
#
# values: role path folder aside install module smtp_port
# says: copied module folder left(files that were not merged)
# refuses: running absent rename

main() {
	enter
	if ! is_stopped; then
		say_smtp
		refuse running "SMTP runs: ${pids%,}"
	fi
	[ -d "$aside" ] || [ -d "$folder" ] || refuse absent "neither $aside nor $folder is there"
	# An empty folder that was made in its place goes; one with mail in it is merged into.
	if [ -d "$aside" ]; then
		rmdir "$folder" 2>/dev/null
		if [ -e "$folder" ]; then
			merge
		else
			reason=$(mv "$aside" "$folder" 2>&1) || refuse rename "$(printf '%s' "$reason" | cut -c 1-200)"
		fi
	fi
	say_smtp
	say_folder "$role" "$path"
	record left "$(find "$aside" -type f 2>/dev/null | wc -l | tr -d ' ')"
}

# File by file into a folder that nothing consumes: a link is refused where the name exists.
merge() {
	(cd "$aside" && find . -type d -exec mkdir -p "$folder/{}" \;)
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	(cd "$aside" && find . -type f -exec sh -c '
		folder=$1
		shift
		for each; do ln "$each" "$folder/$each" 2>/dev/null && rm -f "$each"; done
	' sh "$folder" {} +)
	find "$aside" -depth -type d -exec rmdir {} + 2>/dev/null
}
