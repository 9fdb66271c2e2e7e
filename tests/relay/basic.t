#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Every byte arrives once and in order, on every pair of address families.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my $MIB = 1 << 20;
my @families = ('127.0.0.1', (has_ipv6() ? '[::1]' : ()), 'unix');

sub listen_place { return $_[0] eq 'unix' ? 'unix:' . new_path('listen') : $_[0]; }
sub upstream_place { return $_[0] eq 'unix' ? 'unix:' . new_path('upstream') : $_[0]; }

# Both sides send that many bytes, then end; checks both and the log.
sub exchange
{
	my ($relay, $server, $up, $down, $name) = @_;
	my $before = @{ $relay->{sessions} };
	my ($client, $upstream) = pair($relay, $server);
	$client->send($up)->finish;
	$upstream->send($down)->finish;
	is($upstream->until_end, 'fin', "$name: the upstream sees the end");
	is($client->until_end, 'fin', "$name: the client sees the end");
	is("$upstream->{got} $client->{got}", "$up $down", "$name: every byte arrived");
	my $session = $relay->wait_sessions($before + 1);
	is("@$session{qw(up down lost-up lost-down)}", "$up $down 0 0",
		"$name: the log counts them");
	like($session->{reason}, qr/\A(?:client|upstream)-fin\z/, "$name: reason");
	$_->close for $client, $upstream;
	return;
}

each_backend 'address families' => sub {
	for my $from (@families) {
		for my $to (@families) {
			my $server = listen_on(upstream_place($to));
			my $relay = start_relay(listen => listen_place($from), upstream => $server);
			exchange($relay, $server, 0, 0, "$from to $to, nothing");
			exchange($relay, $server, 1, 1, "$from to $to, a byte");
			exchange($relay, $server, $MIB, $MIB, "$from to $to, 1 MiB");
			ends_well($relay);
			$server->close;
		}
	}
};

each_backend 'sizes' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	for my $size (2, 511, 4095, 4096, 4097, 16384, 65535, 65536, 65537, 262143, 262144,
		262145) {
		exchange($relay, $server, $size, 0, "$size up");
		exchange($relay, $server, 0, $size, "$size down");
	}
	exchange($relay, $server, (quick() ? 16 : 64) * $MIB, 3, 'much up');
	exchange($relay, $server, 3, (quick() ? 16 : 64) * $MIB, 'much down');
	ends_well($relay);
};

each_backend 'byte by byte' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = pair($relay, $server);
	my $good = 0;
	for my $round (1 .. 1000) {
		$client->send(1);
		$upstream->until_got($round) or last;
		$upstream->send(1);
		$client->until_got($round) or last;
		$good = $round;
	}
	is($good, 1000, 'a thousand bytes each way, one at a time');

	# sizes change all the time, in both directions
	for my $round (1 .. 200) {
		$client->send(($round * 7919) % 70000);
		$upstream->send(($round * 104729) % 50000);
		$upstream->until_got($client->{to_send});
		$client->until_got($upstream->{to_send});
	}
	is($upstream->{got}, $client->{to_send}, 'mixed sizes up');
	is($client->{got}, $upstream->{to_send}, 'mixed sizes down');
	$_->close for $client, $upstream;
	ends_well($relay);
};

each_backend 'the upstream speaks first' => sub {
	my $server = listen_on('127.0.0.1',
		on_accept => sub { $_[0]->send_bytes("hello\n")->finish; });
	my $relay = start_relay(upstream => $server);
	my $client = connect_to($relay->address, collect => 1);
	is($client->until_end, 'fin', 'an end');
	is($client->{data}, "hello\n", 'a greeting');
	$client->close;
	is($relay->wait_sessions(1)->{reason}, 'upstream-fin', 'reason');
	ends_well($relay);
};

each_backend 'listeners' => sub {
	my $server = listen_on('127.0.0.1');
	my $port = reserve('127.0.0.1', has_ipv6() ? '[::1]' : ());
	for my $listen ($port, ":$port") {
		my $relay = start_relay(listen => $listen, upstream => $server);
		for my $host ('127.0.0.1', has_ipv6() ? '[::1]' : ()) {
			$relay->{listen} = "$host:$port";
			exchange($relay, $server, 10, 10, "listener $listen, client on $host");
			like($relay->{sessions}[-1]{client}, qr/\A\Q$host\E:\d+\z/,
				'the client in the log');
		}
		ends_well($relay);
	}

	my @places = ('127.0.0.1:' . reserve(), '127.0.0.1:' . reserve(),
		'unix:' . new_path('listen'));
	my $relay = start_relay(listen => join(',', @places), upstream => $server);
	is($relay->{start}{listen}, join(',', @places), 'all listeners in the start line');
	for my $place (@places) {
		$relay->{listen} = $place;
		exchange($relay, $server, 100, 100, "one of three: $place");
	}
	ends_well($relay);
	ok(!-e substr($places[2], 5), 'the socket is gone');

	$port = reserve('127.0.0.1', has_ipv6() ? '[::1]' : ());
	$relay = start_relay(listen => "localhost:$port", upstream => $server);
	$relay->{listen} = "127.0.0.1:$port";
	exchange($relay, $server, 10, 10, 'listener by name');
	ends_well($relay);
};

each_backend 'one session does not see another' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my @pairs = map { [ pair($relay, $server) ] } 1 .. 20;
	for my $round (1 .. 5) {
		for my $pair (@pairs) {
			$_->send(5000 * $round) for @$pair;
		}
	}
	$pairs[7][0]->reset;
	$pairs[8][1]->reset;
	my @left = @pairs[ 0 .. 6, 9 .. 19 ];
	for my $pair (@left) {
		$_->until_got(75000) for @$pair;
		$_->finish for @$pair;
		is($_->until_end, 'fin', "$_->{name} ends cleanly") for @$pair;
	}
	is(scalar(grep { $_->[0]{got} == 75000 && $_->[1]{got} == 75000 } @left), 18,
		'eighteen sessions are complete');
	$relay->wait_sessions(20);
	$_->close for map { @$_ } @pairs;
	ends_well($relay);
};

done_testing();
