# shellcheck shell=sh
# What was given back from a folder, put by while the rest of it is merged, and returned to it.

put_by_what_was_given() {
	given=$(originals | wc -l | tr -d ' ')
	[ "$given" != 0 ] && [ -d "$aside" ] || return 0
	[ -d "$kept" ] || make_like "$kept" "$aside"
	act_for "$aside"
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	originals | awk '{ gsub(/../, "& "); print }' | awk '
		BEGIN { for (n = 0; n < 16; n++) value[substr("0123456789abcdef", n + 1, 1)] = n }
		{
			for (at = 1; at <= NF; at++)
				printf "\\%03o", 16 * value[substr($at, 1, 1)] + value[substr($at, 2, 1)]
			print ""
		}' | while IFS= read -r escaped; do
		# shellcheck disable=SC2059 # the text is made of octal escapes alone
		printf "$escaped\\000"
	done | tree xargs -0 sh -c '
		from=$1
		to=$2
		shift 2
		for each; do
			base=$each
			while :; do case $base in *.[tT][mM][pP$]) base=${base%.*} ;; *) break ;; esac; done
			for file in "$each" "$base.dat"; do
				[ -f "$from/$file" ] || continue
				case $file in */*) mkdir -p "$to/${file%/*}" ;; esac
				mv -n -- "$from/$file" "$to/$file"
			done
		done' sh "$aside" "$kept"
}

# originals: the paths below `aside`, in hexadecimal, of what any incident gave back or has ready.
originals() {
	[ -e "$state_folder/given-back" ] || return 0
	awk -v here="$(printf '%s/' "$aside" | od -An -v -tx1 | tr -d ' \n')" '
		$NF != "." { next }
		$1 == "void" { delete given[$2 " " $3] }
		$1 == "given" && NF == 9 && index($8, here) == 1 { given[$2 " " $4] = substr($8, length(here) + 1) }
		END { for (each in given) if (!seen[given[each]]++) print given[each] }' "$state_folder/given-back"
}

return_what_was_given() {
	[ -d "$kept" ] || return 0
	if [ -d "$aside" ]; then
		act_for "$aside"
		merge "$kept" "$aside"
	else
		act_for "${aside%/*}"
		tree mv "$kept" "$aside" || refuse rename "$kept cannot be renamed"
	fi
}
