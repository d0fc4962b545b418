# Remove a folder that was set aside, where it is really empty.
#
# values: aside
# says: copied
# refuses: notempty

main() {
	enter
	[ -d "$aside" ] || return 0
	first=$(find "$aside" ! -type d 2>/dev/null | head -n 1)
	[ -z "$first" ] || refuse notempty "$first lies there"
	find "$aside" -depth -type d -exec rmdir {} + || refuse notempty "$aside cannot be removed"
}
