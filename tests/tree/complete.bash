# SPDX-License-Identifier: ISC
#
# usage: bash complete.bash FILE BREAKS <LINES
#
# Prints what the completion in FILE answers to each line, the cursor at its
# end, as whole words, and a line with a dot behind them.  Words are parted as
# readline parts them with BREAKS in COMP_WORDBREAKS, besides blanks.

. "$1" || exit
COMP_WORDBREAKS=$' \t\n'$2
part='[^[:blank:]]+'
test -z "$2" || part="[^[:blank:]$2]+|[$2]+"

complete_line() {
	local rest=$1 kept=

	COMP_LINE=$1
	COMP_POINT=${#1}
	COMP_WORDS=()
	while [[ $rest =~ ^[[:blank:]]*($part) ]]; do
		COMP_WORDS+=("${BASH_REMATCH[1]}")
		rest=${rest#"${BASH_REMATCH[0]}"}
	done
	[[ $COMP_LINE != *[[:blank:]] ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_muxproxy "${COMP_WORDS[0]}"
	[[ ! ${COMP_LINE##*[[:blank:]]} =~ ^.*[$COMP_WORDBREAKS] ]] || kept=${BASH_REMATCH[0]}
	[[ ${#COMPREPLY[@]} -eq 0 ]] || printf "%s\n" "${COMPREPLY[@]/#/$kept}"
	echo .
}

while IFS= read -r line; do
	complete_line "$line"
done
complete -p muxproxy >/dev/null
