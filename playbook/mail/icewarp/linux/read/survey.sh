# Say what is there: product, settings, accounts, queue folders, SMTP, the lease, and who submits.
#
# It asks the product's tool once for the system and once for an account, and bounds what depends
# on the size of the queue and of the logs.
#
# values: conf install tool icewarpd module smtp_port outgoing retry incoming temporary logs state_folder
#         (each empty where the server is to be asked) tool_patience variables account_variables
#         accounts(with spaces) incoming_limit log_bytes signs_patience
# says: host clock product setting folder aside volume module account candidate node address pairs waiting
#       submitter sampled log lease journal state

main() {
	record host "$(uname -n)" "$(id -u)" "$(date +%s)"
	find_install
	find_dialect
	say_settings "$system" setting
	find_folders
	say_smtp
	for each in $accounts; do say_account "$each"; done
	say_addresses
	say_volumes
	say_pairs
	say_signs
	say_state
}

find_install() {
	for file in $conf /etc/icewarp/icewarp.conf /opt/icewarp/config/icewarp.conf \
		/opt/icewarp/config/merak.conf /opt/merak/config/icewarp.conf /opt/merak/config/merak.conf; do
		[ -r "$file" ] && break
		file=
	done
	noted=$(tr -d '\r"' <"${file:-/dev/null}" | sed 's/^[ ]*//')
	install=${install:-$(printf '%s\n' "$noted" | sed -n 's/^IWS_INSTALL_DIR=//p; s/^InstallDir=//p' | head -n 1)}
	install=${install:-/opt/icewarp}
	install=${install%/}
	tool=${tool:-$install/tool.sh}
	icewarpd=${icewarpd:-$install/icewarpd.sh}
	version=$(printf '%s\n' "$noted" | sed -n 's/^IWS_VERSION=//p; s/^Version=//p' | head -n 1)
}

# The old verbs still answer on new versions in part, and the new ones print the help on old ones.
find_dialect() {
	answers=no
	get_verb=
	for each in get display; do
		# shellcheck disable=SC2086 # the names are the program's own
		system=$(ask "$each" system $variables)
		[ "$asked" = 137 ] && break
		is_help "$system" && continue
		case $system in
		*[Cc]_*:*)
			answers=yes
			get_verb=$each
			break
			;;
		esac
	done
	told=$(value_of c_version "$system")
	[ -x "$icewarpd" ] && control=$icewarpd
	record product icewarp "${told:-$version}" "$(uname -s)" "$get_verb" "$answers" "$tool" "$control" "$install"
}

# absolute PATH: the product may give a path relative to its folder, with either slash.
absolute() {
	made=$(printf '%s' "$1" | tr '\134' /)
	made=${made%/}
	case $made in
	'') ;;
	/*) printf '%s' "$made" ;;
	*) printf '%s/%s' "$install" "$made" ;;
	esac
}

# line_of NUMBER: a line of path.dat, which a load-balanced node reads its own folders from.
line_of() {
	absolute "$(sed -n "$1p" "$install/path.dat" 2>/dev/null | tr -d '\r')"
}

find_folders() {
	mail=$(absolute "$(value_of c_system_storage_dir_mailpath "$system")")
	mail=${mail:-$install/mail}
	temp=$(absolute "$(value_of c_system_storage_dir_temppath "$system")")
	logs=${logs:-$(absolute "$(value_of c_system_storage_dir_logpath "$system")")}
	logs=${logs:-$install/logs}
	outgoing=$(first "$outgoing" "$(line_of 8)" "$mail/_outgoing")
	retry=$(first "$retry" "$(line_of 9)" "$outgoing/retry")
	incoming=$(first "$incoming" "$(line_of 13)" "$mail/_incoming")
	temporary=$(first "$temporary" "$(absolute "$(value_of c_mail_smtp_general_temppath "$system")")" \
		"${temp:-$install/temp}/SMTP")
	say_folder outgoing "$outgoing"
	outgoing_target=$target
	case $retry in
	"$outgoing"/*) ;;
	*) say_folder retry "$retry" ;;
	esac
	say_folder temporary "$temporary"
	say_folder incoming "$incoming"
	for number in 15 16; do
		node=$(sed -n "${number}p" "$install/path.dat" 2>/dev/null | tr -d '\r')
		if [ "$node" ]; then record node "$node"; fi
	done
}

first() {
	for each; do
		if [ "$each" ]; then
			printf '%s' "${each%/}"
			return
		fi
	done
}

# say_account NAME: as the server knows it, by address, alias or bare login name.
say_account() {
	case $1 in
	*@*) try_account "$1" "$1" && return ;;
	*)
		found=
		for domain in $(ask list domain | grep -v '^#' | head -n 200); do
			try_account "$1" "$1@$domain" && found=yes
		done
		[ "$found" ] && return
		;;
	esac
	# An alias that the tool does not follow is looked for among all of them, once.
	alias=${1%@*}
	ask export account '*@*' u_alias | awk -F , -v wanted="$alias" -v full="$1" '
		{ count = split(tolower($2), each, ";") }
		{ for (i = 1; i <= count; i++) if (each[i] == tolower(wanted) || each[i] == tolower(full)) { print $1; next } }
	' | head -n 5 | while IFS= read -r address; do
		try_account "$1" "$address"
	done
}

try_account() {
	# shellcheck disable=SC2086 # the names are the program's own
	said=$(ask "$get_verb" account "$2" $account_variables)
	address=$(printf '%s\n' "$said" | head -n 1)
	case $address in
	*' '* | *:*) return 1 ;;
	*@*) ;;
	*) return 1 ;;
	esac
	record account "$1" "$address"
	say_settings "$said" "account_setting"
}

# say_addresses: what the server may send from: line 10 of path.dat, and the network's own list.
say_addresses() {
	{
		sed -n 10p "$install/path.dat" 2>/dev/null
		if command -v ip >/dev/null; then
			ip -o addr show scope global 2>/dev/null | awk '{ sub(/\/.*/, "", $4); print $4 }'
		else
			awk '$1 == "|--" { at = $2 } /32 host LOCAL/ && at !~ /^127/ { print at }' /proc/net/fib_trie 2>/dev/null
			awk '$4 == "00" { gsub(/..../, "&:", $1); sub(/:$/, "", $1); print $1 }' /proc/net/if_inet6 2>/dev/null
		fi
	} | awk '{ gsub(/[,;\r]/, " "); for (i = 1; i <= NF; i++) if (!seen[$i]++) print $i }' | head -n 64 | while IFS= read -r each; do
		record address "$each"
	done
}

