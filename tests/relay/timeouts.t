#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The limits of time. Only lower bounds are measured: nothing ends early.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

sub seconds { return $_[0] =~ s/s\z//r; }

each_backend 'connect' => sub {
	my ($server, $filler) = fill_backlog('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => [ '--connect-timeout', '200ms' ]);
	my $client = connect_to($relay->address);
	$client->send(100)->finish;
	is($client->until_end, 'reset', 'the client is reset');
	my $session = $relay->wait_sessions(1);
	is("@$session{qw(reason up)}", 'connect-timeout 0', 'in the log');
	cmp_ok(seconds($session->{duration}), '>=', 0.2, 'not before its time');
	$client->close;
	ends_well($relay);
	$filler->close;
};

each_backend 'connected in time' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => [ '--connect-timeout', '100ms' ]);
	my ($client, $upstream) = pair($relay, $server);
	wait_polling { 0 } 'more than the limit', 0.3;
	$client->send(10)->finish;
	is($upstream->until_end . " $upstream->{got}", 'fin 10',
		'the limit is over with the connect');
	$upstream->finish;
	is($client->until_end, 'fin', 'and so to the end');
	$_->close for $client, $upstream;
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'idle' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => [ '--idle-timeout', '200ms' ]);
	my ($client, $upstream) = pair($relay, $server);
	is($client->until_end, 'reset', 'the client is reset');
	is($upstream->until_end, 'reset', 'the upstream is reset');
	my $session = $relay->wait_sessions(1);
	is($session->{reason}, 'idle', 'reason');
	cmp_ok(seconds($session->{duration}), '>=', 0.2, 'not before its time');
	$_->close for $client, $upstream;
	ends_well($relay);
};

each_backend 'idle starts anew' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => [ '--idle-timeout', '1s' ]);
	my @pairs = map { [ pair($relay, $server) ] } 1 .. 2;
	wait_polling { 0 } 'some of the limit', 0.4;
	my $sent_at = now();
	$pairs[0][0]->send(1);    # up
	$pairs[1][1]->send(1);    # down
	$pairs[0][1]->until_got(1);
	$pairs[1][0]->until_got(1);
	for my $peer (map { @$_ } @pairs) {
		is($peer->until_end, 'reset', "$peer->{name} is reset");
		cmp_ok(now() - $sent_at, '>=', 1, 'after the whole limit from its last byte');
	}
	$_->close for map { @$_ } @pairs;
	$relay->wait_sessions(2);
	is($relay->reasons, 'idle=2', 'reasons');
	ends_well($relay);
};

each_backend 'idle with bytes that nobody reads' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 8192);
	my $relay = start_relay(upstream => $server, options => [ '--idle-timeout', '300ms' ]);
	my ($client, $upstream) = pair($relay, $server);
	$upstream->pause;
	$client->send(48 << 20);
	my $session = $relay->wait_sessions(1);
	is($session->{reason}, 'idle', 'it is not moving');
	cmp_ok($session->{'lost-up'}, '>', 0, 'the bytes it held are counted');
	is($client->until_end, 'reset', 'the client is reset');
	$upstream->resume;
	is($upstream->until_end, 'reset', 'the upstream is reset');
	$_->close for $client, $upstream;
	ends_well($relay);
};

each_backend 'a slow reader is not idle' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 8192);
	my $relay = start_relay(upstream => $server, options => [ '--idle-timeout', '1500ms' ]);
	my ($client, $upstream) = pair($relay, $server);
	my $begun_at = now();
	$upstream->pause;
	$client->send(600_000)->until_sent;
	while ($upstream->{got} < 600_000 && now() - $begun_at < 3) {
		wait_polling { 0 } 'a part of the limit', 0.1;
		$upstream->resume->until_got($upstream->{got} + 1);
		$upstream->pause;
	}
	cmp_ok(now() - $begun_at, '>=', 1.5, 'it took longer than the limit');
	is(scalar(@{ $relay->{sessions} }), 0, 'and the session is there');
	$upstream->resume->until_got(600_000);
	is($upstream->{got}, 600_000, 'it gets all');
	$_->finish for $client, $upstream;
	$_->until_end for $client, $upstream;
	$relay->wait_sessions(1);
	$_->close for $client, $upstream;
	ends_well($relay);
};

each_backend 'no limits' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server,
		options => [ '--idle-timeout', 'off', '--half-close-timeout', 'off' ]);
	my ($client, $upstream) = pair($relay, $server);
	$client->finish;
	$upstream->until_end;
	ok($relay->quiet, 'quiet');
	$upstream->send(10)->finish;
	is($client->until_end . " $client->{got}", 'fin 10', 'still there');
	$_->close for $client, $upstream;
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'shutdown' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => [ '--shutdown-timeout', '200ms' ]);
	my ($client, $upstream) = pair($relay, $server);
	my $signal_at = now();
	$relay->signal('TERM');
	is($client->until_end, 'reset', 'the client is reset');
	cmp_ok(now() - $signal_at, '>=', 0.2, 'not before its time');
	is($upstream->until_end, 'reset', 'the upstream is reset');
	ends_well($relay, fds => 0, signal => '');
	is($relay->reasons, 'shutdown=1', 'reason');
	$_->close for $client, $upstream;
};

each_backend 'many limits at once' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => [ '--idle-timeout', '400ms' ]);
	my @pairs = map { [ pair($relay, $server) ] } 1 .. 100;
	my %ends;
	$ends{ $_->until_end }++ for map { @$_ } @pairs;
	is_deeply(\%ends, { reset => 200 }, 'all are reset');
	$relay->wait_sessions(100);
	is($relay->reasons, 'idle=100', 'reasons');
	is(scalar(grep { seconds($_->{duration}) < 0.4 } @{ $relay->{sessions} }), 0, 'none early');
	$_->close for map { @$_ } @pairs;
	ends_well($relay);
};

done_testing();
