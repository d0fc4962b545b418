# shellcheck shell=sh
# What every script begins with: values in, records out, and a bound on the product's own tool.
# It only reads. A script defines `main`; the last line of what is sent calls `answer`.

LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077

# Values come by name, a line each; the names are the program's own, the values are never evaluated.
while IFS= read -r pair && [ "$pair" != . ]; do
	eval "${pair%%=*}=\${pair#*=}"
done
exec 3<&0 </dev/null

# record KIND FIELD...: one line of the answer.
record() {
	printf '%s' "$1"
	shift
	for each; do
		printf ' '
		field "$each"
	done
	printf '\n'
}

field() {
	case $1 in
	'') printf '~' ;;
	*[!A-Za-z0-9._:/@+,=-]*)
		printf '~'
		printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
		;;
	*) printf '%s' "$1" ;;
	esac
}

# progress WORDS: shown to the person who waits.
progress() {
	printf '@ %s\n' "$*" >&2
}

# refuse REASON WORDS: the script looked, and does not do it.
refuse() {
	record refused "$@"
	exit 1
}

# bounded SECONDS COMMAND...: its output; 137 when it took longer and was ended with all it started.
bounded() {
	limit=$1
	shift
	if command -v setsid >/dev/null; then
		setsid "$@" 3<&- &
		child=$!
		group=-$child
	else
		"$@" 3<&- &
		child=$!
		group=$child
	fi
	(
		trap 'kill "$!"; exit' TERM
		sleep "$limit" &
		wait "$!"
		kill -KILL "$group"
	) >/dev/null 2>&1 &
	killer=$!
	wait "$child"
	status=$?
	kill "$killer" 2>/dev/null
	return "$status"
}

# nap: a short wait, where the system has fractions of a second.
nap() {
	sleep 0.2 2>/dev/null || sleep 1
}

# ask VERB OBJECT...: what the product's tool says, without carriage returns.
ask() {
	said=$(bounded "${tool_patience:-10}" "$tool" "$@" 2>&1)
	asked=$?
	printf '%s\n' "$said" | tr -d '\r' | head -n 4000
	return "$asked"
}

is_help() {
	case $1 in
	*[Uu]sage:* | *'help tutorial'*) return 0 ;;
	*) return 1 ;;
	esac
}

# value_of NAME TEXT: the value of a variable in what the tool said.
value_of() {
	printf '%s\n' "$2" | sed -n "s/^$1:[ ]\{0,1\}//p" | head -n 1
}

is_on() {
	case $1 in
	1 | [Tt]rue | [Yy]es) return 0 ;;
	*) return 1 ;;
	esac
}

# pids_of_smtp: the process of the PID file, and every process whose program is the module.
pids_of_smtp() {
	noted=$(head -n 1 "$install/var/$module.pid" 2>/dev/null | tr -dc 0-9)
	if [ "$noted" ] && tr '\000' '\n' <"/proc/$noted/cmdline" | grep -q "$module"; then
		echo "$noted"
	fi 2>/dev/null
	grep -laF -- "$install/$module" /proc/[0-9]*/cmdline 2>/dev/null | while IFS=/ read -r _ _ number _; do
		[ "$(tr '\000' '\n' <"/proc/$number/cmdline" | head -n 1)" = "$install/$module" ] && echo "$number"
	done
	# shellcheck disable=SC2012 # the names of processes are numbers
	ls -l /proc/[0-9]*/exe 2>/dev/null | awk -v program="$install/$module" '
		{ at = index($0, " -> "); target = substr($0, at + 4); sub(/ \(deleted\)$/, "", target) }
		target == program { match($0, /\/proc\/[0-9]+/); print substr($0, RSTART + 6, RLENGTH - 6) }'
}

