#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The built-in services (RFC 862 to 864).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my $MIB = 1 << 20;

each_backend 'echo' => sub {
	my $relay = start_relay(upstream => 'builtin:echo');
	for my $size (0, 1, 70_000, 16 * $MIB) {
		my $client = connect_to($relay->address);
		$client->expect($client)->send($size)->finish;
		is($client->until_end . " $client->{got}", "fin $size", "$size bytes");
		$client->close;
	}
	my $client = connect_to($relay->address);
	$client->expect($client);
	for my $round (1 .. 200) {
		$client->send(10);
		$client->until_got(10 * $round) or last;
	}
	is($client->{got}, 2000, 'line by line');
	ok($relay->quiet, 'quiet');
	$client->reset;
	my $session = $relay->wait_sessions(5);
	is("@$session{qw(upstream reason)}", 'builtin:echo client-reset', 'in the log');
	ends_well($relay);
};

each_backend 'echo to one that does not read' => sub {
	my $relay = start_relay(upstream => 'builtin:echo');
	my $client = connect_to($relay->address);
	$client->expect($client)->pause->send(48 * $MIB)->finish;
	my $before;
	do { $before = $client->{sent} } until $relay->quiet && $client->{sent} == $before;
	cmp_ok($client->{sent}, '<', 48 * $MIB, 'the sender is stopped');
	$client->resume;
	is($client->until_end . " $client->{got}", 'fin ' . 48 * $MIB,
		'then everything comes back');
	$client->close;
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'discard' => sub {
	my $relay = start_relay(upstream => 'builtin:discard');
	my $client = connect_to($relay->address);
	$client->send(16 * $MIB)->finish;
	is($client->until_end . " $client->{got}", 'fin 0', 'takes all and says nothing');
	$client->close;
	my $session = $relay->wait_sessions(1);
	is("@$session{qw(up down)}", 16 * $MIB . ' 0', 'in the log');
	ends_well($relay);
};

each_backend 'chargen' => sub {
	my $relay = start_relay(upstream => 'builtin:chargen');
	my $client = connect_to($relay->address, collect => 1);
	wait_until { length($client->{data}) > $MIB } 'a MiB';
	$client->pause;
	my @lines = split(/\r\n/, substr($client->{data}, 0, $MIB));
	pop(@lines);
	like($lines[0], qr/\A[ -~]{72}\z/, 'lines of 72 characters');
	is(scalar(grep { length != 72 } @lines), 0, 'all of them');
	my @odd = grep { substr($lines[$_], 0, 71) ne substr($lines[ $_ - 1 ], 1) } 1 .. $#lines;
	is(scalar(@odd), 0,
		'each begins one further');
	ok($relay->quiet, 'stops when nobody reads');
	$client->reset;
	is($relay->wait_sessions(1)->{reason}, 'client-reset', 'reason');
	ends_well($relay);
};

each_backend 'many at once' => sub {
	my $relay = start_relay(upstream => 'builtin:echo');
	my $limit = $relay->{start}{'max-connections'};
	my @clients = map { connect_to($relay->address) } 1 .. (quick() || $limit < 200 ? 50 : 200);
	$_->expect($_)->send(5000)->finish for @clients;
	my %ends;
	$ends{ $_->until_end . " $_->{got}" }++ for @clients;
	is_deeply(\%ends, { 'fin 5000' => scalar(@clients) }, 'all are served');
	$_->close for @clients;
	$relay->wait_sessions(scalar(@clients));
	ends_well($relay);
};

done_testing();
