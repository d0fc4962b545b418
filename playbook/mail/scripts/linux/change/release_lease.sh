# Give the lease up, and keep the journal's last lines.
#
# values: state_folder incident token journal_after
# lines: the journal's new lines
# says: copied

main() {
	enter
	take_away lease "$held"
}
