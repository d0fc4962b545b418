# Remove what is kept of an incident on this server: journal, ledger, staging, and the lease.
#
# What the server knows of mail that was given back stays, for every incident there will be: a file of
# some 300 bytes a mail. What lay in staging still was not given back, and is taken out of it.
#
# values: state_folder incident token journal_after
# lines: the journal's new lines
# says: copied
# refuses: rights

main() {
	enter
	folder=$state_folder/incidents/${incident:?}
	[ -e "$state_folder/given-back" ] && forget_what_waits
	while IFS= read -r staging; do
		act_for "$staging"
		tree rm -rf "$staging"
	done 2>/dev/null <"$folder/staging"
	rm -rf "$folder"
	[ -s "$state_folder/given-back" ] || rm -f "$state_folder/given-back"
	take_away lease "$held"
}

forget_what_waits() {
	while IFS= read -r staging; do
		find "$staging" -name '[0-9]*' | awk -F / '{ sub(/[.].*/, "", $NF); print "left", $NF }'
	done 2>/dev/null <"$folder/staging" | cat - "$folder/given-back" 2>/dev/null | awk -v ours="$incident" '
		$1 == "left" { left[$2] = 1 }
		$1 == "ready" && $NF == "." { ready[$3] = 1 }
		$1 == "given" && $2 == ours && (!($4 in ready) || $4 in left) { print "void", ours, $4, "." }
	' - "$state_folder/given-back" >"$folder/void"
	cat "$folder/void" >>"$state_folder/given-back"
}

leave() {
	rm -f "$state_folder/acting" "$state_folder"/lease.[0-9]* "$state_folder"/acting.[0-9]*
	rmdir "$state_folder/incidents" "$state_folder" 2>/dev/null
}
