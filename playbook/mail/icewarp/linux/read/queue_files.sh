# Every file below a queue folder: its features where there is perl, else the first MiB of it.
#
# values: folder
# says: by HOW, block PACKING WRITING SUM DATA, done FILES BLOCKS;
#       the blocks of plain tools hold a line a file: PATH SIZE READ PAIR HEAD, in hexadecimal
# refuses: absent (FOLDER)

main() {
	unset PERL5OPT PERL5LIB PERL_UNICODE PERLIO PYTHONPATH PYTHONSTARTUP
	gzip=$(command -v gzip)
	# shellcheck disable=SC2154 # the programs are put in front of this script
	if perl -e 'exit !($] >= 5.010 && ~0 > 0xFFFFFFFF)' 2>/dev/null; then
		printf '%s' "$queue_files_pl" | perl - "$folder" "${gzip:+gzip}"
	elif python3 -c 'import sys, zlib; sys.exit(sys.version_info < (3, 6))' 2>/dev/null; then
		printf '%s' "$queue_files_py" | python3 - "$folder"
	else
		by_plain_tools
	fi
}

by_plain_tools() {
	if ! ls "$folder/" >/dev/null 2>&1; then
		record refused absent "$folder"
		return
	fi
	record by sh
	exec 7>&1
	counts=$(find "$folder/" -exec sh -c "$say_block$take_files" sh "$folder" {} + | count_blocks files read)
	record "done" "${counts% *}" "${counts#* }"
}

# Run by find with some files behind the folder: eight of them are a block. One that is gone
# meanwhile is said to be gone.
# shellcheck disable=SC2016 # the inner shell reads its own words
take_files='
top=$1
shift
is_paired() {
	case ${1##*/} in *[Ii][Nn][Cc][Oo][Mm][Ii][Nn][Gg]*) return 0 ;; esac
	set +f
	for each in "$1"/*.dat "$1"/.*.dat; do
		if [ -e "$each" ] || [ -L "$each" ]; then break; fi
	done
	set -f
	[ -e "$each" ] || [ -L "$each" ]
}
find_pair() {
	if [ "${1%/*}" != "$folder" ]; then
		folder=${1%/*}
		paired=no
		is_paired "$folder" && paired=yes
	fi
	pair=-
	[ "$paired" = yes ] || return 0
	name=${1##*/}
	name=$folder/${name%%.*}.dat
	pair=no
	if [ -e "$name" ] || [ -L "$name" ]; then pair=yes; fi
}
say_file() {
	below "$top" "$1"
	if [ ! -e "$1" ] && [ ! -L "$1" ]; then
		echo " 0 gone - -"
	elif [ ! -f "$1" ] || [ -L "$1" ] || [ ! -r "$1" ]; then
		echo " 0 no - -"
	else
		find_pair "$1"
		printf " %s yes %s " "$(size_of "$1")" "$pair"
		dd bs=1048576 count=1 <"$1" 2>/dev/null | hex
		echo
	fi
}
say_files() {
	left=$1
	shift
	while [ "$left" -gt 0 ]; do
		if [ ! -d "$1" ] || [ -L "$1" ] || [ ! -r "$1" ] || [ ! -x "$1" ]; then say_file "$1"; fi
		shift
		left=$((left - 1))
	done
}
while [ $# -gt 0 ]; do
	count=8
	[ $# -lt 8 ] && count=$#
	text=$(say_files "$count" "$@")
	shift "$count"
	[ "$text" ] || continue
	printf "%s\n" "$text" | say_block
	echo "$(printf "%s\n" "$text" | wc -l) 1"
done
'
