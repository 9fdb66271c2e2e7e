# SPDX-License-Identifier: ISC
#
# usage: fish complete.fish FILE <LINES
#
# Prints what fish answers to each line with the completion in FILE, and a line
# with a dot behind it.

source $argv[1]
while read -l line
    complete -C "$line" | string replace -r -- '\t.*' ''
    echo .
end
