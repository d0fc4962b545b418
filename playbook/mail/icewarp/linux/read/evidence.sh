# Say what a stop would destroy or what will be changed: connections, account settings, log files.
#
# values: tool get_verb smtp_port ports(with spaces) accounts(with spaces) account_variables
#         variables logs tool_patience
# says: item NAME TEXT

main() {
	record item clock.txt "$(date -u '+%s %Y-%m-%dT%H:%M:%SZ')"
	record item connections.txt "$(connections)"
	record item logs.txt "$(find "$logs" -type f -exec ls -ln {} + 2>/dev/null | tail -n 2000)"
	# shellcheck disable=SC2086 # the names are the program's own
	record item settings.txt "$(ask "$get_verb" system $variables)"
	for each in $accounts; do
		# shellcheck disable=SC2086
		record item "account-$each.txt" "$(ask "$get_verb" account "$each" $account_variables)"
	done
}

# Established connections on the mail ports, with their addresses.
connections() {
	if command -v ss >/dev/null; then
		ss -tn state established 2>/dev/null | awk -v ports="$smtp_port $ports" '
			BEGIN { count = split(ports, each, " "); for (i = 1; i <= count; i++) mail[each[i]] = 1 }
			{ address = $3; sub(/^.*:/, "", address); if (address in mail) print }' | head -n 5000
	else
		head -n 5000 /proc/net/tcp /proc/net/tcp6
	fi
}
