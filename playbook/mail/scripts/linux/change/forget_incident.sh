# Remove what is kept of an incident on this server: journal, ledger, staging, and the lease.
#
# values: state_folder incident
# says: copied

main() {
	enter
	rm -rf "${state_folder:?}/incidents/${incident:?}" "$state_folder/staging/$incident"
	rm -f "$state_folder/lease"
}

leave() {
	rm -f "$state_folder/acting"
	rmdir "$state_folder/incidents" "$state_folder/staging" "$state_folder" 2>/dev/null
}
