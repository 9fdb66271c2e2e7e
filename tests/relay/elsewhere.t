#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# What a running relay calls, held against what OpenBSD and FreeBSD leave it
# with: the promises of pledge(2) in sandbox-openbsd.c, and the rights of
# descriptors of sandbox-freebsd.c, rights(4).  There a call without a promise
# ends the process, and one without a right fails.  What to expect is from these
# manual pages; tests/src/openbsd has unveil(2).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;
use MuxTest::Plan;
use POSIX ();

plan(skip_all => 'the calls of glibc on x86_64') if $^O ne 'linux'
    || (POSIX::uname())[4] ne 'x86_64' || !-e '/lib64/ld-linux-x86-64.so.2';
plan(skip_all => 'strace is not here') if !which('strace');
plan(skip_all => 'leaks cannot be looked for under strace') if sanitized();
plan(skip_all => 'built without libfyaml') if !has_files();

my $source = "$FindBin::RealBin/../../src/control";

# What each call needs one of; "" is always allowed.  Those of which the
# arguments decide have a sub, which gets them.
my %PROMISES = (
	(map { $_ => '' } qw(exit exit_group restart_syscall rt_sigreturn)),
	(map { $_ => 'stdio' } qw(access brk clock_gettime clock_nanosleep clone3 close close_range
		dup dup2 dup3 epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd2 fstat fsync
		ftruncate futex getegid geteuid getgid getpid getppid getrandom getrlimit getrusage
		gettid gettimeofday getuid lseek madvise mmap mprotect mremap munmap nanosleep pipe
		pipe2 poll ppoll pread64 pselect6 pwrite64 read readv recvfrom recvmsg rseq
		rt_sigaction rt_sigpending rt_sigprocmask rt_sigtimedwait sched_getaffinity
		sched_yield select sendmsg sendto set_robust_list shutdown sigaltstack socketpair
		splice tee uname umask wait4 write writev getsockname getpeername)),
	(map { $_ => 'inet unix' } qw(accept accept4 bind listen)),
	(map { $_ => 'rpath' } qw(getdents64 readlink readlinkat)),
	(map { $_ => 'cpath' } qw(mkdir rename renameat unlink unlinkat)),
	(map { $_ => 'fattr' } qw(chmod fchmod fchmodat utimensat)),
	(map { $_ => 'chown' } qw(chown fchown fchownat lchown)),
	(map { $_ => 'proc' } qw(fork setpgid setpriority setsid vfork)),
	execve => 'exec',
	flock => 'flock',
	clone => sub { return $_[0] =~ /CLONE_THREAD/ ? 'stdio' : 'proc'; },
	connect => sub { return $_[0] =~ /AF_UNIX/ ? 'unix' : 'inet dns'; },
	fcntl => sub { return $_[0] =~ /F_SETOWN/ ? 'proc' : 'stdio'; },
	kill => 'proc',
	tgkill => 'stdio',
	newfstatat => sub { return $_[0] =~ /, "",/ ? 'stdio' : 'rpath'; },
	statx => sub { return $_[0] =~ /, "",/ ? 'stdio' : 'rpath'; },
	openat => sub {
		my ($flags) = @_;
		return join('&', $flags =~ /O_WRONLY/ ? () : 'rpath',
			$flags =~ /O_WRONLY|O_RDWR/ ? 'wpath' : (),
			$flags =~ /O_CREAT/ ? 'cpath' : ());
	},
	prlimit64 => sub { return $_[0] =~ /RLIMIT_\w+, NULL/ ? 'stdio' : 'proc id'; },
	# a thread's name; no process is dumped there that has not its user's rights
	prctl => sub { return $_[0] =~ /^PR_SET_NAME/ ? 'stdio' : 'none'; },
	socket => sub {
		return $_[0] =~ /^AF_UNIX/ ? 'unix' : $_[0] =~ /^AF_INET6?,/ ? 'inet' : 'none';
	},
	getsockopt => \&promise_of_option,
	setsockopt => \&promise_of_option,
	# isatty(3) is another call there, and socket_unacked_bytes() asks a kqueue
	ioctl => sub {
		return $_[0] =~ /TCGETS|FIONREAD|FIONBIO|TIOCOUTQ|SIOCOUTQ/ ? 'stdio'
			: $_[0] =~ /SIOCATMARK/ ? 'inet' : 'none';
	},
);

# Options that OpenBSD has not got are not set there.
sub promise_of_option
{
	my ($arguments) = @_;
	my ($name) = $arguments =~ /, SOL_\w+, (\w+)/ or return 'none';
	return 'stdio' if $name =~ /^(?:SO_RCVBUF|SO_ERROR|TCP_NODELAY)$/;
	return 'inet unix' if $name =~ /^SO_/ && $name ne 'SO_RTABLE';
	return 'inet' if $name =~ /^(?:IP_TOS|IP_TTL|IPV6_TCLASS|IPV6_V6ONLY)$/;
	return 'inet' if $name =~ /^TCP_(?:MAXSEG|INFO)$/;
	return 'stdio' if $name =~ /^(?:TCP_KEEP\w+|TCP_USER_TIMEOUT|IP_BIND_ADDRESS_NO_PORT)$/;
	return 'none';
}

