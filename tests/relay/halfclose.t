#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The end of one direction is relayed after its bytes, and the other
# direction goes on (C2).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my $MIB = 1 << 20;

sub families { return ([ '127.0.0.1', '127.0.0.1' ], [ 'unix', 'unix' ]); }

sub place { return $_[0] eq 'unix' ? 'unix:' . new_path('socket') : $_[0]; }

each_backend 'client ends first' => sub {
	for my $family (families()) {
		my $server = listen_on(place($family->[1]));
		my $relay = start_relay(listen => place($family->[0]), upstream => $server);
		my ($client, $upstream) = pair($relay, $server);
		$client->send(100_000)->finish;
		is($upstream->until_end, 'fin', "$family->[0]: the end arrives");
		is($upstream->{got}, 100_000, 'after every byte');
		$upstream->send($MIB);
		ok($client->until_got($MIB), 'the answer arrives whole');
		is($client->end, 'open', 'and the connection is still open');
		ok($relay->quiet, 'half-closed and quiet');
		$upstream->finish;
		is($client->until_end, 'fin', 'the end of the answer');
		my $session = $relay->wait_sessions(1);
		is("@$session{qw(reason up down)}", "client-fin 100000 $MIB", 'in the log');
		$_->close for $client, $upstream;
		ends_well($relay);
	}
};

each_backend 'upstream ends first' => sub {
	for my $family (families()) {
		my $server = listen_on(place($family->[1]));
		my $relay = start_relay(listen => place($family->[0]), upstream => $server);
		my ($client, $upstream) = pair($relay, $server);
		$upstream->send(77)->finish;
		is($client->until_end, 'fin', "$family->[0]: the end arrives");
		is($client->{got}, 77, 'after every byte');
		$client->send($MIB);
		ok($upstream->until_got($MIB), 'the upload arrives whole');
		$client->finish;
		is($upstream->until_end, 'fin', 'the end of the upload');
		my $session = $relay->wait_sessions(1);
		is("@$session{qw(reason up down)}", "upstream-fin $MIB 77", 'in the log');
		$_->close for $client, $upstream;
		ends_well($relay);
	}
};

each_backend 'data together with the end' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my @sizes = (1, 2, 100, 4096, 65536, 1_000_000);
	for my $size (@sizes) {
		# everything is sent and ended before the other side reads
		my ($client, $upstream) = pair($relay, $server);
		$upstream->pause;
		$client->send($size)->finish;
		$client->until_sent;
		$upstream->resume;
		is($upstream->until_end, 'fin', "$size bytes, then the end");
		is($upstream->{got}, $size, 'all of them');
		$upstream->send($size)->finish;
		is($client->until_end, 'fin', "the answer's end");
		is($client->{got}, $size, 'all of it');
		$_->close for $client, $upstream;
	}

	# connect, send and end before the upstream was even accepted
	my $client = connect_to($relay->address);
	$client->send(10)->finish;
	my $upstream = $server->next;
	is($upstream->until_end, 'fin', 'ended at once');
	is($upstream->{got}, 10, 'with its bytes');
	$upstream->finish;
	is($client->until_end, 'fin', 'and so the client');
	$_->close for $client, $upstream;
	$relay->wait_sessions(@sizes + 1);
	like($relay->reasons, qr/\Aclient-fin=7\z/, 'reasons');
	ends_well($relay);
};

each_backend 'the end waits for a slow reader' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 4096);
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = pair($relay, $server);
	$upstream->{at_once} = 1500;
	$client->send(2 * $MIB)->finish;
	$upstream->send(2 * $MIB)->finish;
	is($upstream->until_end, 'fin', 'a clean end');
	is($upstream->{got}, 2 * $MIB, 'after everything');
	is($client->until_end, 'fin', 'and the other way');
	is($client->{got}, 2 * $MIB, 'everything');
	$_->close for $client, $upstream;
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'both end at once' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my @pairs = map { [ pair($relay, $server) ] } 1 .. (quick() ? 20 : 100);
	for my $pair (@pairs) {
		$_->send(3)->finish for @$pair;
	}
	my %ends;
	for my $peer (map { @$_ } @pairs) {
		$ends{ $peer->until_end }++;
		$ends{short}++ if $peer->{got} != 3;
	}
	is_deeply(\%ends, { fin => 2 * @pairs }, 'clean ends, no resets');
	$relay->wait_sessions(scalar(@pairs));
	$_->close for map { @$_ } @pairs;
	ends_well($relay);
};

# With some of these sizes the relay holds bytes that it cannot pass on while
# the socket that it reads from has seen both ends.
each_backend 'both have ended before the bytes are read' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 8192);
	my $relay = start_relay(upstream => $server);
	my @pairs;
	for my $size (1000, map { $_ * 250_000 } 1 .. 20) {
		my ($client, $upstream) = pair($relay, $server);
		$upstream->pause->finish;
		$client->send($size)->finish;
		push(@pairs, [ $client, $upstream ]);
	}
	is($_->[0]->until_end, 'fin', 'the client sees the end') for @pairs;
	ok($relay->quiet, 'quiet');
	for my $pair (@pairs) {
		my ($client, $upstream) = @$pair;
		$upstream->resume;
		is($upstream->until_end . " $upstream->{got}", "fin $client->{to_send}",
			"all of $client->{to_send} bytes, and a clean end");
	}
	$relay->wait_sessions(scalar(@pairs));
	unlike($relay->reasons, qr/reset/, 'reasons');
	$_->close for map { @$_ } @pairs;
	ends_well($relay);
};

each_backend 'half-close limit' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server,
		options => [ '--half-close-timeout', '300ms' ]);
	my ($client, $upstream) = pair($relay, $server);
	my ($other, $other_upstream) = pair($relay, $server);
	$client->send(5)->finish;
	$other_upstream->send(5)->finish;
	is($upstream->until_end, 'fin', 'the end comes through');
	$other->until_end;

	# nothing moves any more; the silent side learns of it by a reset
	my $session = $relay->session_of($client);
	is($session->{reason}, 'half-close-limit', 'the client had ended');
	is("@$session{qw(up lost-up)}", '5 0', 'what it sent has arrived');
	cmp_ok($session->{duration} =~ s/s$//r, '>=', 0.3, 'not before its time');
	is($client->until_end, 'reset', 'the client is reset');
	is($relay->session_of($other)->{reason}, 'half-close-limit', 'the upstream had ended');
	is($other_upstream->until_end, 'reset', 'the upstream is reset');
	$_->close for $client, $upstream, $other, $other_upstream;
	ends_well($relay);
};

each_backend 'half-close limit starts anew' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => [ '--half-close-timeout', '1s' ]);
	my ($client, $upstream) = pair($relay, $server);
	$client->send(1)->finish;
	$upstream->until_end;
	wait_polling { 0 } 'some of the limit', 0.4;
	my $sent_at = now();
	$upstream->send(1);
	ok($client->until_got(1), 'a byte of the answer');
	is($client->until_end, 'reset', 'then the limit');
	cmp_ok(now() - $sent_at, '>=', 1, 'counted from that byte');
	$_->close for $client, $upstream;
	is($relay->wait_sessions(1)->{reason}, 'half-close-limit', 'reason');
	ends_well($relay);
};

done_testing();
