# shellcheck shell=sh
# Who could put something else in the place of a name: whoever owns a folder on the way to it.

# stranger PATH: "USER GROUP" of the first on the way that belongs to neither root nor us, followed by
# "shared" where a folder before it can be written by more than its owner; nothing where there is none.
# A link is followed as long as nobody but root or we could have made it.
stranger() {
	way=${1#/}/
	at=
	shared=
	links=0
	while [ "$way" ]; do
		part=${way%%/*}
		way=${way#*/}
		case $part in
		'' | .) continue ;;
		..)
			at=${at%/*}
			continue
			;;
		esac
		facts_of "$at/$part" || break
		if [ "$user" != 0 ] && [ "$user" != "$us" ]; then
			echo "$user $group $shared"
			return
		fi
		case $mode in
		l*)
			links=$((links + 1))
			[ "$links" -lt 40 ] || break
			target=$(readlink "$at/$part")
			case $target in /*) at= ;; esac
			way=$target/$way
			continue
			;;
		????????w[!tT]*) shared=shared ;;
		?????w???[!tT]*) [ "$group" = 0 ] || [ "$group" = "$our_group" ] || shared=shared ;;
		esac
		at=$at/$part
	done
	[ -z "$shared" ] || echo "- - shared"
}

# facts_of PATH: its mode as ls writes it, user and group by number; no link is followed.
facts_of() {
	us=${us:-$(id -u)}
	our_group=${our_group:-$(id -g)}
	# shellcheck disable=SC2012 # one file, by its own name
	# shellcheck disable=SC2046 # the words of the first line are wanted
	set -- $(ls -ldn -- "$1" 2>/dev/null | awk 'NR == 1 { print $1, $3, $4 }')
	mode=$1 user=$2 group=$3
	[ "$mode" ]
}

# is_ours_alone PATH: whether nobody but root and we could put something else there.
is_ours_alone() {
	[ -z "$(stranger "$1")" ]
}
