# SPDX-License-Identifier: ISC
#
# What is made to fail and how, what is not and why, and which faults leave
# no trace in the log.
package Faults;
use strict;
use warnings;
use Errno ();

# What each call may plausibly say; with a "!" only once, since a kernel that
# said so for ever would be broken, not short of something. A kind may be a
# part of a call's uses: recv_local and send_local are those of UNIX sockets,
# recv_service and send_service of the far end of a socket pair, which lives
# in the same process and is lost only with it; splice has two ways.
my %ERRORS = (
	socket => 'EMFILE ENFILE ENOBUFS ENOMEM EACCES EAFNOSUPPORT',
	socketpair => 'EMFILE ENFILE ENOMEM',
	bind => 'EADDRINUSE EACCES EADDRNOTAVAIL ENOMEM',
	listen => 'EADDRINUSE',
	accept4 => 'EMFILE ENFILE ENOBUFS ENOMEM EPERM ECONNABORTED! EINTR! EAGAIN! EPROTO!',
	connect => 'ECONNREFUSED ENETUNREACH EHOSTUNREACH EADDRNOTAVAIL EACCES EPERM ETIMEDOUT'
		. ' EAGAIN ENOBUFS EINTR!',
	recv => 'ECONNRESET ETIMEDOUT EHOSTUNREACH ENOMEM EINTR! EAGAIN! short',
	recv_local => 'ECONNRESET ENOMEM EINTR! EAGAIN! short',
	recv_service => 'ENOMEM EINTR! EAGAIN! short',
	send => 'ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENOBUFS ENOMEM EINTR! EAGAIN! short',
	send_local => 'EPIPE ENOBUFS ENOMEM EINTR! EAGAIN! short',
	send_service => 'ENOBUFS ENOMEM EINTR! EAGAIN! short',
	shutdown => 'ENOTCONN ENOBUFS',
	shutdown_local => 'ENOBUFS',	# ENOTCONN only after the peer has closed
	close => 'EINTR! EIO!',
	setsockopt => 'ENOBUFS ENOMEM EINVAL',
	getsockopt => 'ENOBUFS ENOMEM',
	getsockname => 'ENOBUFS',
	getpeername => 'ENOTCONN ENOBUFS',
	ioctl => 'EINVAL',
	fcntl => 'EINVAL ENOMEM',
	lock => 'EAGAIN EACCES ENOLCK EINTR!',
	epoll_create1 => 'EMFILE ENFILE ENOMEM',
	epoll_ctl => 'ENOMEM ENOSPC',
	epoll_wait => 'EINTR! EINVAL',
	poll => 'EINTR! ENOMEM EINVAL',
	select => 'EINTR! ENOMEM EINVAL',
	pipe => 'EMFILE ENFILE ENOMEM',
	pipe2 => 'EMFILE ENFILE ENOMEM',
	splice_in => 'ECONNRESET ETIMEDOUT EINVAL ENOMEM ENOSYS EPERM EINTR! EAGAIN! short',
	splice_out => 'ECONNRESET EPIPE ETIMEDOUT EINVAL ENOMEM ENOSYS EPERM EINTR! EAGAIN! short',
	read => 'EINTR! EAGAIN! short',
	read_blocking => 'EINTR!',
	write => 'EINTR! EAGAIN! EIO ENOSPC EPIPE short',
	write_pipe => 'EINTR!',
	pread => 'EIO',
	pwrite => 'EIO ENOSPC EDQUOT short',
	open => 'EMFILE ENFILE ENOENT EACCES ENOSPC EROFS ENOMEM EINTR!',
	stat => 'EACCES EIO ENOENT ENOMEM',
	lstat => 'EACCES EIO ENOENT ENOMEM',
	fstat => 'EIO ENOMEM',
	ftruncate => 'EIO EINTR!',
	fchown => 'EPERM EROFS EIO',
	unlink => 'EACCES EROFS EIO ENOENT',
	chdir => 'EACCES EIO',
	malloc => 'ENOMEM',
	calloc => 'ENOMEM',
	realloc => 'ENOMEM',
	pthread_create => 'EAGAIN',
	getaddrinfo => 'EAI_AGAIN EAI_FAIL EAI_MEMORY EAI_NONAME EAI_SYSTEM',
	getaddrinfo_numeric => 'EAI_MEMORY',
	fork => 'EAGAIN ENOMEM',
	dup2 => 'EBUSY! EINTR!',
	getpwnam => 'EIO EMFILE ENFILE ENOMEM EINTR!',
	getgrnam => 'EIO EMFILE ENFILE ENOMEM EINTR!',
	initgroups => 'EPERM ENOMEM',
	setgid => 'EPERM',
	setuid => 'EPERM EAGAIN',
	setrlimit => 'EPERM EINVAL',
	nanosleep => 'EINTR!',
);

