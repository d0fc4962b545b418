# Watch for some seconds: what the log has grown by, whose files came into the queue, SMTP's state.
#
# values: install module smtp_port logs outgoing retry signs_patience seconds
#         log_name log_offset (both empty at the first look, which says where the log ends)
# says: module log_end log submitter

main() {
	if [ "$log_name" ]; then sleep "$seconds"; fi
	say_smtp
	say_log_end
	[ "$log_name" ] || return 0
	if [ "$newest" != "$log_name" ]; then log_offset=0; fi
	grown=$((${size:-0} - log_offset))
	if [ "$grown" -gt 0 ]; then
		[ "$grown" -gt 500000 ] && grown=500000
		record log "$newest" hex "$(tail -c "+$((log_offset + 1))" "$newest" | head -c "$grown" | od -An -v -tx1 | tr -d ' \n')"
	fi
	for folder in "$outgoing" "$retry"; do
		sample "$folder" | sort | uniq -c | sort -rn | head -n 40 | while read -r count text; do
			if [ "$text" ]; then record submitter "$count" "$text"; fi
		done
	done
}
