# shellcheck shell=sh
# The books of giving back with plain tools: the incident's ledger and the server's memory, as in
# reinject_memory.pl.

# The shell that was left over by a cut may still be at work: it holds this link while it lives.
hold_alone() {
	read -r self _ </proc/self/stat
	until ln -s "$self $(began "$self")" "$ledger.held" 2>/dev/null; do
		holder=$(readlink "$ledger.held")
		other=$(began "${holder%% *}")
		[ "$other" ] && [ "$other" = "${holder##* }" ] && refuse busy "another one is giving mail back"
		rm -f "$ledger.held"
	done
	end_torn_line "$ledger"
	end_torn_line "$memory"
}

end_torn_line() {
	if [ -s "$1" ] && [ "$(tail -c 1 "$1" | od -An -tx1 | tr -d ' ')" != 0a ]; then echo >>"$1"; fi
}

note() {
	printf '%s\n' "$1" >>"$ledger" || refuse full "the ledger cannot be written"
}

remember() {
	printf 'given %s %s %s %s %s %s %s .\n' "$incident" "$role" "$key" "$identity" "$(identity_of "$copied")" \
		"$content" "$original" >>"$memory" || refuse full "the server's memory cannot be written"
	on_disk "$memory"
}

# on_disk FILE: the file, or all there is.
on_disk() {
	sync "$1" 2>/dev/null || sync
}

# identity_of FILE: volume and inode.
identity_of() {
	tree stat -c %d:%i -- "$1" 2>/dev/null || echo -
}

# content_of FILE...: the SHA-256 of each, with a dash between.
content_of() {
	sums=
	for each; do
		# shellcheck disable=SC2016 # the inner shell reads its own arguments
		sum=$(tree sh -c 'sha256sum <"$1"' sh "$each" 2>/dev/null)
		sums=$sums${sums:+-}${sum%% *}
	done
	echo "${sums:--}"
}

# given_before: the incident by which the file of `identity`, `content` and `original` was given back. A
# copy that was published, and set aside before the server took it, was not; nor is one of two files of
# a folder the other.
given_before() {
	awk -v ours="$incident" -v identity="$identity" -v content="$content" -v original="$original" \
		-v here="${aside_hex}2f" -v ledger="$ledger" '
		BEGIN {
			while (0 < (getline line < ledger)) {
				fields = split(line, part, " ")
				if (part[1] == "ready" && part[fields] == ".") ready[part[3]] = 1
			}
		}
		$NF != "." { next }
		$1 == "void" { delete given[$2 " " $3] }
		$1 == "given" && NF == 9 { given[$2 " " $4] = $0 }
		END {
			for (each in given) {
				split(given[each], part, " ")
				if (part[2] == ours && !(part[4] in ready)) continue
				same = part[7] == content && content != "-"
				unknown = part[7] == "-" || content == "-"
				if (identity != "-" && part[5] == identity && (same || unknown)) first = part[2]
				if (identity != "-" && part[6] == identity) is_copy = 1
				if (same && (part[8] == original || index(part[8], here) != 1)) second = part[2]
			}
			if (first) print first
			else if (!is_copy) print second
		}' "$memory"
}
