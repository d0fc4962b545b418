# Switch the SMTP watchdog off, stop the module, and wait until it is seen stopped.
#
# The control script may return early, and the port may close long before the process ends: only
# a process that is gone and a port that is closed count. With `kill`, what stays is ended.
#
# values: tool set_verb get_verb icewarpd install module smtp_port patience kill watchdog(name or empty)
# says: copied watchdog module
# refuses: watchdog running

main() {
	enter
	if [ "$watchdog" ]; then
		ask "$set_verb" system "$watchdog" 0 >/dev/null
		say_watchdog
		if is_on "$state"; then
			refuse watchdog "it stays on"
		fi
	fi
	bounded "$patience" "$icewarpd" --stop "$module" >/dev/null 2>&1
	wait_until_stopped "$patience"
	if [ "$kill" ] && ! is_stopped; then
		end_processes TERM 10
		end_processes KILL 10
	fi
	say_smtp || refuse running "${pids%,}"
}

say_watchdog() {
	state=$(value_of "$watchdog" "$(ask "$get_verb" system "$watchdog")")
	record watchdog "$state"
}

wait_until_stopped() {
	ends=$(($(date +%s) + $1))
	asked_again=
	until is_stopped; do
		now=$(date +%s)
		[ "$now" -lt "$ends" ] || return
		# Asked once more half way, as the vendor's own staff do: a first stop may be lost.
		if [ -z "$asked_again" ] && [ "$now" -ge $((ends - $1 / 2)) ]; then
			asked_again=yes
			bounded "$1" "$icewarpd" --stop "$module" >/dev/null 2>&1
		fi
		progress "waiting for SMTP to end (processes $(pids_of_smtp | tr '\n' ' '))"
		nap
	done
}

end_processes() {
	progress "sending $1 to $(pids_of_smtp | tr '\n' ' ')"
	for number in $(pids_of_smtp); do
		kill -"$1" "$number"
	done
	ends=$(($(date +%s) + $2))
	until is_stopped || [ "$(date +%s)" -ge "$ends" ]; do
		nap
	done
}
