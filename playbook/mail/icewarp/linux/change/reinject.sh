# Give good files of a queue that was set aside back to their live queue: each once, by one rename.
#
# A file is copied to staging, compared, written down as ready in the ledger, and renamed into the
# live queue. Ready and absent from staging means published: whatever was cut is taken up again from
# that alone. What was given back before, by this incident or another, is known from the server's
# memory, and stays where it is. The program beside this one does it in perl or Python; the shell
# does it more slowly. Each has the rights of the mail tree's owner once its books are open.
#
# values: role aside folder retry(live, or empty) languages(in the order tried) seconds interval(between
#         two, 0 for none) waits(yes: also before the first) default_from(or empty) count
#         state_folder incident logs
# lines: SIZE PATH of each file, the path below `aside` in hexadecimal
# says: copied, published PATH STEM NUMBER, already PATH INCIDENT, kept PATH REASON WORDS
# refuses: list busy staging owner absent volume full helper stem rights

main() {
	enter
	[ -d "$aside" ] || refuse absent "$aside is not a folder"
	ledger=$state_folder/incidents/$incident/given-back
	memory=$state_folder/given-back
	[ -d "$folder" ] || make_like "$folder" "$aside"
	choose_staging
	act_for "$folder" "$aside"
	[ -e "$ledger" ] || note_log
	export role incident aside folder retry staging ledger memory seconds interval waits default_from count
	export tree_user tree_group
	for language in $languages; do
		case $language in
		perl)
			perl -ce "$perl_program" 2>/dev/null || continue
			run_program perl -e "$perl_program" && return
			;;
		python3) run_program python3 -I -c "$python_program" && return ;;
		sh)
			give_back
			return
			;;
		esac
	done
	refuse helper "none of $languages can be used here"
}

# On the queue's volume, where nothing walks: beside the queue, or in it where only there the tree's owner
# may make a folder. Nothing in it that does not end in .tmp is picked up. It stays where it was first.
choose_staging() {
	noted=$state_folder/incidents/$incident/staging
	staging=$folder/.respond-$incident
	act_for "$folder"
	of_folder=$tree_user
	act_for "${folder%/*}"
	if [ "$tree_user" = "$of_folder" ] && [ "$(mount_of "$folder")" = "$(mount_of "${folder%/*}")" ]; then
		staging=${folder%/*}/.respond-$incident-$role
	fi
	grep -qxF -- "$staging" "$noted" 2>/dev/null || printf '%s\n' "$staging" >>"$noted" ||
		refuse full "the incident's folder cannot be written"
}

# run_program COMMAND...: false where the server has none; one that breaks off is no answer.
run_program() {
	command -v "$1" >/dev/null || return 1
	"$@" <&3 || refuse helper "$1 broke off; what it did is in the ledger"
}

# Where the log ended before the first file was given back: what comes behind it may be about them.
note_log() {
	newest=$(newest_log)
	size=$(wc -c <"${newest:-/dev/null}" | tr -d ' ')
	printf 'log %s %s .\n' "${size:-0}" "$newest" >>"$ledger"
}

hex() {
	printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
}
