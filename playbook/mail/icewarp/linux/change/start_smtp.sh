# Start the module, wait until it answers, and put its watchdog back as it was.
#
# It says where the log ended before the start: whoever logs in from then on is seen in it.
#
# values: tool set_verb get_verb icewarpd install module smtp_port patience watchdog(name or empty) state
#         logs
# says: copied log_end module watchdog
# refuses: start watchdog

main() {
	enter
	say_log_end
	bounded "$patience" "$icewarpd" --start "$module" >/dev/null 2>&1
	ends=$(($(date +%s) + patience))
	until listens && [ "$(pids_of_smtp)" ]; do
		if [ "$(date +%s)" -ge "$ends" ]; then
			say_smtp
			refuse start "no process or no open port $patience s after the start"
		fi
		progress "waiting for SMTP to answer on port $smtp_port"
		nap
	done
	want_banner=yes
	say_smtp
	if [ "$watchdog" ] && [ "$state" ]; then
		ask "$set_verb" system "$watchdog" "$state" >/dev/null
		now=$(value_of "$watchdog" "$(ask "$get_verb" system "$watchdog")")
		record watchdog "$now"
		if is_on "$state" && ! is_on "$now"; then
			refuse watchdog "it could not be switched on again"
		fi
	fi
}
