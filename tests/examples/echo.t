#!/usr/bin/env perl
# SPDX-License-Identifier: ISC

# The servers and echo-client carry every byte, in order, both ways, until each
# direction has ended by itself.

use strict;
use warnings;

use Test::More;

use FindBin;
use lib $FindBin::Bin;
use Examples;

my @sizes = (0, 1, 65_535, 65_536, 65_537, 1_000_003, 8 * 1024 * 1024);
my $directory = scratch();

sub end_pipe { close($_[0]) }

# One connection after the other, which a server for one can do as well.
sub carries {
	my ($server) = @_;

	for my $size (@sizes) {
		my $data = random_bytes($size);
		my $socket = dial($server);
		same(exchange($socket, $socket, $data, \&end_socket), $data,
		    "$server->{name}: $size bytes come back after a half-close");
	}

	# the system takes only a part of what the server writes
	my $data = random_bytes(1_000_000, 3);
	my $socket = dial($server, 'narrow');
	same(exchange($socket, $socket, $data, \&end_socket), $data,
	    "$server->{name}: partial writes: every byte comes back");
	return;
}

# All are open at once, and none gets what is another's.
sub serves_many {
	my ($server) = @_;
	my $name = $server->{name};
	my @sockets = map { dial($server) } 1 .. 200;

	for my $round (1 .. 3) {
		syswrite($sockets[$_], "round $round of $_\n") for 0 .. 199;
		my @wrong = grep {
			next_line($sockets[$_]) ne "round $round of $_"
		} reverse(0 .. 199);
		is("@wrong", '', "$name: 200 connections, round $round");
	}
	end_socket($_) for @sockets;
	my @wrong = grep { rest_of($sockets[$_]) ne '' } 0 .. 199;
	is("@wrong", '', "$name: 200 connections end");
	return;
}

# One that does not read fills its buffers and holds up nobody else.
sub bears_slow_reader {
	my ($server) = @_;
	my $name = $server->{name};
	my $data = random_bytes(16 * 1024 * 1024);
	my ($slow, $sent) = clog($server, $data);
	note("$sent bytes sent without reading");
	my $quick = dial($server);
	my $other = random_bytes(1_000_000, 2);
	same(exchange($quick, $quick, $other, \&end_socket), $other,
	    "$name: slow reader: others are served");
	same(exchange($slow, $slow, substr($data, $sent), \&end_socket), $data,
	    "$name: slow reader: every byte comes back in the end");
	return;
}

for my $name ('echo-blocking', servers()) {
	my $server = start_server($name);
	carries($server);
	if ($name ne 'echo-blocking') {
		serves_many($server);
		bears_slow_reader($server);
	}
	stopped_well($server);
	is(rest_of($server->{err}), '', "$name: no complaint");
}

my $server = start_server('echo-server');
for my $size (@sizes) {
	my $data = random_bytes($size);
	spew("$directory/in", $data);
	open(my $in, '<', "$directory/in") or die;
	open(my $out, '>', "$directory/out") or die;
	open(my $err, '>', "$directory/err") or die;
	my $pid = spawn({ 0 => $in, 1 => $out, 2 => $err },
	    program('echo-client'), '127.0.0.1', $server->{port});
	is(finish($pid), 0, "client: status of $size bytes by files");
	same(slurp("$directory/out"), $data, "client: $size bytes by files");
}

for my $size (@sizes) {
	my $data = random_bytes($size);
	pipe(my $in, my $to) or die;
	pipe(my $from, my $out) or die;
	open(my $err, '>', "$directory/err") or die;
	my $pid = spawn({ 0 => $in, 1 => $out, 2 => $err },
	    program('echo-client'), '127.0.0.1', $server->{port});
	close($in);
	close($out);
	same(exchange($to, $from, $data, \&end_pipe), $data,
	    "client: $size bytes by pipes");
	is(finish($pid), 0, "client: status of $size bytes by pipes");
}

{
	pipe(my $in, my $to) or die;
	pipe(my $from, my $out) or die;
	open(my $err, '>', "$directory/err") or die;
	my $pid = spawn({ 0 => $in, 1 => $out, 2 => $err },
	    program('echo-client'), '127.0.0.1', $server->{port});
	close($in);
	close($out);
	for my $line ('one', 'two', 'three') {
		syswrite($to, "$line\n");
		is(next_line($from), $line, "client: '$line' comes at once");
	}
	close($to);
	is(rest_of($from), '', 'client: and nothing else');
	is(finish($pid), 0, 'client: status of a dialogue');
}

{
	open(my $in, '<', '/dev/null') or die;
	open(my $err, '>', "$directory/err") or die;
	my $pid = spawn({ 0 => $in, 2 => $err }, program('echo-client'),
	    '127.0.0.1', $server->{port});
	is(finish($pid), 0, 'client: input from a device without readiness');
}

stopped_well($server);
is(rest_of($server->{err}), '', 'client: the server has no complaint');

# Without an address the server takes both kinds.
SKIP: {
	my $any = start_server('echo-server', arguments => []);
	my $four = dial($any);
	is(exchange($four, $four, "4\n", \&end_socket), "4\n", 'IPv4');
	eval { require IO::Socket::IP } or skip('no IO::Socket::IP', 1);
	IO::Socket::IP->new(LocalHost => '::1', Listen => 1)
	    or skip("no IPv6: $@", 1);
	my $six = IO::Socket::IP->new(PeerHost => '::1',
	    PeerPort => $any->{port}) or die "cannot connect by IPv6: $@\n";
	is(exchange($six, $six, "6\n", \&end_socket), "6\n", 'IPv6');
}

done_testing();