my %EAI = (EAI_AGAIN => -3, EAI_FAIL => -4, EAI_MEMORY => -10, EAI_NONAME => -2,
	EAI_SYSTEM => -11);

# Calls of the program that are not made to fail.
my @NEVER = (
	[ 'cannot fail, given what they are given', qw(__errno_location clock_gettime geteuid
		getegid getpid getrlimit gmtime_r inet_ntop sigemptyset sigfillset sigaction
		signal pthread_detach
		pthread_join pthread_mutex_destroy pthread_mutex_init pthread_mutex_lock
		pthread_mutex_unlock pthread_sigmask sched_getaffinity __sched_cpucount sysconf) ],
	[ 'only work in memory', qw(memcpy memmove memset memcmp strcasecmp strchr strcmp strcspn
		strlen strncmp strrchr strspn strftime strerror_r __xpg_strerror_r
		gai_strerror __tls_get_addr snprintf vsnprintf) ],
	[ 'only give back', qw(free freeaddrinfo) ],
	[ 'fails by its malloc', qw(strdup) ],
	[ 'write messages before there is a log, or what was asked for: tests/relay/cli.t has a'
		. ' full disk', qw(ferror fflush fprintf fputs fputc fwrite printf puts putchar
		stderr stdout vfprintf) ],
	[ 'reads the command line', qw(getopt_long optarg opterr optind optopt) ],
	[ 'tell nobody whether they have failed', qw(openlog syslog) ],
	[ 'cannot fail in a child, which leads no group', 'setsid' ],
	[ 'are called in the hope that they fail', qw(setegid seteuid) ],
	[ 'tell who we are: tests/src/refusals has them fail', qw(getgrouplist getgroups
		getresgid getresuid) ],
	[ 'confine; what the system refuses is told in the start line', qw(dl_iterate_phdr prctl
		readlink realpath seccomp_attr_set seccomp_export_bpf seccomp_init
		seccomp_release seccomp_rule_add seccomp_syscall_priority syscall) ],
	[ 'comes after a child has failed already, which would be two faults', 'waitpid' ],
	[ 'begin and end the process', qw(__libc_start_main _exit exit __assert_fail
		__stack_chk_fail) ],
	[ 'checks a number', '__fdelt_chk' ],
);

