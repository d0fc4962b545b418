# Merge a folder that was set aside back into its place, with SMTP seen stopped, overwriting nothing.
#
# Each file, or a whole folder, goes by one rename that keeps owner and mode. What was given back from
# it stays aside: its copy has left, or waits in the queue.
#
# values: role path folder aside install module smtp_port state_folder incident
# says: copied module folder left(files that were not merged) given(of them, whose copies were given back)
# refuses: running absent exists rename full owner rights

main() {
	enter
	if ! is_stopped; then
		say_smtp
		refuse running "SMTP runs: ${pids%,}"
	fi
	if [ -L "$aside" ] || [ -L "$folder" ]; then refuse exists "a link lies at $aside or $folder"; fi
	kept=$aside.given-back
	back=$aside.going-back
	if [ ! -d "$aside" ] && [ ! -d "$back" ] && [ ! -d "$kept" ]; then
		[ -d "$folder" ] || refuse absent "neither $aside nor $folder is there"
	fi
	put_by_what_was_given
	if [ -d "$folder" ] && [ "$(mount_of "$folder")" != "$(mount_of "${aside%/*}")" ]; then
		bring_back
	elif [ -d "$aside" ]; then
		move_back
	fi
	return_what_was_given
	say_smtp
	say_folder "$role" "$path"
	record left "$(find "$aside" -type f 2>/dev/null | wc -l | tr -d ' ')"
	record given "$given"
}

# Two names in one folder where nothing lies in its place; else file by file.
move_back() {
	act_for "${folder%/*}"
	tree rmdir "$folder" 2>/dev/null
	if [ -e "$folder" ]; then
		act_for "$folder" "$aside"
		merge "$aside" "$folder"
		act_for "${folder%/*}"
		tree rmdir "$aside" 2>/dev/null
	else
		reason=$(tree mv "$aside" "$folder" 2>&1) || refuse rename "$(printf '%s' "$reason" | cut -c 1-200)"
	fi
}

# From another volume: copied whole and compared; the originals then get another name, which says that
# the copies are what counts; each copy goes by one rename; and the original of one that went is removed.
bring_back() {
	staging=$folder/.respond-back-$incident
	if [ ! -d "$back" ]; then
		act_for "$folder"
		tree rm -rf "$staging"
		[ -d "$aside" ] || return 0
		tree mkdir "$staging" || refuse full "$staging cannot be made"
		tree cp -pR "$aside/." "$staging/" || refuse full "$aside cannot be copied back"
		sync
		tree diff -r "$aside" "$staging" >/dev/null || refuse rename "the copy of $aside differs"
		act_for "${aside%/*}"
		tree mv "$aside" "$back" || refuse rename "$aside cannot be renamed"
		sync
	fi
	act_for "$folder"
	merge "$staging" "$folder"
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	tree find "$back" -type f -exec sh -c '
		back=$1
		staging=$2
		shift 2
		for each; do [ -e "$staging/${each#"$back"/}" ] || rm -f "$each"; done' sh "$back" "$staging" {} +
	tree find "$back" -depth -mindepth 1 -type d -exec rmdir {} + 2>/dev/null
	act_for "${aside%/*}"
	tree rmdir "$back" 2>/dev/null || tree mv "$back" "$aside" || refuse rename "$back cannot be renamed"
	act_for "$folder"
	tree rm -rf "$staging"
}

# merge FROM TO: on one volume, refusing to overwrite; what lies in both as a folder is merged inside.
merge() {
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	tree sh -c '
		merge() {
			find "$1" -mindepth 1 -maxdepth 1 ! -type d -exec sh -c "into=\$1; shift; mv -n -- \"\$@\" \"\$into/\"" sh "$2" {} +
			for each in "$1"/* "$1"/.[!.]*; do
				if [ -L "$each" ] || [ ! -d "$each" ]; then continue; fi
				if [ ! -e "$2/${each##*/}" ] && [ ! -L "$2/${each##*/}" ]; then
					mv -n -- "$each" "$2/"
				elif [ -d "$2/${each##*/}" ] && [ ! -L "$2/${each##*/}" ]; then
					(merge "$each" "$2/${each##*/}")
				fi
			done
			rmdir "$1"
		}
		merge "$1" "$2"' sh "$1" "$2" 2>/dev/null
}
