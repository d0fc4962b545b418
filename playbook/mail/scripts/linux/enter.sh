# shellcheck shell=sh
# What every script that changes does first: hold the lease, wait for its turn, and keep the
# journal's new lines on the server before anything is done.

enter() {
	cd /
	hold_lease
	take_turn
	# Somebody may have taken the lease over meanwhile.
	hold_lease
	keep_journal
}

hold_lease() {
	held=$(readlink "$state_folder/lease")
	case $held in
	*" $token") ;;
	*) refuse lease "$held" ;;
	esac
}

# One script at a time: a line that was cut can leave the one before still at work.
take_turn() {
	tries=0
	turn="$$ $(began "$$") $(booted)"
	until ln -s "$turn" "$state_folder/acting" 2>/dev/null; do
		other=$(readlink "$state_folder/acting") || [ "$tries" -lt 300 ] || refuse busy "$state_folder/acting"
		if [ "$other" ] && ! works "$other"; then
			take_away acting "$other"
		elif [ "$tries" -ge 300 ]; then
			refuse busy "process ${other%% *}"
		else
			progress "waiting for the script before this one (process ${other%% *})"
			nap
		fi
		tries=$((tries + 1))
	done
}

# works TURN: whether the process that took it is alive: that very one, not another that got its number
# after it ended or after the system began anew.
works() {
	[ "$1" = "${1%% *} $(began "${1%% *}") $(booted)" ] && [ "$(began "${1%% *}")" ]
}

# began PROCESS: when it began, on the system's own clock; nothing where it is dead, or waits as a
# zombie for somebody to notice that.
began() {
	sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 !~ /[ZX]/ { print $20 }'
}

booted() {
	cat /proc/sys/kernel/random/boot_id 2>/dev/null
}

# take_away NAME VALUE: remove a link of the state folder, if it still says that. What somebody else
# wrote between the look and the removal is put back.
take_away() {
	mv "$state_folder/$1" "$state_folder/$1.$$" 2>/dev/null || return 0
	taken=$(readlink "$state_folder/$1.$$")
	rm -f "$state_folder/$1.$$"
	[ "$taken" = "$2" ] && return
	ln -s "$taken" "$state_folder/$1" 2>/dev/null
	return 1
}

leave() {
	case $(readlink "$state_folder/acting") in
	"$$ "*) rm -f "$state_folder/acting" ;;
	esac
}

# The lines end with a dot: without it they were cut on the way, and nothing is done. What stands
# behind it is the script's own.
keep_journal() {
	block=
	until IFS= read -r line <&3 && [ "$line" = . ]; do
		[ "$line" ] || refuse cut "the journal's lines came without their end"
		block=$block${block:+
}$line
	done
	kept=$state_folder/incidents/$incident/journal.jsonl
	have=$(wc -l <"$kept" 2>/dev/null | tr -d ' ')
	have=${have:-0}
	if [ "$(tail -c 1 "$kept" 2>/dev/null | od -An -tx1 | tr -d ' ')" != 0a ] && [ -s "$kept" ]; then
		head -n "$have" "$kept" >"$kept.new" && mv "$kept.new" "$kept"
	fi
	if [ "$block" ] && [ "$have" -ge "$journal_after" ]; then
		printf "%s\n" "$block" | tail -n "+$((have - journal_after + 1))" >>"$kept"
	fi 2>/dev/null
	# The lease is held for as long as something is done under it, also where nothing is written.
	[ -e "$kept" ] && touch "$kept"
	record copied "$(wc -l <"$kept" 2>/dev/null | tr -d ' ')"
}