# The right that each call needs of the descriptor that it is called with.
my %RIGHTS = (
	accept4 => 'ACCEPT', bind => 'BIND', connect => 'CONNECT', fchown => 'FCHOWN',
	flock => 'FLOCK', fstat => 'FSTAT', fsync => 'FSYNC', ftruncate => 'FTRUNCATE',
	getpeername => 'GETPEERNAME', getsockname => 'GETSOCKNAME', getsockopt => 'GETSOCKOPT',
	ioctl => 'IOCTL', listen => 'LISTEN', lseek => 'SEEK', newfstatat => 'FSTAT',
	pread64 => 'PREAD', pwrite64 => 'PWRITE', setsockopt => 'SETSOCKOPT',
	shutdown => 'SHUTDOWN',
	(map { $_ => 'READ' } qw(read readv recvfrom recvmsg)),
	(map { $_ => 'WRITE' } qw(sendmsg sendto write writev)),
	splice => '', close => '', epoll_ctl => 'EVENT',
	fcntl => sub { return $_[0] =~ /F_[GS]ETFL/ ? 'FCNTL' : ''; },
);

sub words_of
{
	my ($file, $pattern) = @_;
	my ($text) = contents("$source/$file") =~ $pattern or die "$file: $pattern\n";
	return map { $_ => 1 } $text =~ /(\w+)/g;
}