listens() {
	grep -q ":$(printf %04X "$smtp_port") [0:]* 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# say_smtp: the state of the SMTP module, as a record; true where it is seen stopped.
say_smtp() {
	pids=$(pids_of_smtp | sort -u | tr '\n' ,)
	if listens; then listening=yes; else listening=no; fi
	record module "$module" "${pids%,}" "$listening" "$(banner)"
	[ -z "$pids" ] && [ "$listening" = no ]
}

is_stopped() {
	[ -z "$(pids_of_smtp)" ] && ! listens
}

# banner: the first line that the port says, where this system has something to ask with.
banner() {
	[ "$want_banner" ] && [ "$listening" = yes ] || return 0
	if command -v bash >/dev/null; then
		# shellcheck disable=SC2016 # bash itself reads its arguments
		bounded 5 bash -c 'exec 4<>"/dev/tcp/127.0.0.1/$1" && head -n 1 <&4' bash "$smtp_port"
	elif command -v nc >/dev/null; then
		# It goes on after the line, so it is ended.
		bounded 1 nc -w 5 127.0.0.1 "$smtp_port"
	elif command -v busybox >/dev/null; then
		bounded 1 busybox nc -w 5 127.0.0.1 "$smtp_port"
	fi 2>/dev/null | head -n 1 | cut -c 1-200 | tr -d '\r'
}

# say_folder ROLE PATH: what lies at the path of a queue folder, where it really is, and its volume.
say_folder() {
	kind=folder
	target=$2
	if [ -L "$2" ]; then
		kind='link'
		target=$(readlink -f "$2" 2>/dev/null) || target=$2
	fi
	identity=
	if [ -d "$target" ]; then
		# shellcheck disable=SC2012 # one folder, by its own name
		identity=$(ls -di "$target" | awk '{ print $1 }')
		if [ "$(mount_of "$target")" = "$target" ]; then kind=mount; fi
	elif [ -e "$target" ]; then
		kind=other
	elif [ "$kind" = folder ]; then
		kind=absent
	fi
	record folder "$1" "$2" "$kind" "$target" "$identity"
	for aside in "$target".*; do
		if [ -d "$aside" ]; then record aside "$1" "$aside"; fi
	done
}

mount_of() {
	df -Pk "$1" 2>/dev/null | awk 'NR == 2 { sub(/^.*% /, ""); print }'
}

say_settings() {
	printf '%s\n' "$1" | while IFS= read -r spoken; do
		case $spoken in
		*:*)
			value=${spoken#*:}
			record "$2" "${spoken%%:*}" "${value# }"
			;;
		esac
	done
}

# sample FOLDER: the lines that name a submitter, of some files of each folder below; none of "".
sample() {
	[ "$1" ] || return 0
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	bounded "$signs_patience" sh -c '
		cd "$1" 2>/dev/null || exit 0
		# By name, or among the first that come: a pattern would make the shell look at every file.
		{
			printf "%s\n" . retry priority_0 priority_1 priority_2 priority_3 priority_4
			ls -f | head -n 600 | grep -v "\."
		} | sort -u | while IFS= read -r folder; do
			cd "$1/$folder" 2>/dev/null || continue
			ls -f 2>/dev/null | head -n 600 | grep "\.tm[p$]$" | head -n 300 | sed "s|^|./|" | tr "\n" "\000" |
				xargs -0 grep -a -i -h -m 1 "^[^a-z]*original[ _-]*sender" 2>/dev/null
		done' sh "$1" | cut -c 1-300
}

# newest_log: the SMTP log that was written last; `sip` and `sn` are other services' letters.
newest_log() {
	find "$logs" -type f \( -name '[sS][12][09][0-9][0-9]*' -o -name '[sS][0-9A-Za-z][12][09][0-9][0-9]*' \
		-o -name '[sS][0-9A-Za-z][0-9A-Za-z][12][09][0-9][0-9]*' -o -path '*/[sS][mM][tT][pP]/[0-9]*' \) \
		! -name '[sS][A-Za-z][12][09][0-9][0-9]*' ! -name '[sS][A-Za-z][A-Za-z][12]*' \
		! -name '*.[gG][zZ]' ! -name '*.[zZ][iI][pP]' -mtime -2 -exec ls -t {} + 2>/dev/null | head -n 1
}

# say_log_end: where the SMTP log ends now, so that what comes after it can be read.
say_log_end() {
	newest=$(newest_log)
	size=$(wc -c <"$newest" 2>/dev/null | tr -d ' ')
	record log_end "${newest:-none}" "${size:-0}"
}

# leave: what a script that entered gives back.
leave() {
	:
}

# start_heart: a sign of life every few seconds, until it is killed or the script is gone.
start_heart() {
	(while kill -0 "$$" && sleep 5 3>&-; do echo "@ " >&3; done) 3>&2 >/dev/null 2>&1 &
	heart=$!
}

# answer: what main says, with the size and the sum that make it whole.
answer() {
	start_heart
	body=$(main)
	kill "$heart" 2>/dev/null
	leave
	echo begin
	if [ "$body" ]; then printf '%s\n' "$body"; fi
	sum=$(if [ "$body" ]; then printf '%s\n' "$body"; fi | cksum)
	size=${sum#* }
	echo "end ${size%% *} ${sum%% *}"
}
