# The SMTP logs since a day, whole and as they lie there: by name, a leading s, or a log of a folder
# `smtp`; what may as well be another service's log (`sip`, `sn`) only where its lines are SMTP.
#
# values: logs since(YYYYMMDD)
# says: log PATH SIZE and the blocks of each, then done FILES BLOCKS
# refuses: logs (FOLDER)

main() {
	if ! ls "$logs/" >/dev/null 2>&1; then
		record refused logs "$logs"
		return
	fi
	exec 7>&1
	counts=$(find "$logs/" -type f \( -name '[sS]*' -o -path '*/[sS][mM][tT][pP]/*' \) \
		-exec sh -c "$say_block$take_logs" sh "$logs" "$since" {} + | count_blocks logs read)
	record "done" "${counts% *}" "${counts#* }"
}

# Run by find with some files behind the folder and the day. Four MiB of a log are a block.
# shellcheck disable=SC2016 # the inner shell reads its own words
take_logs='
top=$1
since=$2
shift 2
speaks_smtp() {
	head -c 65536 "$1" | grep -a -i -q -E \
		"^[^ ]+ +\[[0-9a-f]+\] .* (EHLO |HELO |MAIL FROM:|RCPT TO:|220 .*SMTP|Client session Message id )"
}
# The letter, the server id and the day in the name of a log, each behind the other.
parts_of() {
	printf "%s\n" "$1" | tr "A-Z" "a-z" | sed -n "s/^\(s\{0,1\}\)\([0-9a-z]\{0,2\}\)\
\([12][09][0-9][0-9]\)-\{0,1\}\([01][0-9]\)-\{0,1\}\([0-3][0-9]\)\([-_.][0-9]\{1,4\}\)\{0,1\}\
\(\.[lt][ox][gt]\)\{0,1\}\(\.[0-9]\{1,4\}\)\{0,1\}\(\.[gz][zi]p\{0,1\}\)\{0,1\}$/\1. \2. \3\4\5/p"
}
is_wanted() {
	[ -f "$1" ] && [ ! -L "$1" ] && [ -r "$1" ] || return 1
	folder=${1%/*}
	set -- "$1" $(parts_of "${1##*/}")
	[ $# = 4 ] && [ "$4" -ge "$since" ] || return 1
	case $3 in
	. | *[0-9]*.) ;;
	*) [ "$2" = s. ] && speaks_smtp "$1" && return 0 || return 1 ;;
	esac
	[ "$2" = s. ] && return 0
	case ${folder##*/} in [sS][mM][tT][pP]) ;; *) return 1 ;; esac
	case $3 in [a-z]*) return 1 ;; esac
}
for file; do
	is_wanted "$file" || continue
	size=$(size_of "$file")
	printf "log %s %s\n" "$(below "$top" "$file")" "$size" >&7
	pieces=$(((size + 4194303) / 4194304))
	piece=0
	while [ "$piece" -lt "$pieces" ]; do
		dd bs=1048576 skip=$((piece * 4)) count=4 <"$file" 2>/dev/null | say_block
		piece=$((piece + 1))
		echo "0 1"
	done
	echo "1 0"
done
'
