# shellcheck shell=sh
# Give files back to a live queue with plain tools, as reinject.pl does, where nothing better is there.

give_back() {
	hold_alone
	end_torn_line
	discard_what_is_not_ready
	make_folder
	same_volume || refuse volume "$staging and $folder"
	take_after_siblings
	number=$(awk '$1 == "ready" && $NF == "." && $3 > most { most = $3 } END { print most + 0 }' "$ledger")
	ends=$(($(date +%s) + seconds))
	given=0
	late=
	aside_hex=$(hex "$aside")
	while read -r size path <&3 && [ "$size" != . ]; do
		if [ "$given" != 0 ] && [ "$(date +%s)" -ge "$ends" ]; then
			late=yes
			break
		fi
		give_one
		given=$((given + 1))
	done
	[ "$late" ] || [ "$given" = "$count" ] || refuse list "it was cut on the way"
	cat <&3 >/dev/null
}

unhex() {
	# shellcheck disable=SC2059 # the text is made of octal escapes alone
	printf "$(printf '%s' "$1" | sed 's/../& /g' | awk '{
		for (i = 1; i <= NF; i++) {
			high = index("0123456789abcdef", substr($i, 1, 1)) - 1
			low = index("0123456789abcdef", substr($i, 2, 1)) - 1
			printf "\\%03o", high * 16 + low
		}
	}')"
}

# The shell that was left over by a cut may still be at work: it holds this link while it lives.
hold_alone() {
	read -r self _ </proc/self/stat
	until ln -s "$self $(began "$self")" "$ledger.held" 2>/dev/null; do
		holder=$(readlink "$ledger.held")
		other=$(began "${holder%% *}")
		[ "$other" ] && [ "$other" = "${holder##* }" ] && refuse busy "another one is giving mail back"
		rm -f "$ledger.held"
	done
}

end_torn_line() {
	if [ "$(tail -c 1 "$ledger" | od -An -tx1 | tr -d ' ')" != 0a ]; then echo >>"$ledger"; fi
}

discard_what_is_not_ready() {
	if [ ! -d "$staging" ]; then
		awk '$NF != "." { next } $1 == "ready" { left[$3] = 1 } $1 == "published" { delete left[$2] }
			END { for (each in left) exit 1 }' "$ledger" ||
			refuse staging "$staging is gone, and with it files that were ready"
		mkdir "$staging" || refuse full "the staging folder cannot be made"
	fi
	for copy in "$staging"/[0-9]*; do
		name=${copy##*/}
		grep -q "^ready [a-z]* ${name%%.*} .* \.$" "$ledger" || rm -f "$copy"
	done
}

make_folder() {
	[ -d "$folder" ] && return
	mkdir "$folder" || [ -d "$folder" ] || refuse full "$folder cannot be made"
	chmod --reference="$aside" "$folder" 2>/dev/null || chmod "$(symbolic "$(listed 1 "$aside")")" "$folder"
	give_to "$(listed 3 "$aside"):$(listed 4 "$aside")" "$folder"
}

# listed COLUMN FILE: a column of what ls says of one file.
listed() {
	# shellcheck disable=SC2012 # one file, by its own name
	ls -ldn -- "$2" 2>/dev/null | awk -v column="$1" 'NR == 1 { print $column }'
}

# symbolic drwxr-x---: the mode as chmod takes it.
symbolic() {
	printf '%s' "$1" | sed 's/^.\(...\)\(...\)\(...\).*/u=\1,g=\2,o=\3/; s/-//g'
}

give_to() {
	[ "$(listed 3 "$2"):$(listed 4 "$2")" = "$1" ] || chown "$1" "$2" || refuse owner "$2 cannot be given to $1"
}

take_after_siblings() {
	like=$(find "$folder" -maxdepth 1 -type f \( -name '*.tmp' -o -name '*.tm$' \) -exec ls -ldn {} \; 2>/dev/null |
		awk 'NR == 1 { print $1, $3, $4 }')
	if [ -z "$like" ]; then like="$(listed 1 "$folder" | tr xst -) $(listed 3 "$folder") $(listed 4 "$folder")"; fi
	# shellcheck disable=SC2086 # three words are wanted
	set -- $like
	like_mode=$(symbolic "$1")
	like_owner=$2:$3
}

# mv would copy to another volume, and a copy can be cut: there must be none.
same_volume() {
	[ "$(mount_of "$staging")" = "$(mount_of "$folder")" ] || return 1
	[ "$(stat -c %d "$staging" 2>/dev/null)" = "$(stat -c %d "$folder" 2>/dev/null)" ]
}

# give_one: the file of `size` and `path`, from wherever it stands to where it belongs.
give_one() {
	original=${aside_hex}2f$path
	found=$(grep "^ready [a-z]* [0-9]* [^ ]* $original [^ ]* \.$" "$ledger" | tail -n 1)
	if [ "$found" ]; then
		# shellcheck disable=SC2086 # the words of a line are wanted
		set -- $found
		key=$3
		stem=$4
	else
		copy_and_compare || return 0
	fi
	publish
}

copy_and_compare() {
	key=$((number + 1))
	# The dot keeps line ends that end a name.
	name=$(unhex "$path" && echo .)
	name=${name%.}
	case /$name/ in
	*/../* | */./* | //*)
		keep path "it leads out of the folder"
		return 1
		;;
	esac
	source=$aside/$name
	if [ -L "$source" ] || [ ! -f "$source" ]; then
		keep absent "it is not a file"
		return 1
	fi
	if [ "$(wc -c <"$source" | tr -d ' ')" != "$size" ]; then
		keep changed "it has not $size bytes"
		return 1
	fi
	base=$source
	while :; do
		case $base in
		*.[tT][mM][pP$]) base=${base%.*} ;;
		*) break ;;
		esac
	done
	if [ "$role" = incoming ] && { [ -L "$base.dat" ] || [ ! -f "$base.dat" ]; }; then
		keep absent "its envelope is not there"
		return 1
	fi
	stem=$(free_stem "${name##*/}" "$source")
	if [ -z "$stem" ]; then
		keep stem "no name is free for it"
		return 1
	fi
	copy_as "$source" "$key" "$default_from" || return 1
	if [ "$role" = incoming ]; then copy_as "$base.dat" "$key.dat" "" || return 1; fi
	sync "$staging/$key" 2>/dev/null || sync
	note "ready $role $key $stem $original - ."
	sync "$ledger" 2>/dev/null || sync
	number=$key
}

