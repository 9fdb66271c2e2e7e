# SPDX-License-Identifier: ISC
#
# Addresses, listening sockets and connections of the tests; everything is
# non-blocking and driven by MuxTest::Loop.
package MuxTest::Net;
use strict;
use warnings;
use Exporter 'import';
use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use Socket qw(:DEFAULT :addrinfo inet_pton inet_ntop pack_sockaddr_in6 unpack_sockaddr_in6
    pack_sockaddr_un unpack_sockaddr_un IPPROTO_IPV6 IPV6_V6ONLY AF_INET6 AF_UNIX);
use MuxTest::Loop qw(wait_until);
use MuxTest::Peer;

our @EXPORT_OK = qw(reserve listen_on connect_to address_of has_ipv6 fill_backlog nonblocking);

my @reserved;

# "127.0.0.1:80", "[::1]:80", "unix:/path" and back
sub to_sockaddr
{
	my ($address) = @_;
	# copies: Socket does not read $1 and $2 themselves
	if (my ($path) = $address =~ /^unix:(.*)$/s) {
		return (AF_UNIX, pack_sockaddr_un($path));
	} elsif (my ($ip6, $port6) = $address =~ /^\[(.*)\]:(\d+)$/) {
		return (AF_INET6, pack_sockaddr_in6($port6, inet_pton(AF_INET6, $ip6)));
	} elsif (my ($ip, $port) = $address =~ /^([\d.]+):(\d+)$/) {
		return (AF_INET, pack_sockaddr_in($port, inet_aton($ip)));
	}
	die "not an address: $address\n";
}

sub address_of
{
	my ($packed) = @_;
	return 'unix:' if !defined($packed) || length($packed) < 3;
	my $family = sockaddr_family($packed);
	if ($family == AF_INET) {
		my ($port, $ip) = unpack_sockaddr_in($packed);
		return inet_ntoa($ip) . ":$port";
	} elsif ($family == AF_INET6) {
		my ($port, $ip) = unpack_sockaddr_in6($packed);
		return '[' . inet_ntop(AF_INET6, $ip) . "]:$port";
	}
	return 'unix:' . unpack_sockaddr_un($packed);
}

sub nonblocking
{
	my ($handle) = @_;
	fcntl($handle, F_SETFL, fcntl($handle, F_GETFL, 0) | O_NONBLOCK) or die "fcntl: $!\n";
	return $handle;
}

sub new_socket
{
	my ($family) = @_;
	socket(my $socket, $family, SOCK_STREAM, 0) or die "socket: $!\n";
	setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) or die "SO_REUSEADDR: $!\n";
	setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) if $family == AF_INET6;
	return $socket;
}

sub has_ipv6
{
	my $ok = eval {
		my $socket = new_socket(AF_INET6);
		bind($socket, (to_sockaddr('[::1]:0'))[1]) or die;
		1;
	};
	return $ok;
}

# A port on all the given hosts that nobody else gets: it stays bound here,
# and SO_REUSEADDR lets the program under test, or listen_on(), bind it too.
# Returns the number.
sub reserve
{
	my (@hosts) = @_;
	@hosts = ('127.0.0.1') if !@hosts;
	for (1 .. 100) {
		my ($port, @sockets) = (0);
		for my $host (@hosts) {
			my ($family, $packed) = to_sockaddr("$host:$port");
			my $socket = new_socket($family);
			last if !bind($socket, $packed);
			($port) = address_of(getsockname($socket)) =~ /(\d+)$/;
			push(@sockets, $socket);
		}
		next if @sockets != @hosts;
		push(@reserved, @sockets);
		return $port;
	}
	die "cannot reserve a port on @hosts: $!\n";
}

