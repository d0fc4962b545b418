# shellcheck shell=sh
# A mount point cannot be renamed. What lies in it is turned into a folder of its own there by renames,
# where nobody adds to it; copied, compared and on the disk before the copy gets its name; and only then
# removed. Whatever was cut goes on from what is seen: no copy with its name, and it is made anew; the
# copy and the folder of its originals, and they are compared and removed; the copy alone, and it is done.

carry() {
	turned=$folder/.respond-aside-$incident
	if [ -d "$aside" ] && [ ! -d "$turned" ]; then return; fi
	if [ ! -d "$aside" ]; then
		[ -d "$folder" ] || refuse absent "$folder is not a folder"
		turn_into_one
		began=$state_folder/incidents/$incident/carrying
		: >"$began"
		copy_out
		# As long as it was not written to since, it is what was compared.
		tree find "$turned" -type f ! -newer "$began" -exec rm -f {} +
	fi
	remove_compared
	record how carried
}

turn_into_one() {
	act_for "$folder"
	tree mkdir "$turned" 2>/dev/null
	if [ -L "$turned" ] || [ ! -d "$turned" ]; then refuse exists "$turned is no folder"; fi
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	tree find "$folder" -mindepth 1 -maxdepth 1 ! -name '.respond-*' ! -name lost+found -exec sh -c '
		into=$1
		shift
		mv -n -- "$@" "$into/"' sh "$turned" {} + 2>/dev/null
	# What came under a name that is there already, as into a folder that was turned away before a cut.
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	what_is_left -exec sh -c '
		folder=$1
		into=$2
		shift 2
		for each; do
			to=$into/${each#"$folder"/}
			mkdir -p "${to%/*}" && mv -n -- "$each" "$to"
		done' sh "$folder" "$turned" {} +
	first=$(what_is_left -print | head -n 1)
	[ -z "$first" ] || refuse exists "$first stays in the queue: it came meanwhile, or cannot be moved"
}

what_is_left() {
	tree find "$folder" -xdev \( -name '.respond-*' -o -name lost+found \) -prune -o -type f "$@"
}

copy_out() {
	act_for "${aside%/*}"
	tree rm -rf "$aside.partly"
	make_like "$aside.partly" "$folder"
	act_for "$folder"
	progress "copying $folder, which is a mount point"
	tree cp -pR "$turned/." "$aside.partly/" || refuse rename "$folder cannot be copied to $aside"
	tree chmod "$wanted_mode" "$aside.partly"
	sync
	tree diff -r "$turned" "$aside.partly" >/dev/null || refuse rename "the copy of $folder differs"
	act_for "${aside%/*}"
	tree mv "$aside.partly" "$aside" || refuse rename "$aside.partly cannot be renamed"
	act_for "$folder"
	sync
}

# Each is compared with its copy before it goes: it may be long ago that it was made.
remove_compared() {
	act_for "$folder"
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	tree find "$turned" -type f -exec sh -c '
		turned=$1
		aside=$2
		shift 2
		for each; do cmp -s "$each" "$aside/${each#"$turned"/}" && rm -f "$each"; done' sh "$turned" "$aside" {} +
	first=$(tree find "$turned" -type f | head -n 1)
	[ -z "$first" ] || refuse exists "$first is not as its copy in $aside"
	tree rm -rf "$turned"
}
