#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The last moments: of sessions whose both ends were passed on, and of a relay
# whose place another takes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

# What the kernel has is not yet delivered: the tail may still be lost, and
# the log must not say otherwise (C1).
each_backend 'a reset behind both ends' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 4096);
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = pair($relay, $server);
	$upstream->pause;
	$upstream->send(10)->finish;
	is($client->until_end, 'fin', 'the upstream has ended');
	$client->send(200_000)->finish->until_sent;
	wait_polling { !$client->unacknowledged } 'all to be taken';
	ok($relay->quiet, 'waits without spinning');
	is(scalar(@{ $relay->{sessions} }), 0, 'the session goes on');
	$upstream->reset;
	my $session = $relay->wait_sessions(1);
	is($session->{reason}, 'upstream-reset', 'a reset is what ends it');
	cmp_ok($session->{'lost-up'}, '>', 0, 'the log tells of the loss');
	is($session->{up} + $session->{'lost-up'}, 200_000, 'to the byte');
	$client->close;
	ends_well($relay);
};

each_backend 'a slow reader behind both ends' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 4096);
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = pair($relay, $server);
	$upstream->pause;
	$upstream->finish;
	is($client->until_end, 'fin', 'the upstream has ended');
	$client->send(6_000_000)->finish;
	# read until the client is done and gone while its bytes wait in the relay
	$upstream->{at_once} = 1 << 14;
	$upstream->resume;
	wait_polling { $client->{finished} && !$client->unacknowledged } 'all to be taken';
	$upstream->pause;
	ok($relay->quiet, 'waits without spinning');
	cmp_ok($upstream->{got}, '<', 6_000_000, 'some of it is still to be read');
	$upstream->resume;
	is($upstream->until_end, 'fin', 'an end, not a reset');
	is($upstream->{got}, 6_000_000, 'after all of it');
	my $session = $relay->wait_sessions(1);
	is("@$session{qw(reason lost-up)}", 'upstream-fin 0', 'in the log');
	$_->close for $client, $upstream;
	ends_well($relay);
};

# The successor finds a socket that nobody answers on and takes its place;
# its file may even get the same inode.
each_backend 'a successor on the same UNIX socket' => sub {
	my $server = listen_on('127.0.0.1');
	my $path = new_path('listen');
	my $port = reserve('127.0.0.1');
	my $first = start_relay(listen => "unix:$path,127.0.0.1:$port", upstream => $server);
	my $client = connect_to("127.0.0.1:$port");
	my $upstream = $server->next;
	$client->until_connected;
	$first->signal('QUIT');
	$first->wait_for_line(qr/ drain /);
	my $second = start_relay(listen => "unix:$path", upstream => $server);
	$_->finish for $client, $upstream;
	$_->until_end for $client, $upstream;
	is(join('; ', $first->aftermath), '', 'the first ends');
	ok(-e $path, 'and leaves the socket of the second alone');
	$_->close for $client, $upstream;
	($client, $upstream) = pair($second, $server);
	$client->send(100)->finish;
	is($upstream->until_end, 'fin', 'which serves');
	$upstream->finish;
	$second->wait_sessions(1);
	$_->close for $client, $upstream;
	ends_well($second);
	ok(!-e $path, 'and removes it');
};

done_testing();