# A server; without a port it takes a free one. Connections arrive in
# $server->next, each first shown to $options{on_accept}.
sub listen_on
{
	my ($address, %options) = @_;
	$address .= ':0' if $address !~ /^unix:/ && $address !~ /:\d+$/;
	my ($family, $packed) = to_sockaddr($address);
	my $socket = new_socket($family);
	setsockopt($socket, SOL_SOCKET, SO_RCVBUF, $options{rcvbuf}) if $options{rcvbuf};
	setsockopt($socket, SOL_SOCKET, SO_SNDBUF, $options{sndbuf}) if $options{sndbuf};
	bind($socket, $packed) or die "bind $address: $!\n";
	listen($socket, $options{backlog} // SOMAXCONN) or die "listen $address: $!\n";
	nonblocking($socket);
	$address = address_of(getsockname($socket)) if $family != AF_UNIX;
	return MuxTest::Server->new($socket, $address, %options);
}

# A connection to that address; TCP connects in the loop, $peer->{connected}.
sub connect_to
{
	my ($address, %options) = @_;
	my ($family, $packed) = to_sockaddr($address);
	my $socket = new_socket($family);
	setsockopt($socket, SOL_SOCKET, SO_RCVBUF, $options{rcvbuf}) if $options{rcvbuf};
	setsockopt($socket, SOL_SOCKET, SO_SNDBUF, $options{sndbuf}) if $options{sndbuf};
	bind($socket, (to_sockaddr("$options{from}:0"))[1]) or die "bind $options{from}: $!\n"
	    if $options{from};
	nonblocking($socket) if $family != AF_UNIX;
	my $done = connect($socket, $packed);
	die "connect $address: $!\n" if !$done && !$!{EINPROGRESS};
	nonblocking($socket);
	return MuxTest::Peer->new($socket, name => 'client', connecting => !$done,
		local => address_of(getsockname($socket)), %options);
}

# A listening socket that answers no further SYN: its queue is full until
# the returned filler is accepted.
sub fill_backlog
{
	my ($address) = @_;
	my $server = listen_on($address, backlog => 0, closed => 1);
	my @fillers = (connect_to($server->address));
	wait_until { $fillers[0]{connected} } 'filler to connect';
	return ($server, @fillers);
}

package MuxTest::Server;
use strict;
use warnings;
use IO::Poll qw(POLLIN);
use MuxTest::Loop qw(watch unwatch wait_until);

my $servers = 0;
my %open;

sub new
{
	my ($class, $socket, $address, %options) = @_;
	my $self = bless { socket => $socket, address => $address, waiting => [], accepted => 0,
		name => 'server ' . ++$servers, %options }, $class;
	watch($self, $socket, POLLIN) if !$self->{closed};
	$open{ $self + 0 } = $self;
	return $self;
}

sub address { return $_[0]{address}; }
sub port { return ($_[0]{address} =~ /:(\d+)$/)[0]; }

# Stops and starts to accept.
sub pause { watch($_[0], $_[0]{socket}, 0); return; }
sub resume { watch($_[0], $_[0]{socket}, POLLIN); return; }

sub ready
{
	my ($self) = @_;
	for (1 .. 64) {
		last if !$self->{socket} || !accept(my $socket, $self->{socket});
		MuxTest::Net::nonblocking($socket);
		$self->{accepted}++;
		my $peer = MuxTest::Peer->new($socket, name => "$self->{name} upstream");
		if ($self->{on_accept}) {
			$self->{on_accept}->($peer);
		} else {
			push(@{ $self->{waiting} }, $peer);
		}
	}
	return;
}

# The next accepted connection; waits for it.
sub next
{
	my ($self) = @_;
	wait_until { @{ $self->{waiting} } } "a connection at $self->{name}";
	return shift(@{ $self->{waiting} });
}

sub close
{
	my ($self) = @_;
	return if !$self->{socket};
	unwatch($self->{socket});
	close($self->{socket});
	$self->{socket} = undef;
	delete($open{ $self + 0 });
	unlink($1) if $self->{address} =~ /^unix:(.*)$/s;
	return;
}

sub close_all
{
	$_->close for values(%open);
	return;
}

1;
