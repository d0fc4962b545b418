# Remove files of a folder that was set aside, and say the SHA-256 of each before it is gone.
#
# values: aside
# lines: behind the journal's own, the path of a file below the folder, in hexadecimal
# says: copied, removed SHA256 PATH (SHA256 is "absent" where the file was gone before)
# refuses: absent sums rights

main() {
	enter
	if [ -L "$aside" ] || [ ! -d "$aside" ]; then refuse absent "$aside is not a folder"; fi
	command -v sha256sum >/dev/null || refuse sums "there is no sha256sum on the server"
	act_for "$aside"
	names <&3 | tree xargs -0 sh -c "$sum_and_remove" sh "$aside"
}

# names: the paths of the lines, each with a NUL behind it; a dot ends them.
names() {
	sed '/^\.$/d' | awk '
		BEGIN { for (n = 0; n < 16; n++) value[substr("0123456789abcdef", n + 1, 1)] = n }
		{
			text = ""
			for (at = 1; at < length($0); at += 2)
				text = text sprintf("\\%03o", 16 * value[substr($0, at, 1)] + value[substr($0, at + 1, 1)])
			print text
		}' | while IFS= read -r escaped; do
		# shellcheck disable=SC2059 # the text is made of octal escapes alone
		printf "$escaped\\000"
	done
}

# Only regular files below the folder, and of each only the very one whose sum was said. Names of plain
# letters go many at a time; any other alone, since no program's list of sums could tell where it ends.
# shellcheck disable=SC2016 # the inner shell reads its own arguments
sum_and_remove='
cd "$1" || exit 1
shift
removed() {
	case $2 in
	*[!A-Za-z0-9._/-]*) printf "removed %s ~%s\n" "$1" "$(printf %s "$2" | od -An -v -tx1 | tr -d " \n")" ;;
	*) printf "removed %s %s\n" "$1" "$2" ;;
	esac
}
inode() { ls -diL "$1" | awk "NR == 1 { print \$1 }"; }
alone() {
	[ ! -L "./$1" ] && exec 4<"./$1" || return
	sum=$(sha256sum <&4) || return
	[ ! -L "./$1" ] && [ "$(inode "./$1")" = "$(inode /dev/fd/4)" ] && rm -f "./$1" && removed "${sum%% *}" "$1"
}
for each; do
	shift
	case /$each/ in
	*/../*) continue ;;
	esac
	if [ -f "./$each" ] && [ ! -L "./$each" ]; then
		case $each in
		*[!A-Za-z0-9._/-]*) alone "$each" ;;
		*) set -- "$@" "./$each" ;;
		esac
	elif [ ! -e "./$each" ] && [ ! -L "./$each" ]; then
		removed absent "$each"
	fi
done
[ "$#" -gt 0 ] || exit 0
before=$(ls -din "$@")
sums=$(sha256sum "$@") || exit 1
if [ "$before" = "$(ls -din "$@")" ]; then
	rm -f "$@" && printf "%s\n" "$sums" | sed "s|^\([0-9a-f]*\)  \./|removed \1 |"
else
	for each; do alone "${each#./}"; done
fi
'
