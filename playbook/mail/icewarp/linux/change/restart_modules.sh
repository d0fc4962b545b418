# Restart the modules that hold logged-in sessions, each within a bound.
#
# values: icewarpd modules(with spaces) patience
# says: copied, restarted MODULE EXIT-STATUS

main() {
	enter
	for each in $modules; do
		progress "restarting $each"
		bounded "$patience" "$icewarpd" --restart "$each" >/dev/null 2>&1
		record restarted "$each" "$?"
	done
}
