# SPDX-License-Identifier: ISC
#
# What the scripts share that go the way of muxproxy's package in a system made
# for it.  With modules of perl-base alone.

package Guest;

use strict;
use warnings;

use Exporter qw(import);
use IO::Handle;
use IO::Select;
use IO::Socket::INET;
use POSIX ();

our @EXPORT = qw(begin check end ends moves run serve session slurp spit until_so $port);
our $port = 8888;	# of the relay
my %servers;

# Within so many seconds all has to be over.
sub begin {
	my ($limit) = @_;

	$SIG{PIPE} = 'IGNORE';
	$SIG{ALRM} = sub { die "failed: it takes too long\n" };
	alarm($limit);
	STDOUT->autoflush(1);
	open(STDERR, '>&', \*STDOUT);
}

sub end {
	kill('KILL', keys(%servers));
	print "all is well\n";
}

sub check($$) {
	my ($right, $what) = @_;

	die "failed: $what\n" unless $right;
	print "ok: $what\n";
}

sub run {
	check(system(@_) == 0, "@_");
}

sub slurp {
	my ($path) = @_;

	open(my $in, '<', $path) or return '';
	local $/;
	return readline($in) // '';
}

sub spit {
	my ($path, $text) = @_;

	open(my $out, '>', $path) or die "failed: cannot write $path: $!\n";
	print $out $text;
	close($out) or die "failed: cannot write $path: $!\n";
}

# Looks again until it is so.
sub until_so {
	my ($is_so, $what) = @_;

	for (1 .. 600) {
		return check(1, $what) if $is_so->();
		select(undef, undef, undef, 0.05);
	}
	check(0, $what);
}

# A server that greets by its name and sends back what it gets.
sub serve {
	my ($name) = @_;
	my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1')
	    or die "failed: cannot listen: $@\n";
	my $pid = fork() // die "failed: fork: $!\n";

	$servers{$pid} = 1, return $listener->sockport if $pid != 0;
	my $all = IO::Select->new($listener);
	while (my @ready = $all->can_read()) {
		for my $socket (@ready) {
			if ($socket == $listener) {
				my $client = $listener->accept or next;
				syswrite($client, $name);
				$all->add($client);
			} elsif (sysread($socket, my $bytes, 65536)) {
				syswrite($socket, $bytes);
			} else {
				$all->remove($socket);
				close($socket);
			}
		}
	}
	POSIX::_exit(1);
}

# A session through the relay, with the server of that name.
sub session {
	my ($name, $at) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . ($at // $port))
	    or die "failed: cannot connect: $!\n";

	sysread($socket, my $greeting, 1) or die "failed: a session was cut\n";
	check($greeting eq $name, "a session with $name");
	return $socket;
}

# Random bytes go to the server and come back.
sub moves {
	my ($socket, $what) = @_;
	open(my $random, '<', '/dev/urandom') or die "failed: /dev/urandom: $!\n";

	for (1 .. 64) {
		my $got = '';

		sysread($random, my $bytes, 16384) == 16384 or die "failed: /dev/urandom: $!\n";
		syswrite($socket, $bytes) == length($bytes) or die "failed: $what: $!\n";
		while (length($got) < length($bytes)) {
			sysread($socket, $got, 65536, length($got)) or die "failed: $what: cut\n";
		}
		die "failed: $what: other bytes came back\n" if $got ne $bytes;
	}
	check(1, "$what: 1 MiB there and back");
}

sub ends {
	my ($socket, $what) = @_;

	shutdown($socket, 1);
	my $got = sysread($socket, my $bytes, 1);
	check(defined($got) && $got == 0, "$what ends");
	close($socket);
}

1;
