# SPDX-License-Identifier: ISC
#
# A service manager as far as the program can tell: a socket that it notifies,
# and listening sockets that it passes.
package MuxTest::Manager;
use strict;
use warnings;
use IO::Poll qw(POLLIN);
use Socket;
use MuxTest::Loop qw(watch unwatch wait_until wait_polling);

# Listens for notifications at a path, or at an abstract name that begins
# with an @.
sub new
{
	my ($class, $name) = @_;
	socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!\n";
	bind($socket, pack_sockaddr_un($name =~ s/\A@/\0/r)) or die "bind $name: $!\n";
	my $self = bless { name => $name, socket => $socket, messages => [], seen => 0 }, $class;
	watch($self, $socket, POLLIN);
	return $self;
}

# For the environment of what it starts.
sub env { return (NOTIFY_SOCKET => $_[0]{name}); }

sub ready
{
	my ($self) = @_;
	defined(recv($self->{socket}, my $message, 4096, 0)) or return;
	push(@{ $self->{messages} }, $message);
	return;
}

# Nothing more fits into its queue, until it reads on.
sub fill
{
	my ($self) = @_;
	unwatch($self->{socket});
	my $address = pack_sockaddr_un($self->{name} =~ s/\A@/\0/r);
	my $sent = 1;
	# each sender has room for so many only
	while ($sent > 0) {
		socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!\n";
		connect($socket, $address) or die "connect: $!\n";
		for ($sent = 0; defined(send($socket, 'FULL=1', MSG_DONTWAIT)); $sent++) { }
		close($socket);
	}
	return;
}

sub resume { return watch($_[0], $_[0]{socket}, POLLIN); }

# How many messages so far are like that.
sub count
{
	my ($self, $pattern) = @_;
	return scalar(grep { /$pattern/ } @{ $self->{messages} });
}

# Waits for a message after the last that was waited for, and returns it.
sub wait_for
{
	my ($self, $pattern) = @_;
	my $found;
	wait_until {
		while ($self->{seen} < @{ $self->{messages} }) {
			$found = $self->{messages}[ $self->{seen}++ ];
			return 1 if $found =~ $pattern;
		}
		return 0;
	} "a message like $pattern";
	return $found;
}

# How many messages like that come in so many seconds.
sub count_within
{
	my ($self, $pattern, $seconds) = @_;
	my $before = $self->count($pattern);
	wait_polling { 0 } 'time to pass', $seconds;
	return $self->count($pattern) - $before;
}

sub close
{
	my ($self) = @_;
	unwatch($self->{socket});
	close($self->{socket});
	unlink($self->{name}) if $self->{name} =~ m{\A/};
	return;
}

# The beginning of a command that passes these sockets from descriptor 3 on,
# and says so to the process that the command becomes.
sub passing
{
	my ($names, @sockets) = @_;
	my $script = <<'EOT';
my ($names, $fds, @command) = @ARGV;
my @fds = split(/,/, $fds);
# out of each other's way first
my @away = map { fcntl(do { open(my $h, "<&=", $_) or die; push(our @keep, $h); $h },
    Fcntl::F_DUPFD(), 100) or die "dup: $!" } @fds;
POSIX::dup2($away[$_], 3 + $_) for 0 .. $#away;
POSIX::close($_) for @away;
$ENV{LISTEN_PID} = $$;
$ENV{LISTEN_FDS} //= @fds;
$ENV{LISTEN_FDNAMES} = $names if $names ne "";
exec { $command[0] } @command;
EOT
	for my $socket (@sockets) {
		fcntl($socket, Fcntl::F_SETFD(), 0) or die "F_SETFD: $!\n";
	}
	return ($^X, '-MPOSIX', '-MFcntl', '-e', $script, $names,
		join(',', map { fileno($_) } @sockets));
}

1;