# All calls of all threads.
sub read_calls
{
	my ($prefix) = @_;
	my @calls;
	for my $file (glob("$prefix.*")) {
		my ($thread) = $file =~ /\.(\d+)\z/ or next;
		push(@calls, map { /^([\d.]+) (\w+)\((.*)/ ? { thread => $thread, time => $1,
			call => $2, arguments => $3 } : () } split(/\n/, contents($file)));
	}
	return @calls;
}

# Notes of each call whose it is: of a process that another one has started
# (is_new), and whether by then it was confined (is_confined).
sub judge
{
	my (@calls) = @_;
	my (%starter, %forked, %started, %executed);
	for my $each (grep { $_->{call} =~ /^clone|fork$/ } @calls) {
		my ($child) = $each->{arguments} =~ /= (\d+)$/ or next;
		$starter{$child} = $each->{thread} if $each->{arguments} =~ /CLONE_THREAD/;
		$forked{$child} = 1 if $each->{arguments} !~ /CLONE_THREAD/;
	}
	for my $each (@calls) {
		my $process = $each->{thread};
		$process = $starter{$process} while defined($starter{$process});
		$each->{process} = $process;
		$started{$process} = $each->{time}
		    if $each->{call} eq 'write' && $each->{arguments} =~ / info start /;
		$executed{$process} = $each->{time}
		    if $each->{call} eq 'execve' && $each->{arguments} =~ /= 0$/;
	}
	for my $each (@calls) {
		my ($process, $time) = @{$each}{qw(process time)};
		$each->{is_new} = $forked{$process};
		# also as a copy of one that is, until another program begins
		$each->{is_confined} = $time > ($started{$process} // 9e9)
		    || ($forked{$process} && $time <= ($executed{$process} // 9e9));
	}
	return @calls;
}

sub needs_of
{
	my ($table, $each) = @_;
	my $needs = $table->{ $each->{call} };
	return ref($needs) ? $needs->($each->{arguments}) : $needs;
}

# Each kind of call once: all of one group joined by "&", any of those by " ".
sub without_promise
{
	my ($promised, @calls) = @_;
	my %found;
	for my $each (@calls) {
		# the C library's own ways to look for names and addresses
		next if $each->{arguments} =~ /AF_NETLINK|nscd/;
		my $needs = needs_of(\%PROMISES, $each) // 'none';
		for my $group (split(/&/, $needs)) {
			$found{"$each->{call}($each->{arguments}: $group"}++
			    if !grep { $promised->{$_} } split(/ /, $group);
		}
	}
	return join("\n", sort(keys(%found)));
}

# Begins with the descriptor that the call is about.
sub subject_of
{
	my ($each) = @_;
	return $each->{arguments} =~ s/^.* EPOLL_CTL_\w+, //r;
}

sub without_right
{
	my ($file, $use, @calls) = @_;
	my %given = words_of('sandbox-freebsd.c', qr/case SANDBOX_$use:(.*?)break;/s);
	my %found;
	for my $each (grep { subject_of($_) =~ /^\d+<$file/ } @calls) {
		my $needs = needs_of(\%RIGHTS, $each) // 'none';
		$found{"$each->{call}($each->{arguments}: $needs"}++
		    if $needs ne '' && !$given{"CAP_$needs"};
	}
	return join("\n", sort(keys(%found)));
}

my ($logs, $made, $reached) = map { new_directory() } 1 .. 3;
my ($tcp, $more) = (new_listen(), new_listen());

sub text_of
{
	my (@routes) = @_;
	return join('', "pidfile: $made/pid\nworkers: 2\n",
		"log: {sessions: {target: $logs/log, start: true}}\nroutes:\n", @routes);
}

# Some of all that a session does.
sub carry
{
	my ($address, $server) = @_;
	for my $size (5, 1 << 20) {
		my ($client, $upstream) = session_at($address, $server);
		$client->send($size);
		$upstream->send($size)->until_got($size);
		$client->until_got($size);
		$client->finish;
		$upstream->until_end;
		$upstream->finish;
		$client->until_end;
	}
	my ($client, $upstream) = session_at($address, $server);
	$client->send(10);
	$upstream->until_got(10);
	$client->reset;
	$upstream->until_end;
	return $upstream->close;
}

# A life with sessions, reloads, a wrong file, a log anew, an upgrade and an end.
sub live
{
	my ($prefix) = @_;
	my ($server, $local) = (listen_on('127.0.0.1'), listen_on("unix:$reached/out"));
	my ($port) = $server->address =~ /(\d+)$/;
	my $unix = route_of('unix', "unix:$made/in", "unix:$reached/out");
	my @more = ('client-socket: {dscp: 8, keepalive-idle: 60s, send-buffer: 64k}',
		'source: 127.0.0.1');
	local $ENV{MUX_TEST_OPTIONS} = '';	# they would be those of strace
	my $relay = start_planned(program => which('strace'), listen => $tcp,
		text => text_of(route_of('tcp', $tcp, "localhost:$port", @more), $unix),
		options => [ qw(-D -ff -ttt -yy -s 200 -o), $prefix, program(), '--no-sandbox' ]);
	carry($tcp, $server);
	carry("unix:$made/in", $local);
	reload_fails($relay, "routes: 5\n");
	write_file($relay->{file}, text_of(route_of('tcp', "$tcp\", \"$more", "localhost:$port",
		@more), $unix, route_of('new', "unix:$made/new", 'builtin:echo')));
	like(reload($relay), qr/ info reload routes=3 /, 'reloaded');
	carry($more, $server);
	$relay->signal('USR1');
	$relay->wait_for_line(qr/ name=SIGUSR1 /);
	my ($client, $upstream) = session_at($tcp, $server);
	my $new = upgrade($relay);
	carry($tcp, $server);
	carry("unix:$made/in", $local);
	$client->send(10)->finish;
	$upstream->until_end;
	$upstream->finish;
	$client->until_end;
	leaves($relay);
	kill('HUP', $new->{pid});
	wait_until { (grep { / info reload / } @{ $relay->{lines} }) == 2 } 'a reload';
	carry($more, $server);
	ends($relay, $new);
	wait_polling { contents("$prefix.$new->{pid}") =~ /^\S+ \+\+\+ exited/m } 'the trace';
	return;
}

my $prefix = new_directory() . '/trace';
my ($status) = run(which('strace'), '-D', '-o', "$prefix.try", which('true'));
plan(skip_all => 'nothing may be traced here')
    if $status != 0 || (contents("$prefix.try") // '') !~ /execve/;
my %promised = words_of('sandbox-openbsd.c', qr/#define PROMISES \\\n\s*"([^"]*)"/);
my @calls;

one_test 'a life' => sub {
	live($prefix);
	@calls = judge(read_calls($prefix));
	my %seen = map { $_->{call} => 1 } grep { $_->{is_confined} } @calls;
	is(join(' ', grep { !$seen{$_} } qw(accept4 bind clone execve listen openat
		setsockopt shutdown unlink wait4)), '', 'it has done much when confined');
};

one_test 'OpenBSD' => sub {
	my @confined = grep { $_->{is_confined} } @calls;
	is(without_promise({ %promised, exec => 1 }, @confined), '', 'has promised what it calls');
	for my $promise (qw(inet unix rpath wpath cpath proc exec)) {
		my %fewer = (%promised, exec => 1);
		delete($fewer{$promise});
		isnt(without_promise(\%fewer, @confined), '', "needs $promise");
	}
};

one_test 'FreeBSD' => sub {
	my ($port, $other) = map { /(\d+)$/ } $tcp, $more;
	my @limited = grep { $_->{is_confined} || $_->{is_new} } @calls;
	my %uses = (
		LISTENER => qr/TCP:\[127\.0\.0\.1:(?:$port|$other)\b
			|UNIX-STREAM:\[[\d>-]+,"$made/x,
		LOG => qr/$logs\/log>/, PIDFILE => qr/$made\/pid>/);
	for my $use (sort(keys(%uses))) {
		# a log is opened by each process, and limited when it has begun
		my @concerned = grep { $use ne 'LOG' || $_->{is_confined} } @limited;
		is(without_right($uses{$use}, $use, @concerned), '', "leaves a $use what it needs");
		isnt(scalar(grep { $_->{arguments} =~ /^\d+<$uses{$use}/ } @concerned), 0,
			"some \L$use is used");
	}
};
done_testing();
