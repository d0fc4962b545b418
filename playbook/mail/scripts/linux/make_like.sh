# shellcheck shell=sh
# make_like FOLDER MODEL: a folder with the model's mode and owner. The owner is given only where nobody
# else could put something in its place meanwhile; elsewhere whoever could is its owner by making it.
make_like() {
	facts_of "$2" || refuse absent "$2 is not there"
	wanted_mode=$(symbolic "$mode")
	wanted_owner=$user:$group
	act_for "${1%/*}"
	if ! tree mkdir "$1" 2>/dev/null; then
		[ -d "$1" ] || refuse full "$1 cannot be made"
		return 0
	fi
	tree chmod "$wanted_mode" "$1"
	if [ -z "$tree_user" ]; then
		facts_of "$1"
		[ "$user:$group" = "$wanted_owner" ] || chown -h "$wanted_owner" "$1" ||
			refuse owner "$1 cannot be given to $wanted_owner"
	fi
}
