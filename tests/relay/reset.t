#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# A reset is relayed as a reset, after the bytes before it (C3, C4, C5).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my @long = ('--connect-timeout', '1h', '--idle-timeout', '1h');

# A pair that has exchanged a byte each way: the relay knows that it is
# connected, and a reset is one of the connection, not of the connect.
sub known_pair
{
	my ($relay, $server) = @_;
	my @pair = pair($relay, $server);
	$_->send(1) for @pair;
	$_->until_got(1) for @pair;
	return @pair;
}

# That many bytes reach the relay's kernel, then a reset.
sub send_and_reset
{
	my ($peer, $size) = @_;
	$peer->send($size)->until_sent if $size > 0;
	wait_polling { !$peer->unacknowledged } 'acknowledgements';
	$peer->reset;
	return;
}

each_backend 'bytes, then a reset' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my $count = 0;
	for my $size (0, 1, 1000, 30_000) {
		my ($client, $upstream) = known_pair($relay, $server);
		send_and_reset($client, $size);
		is($upstream->until_end, 'reset', "client resets after $size");
		is($upstream->{got}, 1 + $size, 'the bytes came before');
		my $session = $relay->wait_sessions(++$count);
		is("@$session{qw(reason up lost-up)}", "client-reset @{[ 1 + $size ]} 0",
			'in the log');
		$upstream->close;

		($client, $upstream) = known_pair($relay, $server);
		send_and_reset($upstream, $size);
		is($client->until_end, 'reset', "upstream resets after $size");
		is($client->{got}, 1 + $size, 'the bytes came before');
		$session = $relay->wait_sessions(++$count);
		is("@$session{qw(reason down lost-down)}", "upstream-reset @{[ 1 + $size ]} 0",
			'in the log');
		$client->close;
	}
	ends_well($relay);
};

# What cannot be sent at once would not be there when the limit cuts.
each_backend 'bytes and a reset at the same time' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => [ '--half-close-timeout', '50ms' ]);
	my $count = 0;
	for my $way ('client', 'upstream') {
		my @pair = known_pair($relay, $server);
		my ($source, $sink) = $way eq 'client' ? @pair : reverse(@pair);
		$relay->signal('STOP');
		send_and_reset($source, 1000);
		$relay->signal('CONT');
		is($sink->until_end, 'reset', "the $way resets");
		is($sink->{got}, 1001, 'the bytes came before');
		$relay->wait_sessions(++$count);
		$sink->close;
	}
	ends_well($relay);
};

each_backend 'a reset after the end of the other direction' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = pair($relay, $server);
	$client->send(10)->finish;
	is($upstream->until_end, 'fin', 'the client has ended');
	send_and_reset($upstream, 500);
	is($client->until_end, 'reset', 'the client is reset');
	is($client->{got}, 500, 'after the bytes');
	$relay->wait_sessions(1);
	$_->close for $client, $upstream;

	($client, $upstream) = pair($relay, $server);
	$upstream->send(10)->finish;
	is($client->until_end, 'fin', 'the upstream has ended');
	send_and_reset($client, 500);
	is($upstream->until_end, 'reset', 'the upstream is reset');
	is($upstream->{got}, 500, 'after the bytes');
	$relay->wait_sessions(2);
	$_->close for $client, $upstream;
	ends_well($relay);
};

each_backend 'a reset while the other side does not read' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 8192);
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = known_pair($relay, $server);
	$upstream->pause;
	$client->send(300_000);
	wait_polling { $client->{sent} == 300_001 } 'bytes to be taken', 1;
	$client->reset;
	ok($relay->quiet, 'no spinning over it');
	$upstream->resume;
	is($upstream->until_end, 'reset', 'a reset in the end');
	cmp_ok($upstream->{got}, '<=', 300_001, 'and nothing but its bytes before');
	is($relay->wait_sessions(1)->{reason}, 'client-reset', 'reason');
	$upstream->close;
	ends_well($relay);
};

# The relay finds the end of one side and the reset of the other in one turn,
# when the end can no longer be passed on: no clean end comes of that.
each_backend 'a reset that the end of the other side meets' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = known_pair($relay, $server);
	$upstream->finish;
	is($client->until_end, 'fin', 'the upstream has ended');
	$relay->signal('STOP');
	$client->finish->until_sent;
	wait_polling { !$client->unacknowledged } 'acknowledgement of the end';
	$upstream->reset;
	$relay->signal('CONT');
	is($relay->wait_sessions(1)->{reason}, 'upstream-reset', 'reason');
	$client->close;
	ends_well($relay);
};

