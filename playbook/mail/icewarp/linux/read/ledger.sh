# Say what was given back, what of it is still in staging or in a live queue, and what the log says.
#
# values: state_folder incident folder retry incoming(live; each may be empty) logs seconds(waited before)
#         ledger_from(a byte: what is before it is known)
# says: ledger SIZE PACKING TEXT, left NUMBER, here STEM ENDING, log PACKING TEXT

main() {
	if [ "$seconds" != 0 ]; then sleep "$seconds"; fi
	ledger=$state_folder/incidents/$incident/given-back
	[ -e "$ledger" ] || return 0
	export ledger
	# First the ledger, then staging: what is ready in the one and absent from the other was published.
	size=$(wc -c <"$ledger" | tr -d ' ')
	if [ "$size" -gt "$ledger_from" ]; then
		tail -c "+$((ledger_from + 1))" "$ledger" | head -c "$((size - ledger_from))" | packed "ledger $size"
	fi
	while IFS= read -r staging; do
		find "$staging" -name '[0-9]*' 2>/dev/null | awk -F / '$NF ~ /^[0-9]+(\.dat)?$/ { print "left", $NF }'
	done <"$state_folder/incidents/$incident/staging"
	say_what_is_here
	say_deliveries
}

say_what_is_here() {
	for queue in "$folder" "$retry" "$incoming"; do
		if [ "$queue" ]; then
			find "$queue" -type f \( -name '*.tmp' -o -name '*.tm$' -o -name '*.dat' \) 2>/dev/null
		fi
	done | awk -F / "$know_stems"'
		{ stem = $NF; sub(/\..*/, "", stem) }
		stem in ours { print "here", stem, substr($NF, length($NF) - 2) }'
}

# The lines of the sessions that deliver what was given back, since the first file was.
say_deliveries() {
	noted=$(sed -n '1s/^log [0-9]* \(.*\) \.$/\1/p' "$ledger")
	offset=$(sed -n '1s/^log \([0-9]*\) .*/\1/p' "$ledger")
	{
		tail -c "+$((${offset:-0} + 1))" "$noted" 2>/dev/null
		find "$logs" -type f \( -name 's*.log' -o -name 's*.txt' -o -path '*/smtp/*.log' \) -newer "$noted" \
			! -path "$noted" -exec ls -tr {} + 2>/dev/null | while IFS= read -r later; do cat "$later"; done
	} | awk "$know_stems"'
		!index($0, "Client session ") { next }
		match($0, /Message id [0-9A-Za-z]+/) {
			stem = substr($0, RSTART + 11, RLENGTH - 11)
			if (match($0, / item [0-9A-Za-z]+/)) stem = substr($0, RSTART + 6, RLENGTH - 6)
			if (index($0, "Client session Message id ")) {
				if (stem in ours) watched[$2] = 1
				else delete watched[$2]
			}
		}
		$2 in watched && /Message id|Disconnected|[*][*][*]|<<< [245][0-9][0-9]|[0-9]+ bytes/ { print substr($0, 1, 700) }
		/Client session Disconnected/ { delete watched[$2] }' | tail -c 16000000 | packed log
}

# Ours are the stems that the ledger has in it.
know_stems='BEGIN {
	while (0 < (getline text < ENVIRON["ledger"])) {
		split(text, part, " ")
		if (part[1] == "ready") ours[part[4]] = 1
	}
}'

# packed KIND: standard input as a record of that kind.
packed() {
	if command -v gzip >/dev/null && command -v base64 >/dev/null; then
		printf '%s gzip %s\n' "$1" "$(gzip -c | base64 | tr -d '\n')"
	else
		printf '%s hex %s\n' "$1" "$(od -An -v -tx1 | tr -d ' \n')"
	fi
}
