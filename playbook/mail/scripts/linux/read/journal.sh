# Give the server's copy of an incident's journal: of the one named, or of the newest.
#
# values: state_folder incident(empty for the newest)
# says: incident NAME, line TEXT

main() {
	if [ -z "$incident" ]; then
		# shellcheck disable=SC2012 # the names of incidents are the program's own
		incident=$(ls -t "$state_folder"/incidents/*/journal.jsonl 2>/dev/null | head -n 1)
		incident=${incident%/journal.jsonl}
		incident=${incident##*/}
	fi
	[ "$incident" ] || return 0
	record incident "$incident"
	while IFS= read -r text; do
		record line "$text"
	done <"$state_folder/incidents/$incident/journal.jsonl"
}
