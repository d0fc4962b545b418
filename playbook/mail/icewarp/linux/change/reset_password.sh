# Give the account a new password, and read again that it was changed.
#
# The product's tool takes the password as an argument: it stands in the process list while that
# one call runs, and nowhere else.
#
# values: tool set_verb get_verb account password expire(yes or empty)
# says: copied, reset ADDRESS verified|unverified
# refuses: policy hangs unchanged

main() {
	enter
	before=$(changed_at)
	said=$(bounded "${tool_patience:-10}" "$tool" "$set_verb" account "$account" u_password "$password" 2>&1)
	case $? in
	124 | 137 | 143) refuse hangs "the tool gave no answer in ${tool_patience:-10} s" ;;
	esac
	case $said in
	*[Pp]olicy*) refuse policy "$(printf '%s' "$said" | head -n 1 | cut -c 1-200)" ;;
	esac
	is_help "$said" && refuse unchanged "the tool does not know $set_verb"
	after=$(changed_at)
	if [ -z "$after" ]; then
		verified=unverified
	elif [ "$after" = "$before" ] && [ "$after" -lt $(($(date +%s) - 60)) ]; then
		refuse unchanged "the tool answered, but the password is the one of $after"
	else
		verified=verified
	fi
	if [ "$expire" ]; then
		ask "$set_verb" account "$account" u_passwordexpired 1 >/dev/null
	fi
	record reset "$account" "$verified"
}

# When the password was last changed: Unix time, or nothing where this version does not tell.
changed_at() {
	value_of u_passwordlastchanged "$(ask "$get_verb" account "$account" u_passwordlastchanged)" | tr -dc 0-9
}
