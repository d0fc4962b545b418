# Remove files of a folder that was set aside, and say the SHA-256 of each before it is gone.
#
# values: aside
# lines: behind the journal's own, the path of a file below the folder, in hexadecimal
# says: copied, removed SHA256 PATH (SHA256 is "absent" where the file was gone before)
# refuses: absent sums

main() {
	enter
	cd "$aside" 2>/dev/null || refuse absent "$aside is not a folder"
	command -v sha256sum >/dev/null || refuse sums "there is no sha256sum on the server"
	names <&3 | xargs -0 sh -c "$sum_and_remove" sh | while read -r sum name; do
		case $name in
		*[!A-Za-z0-9._/-]*) record removed "$sum" "$name" ;;
		*) printf 'removed %s %s\n' "$sum" "$name" ;;
		esac
	done
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

# Only regular files below the folder; nothing is removed whose sum was not said.
# shellcheck disable=SC2016 # the inner shell reads its own arguments
sum_and_remove='
for each; do
	shift
	case /$each/ in
	*/../*) continue ;;
	esac
	if [ -f "./$each" ] && [ ! -L "./$each" ]; then
		set -- "$@" "$each"
	elif [ ! -e "./$each" ] && [ ! -L "./$each" ]; then
		printf "absent  %s\n" "$each"
	fi
done
[ "$#" -gt 0 ] || exit 0
sums=$(sha256sum -- "$@") || exit 1
printf "%s\n" "$sums"
rm -f -- "$@"
'
