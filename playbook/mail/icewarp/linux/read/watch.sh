# Watch for some seconds: what the log has grown by, whose files came into the queue, SMTP's state.
#
# The log is read whole, from where it ended before: of one that was rotated the rest, and the new
# one. What could not be read of it is said as a gap, with how many bytes it is.
#
# values: install module smtp_port logs outgoing retry signs_patience seconds
#         log_name log_offset (both empty at the first look, which says where the log ends)
#         knock (yes: connect to SMTP once, which a log that lives writes down)
# says: module log_end log gap submitter

main() {
	if [ "$log_name" ]; then
		if [ "$knock" ] && listens; then knock_once; fi
		sleep "$seconds"
	fi
	say_smtp
	say_log_end
	[ "$log_name" ] || return 0
	if [ "$newest" = "$log_name" ]; then
		say_growth "$newest" "$log_offset" "${size:-0}"
	else
		rest=$(wc -c <"$log_name" 2>/dev/null | tr -d ' ')
		if [ "$log_name" != none ]; then say_growth "$log_name" "$log_offset" "${rest:-0}"; fi
		if [ "$newest" ]; then say_growth "$newest" 0 "${size:-0}"; fi
	fi
	for folder in "$outgoing" "$retry"; do
		sample "$folder" | sort | uniq -c | sort -rn | head -n 40 | while read -r count text; do
			if [ "$text" ]; then record submitter "$count" "$text"; fi
		done
	done
}

knock_once() {
	listening=yes
	want_banner=yes
	banner >/dev/null
	want_banner=
}

# say_growth FILE FROM TO: the bytes between, and how many there are that are not read.
say_growth() {
	from=$2
	if [ "$3" -lt "$from" ]; then
		record gap "$1" "$((from - $3))"
		from=0
	fi
	most=2000000
	if command -v gzip >/dev/null && command -v base64 >/dev/null; then most=16000000; fi
	length=$(($3 - from))
	if [ "$length" -gt "$most" ]; then
		record gap "$1" "$((length - most))"
		length=$most
	fi
	[ "$length" -gt 0 ] || return 0
	if [ "$most" = 16000000 ]; then
		record log "$1" gzip "$(piece "$1" "$from" | gzip -c | base64 | tr -d '\n')"
	else
		record log "$1" hex "$(piece "$1" "$from" | od -An -v -tx1 | tr -d ' \n')"
	fi
}

piece() {
	tail -c "+$(($2 + 1))" "$1" | head -c "$length"
}