# What leaves no trace in the log, a counter, or an exit status, and need not.
my @UNSEEN = (
	[ qr/:(?:EINTR|EAGAIN|EBUSY):once\z/, 'the same call is made again' ],
	[ qr/:short:/, 'goes on where it stopped' ],
	[ qr/:pipe2:|:splice_\w+:\d+:(?:EINVAL|ENOSYS|EPERM):|\A(?:bulk|stop):malloc:/,
		'copies instead' ],
	[ qr/:splice_\w+:\d+:ENOMEM:/, 'is waited out' ],
	[ qr/:close:/, 'the descriptor is gone nevertheless' ],
	[ qr/:(?:recv|send)\w*:\d+:(?:ENOMEM|ENOBUFS):/, 'is waited out' ],
	[ qr/:(?:socket|socketpair|accept4|connect|epoll_ctl|[mc]alloc|realloc):\d+
		:(?:EMFILE|ENFILE|ENOBUFS|ENOMEM|ENOSPC):once\z/x, 'tried again after a while' ],
	[ qr/:(?:poll|select):\d+:ENOMEM:/, 'the loop waits until it can wait' ],
	[ qr/:accept4:\d+:(?:ECONNABORTED|EPROTO|EPERM):once\z/,
		'concerns a connection that nobody has yet' ],
	[ qr/\Alimit:(?:accept4|epoll_ctl|[mc]alloc|realloc):/,
		'that accepting pauses is told once a minute, and the limit comes first' ],
	[ qr/:setsockopt:/, 'a connection without an option is better than none; a reset'
		. ' has a second way' ],
	[ qr/:getsockname:/, 'is only told, or shows a connection to itself' ],
	[ qr/:getpeername:\d+:ENOTCONN:once\z/, 'is not connected yet, and waits on' ],
	[ qr/:ioctl:/, 'only a listening socket has no queue to ask for' ],
	[ qr/:fcntl:/, 'close-on-exec where nothing is executed, or a log that is waited for' ],
	[ qr/:(?:stat|lstat|unlink|ftruncate):/, 'what stays is taken over at the next start' ],
	[ qr/:(?:fchown|fstat):/, 'is told when the log cannot be opened anew' ],
	[ qr/:setrlimit:/, 'the old limit holds' ],
	[ qr/:set[ug]id:[23]:/, 'going back to root, which has to fail' ],
	[ qr/:open:1:/, 'holds the numbers of closed streams, and none is closed' ],
	[ qr/:chdir:/, 'the directory stays the one it was' ],
	[ qr/\Astop:write:.*:on\z|\A(?:log-file|user|start):write:/,
		'the log itself, with nobody left to tell' ],
	[ qr/\Areset-\w+:(?:recv|send|shutdown):/, 'a reset, as there would have been' ],
	[ qr/\Anames:(?:getaddrinfo|[mc]alloc|realloc):/, 'fails as the look-ups before' ],
	[ qr/\Arefused:connect:\d+:ECONNREFUSED:/, 'refused, as it would have been' ],
	[ qr/\Aslow:/, 'the upstream was not to be reached, and is told so' ],
	[ qr/\A(?:start|start-workers|log-file|poll|select):[mc]?alloc:/,
		'where there was enough before' ],
);

# At most that many calls of a kind after the start; 0 is all.
my %CAP = (recv => 20, send => 20, epoll_wait => 20, poll => 20, select => 20,
	splice_in => 10, splice_out => 10);
my $CAP = 40;

# Of the calls until the start, the first and the last so many; memory all.
my $START_CAP = 20;

sub number_of
{
	my ($error) = @_;
	return $error if $error eq 'short';
	return $EAI{$error} // do { no strict 'refs'; &{"Errno::$error"}() };
}

sub why_unseen
{
	my ($fault) = @_;
	return (map { $fault =~ $_->[0] ? $_->[1] : () } @UNSEEN)[0];
}

# Calls of the program that are neither made to fail nor named above.
sub unknown_calls
{
	my ($program, @kinds) = @_;
	my %known = map { my (undef, @names) = @$_; map { ($_ => 1) } @names } @NEVER;
	$known{splice} = 1;	# in and out
	$known{$_} = 1 for @kinds;
	open(my $nm, '-|', 'nm', '-D', '--undefined-only', $program) or die "nm: $!\n";
	my @calls = map { / U (\w+)/ ? $1 =~ s/\A__(\w+)_chk\z/$1/r : () } <$nm>;
	return grep { !$known{$_} } @calls;
}

# All faults of a scenario, of which calls are known: at its start, and until
# its end, by kinds. Those of the start belong to scenarios that begin with it.
sub of_scenario
{
	my ($name, $scenario, $at_start, $all) = @_;
	my @faults;
	for my $kind (sort(keys(%$all))) {
		my ($from, $to) = ($at_start->{$kind} // 0, $all->{$kind});
		die "no errors are known for $kind\n" if !$ERRORS{$kind};
		next if $scenario->{kinds} && $kind !~ $scenario->{kinds};
		$from = 0 if $scenario->{from_start};
		my $cap = $CAP{$kind} // $CAP;
		$to = $from + $cap if !$scenario->{from_start} && $to > $from + $cap;
		for my $error (split(/ /, $ERRORS{$kind})) {
			my $modes = $error =~ s/!\z// ? ['once'] : [ 'once', 'on' ];
			for my $n ($from + 1 .. $to) {
				next if $from == 0 && $kind !~ /alloc\z/ && $n > $START_CAP
				    && $n <= $to - $START_CAP;
				push(@faults, map { "$name:$kind:$n:$error:$_" } @$modes);
			}
		}
	}
	return @faults;
}

1;
