# SPDX-License-Identifier: ISC
#
# fish completion for muxproxy(8).

# Prints the first operand before the cursor's word, if there is one.
function __muxproxy_first
    set -l words (commandline -opc)
    set -l is_value no

    for word in $words[2..-1]
        if test $is_value = yes
            set is_value no
        else if string match -qr -- '^-[DTVhqtv]*[fpuw]$' $word
            set is_value yes
        else if contains -- $word --accept-rate --allow --config --connect-timeout --deny \
                --half-close-timeout --idle-timeout --log --log-format --max-connections \
                --memory --per-source --pidfile --shutdown-timeout --source --user --workers
            set is_value yes
        else if not string match -q -- '-?*' $word
            echo $word
            return
        end
    end
end

# Whether routes come from a file.
function __muxproxy_has_file
    string match -qr -- '^(-[DTVhqtv]*f|--config(=|$))' (commandline -opc)
end

# Prints what a LISTEN or an UPSTREAM may be that the cursor's word begins.
function __muxproxy_operands
    set -l word (commandline -ct)
    set -l part (string replace -r -- '^.*[=,]' '' $word)
    set -l head (string replace -r -- '[^=,]*$' '' $word)
    set -l first (__muxproxy_first)

    if string match -q -- 'unix:*' $part
        string join \n -- "$head"unix:(__fish_complete_path (string sub -s 6 -- $part))
    else if string match -q -- '*=*' $word; or string match -qvr -- '=' $first
        string join \n -- "$head"builtin:{echo,discard,chargen} "$head"unix:
    else
        string join \n -- "$head"{unix,systemd}:
    end
end

function __muxproxy_users
    set -l value (string replace -r -- '^(--user=|-[a-zA-Z]*u)' '' (commandline -ct))

    if string match -q -- '*:*' $value
        string join \n -- (string replace -r -- ':.*' ':' $value)(__fish_complete_groups)
    else
        __fish_complete_users
    end
end

complete -c muxproxy -f
complete -c muxproxy -n 'not __muxproxy_has_file' -a '(__muxproxy_operands)'

complete -c muxproxy -s f -l config -rF -d 'Read routes and all else'
complete -c muxproxy -s t -l check -d 'Say whether all is right, and exit'
complete -c muxproxy -s T -l dump-config -d 'Print all that is in effect, and exit'
complete -c muxproxy -l connect-timeout -x -d 'To reach one upstream'
complete -c muxproxy -l idle-timeout -x -a off -d 'Without a byte either way'
complete -c muxproxy -l half-close-timeout -x -a off -d 'Without a byte, one side having ended'
complete -c muxproxy -l per-source -x -d 'Connections of one source address'
complete -c muxproxy -l accept-rate -x -d 'New connections, as 200/s'
complete -c muxproxy -l allow -x -d 'Let in these alone'
complete -c muxproxy -l deny -x -d 'Let in none of these'
complete -c muxproxy -l source -x -d 'Connect to upstreams from it'
complete -c muxproxy -l max-connections -x -d 'At a time'
complete -c muxproxy -l memory -x -d 'For queues, as 64m'
complete -c muxproxy -l shutdown-timeout -x -a off -d 'For sessions to end after TERM'
complete -c muxproxy -s w -l workers -x -a auto -d 'Threads that relay'
complete -c muxproxy -s D -l daemon -d 'Go to the background when listening'
complete -c muxproxy -s p -l pidfile -rF -d 'Write the process id there'
complete -c muxproxy -s u -l user -x -a '(__muxproxy_users)' -d 'Become USER[:GROUP]'
complete -c muxproxy -l no-sandbox -d 'Leave the confinement off'
complete -c muxproxy -l log -rF -a 'stderr syslog journald' -d 'Where the log goes'
complete -c muxproxy -l log-format -x -a 'text json' -d 'How a line looks'
complete -c muxproxy -s q -l quiet -d 'Warnings and errors only'
complete -c muxproxy -s v -l verbose -d 'Log more'
complete -c muxproxy -s h -l help -d 'Print a summary, and exit'
complete -c muxproxy -s V -l version -d 'Print the version, and exit'
