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
	my $server = start_server('127.0.0.1');
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
	my $server = start_server('127.0.0.1');
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
{
	pipe(my $out, my $out_writer) or die;
	pipe(my $err, my $err_writer) or die;
	my $pid = spawn({ 1 => $out_writer, 2 => $err_writer }, '/bin/sh', '-c',
	    'ulimit -n 16 && exec "$@"', 'sh', program('echo-server'), 0,
	    '127.0.0.1');
	close($out_writer);
	close($err_writer);
	my ($port) = next_line($out) =~ / port (\d+)$/;
	my $server = { port => $port };

	# the backlog takes those that the server cannot accept
	my @sockets = map { dial($server) } 1 .. 16;
	like(next_line($err), qr/^echo-server: cannot accept/, 'limit: said');
	my $started = time();
	like(next_line($err), qr/^echo-server: cannot accept/, 'limit: again');
	cmp_ok(time() - $started, '>', 0.9, 'limit: not at once');

	syswrite($sockets[0], "served\n");
	is(next_line($sockets[0]), 'served', 'limit: those inside go on');
	close(shift(@sockets)) for 1 .. 10;
	syswrite($_, "late\n") for @sockets;
	my @wrong = grep { (next_line($_) // '') ne 'late' } @sockets;
	is(scalar(@wrong), 0, 'limit: the others come in when there is room');

	kill('TERM', $pid);
	is(finish($pid), 0, 'limit: status');
	my $complaints = () = rest_of($err) =~ /cannot accept/g;
	cmp_ok($complaints, '<', 5, 'limit: no spinning');
}

done_testing();
