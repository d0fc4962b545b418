# shellcheck shell=sh
# The answer of a script that says much: handed on as it comes, its sum made on the way.

stream() {
	start_heart
	exec 5>&1
	echo begin
	said=$({ main 5>&- | tee /dev/fd/4 >&5; } 4>&1 | cksum)
	kill "$heart" 2>/dev/null
	set -f
	# shellcheck disable=SC2086 # a sum and a size
	set -- $said
	echo "end $2 $1"
}

# count_blocks WORDS: numbers of files and blocks a line in, both sums out, progress now and then.
count_blocks() {
	files=0
	blocks=0
	while read -r more_files more_blocks; do
		files=$((files + more_files))
		blocks=$((blocks + more_blocks))
		if [ $((blocks % 32)) = 0 ]; then progress "$files $*"; fi
	done
	echo "$files $blocks"
}

# What an inner shell needs, in front of its own program: what stands on its input becomes a block
# on the seventh stream, packed where there is gzip. The sum of a plain one is that of its text.
# shellcheck disable=SC2016 # the inner shell reads its own words
say_block='
set -f
packing=plain
pack() { cat; }
if command -v gzip >/dev/null; then
	packing=gzip
	pack() { gzip -1 -c; }
fi
writing=hex
hex() { od -An -v -tx1 | tr -d " \n"; }
write() { hex; }
if command -v base64 >/dev/null; then
	writing=base64
	write() { base64 | tr -d "\n"; }
fi
shown() {
	case $1 in
	*[!A-Za-z0-9._/-]*) printf "~%s" "$(printf %s "$1" | hex)" ;;
	*) printf %s "$1" ;;
	esac
}
below() {
	below=${2#"$1"}
	while :; do case $below in /*) below=${below#/} ;; *) break ;; esac; done
	shown "$below"
}
size_of() {
	set -- $(ls -lnd "$1")
	echo "${5:-0}"
}
say_block() {
	data=$(pack | write)
	sum=-
	if [ "$packing" = plain ]; then
		sum=$(printf %s "$data" | cksum)
		sum=${sum%% *}
	fi
	printf "block %s %s %s %s\n" "$packing" "$writing" "$sum" "$data" >&7
}
'
