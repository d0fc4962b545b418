# Take the lease on this mail server, and make the folder where the incident is kept here.
#
# values: state_folder incident token who since over(yes or empty) journal_after
# lines: the journal's new lines
# says: lease (as it is now), copied
# refuses: held (somebody else's lease), folder

main() {
	make_state_folder
	mine="$incident $who $since $token"
	held=$(readlink "$state_folder/lease")
	case $held in
	'' | "$incident "*" $token") ;;
	*)
		[ "$over" ] || refuse held "$held"
		take_away lease "$held" || refuse held "$taken"
		;;
	esac
	[ "$held" = "$mine" ] || ln -s "$mine" "$state_folder/lease" 2>/dev/null
	held=$(readlink "$state_folder/lease")
	[ "$held" = "$mine" ] || case $held in
	*" $token") ;;
	*) refuse held "$held" ;;
	esac
	record lease "$held"
	enter
}

# What lies in it is obeyed, so nobody but us may be able to put anything there, on the whole way to it.
make_state_folder() {
	for each in "$state_folder" "$state_folder/incidents" "$state_folder/incidents/$incident"; do
		is_ours_alone "$each" || refuse folder "others than root can write on the way to $each"
		mkdir -p "$each" || refuse folder "$each cannot be made"
		facts_of "$each"
		case $mode in
		drwx*) ;;
		*) refuse folder "$each is not a folder" ;;
		esac
		[ "$user" = "$us" ] || refuse folder "$each is user $user's"
		chmod 700 "$each"
	done
}
