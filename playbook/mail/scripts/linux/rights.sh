# shellcheck shell=sh
# Inside the mail tree a script acts with the rights of whoever could swap its names: no more.

# act_for PATH...: from now on `tree` has the rights of the first stranger on the way to one of them.
# Where there is none, or we are not root, nobody's rights are taken.
act_for() {
	tree_user=
	tree_group=
	for each; do
		# shellcheck disable=SC2046 # the words are wanted
		set -- $(stranger "$each")
		case $1 in '' | -) continue ;; esac
		[ "$(id -u)" = 0 ] || return 0
		tree_user=$1
		tree_group=$2
		break
	done
	[ -z "$tree_user" ] || choose_way
}

# The first way that really takes the rights. Without any of them nothing is done in the tree.
choose_way() {
	for taking in setpriv perl python3 su; do
		[ "$(tree id -u 2>/dev/null)" = "$tree_user" ] && return
	done
	refuse rights "nothing here can act as user $tree_user: setpriv, perl, python3, su"
}

# tree COMMAND...: with those rights.
tree() {
	if [ -z "$tree_user" ]; then
		"$@"
		return
	fi
	# shellcheck disable=SC2016 # the interpreters read their own arguments
	case $taking in
	setpriv) setpriv --reuid "$tree_user" --regid "$tree_group" --clear-groups -- "$@" ;;
	perl)
		perl -e '
			my ($user, $group) = splice @ARGV, 0, 2;
			$) = "$group $group"; $( = $group; $< = $user; $> = $user;
			exit 126 if $< != $user or $> != $user or $( + 0 != $group;
			exec {$ARGV[0]} @ARGV; exit 127' "$tree_user" "$tree_group" "$@"
		;;
	python3)
		python3 -I -c '
import os, sys
user, group = map(int, sys.argv[1:3])
os.setgroups([group]); os.setresgid(group, group, group); os.setresuid(user, user, user)
os.execvp(sys.argv[3], sys.argv[3:])' "$tree_user" "$tree_group" "$@"
		;;
	su)
		name=$(awk -F : -v user="$tree_user" '$3 == user { print $1; exit }' /etc/passwd)
		su -s /bin/sh -c 'exec "$0" "$@"' "${name:?}" "$@"
		;;
	esac
}

# symbolic drwxr-x---: the mode as chmod takes it.
symbolic() {
	printf '%s' "$1" | sed 's/^.\(...\)\(...\)\(...\).*/u=\1,g=\2,o=\3/; s/[-StT]//g'
}
