# Let the account submit mail, or forbid it, and read again that it is so.
#
# values: tool set_verb get_verb account allowed(1 or 0)
# says: copied, submission ADDRESS VALUE
# refuses: unchanged

main() {
	enter
	ask "$set_verb" account "$account" u_smtp "$allowed" >/dev/null
	now=$(value_of u_smtp "$(ask "$get_verb" account "$account" u_smtp)")
	record submission "$account" "$now"
	if is_on "$allowed"; then is_on "$now"; else [ "$now" ] && ! is_on "$now"; fi ||
		refuse unchanged "u_smtp reads ${now:-nothing}"
}
