# SPDX-License-Identifier: ISC
#
# usage: zsh -f complete.zsh DIRECTORY <LINES
#
# Prints what zsh answers to each line with the completions in DIRECTORY, and a
# line with a dot behind it.  Another zsh is asked on a terminal, with this file
# read there, since completion is for interactive shells: what functions of
# completion would add is noted in the file $ANSWERS instead.

if [[ ! -o interactive ]]; then
	script=${0:a}
	export ANSWERS=$PWD/answers
	zmodload zsh/zpty
	zpty shell zsh -f -i
	zpty -w shell ". ${(q)script} ${(q)1:a}"
	zpty -r shell output $'*<ready>*' || exit
	while IFS= read -r line; do
		: >$ANSWERS
		zpty -w -n shell "$line"$'\t'
		zpty -r shell output $'*<done>*' || exit
		sort -u $ANSWERS
		echo .
	done
	zpty -d shell
	exit
fi

compadd() {
	local -a hits before hidden
	local hit

	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
		builtin compadd "$@"
		return
	fi
	builtin compadd -A hits "$@"
	zparseopts -E P:=before p:=hidden
	for hit in $hits; do
		print -r -- "$IPREFIX$before[2]$hidden[2]$hit" >>$ANSWERS
	done
	return $(($#hits == 0))
}

answer() {
	zle capture
	BUFFER=
	print -n '<''done>'
}

fpath=($1 $fpath)
autoload -Uz compinit
compinit -u -D
zle -C capture list-choices _main_complete
zle -N answer
bindkey '^I' answer
print '<''ready>'
