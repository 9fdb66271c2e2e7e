#!/usr/bin/env perl
# SPDX-License-Identifier: ISC

# A hang-up that arrives together with data does not swallow the data.  The
# program under test is stopped while both are sent, so that it finds them
# in one report.

use strict;
use warnings;

use Test::More;

use FindBin;
use lib $FindBin::Bin;
use Examples;

# less than the smallest window, so that no reset overtakes it in the kernel
my $little = random_bytes(20_000);
my $more = random_bytes(100_000);
my $directory = scratch();

for my $name (servers()) {
	# an orderly end
	my $server = start_server($name);
	my $socket = dial($server);
	like(next_line($server->{out}), qr/: connected$/, "$name: accepted");
	ok(freeze($server->{pid}), "$name: stopped");
	syswrite($socket, $little);
	end_socket($socket);
	thaw($server->{pid});
	ok(rest_of($socket) eq $little, "$name: data with end of input");
	like(next_line($server->{out}), qr/: ended, 20000 bytes received$/,
	    "$name: says so");

	# and before it has accepted
	ok(freeze($server->{pid}), "$name: stopped");
	$socket = dial($server);
	syswrite($socket, $little);
	end_socket($socket);
	thaw($server->{pid});
	ok(rest_of($socket) eq $little, "$name: both before the accept");
	next_line($server->{out}) for 1 .. 2;

	# a reset: nobody is left to echo to, but what was sent is read
	$socket = dial($server);
	next_line($server->{out});
	ok(freeze($server->{pid}), "$name: stopped");
	syswrite($socket, $little);
	close_with_reset($socket);
	thaw($server->{pid});
	like(next_line($server->{out}), qr/, 20000 bytes received$/,
	    "$name: data with a reset");

	$socket = dial($server);
	syswrite($socket, "next\n");
	is(next_line($socket), 'next', "$name: goes on");
	stopped_well($server);
}

# The client, against a server of ours.
for my $case (
	[ 'an end', $more, sub { close($_[0]) },
	    qr/ended early: 0 bytes sent, 100000 came back$/ ],
	[ 'a reset', $little, \&close_with_reset,
	    qr/^echo-client: cannot read from 127\.0\.0\.1: / ],
) {
	my ($name, $data, $hang_up, $complaint) = @$case;
	my $listener = listener();
	pipe(my $in, my $to) or die;
	pipe(my $from, my $out) or die;
	pipe(my $errors, my $err) or die;
	my $pid = spawn({ 0 => $in, 1 => $out, 2 => $err },
	    program('echo-client'), '127.0.0.1', $listener->sockport());
	close($_) for $in, $out, $err;
	my $peer = $listener->accept();
	like(next_line($errors), qr/^connected /, "client: $name: connected");

	ok(freeze($pid), "client: $name: stopped");
	syswrite($peer, $data);
	$hang_up->($peer);
	thaw($pid);
	ok(rest_of($from) eq $data, "client: $name: every byte is printed");
	like(next_line($errors), $complaint, "client: $name: complains");
	is(finish($pid), 1, "client: $name: status");
}

# What came back before the server refused more is printed all the same.
{
	my $listener = listener();
	spew("$directory/in", random_bytes(8 * 1024 * 1024));
	open(my $in, '<', "$directory/in") or die;
	pipe(my $from, my $out) or die;
	pipe(my $errors, my $err) or die;
	my $pid = spawn({ 0 => $in, 1 => $out, 2 => $err },
	    program('echo-client'), '127.0.0.1', $listener->sockport());
	close($_) for $in, $out, $err;
	my $peer = $listener->accept();
	next_line($errors);
	syswrite($peer, $little);
	sysread($from, my $got, 1);	# it writes: the rest is on its way
	close($peer);			# with unread data: a reset
	$got .= rest_of($from);
	ok($got eq $little, 'client: reset while sending');
	like(rest_of($errors), qr/^echo-client: cannot [^\n]+\n\z/,
	    'client: reset while sending: one complaint');
	is(finish($pid), 1, 'client: reset while sending: status');
}

done_testing();
