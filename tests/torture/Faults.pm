# SPDX-License-Identifier: ISC
#
# What is made to fail and how, and what is not and why.
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
	send_notify => 'EAGAIN! EINTR! ENOBUFS ENOMEM ECONNREFUSED EPERM',
	sendto => 'EAGAIN! ENOBUFS ECONNREFUSED ENOENT',
	shutdown => 'ENOTCONN ENOBUFS',
	shutdown_local => 'ENOBUFS',	# ENOTCONN only after the peer has closed
	close => 'EINTR! EIO!',
	setsockopt => 'ENOBUFS ENOMEM EINVAL',
	getsockopt => 'ENOBUFS ENOMEM',
	getsockname => 'ENOBUFS',
	getpeername => 'ENOTCONN ENOBUFS',
	ioctl => 'EINVAL',
	fcntl => 'EINVAL ENOMEM',
	dupfd => 'EMFILE EINVAL',
	flock => 'EAGAIN ENOLCK EINTR!',
	glob => 'EACCES EIO EMFILE ENOMEM short',	# short: GLOB_NOSPACE
	open_memstream => 'ENOMEM',
	realpath => 'EACCES ENOENT EIO ENOMEM',
	getcwd => 'ENOENT EACCES',
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
	read_file => 'EIO EINTR! short',
	read_stream => 'ECONNRESET EINTR! short',
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
	waitpid => 'EINTR!',
	execve => 'ENOENT EACCES ENOMEM ENOEXEC E2BIG',
	dup2 => 'EBUSY! EINTR!',
	getpwnam => 'EIO EMFILE ENFILE ENOMEM EINTR!',
	getgrnam => 'EIO EMFILE ENFILE ENOMEM EINTR!',
	initgroups => 'EPERM ENOMEM',
	setgid => 'EPERM',
	setuid => 'EPERM EAGAIN',
	setrlimit => 'EPERM EINVAL',
	nanosleep => 'EINTR!',
	getgrouplist => 'ENOMEM',
	getgroups => 'EINVAL',
	getresuid => 'EFAULT',
	getresgid => 'EFAULT',
	prctl => 'EINVAL EPERM',
	capget => 'EINVAL EPERM',
	capset => 'EPERM',
	landlock_create_ruleset => 'ENOSYS EOPNOTSUPP EMFILE ENOMEM',
	landlock_add_rule => 'ENOMEM EINVAL',
	landlock_restrict => 'EPERM E2BIG ENOMEM',
	seccomp => 'EINVAL ENOMEM ENOSYS EACCES',
	seccomp_init => 'ENOMEM',
	seccomp_export_bpf => 'ENOMEM',
	fy_diag_create => 'ENOMEM',
	fy_parser_create => 'ENOMEM',
	fy_parser_set_string => 'ENOMEM',
	fy_token_iter_create => 'ENOMEM',
);

my %EAI = (EAI_AGAIN => -3, EAI_FAIL => -4, EAI_MEMORY => -10, EAI_NONAME => -2,
	EAI_SYSTEM => -11);

