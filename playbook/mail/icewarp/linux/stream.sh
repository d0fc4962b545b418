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
