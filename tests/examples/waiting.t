#!/usr/bin/env perl
# SPDX-License-Identifier: ISC

# What the examples do while there is nothing to do: a line for each time-out,
# no spinning when descriptors run out, and a clean end on a signal.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use FindBin;
use lib $FindBin::Bin;
use Examples;

sub start_client {
	my ($server) = @_;

	pipe(my $in, my $to) or die;
	pipe(my $from, my $out) or die;
	pipe(my $errors, my $err) or die;
	my $pid = spawn({ 0 => $in, 1 => $out, 2 => $err },
	    program('echo-client'), '127.0.0.1', $server->{port});
	close($_) for $in, $out, $err;
	like(next_line($errors), qr/^connected /, 'client: connected');
	return { pid => $pid, to => $to, from => $from, err => $errors };
}

# Signals end both, with a connection open.
for my $signal ('INT', 'TERM') {
	my $server = start_server('echo-server');
	my $client = start_client($server);
	like(next_line($server->{out}), qr/: connected$/, 'server: connected');
	kill($signal, $client->{pid});
	is(finish($client->{pid}), 0, "client: $signal ends it");
	is(rest_of($client->{err}), '', "client: $signal: no complaint");
	like(next_line($server->{out}), qr/: ended, 0 bytes/,
	    'server: client has gone');
	my $socket = dial($server);
	next_line($server->{out});
	kill($signal, $server->{pid});
	is(finish($server->{pid}), 0, "server: $signal ends it");
	like(rest_of($server->{out}), qr/: stopped, 0 bytes received\n\z/,
	    "server: $signal: says whom it left");
	is(rest_of($server->{err}), '', "server: $signal: no complaint");
}

# Time-outs.  Both wait at the same time.
{
	my $server = start_server('echo-server');
	my $client = start_client($server);
	next_line($server->{out});
	my $started = time();
	for my $who ([ 'client', $client->{err} ], [ 'server', $server->{out} ]) {
		my ($name, $handle) = @$who;
		like(next_line($handle), qr/^idle for \d+ ms$/,
		    "$name: a line without activity");
	}
	cmp_ok(time() - $started, '>', 2, 'not before its time');
	syswrite($client->{to}, "line\n");
	is(next_line($client->{from}), 'line', 'still at work');
	kill('TERM', $server->{pid});
	is(finish($server->{pid}), 0, 'server: status');
	is(finish($client->{pid}), 1, 'client: the server has gone');
	like(rest_of($client->{err}), qr/ended early: 5 bytes sent, 5 came back$/m,
	    'client: says so');
}

# Descriptors run out.
for my $name (servers()) {
	my $server = start_server($name, limit => 16);

	# the backlog takes those that the server cannot accept
	my @sockets = map { dial($server) } 1 .. 16;
	my $started = time();
	for my $time ('said', 'again') {
		like(next_line($server->{err}), qr/^\Q$name\E: cannot accept/,
		    "$name: limit: $time");
	}
	cmp_ok(time() - $started, '>', 0.9, "$name: limit: not at once");

	syswrite($sockets[0], "served\n");
	is(next_line($sockets[0]), 'served', "$name: limit: those inside go on");
	close(shift(@sockets)) for 1 .. 10;
	syswrite($_, "late\n") for @sockets;
	my @wrong = grep { (next_line($_) // '') ne 'late' } @sockets;
	is(scalar(@wrong), 0,
	    "$name: limit: the others come in when there is room");

	stopped_well($server);
	my $complaints = () = rest_of($server->{err}) =~ /cannot accept/g;
	cmp_ok($complaints, '<', 20, "$name: limit: no spinning");
}

done_testing();
