#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Runs an image's program below its directory as its user, in a network where
# there is nothing else, and relays through it: to a name that a server of DNS
# knows, by arguments, and by the configuration that is mounted.
#
# usage: unshare --net perl image.pl DIRECTORY USER:GROUP ENTRYPOINT CMD...

use strict;
use warnings;

use IO::Socket::INET;

my ($root, $user, $entrypoint, @default) = @ARGV;
my ($uid) = $user =~ /^(\d+):\d+$/ or die "$user: not numbers\n";
my @children;

alarm 60;
END { kill 'KILL', @children if @children; }

sub spit {
	my ($path, $text) = @_;

	open(my $fh, '>', $path) or die "cannot write $path: $!\n";
	print $fh $text;
	close($fh) or die "cannot write $path: $!\n";
}

sub child {
	my ($work) = @_;
	my $pid = fork() // die "cannot fork: $!\n";

	if ($pid == 0) {
		@children = ();
		$work->();
		exit 0;
	}
	push @children, $pid;
	return $pid;
}

# Answers every question for the IPv4 address of upstream.test, and that there is
# none of IPv6.
sub answer_names {
	my ($socket) = @_;

	while (defined(my $peer = $socket->recv(my $question, 512))) {
		my ($asked) = substr($question, 12) =~ /^(.*?\0.{4})/s or next;
		my $is_ours = $asked =~ /^\x08upstream\x04test\0\0\x01/;
		my $answer = $is_ours ?
		    pack('n n n N n C4', 0xc00c, 1, 1, 60, 4, 127, 0, 0, 1) : '';
		my $head = pack('a2 n5', $question, 0x8180, 1, $is_ours ? 1 : 0, 0, 0);

		$socket->send($head . $asked . $answer, 0, $peer);
	}
}

sub echo {
	my ($listener) = @_;

	while (my $peer = $listener->accept) {
		while ($peer->sysread(my $bytes, 4096)) {
			$peer->syswrite($bytes);
		}
	}
}

# Starts the program, and returns its process and log once it listens.
sub start {
	my (@arguments) = @_;

	pipe(my $log, my $write) or die "no pipe: $!\n";
	my $pid = child(sub {
		open(STDERR, '>&', $write) or die "cannot redirect: $!\n";
		exec('chroot', "--userspec=$user", $root, $entrypoint, @arguments);
	});
	close($write);
	while (<$log>) {
		print "$entrypoint: $_";
		return ($pid, $log) if / info start /;
	}
	die "it did not start\n";
}

# Relays through port 8888 of the program with these arguments.
sub relays {
	my ($name, @arguments) = @_;
	my ($pid, $log) = start(@arguments);

	open(my $status, '<', "/proc/$pid/status") or die "cannot read its status: $!\n";
	grep { /^Uid:(\s+$uid){4}$/ } <$status> or die "it is not $uid\n";
	my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => 8888)
	    or die "no connection: $!\n";
	my $sent = join('', map { "line $_ of $name\n" } 1 .. 1000);
	child(sub { $client->syswrite($sent); $client->shutdown(1); });
	local $/;
	<$client> eq $sent or die "$name: what was relayed is not what was sent\n";
	kill 'TERM', $pid;
	waitpid($pid, 0);
	$? == 0 or die "it ended with status $?\n";
	print "$entrypoint: $_" for split /^/, <$log>;
	print "relays by $name\n";
}

system(qw(ip link set lo up)) == 0 or die "no network\n";
my $names = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 53, Proto => 'udp')
    or die "no server of DNS: $!\n";
my $upstream = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 9000, Listen => 5)
    or die "no upstream: $!\n";
child(sub { answer_names($names) });
child(sub { echo($upstream) });

# what an engine gives every container
mkdir("$root/etc");
spit("$root/etc/resolv.conf", "nameserver 127.0.0.1\n");
spit("$root/etc/hosts", "127.0.0.1 localhost\n");
relays('arguments', '8888', 'upstream.test:9000');
mkdir("$root/etc/muxproxy");
spit("$root/etc/muxproxy/muxproxy.yaml",
    "routes:\n  - listen: [8888]\n    upstreams: [\"upstream.test:9000\"]\n");
relays('the configuration that is mounted', @default);
