# SPDX-License-Identifier: ISC
#
# Which faults leave no trace in the log, a counter or an exit status, and why
# they need not.
package Unseen;
use strict;
use warnings;

my @UNSEEN = (
	[ qr/:(?:EINTR|EAGAIN|EBUSY):once\z/, 'the same call is made again' ],
	[ qr/:short:/, 'goes on where it stopped' ],
	[ qr/:pipe2:|:splice_\w+:\d+:(?:EINVAL|ENOSYS|EPERM):|\A(?:bulk|echo|stop):malloc:/,
		'copies instead' ],
	[ qr/:splice_\w+:\d+:ENOMEM:/, 'is waited out' ],
	[ qr/:close:/, 'the descriptor is gone nevertheless' ],
	[ qr/:(?:recv|send)\w*:\d+:(?:ENOMEM|ENOBUFS):/, 'is waited out' ],
	[ qr/:(?:socket|socketpair|accept4|connect|epoll_ctl|[mc]alloc|realloc):\d+
		:(?:EMFILE|ENFILE|ENOBUFS|ENOMEM|ENOSPC):once\z/x, 'tried again after a while' ],
	[ qr/:getaddrinfo_numeric:\d+:EAI_MEMORY:once\z/,
		'tried again after a while, or looked up as a name' ],
	[ qr/\Aactivation:getsockopt:/, 'that it listens, accept(2) tells as well' ],
	[ qr/:(?:poll|select):\d+:ENOMEM:/, 'the loop waits until it can wait' ],
	[ qr/:accept4:\d+:(?:ECONNABORTED|EPROTO|EPERM):once\z/,
		'concerns a connection that nobody has yet' ],
	[ qr/\A(?:start|poll|select):(?:epoll_wait|poll|select):1:/,
		'only looks whether a signal has come meanwhile' ],
	[ qr/\A(?:limit|sources):(?:getaddrinfo_numeric|accept4|epoll_ctl|[mc]alloc|realloc):/,
		'that accepting pauses is told once a minute, and the limit comes first' ],
	[ qr/:setsockopt:/, 'a connection without an option is better than none; a reset'
		. ' has a second way' ],
	[ qr/:getsockname:/, 'is only told, or shows a connection to itself' ],
	[ qr/:getpeername:\d+:ENOTCONN:once\z/, 'is not connected yet, and waits on' ],
	[ qr/:ioctl:/, 'only a listening socket has no queue to ask for' ],
	[ qr/:fcntl:/, 'close-on-exec where nothing is executed, or a log that is waited for' ],
	[ qr/:(?:unlink|ftruncate):/, 'what stays is taken over at the next start' ],
	[ qr/:(?:fchown|fstat):/, 'is told when the log cannot be opened anew' ],
	[ qr/:setrlimit:/, 'the old limit holds' ],
	[ qr/:set[ug]id:[23]:/, 'going back to root, which has to fail' ],
	[ qr/:open:1:|\Asuccessor:open:2:|\Aconfig:open:5:/,
		'holds the numbers of closed streams, and none is closed' ],
	[ qr/:chdir:/, 'the directory stays the one it was' ],
	[ qr/\Areload-broken:(?:\w*alloc|getaddrinfo\w*|open\w*|fstat|read_file|fy_\w+|dupfd):/,
		'a file that is refused, as it would have been' ],
	[ qr/\A(?:stop|drain):write:.*:on\z|\A(?:log-file|json|user|start):write:/,
		'the log itself, with nobody left to tell' ],
	[ qr/\Areset-\w+:(?:recv|send|shutdown):/, 'a reset, as there would have been' ],
	[ qr/\Anames:(?:getaddrinfo|[mc]alloc|realloc):/, 'fails as the look-ups before' ],
	[ qr/\Arefused:connect:\d+:ECONNREFUSED:/, 'refused, as it would have been' ],
	[ qr/\Aslow:/, 'the upstream was not to be reached, and is told so' ],
	[ qr/:(?:landlock_restrict|seccomp|capget|capset):/,
		'was there a moment ago, and what was taken on before holds' ],
	[ qr/:prctl:/, 'what is told first is whether new privileges can be gained' ],
	[ qr/:(?:realpath|getcwd):/, 'a link has one rule less, or an upgrade no program' ],
	[ qr/:open:\d+:(?:EACCES|ENOENT):/, 'a directory that is not there, or not for us' ],
	[ qr/:stat:|:lstat:/, 'what stays is taken over at the next start' ],
	[ qr/\A(?:start|start-workers|log-file|json|activation|config|confined|successor|poll
		|select):[mc]?alloc:/x,
		'where there was enough before' ],
);

sub why_unseen
{
	my ($fault) = @_;
	return (map { $fault =~ $_->[0] ? $_->[1] : () } @UNSEEN)[0];
}

1;