# copy_as SOURCE NAME FROM: into staging and compared, with a From line added where it is wanted.
copy_as() {
	copy=$staging/$2
	rm -f "$copy"
	at=
	[ "$3" ] && at=$(place_for_from "$1")
	if [ "$at" ]; then
		ending='\n'
		if [ "$(tail -c "+$((at + 1))" "$1" | head -c 1 | od -An -tx1 | tr -d ' ')" = 0d ]; then ending='\r\n'; fi
		with_from "$1" "$3" "$ending" >"$copy" || no_room "$copy"
		with_from "$1" "$3" "$ending" | cmp -s - "$copy" || no_room "$copy"
	else
		cat "$1" >"$copy" || no_room "$copy"
		cmp -s "$1" "$copy" || no_room "$copy"
	fi
	give_to "$like_owner" "$copy"
	chmod "$like_mode" "$copy" || refuse owner "the mode of a copy"
}

with_from() {
	# shellcheck disable=SC2059 # the ending is one of two
	head -c "$at" "$1" && printf "From: %s$3" "$2" && tail -c "+$((at + 1))" "$1"
}

no_room() {
	rm -f "$1"
	refuse full "a copy could not be made whole"
}

# place_for_from FILE: where a message ends its headers without a From among them, or nothing.
place_for_from() {
	head -c 1048576 "$1" | LC_ALL=C awk '
		/^(Received|Return-Path|DKIM-Signature|From|To|Subject|Date|MIME-Version|Message-ID|Delivered-To|Reply-To|X-[A-Za-z0-9-]+|Content-[A-Za-z-]+)[ \t]*:/ { begun = 1 }
		begun && tolower($0) ~ /^from[ \t]*:/ { exit }
		begun && /^\r?$/ { print at + 0; exit }
		{ at += length($0) + 1 }'
}

# free_stem NAME SOURCE: its own, or the next one that neither the live queue nor the ledger knows.
free_stem() {
	parts=$(printf '%s\n' "$1" | sed -n '$s/^\([0-9A-Za-z]\{0,2\}[0-9]\{14\}\)\([0-9]\{4\}\)\([0-9A-Za-z]\{0,2\}\)\(\.[tT][mM][pP$]\)\{1,\}$/\1 \2 \3/p')
	case $1 in
	*'
'*) parts= ;;
	esac
	if [ -z "$parts" ]; then parts="$(date -r "$2" +%Y%m%d%H%M%S) 0000"; fi
	# shellcheck disable=SC2086 # the words are wanted
	set -- $parts
	last=$(printf '%s' "$2" | sed 's/^0*//')
	step=0
	while [ "$step" -lt 10000 ]; do
		stem=$1$(printf %04d $(((${last:-0} + step) % 10000)))${3:-}
		if is_free "$stem"; then
			printf '%s' "$stem"
			return
		fi
		step=$((step + 1))
	done
}

is_free() {
	grep -q "^ready [a-z]* [0-9]* $1 .* \.$" "$ledger" && return 1
	for place in "$folder" ${retry:+"$retry"}; do
		[ "$(find "$place" -name "$1.*" 2>/dev/null | head -n 1)" ] && return 1
	done
	return 0
}

keep() {
	note "kept $role $1 $original ."
	printf 'kept ~%s %s %s\n' "$path" "$1" "$(field "$2")"
}

note() {
	printf '%s\n' "$1" >>"$ledger" || refuse full "the ledger cannot be written"
}

# The message first, and of a pair the envelope last: it is what the server looks for.
publish() {
	if [ -e "$staging/$key" ] || [ -e "$staging/$key.dat" ]; then
		if [ "$waits" ] && [ "$interval" != 0 ]; then sleep "$interval" 2>/dev/null || sleep 1; fi
		waits=yes
	fi
	if [ -e "$staging/$key" ]; then
		if [ -e "$folder/$stem.tmp" ] || [ -e "$folder/$stem.tm\$" ] || [ -e "$folder/$stem.dat" ]; then
			stem=$(free_stem "$stem.tmp" "$staging/$key")
			[ "$stem" ] || refuse stem "no name is free"
			note "ready $role $key $stem $original - ."
		fi
		mv "$staging/$key" "$folder/$stem.tmp" || refuse full "the rename into the live queue"
	fi
	if [ -e "$staging/$key.dat" ]; then
		mv "$staging/$key.dat" "$folder/$stem.dat" || refuse full "the rename into the live queue"
	fi
	grep -q "^published $key " "$ledger" || note "published $key $(date +%s) ."
	printf 'published ~%s %s %s\n' "$path" "$stem" "$key"
	progress "given $((given + 1))"
}
