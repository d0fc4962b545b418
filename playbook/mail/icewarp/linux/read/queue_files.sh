# Every file below a queue folder: its features where there is perl, else the first MiB of it.
#
# values: folder
# says: by HOW, block PACKING WRITING SUM DATA, done FILES BLOCKS, or refused REASON FOLDER;
#       the blocks of plain tools hold a line a file: PATH SIZE READ PAIR HEAD, in hexadecimal

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
	counts=$(find "$folder/" -exec sh -c "$take_files" sh "$folder" {} + | count_blocks)
	record "done" "${counts% *}" "${counts#* }"
}

# count_blocks: a number of files a line in, files and blocks out, with progress now and then.
count_blocks() {
	files=0
	blocks=0
	while IFS= read -r count; do
		files=$((files + count))
		blocks=$((blocks + 1))
		if [ $((blocks % 50)) = 0 ]; then progress "$files files read"; fi
	done
	echo "$files $blocks"
}

# Run by find with some files behind the folder: a block for eight of them at a time goes to the
# seventh stream, their number to the first. A file that is gone meanwhile is said to be gone.
# shellcheck disable=SC2016 # the inner shell reads its own arguments
take_files='
top=$1
shift
set -f
hex() { od -An -v -tx1 | tr -d " \n"; }
writing=hex
write() { hex; }
if command -v base64 >/dev/null; then
	writing=base64
	write() { base64 | tr -d "\n"; }
fi
is_paired() {
	case ${1##*/} in *[Ii][Nn][Cc][Oo][Mm][Ii][Nn][Gg]*) return 0 ;; esac
	set +f
	for each in "$1"/*.dat "$1"/.*.dat; do
		if [ -e "$each" ] || [ -L "$each" ]; then set -f; return 0; fi
	done
	set -f
	return 1
}
say_file() {
	shown=${1#"$top"}
	while :; do case $shown in /*) shown=${shown#/} ;; *) break ;; esac; done
	case $shown in
	*[!A-Za-z0-9._/-]*) printf "~%s" "$(printf %s "$shown" | hex)" ;;
	*) printf %s "$shown" ;;
	esac
	if [ ! -e "$1" ] && [ ! -L "$1" ]; then echo " 0 gone -"; return; fi
	if [ ! -f "$1" ] || [ -L "$1" ] || [ ! -r "$1" ]; then echo " 0 no -"; return; fi
	if [ "${1%/*}" != "$folder" ]; then
		folder=${1%/*}
		paired=no
		is_paired "$folder" && paired=yes
	fi
	pair=-
	if [ "$paired" = yes ]; then
		pair=no
		name=${1##*/}
		pairing=$folder/${name%%.*}.dat
		if [ -e "$pairing" ] || [ -L "$pairing" ]; then pair=yes; fi
	fi
	file=$1
	set -- $(ls -lnd "$file")
	printf " %s yes %s " "${5:-0}" "$pair"
	dd bs=1048576 count=1 <"$file" 2>/dev/null | hex
	echo
}
say_files() {
	left=$1
	shift
	while [ "$left" -gt 0 ]; do
		if [ ! -d "$1" ] || [ -L "$1" ]; then say_file "$1"
		elif [ ! -r "$1" ] || [ ! -x "$1" ]; then say_file "$1"
		fi
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
	if command -v gzip >/dev/null; then
		data=$(printf "%s\n" "$text" | gzip -1 -c | write)
		printf "block gzip %s - %s\n" "$writing" "$data" >&7
	else
		sum=$(printf "%s\n" "$text" | cksum)
		printf "block plain %s %s %s\n" "$writing" "${sum%% *}" "$(printf "%s\n" "$text" | write)" >&7
	fi
	printf "%s\n" "$text" | wc -l
done
'