each_backend 'many resets at once' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my @pairs = map { [ pair($relay, $server) ] } 1 .. 50;
	for my $pair (@pairs) {
		$_->send(200) for @$pair;
	}
	$_->until_got(200) for map { @$_ } @pairs;
	$pairs[$_][ $_ % 2 ]->reset for 0 .. $#pairs;
	my %ends;
	$ends{ $pairs[$_][ 1 - $_ % 2 ]->until_end }++ for 0 .. $#pairs;
	is_deeply(\%ends, { reset => 50 }, 'each reaches its own peer');
	$relay->wait_sessions(50);
	is($relay->reasons, 'client-reset=25 upstream-reset=25', 'reasons');
	$_->close for map { @$_ } @pairs;
	ends_well($relay);
};

each_backend 'UNIX sockets have no reset' => sub {
	my $server = listen_on('unix:' . new_path('upstream'));
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = pair($relay, $server);
	$client->send(1000);
	$upstream->until_got(1000);
	$client->reset;
	like($upstream->until_end, qr/\A(?:fin|reset)\z/, 'the upstream sees an end');
	is($relay->wait_sessions(1)->{reason}, 'client-reset', 'reason');
	$upstream->close;
	ends_well($relay);
};

each_backend 'upstream refuses' => sub {
	my $down = '127.0.0.1:' . reserve();
	my $relay = start_relay(upstream => $down);
	for my $bytes (0, 1000) {
		my $client = connect_to($relay->address);
		$client->send($bytes) if $bytes;
		is($client->until_end, 'reset', "a client with $bytes bytes is reset");
		$client->close;
	}
	my $session = $relay->wait_sessions(2);
	is($relay->reasons, 'connect-refused=2', 'reasons');
	is($session->{up}, 0, 'nothing was delivered');
	ends_well($relay);

	# nobody listens on a UNIX socket, or it is not there
	my $path = new_path('none');
	$relay = start_relay(upstream => "unix:$path");
	my $client = connect_to($relay->address);
	is($client->until_end, 'reset', 'no such socket');
	$client->close;
	like($relay->wait_sessions(1)->{reason}, qr/\Aconnect-(?:failed|refused)\z/, 'reason');
	ends_well($relay);

	$relay = start_relay(listen => 'unix:' . new_path('listen'), upstream => $down);
	$client = connect_to($relay->address);
	like($client->until_end, qr/\A(?:fin|reset)\z/, 'a UNIX client sees the close');
	$client->close;
	is($relay->wait_sessions(1)->{reason}, 'connect-refused', 'reason');
	ends_well($relay);
};

each_backend 'a client resets before the upstream answers' => sub {
	my ($server, $filler) = fill_backlog('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => \@long);
	my $client = connect_to($relay->address)->until_connected;
	ok($relay->quiet, 'connecting and quiet');
	$client->reset;
	is($relay->wait_sessions(1)->{reason}, 'client-reset', 'the connect is given up');
	ok($relay->at_baseline, 'and its socket closed');

	# with bytes before the reset
	$client = connect_to($relay->address);
	$client->send(1000)->until_sent;
	ok($relay->quiet, 'connecting with bytes and quiet');
	$client->reset;
	my $session = $relay->wait_sessions(2);
	is("@$session{qw(reason up)}", 'client-reset 0', 'whatever came before it');
	ends_well($relay);
	$filler->close;
};

each_backend 'a client ends before the upstream answers' => sub {
	my ($server, $filler) = fill_backlog('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => \@long);
	my $client = connect_to($relay->address);
	$client->send(1000)->finish->until_sent;
	ok($relay->quiet, 'connecting with an end and quiet');
	$server->resume;
	is(MuxTest::Net::address_of(getpeername($server->next->{socket})), $filler->{local},
		'the queue is open again');
	my $upstream = $server->next;
	is($upstream->until_end, 'fin', 'the end arrives');
	is($upstream->{got}, 1000, 'after the bytes');
	$upstream->send(2000)->finish;
	is($client->until_end, 'fin', 'the answer ends');
	is($client->{got}, 2000, 'and is whole');
	is($relay->wait_sessions(1)->{reason}, 'client-fin', 'reason');
	$_->close for $client, $upstream, $filler;
	ends_well($relay);
};

each_backend 'bytes queue up while connecting' => sub {
	my ($server, $filler) = fill_backlog('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => \@long);
	my $client = connect_to($relay->address);
	$client->send(32 << 20);
	ok($relay->quiet, 'quiet');
	cmp_ok($client->{sent}, '<', 32 << 20, 'the sender is stopped');
	$server->resume;
	$server->next;
	my $upstream = $server->next;
	$client->finish;
	is($upstream->until_end . " $upstream->{got}", 'fin ' . (32 << 20), 'all of it arrives');
	$_->close for $client, $upstream, $filler;
	$relay->wait_sessions(1);
	ends_well($relay);
};

done_testing();
