# The SMTP logs since a day, whole and packed: by name, a leading s, or any log of a folder `smtp`.
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
	counts=$(find "$logs/" -type f \( -name '*.log' -o -name '*.txt' \) \
		-exec sh -c "$say_block$take_logs" sh "$logs" "$since" {} + | count_blocks logs read)
	record "done" "${counts% *}" "${counts#* }"
}

# Run by find with some files behind the folder and the day. Four MiB of a log are a block.
# shellcheck disable=SC2016 # the inner shell reads its own words
take_logs='
top=$1
since=$2
shift 2
is_wanted() {
	[ -f "$1" ] && [ ! -L "$1" ] && [ -r "$1" ] || return 1
	name=${1##*/}
	folder=${1%/*}
	case $name in
	s*) ;;
	*) [ "${folder##*/}" = smtp ] || return 1 ;;
	esac
	name=${name%.*}
	case $name in *-[0-9][0-9]) name=${name%???} ;; esac
	before=${name%[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]}
	[ "$before" != "$name" ] || return 1
	case $before in
	*[!0-9A-Za-z]*) return 1 ;;
	"" | ? | ?? | s??) ;;
	*) return 1 ;;
	esac
	[ "${name#"$before"}" -ge "$since" ]
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