# Calls of the program that are not made to fail.
my @NEVER = (
	[ 'cannot fail, given what they are given', qw(__errno_location clock_gettime geteuid
		getegid getpid getrlimit gmtime_r inet_ntop sigemptyset sigfillset sigaction
		signal pthread_detach
		pthread_join pthread_mutex_destroy pthread_mutex_init pthread_mutex_lock
		pthread_mutex_unlock pthread_sigmask sched_getaffinity __sched_cpucount sysconf
		sigaddset sigprocmask environ __environ
		getenv unsetenv isatty fileno) ],
	[ 'only work in memory', qw(memcpy bcmp memmove memset memcmp strcasecmp strchr strcmp
		strcspn strlen strncmp strrchr strspn strftime strerror_r __xpg_strerror_r
		gai_strerror __tls_get_addr snprintf vsnprintf __ctype_b_loc __ctype_tolower_loc
		inet_pton memchr qsort strpbrk strstr strtod strtoll strtoul
		fy_library_version jansson_version_str seccomp_version) ],
	[ 'only give back', qw(free freeaddrinfo globfree json_delete fy_diag_destroy
		fy_parser_destroy fy_parser_event_free fy_token_iter_destroy
		seccomp_release) ],
	[ 'crash for want of memory, some versions: see shim-libraries.c', qw(
		fy_diag_cfg_default fy_diag_errors_iterate fy_diag_set_collect_errors
		fy_event_get_anchor_token fy_event_get_tag_token fy_event_start_mark
		fy_parser_get_stream_error fy_parser_parse fy_token_iter_chunk_next
		fy_token_scalar_style fy_token_start_mark seccomp_attr_set
		seccomp_rule_add seccomp_syscall_priority) ],
	[ 'fail by their malloc', qw(json_dumpb json_integer json_object_set_new
		json_pack json_real json_stringn) ],
	[ 'fails by its malloc', qw(strdup) ],
	[ 'write messages before there is a log, or what was asked for: tests/relay/cli.t has a'
		. ' full disk', qw(ferror fflush fprintf fputs fputc fwrite fclose printf puts
		putchar
		stderr stdout vfprintf) ],
	[ 'reads the command line', qw(getopt_long optarg opterr optind optopt) ],
	[ 'tell nobody whether they have failed', qw(openlog syslog closelog) ],
	[ 'cannot fail in a child, which leads no group', 'setsid' ],
	[ 'are called in the hope that they fail', qw(setegid seteuid) ],
	[ 'are asked in the hope of more: what is not found has no rule of its own', qw(
		dl_iterate_phdr readlink access) ],
	[ 'ends a child of ours', 'kill' ],
	[ 'salts tables, and aborts rather than fail', 'arc4random_buf' ],
	[ 'takes its place in older libraries', 'getentropy' ],
	[ 'marks descriptors, or others are marked one by one', qw(close_range) ],
	[ 'begin and end the process', qw(__libc_start_main _exit exit __assert_fail
		__stack_chk_fail) ],
	[ 'checks a number', '__fdelt_chk' ],
);

# At most that many calls of a kind after the start; 0 is all.
my %CAP = (recv => 20, send => 20, epoll_wait => 20, poll => 20, select => 20,
	splice_in => 10, splice_out => 10);
my $CAP = 40;

# Of the calls until the start, the first and the last so many; of memory as many
# between them too, at a distance that changes with the seed.
my $START_CAP = 20;
my $SPREAD = 60;

sub number_of
{
	my ($error) = @_;
	return $error if $error eq 'short';
	return $EAI{$error} // do { no strict 'refs'; &{"Errno::$error"}() };
}

# Calls of the program that are neither made to fail nor named above.
sub unknown_calls
{
	my ($program, @kinds) = @_;
	my %known = map { my (undef, @names) = @$_; map { ($_ => 1) } @names } @NEVER;
	$known{$_} = 1 for qw(splice syscall);	# told apart by what they are for
	$known{$_} = 1 for @kinds;
	open(my $nm, '-|', 'nm', '-D', '--undefined-only', $program) or die "nm: $!\n";
	my @calls = map { / U (\w+)/ ? $1 =~ s/\A__(\w+)_chk\z/$1/r : () } <$nm>;
	return grep { !$known{$_} } @calls;
}

sub is_left_out
{
	my ($kind, $n, $to) = @_;
	return 0 if $n <= $START_CAP || $n > $to - $START_CAP;
	return 1 if $kind !~ /alloc\z/;
	my $distance = int(($to - 2 * $START_CAP) / $SPREAD) + 1;
	return ($n + ($ENV{MUX_TEST_SEED} // 0)) % $distance != 0;
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
			next if $scenario->{except} && "$kind:$error" =~ $scenario->{except};
			my $modes = $error =~ s/!\z// ? ['once'] : [ 'once', 'on' ];
			for my $n ($from + 1 .. $to) {
				next if $from == 0 && is_left_out($kind, $n, $to);
				push(@faults, map { "$name:$kind:$n:$error:$_" } @$modes);
			}
		}
	}
	return @faults;
}

1;
