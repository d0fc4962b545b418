# Give good files of a queue that was set aside back to their live queue: each once, by one rename.
#
# A file is copied to staging, compared, written down as ready in the ledger, and renamed into the
# live queue. Ready and absent from staging means published: whatever was cut is taken up again from
# that alone. The program beside this one does it in perl or Python; the shell does it more slowly.
#
# values: role aside folder retry(live, or empty) languages(in the order tried) seconds interval(between
#         two, 0 for none) waits(yes: also before the first) default_from(or empty) count
#         state_folder incident logs
# lines: SIZE PATH of each file, the path below `aside` in hexadecimal
# says: copied, published PATH STEM NUMBER, kept PATH REASON WORDS
# refuses: list busy staging owner absent volume full helper stem

main() {
	enter
	[ -d "$aside" ] || refuse absent "$aside is not a folder"
	ledger=$state_folder/incidents/$incident/given-back
	staging=$state_folder/staging/$incident
	mkdir -p "$state_folder/staging" || refuse full "the staging folder cannot be made"
	# Where the queue is a volume of its own, nothing in it that does not end in .tmp is picked up.
	if [ -d "$folder" ] && [ "$(mount_of "$folder")" != "$(mount_of "$state_folder")" ]; then
		staging=$folder/.respond-$incident
	fi
	[ -e "$ledger" ] || note_log
	export role aside folder retry staging ledger seconds interval waits default_from count
	for language in $languages; do
		case $language in
		perl) run_program perl -e "$perl_program" && return ;;
		python3) run_program python3 -c "$python_program" && return ;;
		sh)
			give_back
			return
			;;
		esac
	done
	refuse helper "none of $languages can be used here"
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