say_volumes() {
	for each in "$outgoing_target" "$incoming" "$install" "$logs"; do
		[ -d "$each" ] || continue
		mount=$(mount_of "$each")
		free=$(df -Pk "$each" 2>/dev/null | awk 'NR == 2 { print $4 }')
		inodes=$(df -Pi "$each" 2>/dev/null | awk 'NR == 2 && $4 ~ /^[0-9]+$/ { print $4 }')
		options=$(awk -v mount="$mount" '$2 == mount { print $4 }' /proc/mounts | tail -n 1)
		case ,$options, in
		*,ro,*) read_only=yes ;;
		*) read_only=no ;;
		esac
		record volume "$each" "$mount" "${free:-}" "$inodes" "$read_only"
	done
}

say_pairs() {
	record pairs "$(pairs_in "$incoming")"
	for each in $accounts; do
		record incoming_of "$each" "$(files_of "$incoming" "$each")"
	done
	# The delivery agent for several processors has a folder of its own.
	agent=$install/mail/_incoming
	if [ -d "$agent" ] && [ "$(cd "$agent" && pwd -P)" != "$(cd "$incoming" 2>/dev/null && pwd -P)" ]; then
		of_them=0
		for each in $accounts; do of_them=$((of_them + $(files_of "$agent" "$each"))); done
		record waiting "$agent" "$(pairs_in "$agent")" "$of_them"
	fi
}

pairs_in() {
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	bounded 2 sh -c 'find "$1" -type f -name "*.dat" | head -n "$2" | wc -l' sh "$1" "$incoming_limit" | tr -dc 0-9
}

files_of() {
	{ sample "$1"; submitters "$1"; } | grep -c -i -F -- "$2"
}

# submitters FOLDER: what some of the envelopes in it say, apart from the lines of recipients. Their
# format is not known; a message in the incoming queue need not name its submitter itself.
submitters() {
	# shellcheck disable=SC2016 # the inner shell reads its own arguments
	bounded "$signs_patience" sh -c '
		cd "$1" 2>/dev/null || exit 0
		ls -f 2>/dev/null | head -n 1200 | grep "\.dat$" | head -n 300 | sed "s|^|./|" | tr "\n" "\000" |
			xargs -0 grep -a -i -h -v "^[^a-z]*\(to\|rcpt\|recipient\)" 2>/dev/null' sh "$1" |
		cut -c 1-300
}

say_signs() {
	retried=
	case $retry in
	"$outgoing"/*) ;;
	*) retried=$(sample "$retry") ;;
	esac
	lines=$(sample "$outgoing_target")
	lines=$(printf '%s\n%s\n' "$lines" "$retried" | grep .)
	record sampled "$(printf '%s\n' "$lines" | grep -c .)"
	printf '%s\n' "$lines" | sort | uniq -c | sort -rn | head -n 40 | while read -r count text; do
		if [ "$text" ]; then record submitter "$count" "$text"; fi
	done
	newest=$(newest_log)
	if [ "$newest" ]; then say_log "$newest"; fi
}

say_log() {
	if command -v gzip >/dev/null && command -v base64 >/dev/null; then
		record log "$1" gzip "$(tail -c "$log_bytes" "$1" | gzip -c | base64 | tr -d '\n')"
	else
		record log "$1" hex "$(tail -c 200000 "$1" | od -An -v -tx1 | tr -d ' \n')"
	fi
}

# Where the incident is kept on this server: where nobody but root can write on the whole way to it, since
# what lies there is obeyed. The product's own folder often belongs to the user that it runs as.
say_state() {
	if [ -z "$state_folder" ]; then
		for state_folder in "$(dirname "$(dirname "$outgoing_target")")/.respond" "$install/.respond" \
			"$(dirname "${file:-/var/lib/respond}")/.respond" /var/lib/respond; do
			is_ours_alone "$state_folder" && break
		done
	fi
	record state "$state_folder"
	record logs "$logs"
	held=$(readlink "$state_folder/lease")
	if [ "$held" ]; then
		record lease "$held" "$(date -r "$state_folder/incidents/${held%% *}/journal.jsonl" +%s 2>/dev/null)"
	fi
}
