# shellcheck shell=sh
# Give files back to a live queue with plain tools, as reinject.pl does, where nothing better is there.
# Whatever opens, makes, moves or removes something in the mail tree has the rights of its owner.

give_back() {
	touch "$memory" "$ledger" || refuse full "the ledger cannot be written"
	hold_alone
	discard_what_is_not_ready
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

discard_what_is_not_ready() {
	if [ ! -d "$staging" ]; then
		awk -v role="$role" '$NF != "." { next } $1 == "ready" && $2 == role { left[$3] = 1 }
			$1 == "published" { delete left[$2] }
			END { for (each in left) exit 1 }' "$ledger" ||
			refuse staging "$staging is gone, and with it files that were ready"
		tree mkdir "$staging" || refuse full "the staging folder cannot be made"
	fi
	# It may have been planted: it must be ours, and nobody else's to write in.
	facts_of "$staging"
	case $user:$mode in
	"${tree_user:-$us}":drwx?-??-*) ;;
	*) refuse staging "$staging was made by somebody else" ;;
	esac
	for copy in "$staging"/[0-9]*; do
		name=${copy##*/}
		grep -q "^ready [a-z]* ${name%%.*} .* \.$" "$ledger" || tree rm -f "$copy"
	done
}

take_after_siblings() {
	like=$(find "$folder" -maxdepth 1 -type f \( -name '*.tmp' -o -name '*.tm$' \) -exec ls -ldn {} \; 2>/dev/null |
		awk 'NR == 1 { print $1, $3, $4 }')
	if [ -z "$like" ]; then
		facts_of "$folder"
		like="$(printf %s "$mode" | tr xst -) $user $group"
	fi
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
	base=$source
	while :; do
		case $base in
		*.[tT][mM][pP$]) base=${base%.*} ;;
		*) break ;;
		esac
	done
	copied=$staging/$key
	take_file "$source" || return 1
	if [ "$role" = incoming ]; then
		size=
		copied=$staging/$key.dat
		take_file "$base.dat" || return 1
		copied=$staging/$key
	fi
	stem=$(free_stem "${name##*/}" "$source")
	if [ -z "$stem" ]; then
		keep stem "no name is free for it"
		return 1
	fi
	identity=$(identity_of "$source")
	content=$(content_of "$copied" ${envelope:+"$envelope"})
	is_the_first || return 1
	[ -z "$default_from" ] || add_from "$copied"
	set_ready
}

# take_file SOURCE: a plain file of its size, copied into staging as `copied` and compared.
take_file() {
	envelope=
	case $copied in *.dat) envelope=$copied ;; esac
	# Opened once, without following a link: what is looked at is what is read.
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	tree sh -c '
		[ ! -L "$1" ] && [ -f "$1" ] && exec 4<"$1" || exit 3
		[ "$(ls -di "$1" | awk "NR == 1 { print \$1 }")" = "$(ls -diL /dev/fd/4 | awk "{ print \$1 }")" ] || exit 3
		[ -z "$3" ] || [ "$(wc -c <"$1" | tr -d " ")" = "$3" ] || exit 4
		rm -f "$2"
		set -C
		cat <&4 >"$2" && cmp -s "$1" "$2" || exit 5' sh "$1" "$copied" "$size"
	case $? in
	0) give_to "$copied" ;;
	3) keep absent "it is not a file" ;;
	4) keep changed "it has not $size bytes" ;;
	*) no_room ;;
	esac
}

# give_to COPY: a copy is its maker's; only in a tree of root's alone may its siblings be somebody else's.
give_to() {
	if [ -z "$tree_user" ]; then
		facts_of "$1"
		[ "$user:$group" = "$like_owner" ] || chown -h "$like_owner" "$1" ||
			refuse owner "$1 cannot be given to $like_owner"
	fi
	tree chmod "$like_mode" "$1" || refuse owner "the mode of a copy"
}

no_room() {
	tree rm -f "$staging/$key" "$staging/$key.dat"
	refuse full "a copy could not be made whole"
}

is_the_first() {
	by=$(given_before)
	[ "$by" ] || return 0
	tree rm -f "$staging/$key" "$staging/$key.dat"
	note "already $role $by $original ."
	printf 'already ~%s %s\n' "$path" "$by"
	return 1
}

set_ready() {
	on_disk "$staging/$key"
	[ "$role" != incoming ] || on_disk "$staging/$key.dat"
	remember
	note "ready $role $key $stem $original - ."
	on_disk "$ledger"
	number=$key
}

# add_from COPY: a From line where there is none, as the last of the headers.
add_from() {
	at=$(place_for_from "$1")
	[ "$at" ] || return 0
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	tree sh -c '
		ending="\n"
		if [ "$(tail -c "+$(($2 + 1))" "$1" | head -c 1 | od -An -tx1 | tr -d " ")" = 0d ]; then ending="\r\n"; fi
		with_from() { head -c "$2" "$1" && printf "From: %s$ending" "$3" && tail -c "+$(($2 + 1))" "$1"; }
		rm -f "$1.new"
		set -C
		with_from "$@" >"$1.new" && with_from "$@" | cmp -s - "$1.new"' sh "$1" "$at" "$default_from" || no_room
	give_to "$1.new"
	tree mv -f "$1.new" "$1"
}

# place_for_from FILE: where a message ends its headers without a From among them, or nothing.
place_for_from() {
	tree head -c 1048576 "$1" | LC_ALL=C awk '
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
	tree rm -f "$staging/$key" "$staging/$key.dat"
	note "kept $role $1 $original ."
	printf 'kept ~%s %s %s\n' "$path" "$1" "$(field "$2")"
	return 1
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
		tree mv "$staging/$key" "$folder/$stem.tmp" || refuse full "the rename into the live queue"
	fi
	if [ -e "$staging/$key.dat" ]; then
		tree mv "$staging/$key.dat" "$folder/$stem.dat" || refuse full "the rename into the live queue"
	fi
	grep -q "^published $key " "$ledger" || note "published $key $(date +%s) ."
	printf 'published ~%s %s %s\n' "$path" "$stem" "$key"
	progress "given $((given + 1))"
}
