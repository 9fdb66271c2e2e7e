#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# A side that does not read stops the other one's sending; nothing is lost,
# and memory stays bounded (C10).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my $MIB = 1 << 20;

each_backend 'nobody reads' => sub {
	my $count = quick() ? 4 : 10;
	my $each = 48 * $MIB;
	my $server = listen_on('127.0.0.1', rcvbuf => 65536);
	my $relay = start_relay(upstream => $server);
	my $before = $relay->resident_kib;
	my (@clients, @upstreams);
	for (1 .. $count) {
		my ($client, $upstream) = pair($relay, $server);
		$_->pause for $client, $upstream;
		push(@clients, $client->send($each));
		push(@upstreams, $upstream);
	}
	ok($relay->takes_no_more(@clients), 'the clients are stopped, the relay is quiet');
	is(scalar(grep { $_->{sent} < $each } @clients), $count, 'each of them');

	SKIP: {
		skip('memory is not measured here', 1) if !defined($before) || sanitized();
		cmp_ok($relay->resident_kib - $before, '<', $count * 1024 + 4096,
			'memory is bounded');
	}

	# the other direction is free
	$_->send(100_000) for @upstreams;
	$_->resume for @clients;
	$_->until_got(100_000) for @clients;
	is(scalar(grep { $_->{got} == 100_000 } @clients), $count, 'the other direction goes on');

	$_->resume for @upstreams;
	$_->finish for @clients, @upstreams;
	my %ends;
	$ends{ $_->until_end . " $_->{got}" }++ for @clients, @upstreams;
	is_deeply(\%ends, { "fin $each" => $count, 'fin 100000' => $count },
		'then all of it arrives');
	$relay->wait_sessions($count);
	like($relay->reasons, qr/\A(?:client-fin=\d+ ?|upstream-fin=\d+ ?)+\z/, 'reasons');
	$_->close for @clients, @upstreams;
	ends_well($relay);
};

# C10 to the figure: a flow holds one read, 64 KiB.  To that come, for each
# session, its record and what the allocator rounds; once, the two buffers that
# the worker shares, and what it touches at its first work.
each_backend 'memory of blocked flows' => sub {
	my $count = 24;
	my $server = listen_on('unix:' . new_path('upstream'));
	my $relay = start_relay(upstream => $server);
	my $before = $relay->resident_kib;
	plan(skip_all => 'memory is not measured here') if !defined($before) || sanitized();
	my @after;
	for my $round (1 .. 3) {
		my @pairs = map { [ pair($relay, $server) ] } 1 .. $count;
		for my $pair (@pairs) {
			$pair->[1]->pause;
			$pair->[0]->send(16 * $MIB);
		}
		$relay->takes_no_more(map { $_->[0] } @pairs);

		# with more waiting behind it, a queue is filled anew by a whole read
		$relay->signal('STOP');
		for my $upstream (map { $_->[1] } @pairs) {
			$upstream->{at_once} = 4096;
			my $wanted = $upstream->{got} + 140_000;
			$upstream->resume->until_got($wanted);
			$upstream->pause;
		}
		$relay->signal('CONT');
		$relay->takes_no_more(map { $_->[0] } @pairs);
		is(scalar(grep { $_->[0]{sent} < 16 * $MIB } @pairs), $count, 'all are stopped');
		push(@after, $relay->resident_kib);
		$_->close for map { @$_ } @pairs;
		$relay->wait_sessions($round * $count);
	}
	cmp_ok($_ - $before, '<=', $count * (64 + 4) + 384, "$count flows hold no more")
	    for @after;
	ends_well($relay);
};

each_backend 'both directions blocked' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = pair($relay, $server);
	my @both = map { $_->pause->send(48 * $MIB)->finish } $client, $upstream;
	ok($relay->takes_no_more(@both), 'both are stopped, the relay is quiet');
	$_->resume for @both;
	is($_->until_end . " $_->{got}", 'fin ' . 48 * $MIB, "$_->{name} got everything") for @both;
	$_->close for @both;
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'blocked UNIX sockets' => sub {
	my $server = listen_on('unix:' . new_path('upstream'));
	my $relay = start_relay(listen => 'unix:' . new_path('listen'), upstream => $server);
	my ($client, $upstream) = pair($relay, $server);
	my @both = map { $_->pause->send(8 * $MIB)->finish } $client, $upstream;
	ok($relay->takes_no_more(@both), 'both are stopped, the relay is quiet');
	$_->resume for @both;
	is($_->until_end . " $_->{got}", 'fin ' . 8 * $MIB, "$_->{name} got everything") for @both;
	$_->close for @both;
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'stop and go' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 8192);
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = pair($relay, $server, rcvbuf => 8192);
	my $total = (quick() ? 1 : 3) * $MIB;
	$_->send($total)->finish for $client, $upstream;

	# reads a little, then looks away while the other one works
	my $turn = 0;
	until ($client->{eof} && $upstream->{eof}) {
		my ($now, $other) = $turn++ % 2 ? ($client, $upstream) : ($upstream, $client);
		$now->{at_once} = 1 + ($turn * 7919) % 30000;
		$other->pause if !$now->{eof};
		$now->resume;
		my $wanted = $now->{got} + 100_000;
		wait_until { $now->{got} >= $wanted || $now->{eof} || $now->{error} } 'a part';
		last if $now->{error};
		$other->resume;
	}
	is($_->end . " $_->{got}", "fin $total", "$_->{name} got everything")
	    for $client, $upstream;
	$_->close for $client, $upstream;
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'a blocked session does not hold up another' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my ($blocked, $sink) = pair($relay, $server);
	$sink->pause;
	$blocked->send(64 * $MIB);
	ok($relay->takes_no_more($blocked), 'one is blocked');
	my ($client, $upstream) = pair($relay, $server);
	$client->send($MIB)->finish;
	$upstream->send($MIB)->finish;
	is($_->until_end . " $_->{got}", "fin $MIB", "$_->{name} is served") for $client, $upstream;
	$_->close for $blocked, $sink, $client, $upstream;
	$relay->wait_sessions(2);
	ends_well($relay);
};

done_testing();
