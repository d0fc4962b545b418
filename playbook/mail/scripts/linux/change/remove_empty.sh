# Remove a folder that was set aside, where it is really empty.
#
# values: aside
# says: copied
# refuses: notempty rights

main() {
	enter
	[ -d "$aside" ] || return 0
	act_for "$aside"
	first=$(tree find "$aside" ! -type d 2>/dev/null | head -n 1)
	[ -z "$first" ] || refuse notempty "$first lies there"
	tree find "$aside" -depth -type d ! -path "$aside" -exec rmdir {} + || refuse notempty "$aside holds folders that stay"
	act_for "${aside%/*}"
	tree rmdir "$aside" || refuse notempty "$aside cannot be removed"
}
