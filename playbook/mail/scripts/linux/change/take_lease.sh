# Take the lease on this mail server, and make the folder where the incident is kept here.
#
# values: state_folder incident token who since over(yes or empty) journal_after
# lines: the journal's new lines
# says: lease (as it is now), copied
# refuses: held (somebody else's lease), folder

main() {
	mkdir -p "$state_folder/incidents/$incident" || refuse folder "$state_folder cannot be made"
	chmod 700 "$state_folder"
	mine="$incident $who $since $token"
	held=$(readlink "$state_folder/lease")
	case $held in
	'' | "$incident "*" $token") ;;
	*)
		[ "$over" ] || refuse held "$held"
		rm -f "$state_folder/lease"
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
