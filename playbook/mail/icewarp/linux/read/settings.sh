# Say settings of the server and its domains, and count accounts whose settings are not as wanted.
#
# values: tool get_verb tool_patience export_patience variables domain_variables
#         account_tests("NAME=VALUE" or "NAME~0", above 0, with spaces) check_passwords
# says: setting NAME VALUE; domain NAME; domain_setting DOMAIN NAME VALUE;
#       account_count NAME DIFFER OF; account_sample NAME ADDRESS;
#       weak COUNT; weak_sample ADDRESS

most_domains=2000
most_named=5

main() {
	# One call for all: an unknown variable among them costs the exit code, not the others.
	# shellcheck disable=SC2086 # the names are the program's own
	say_settings "$(ask "$get_verb" system $variables)" setting
	say_domains
	[ ! "$account_tests" ] || count_accounts
	[ ! "$check_passwords" ] || check_policy
}

say_domains() {
	# shellcheck disable=SC2086
	bounded "$export_patience" "$tool" export domain '*' $domain_variables 2>/dev/null |
		tr -d '\r' | head -n "$most_domains" | while IFS= read -r row; do
		domain=${row%%,*}
		case $domain in '' | '##'* | *[!A-Za-z0-9._-]*) continue ;; esac
		rest=${row#*,}
		for name in $domain_variables; do
			record domain_setting "$domain" "$name" "${rest%%,*}"
			rest=${rest#*,}
		done
	done
}

# Only numbers are asked for, so that no comma of a value can be taken for a column's end.
count_accounts() {
	progress "reading the accounts"
	# shellcheck disable=SC2086 # a word a test
	names=$(printf '%s\n' $account_tests | sed 's/[=~].*//')
	# shellcheck disable=SC2086
	bounded "$export_patience" "$tool" export account '*@*' $names 2>/dev/null | tr -d '\r' |
		awk -F, -v tests="$account_tests" -v most="$most_named" '
		BEGIN { count = split(tests, each, " ") }
		index($1, "@") && $1 !~ /[^A-Za-z0-9._@+=-]/ {
			of++
			for (i = 1; i <= count; i++) {
				split(each[i], part, /[=~]/)
				value = tolower($(i + 1))
				if (value == "true") value = 1
				if (value == "false" || value == "") value = 0
				differs = index(each[i], "~") ? value + 0 <= part[2] + 0 : value != part[2]
				if (differs && ++wrong[part[1]] <= most) print "account_sample", part[1], $1
			}
		}
		END {
			for (i = 1; i <= count; i++) {
				split(each[i], part, /[=~]/)
				print "account_count", part[1], wrong[part[1]] + 0, of + 0
			}
		}' | while read -r kind name one other; do
		record "$kind" "$name" "$one" ${other:+"$other"}
	done
}

check_policy() {
	progress "the product checks every password; this may take minutes"
	bounded "$export_patience" "$tool" check account '*@*' passpolicy 2>/dev/null | tr -d '\r' |
		awk -v most="$most_named" '
		index($0, "@") && !/[^A-Za-z0-9._@+=-]/ { if (++count <= most) print "weak_sample", $0 }
		END { print "weak", count + 0 }' | while read -r kind value; do
		record "$kind" "$value"
	done
}
