#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# At a limit accepting pauses, and goes on when there is room (C8).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

each_backend 'connections' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => [ '--max-connections', 3 ]);
	is($relay->{start}{'max-connections'}, 3, 'in the start line');
	my @pairs = map { [ pair($relay, $server) ] } 1 .. 3;
	my @waiting = map { connect_to($relay->address)->until_connected } 1 .. 5;
	$_->send(1000)->finish for @waiting;
	ok($relay->quiet, 'at the limit and quiet');
	is($server->{accepted}, 3, 'no more than three reach the upstream');

	# those that it serves are not disturbed
	for my $pair (@pairs) {
		$_->send(5000) for @$pair;
		$_->until_got(5000) for @$pair;
	}
	is($server->{accepted}, 3, 'still three');

	# each one that ends lets one in
	my $served = 0;
	for my $pair (@pairs) {
		$_->finish for @$pair;
		$_->until_end for @$pair;
		my $upstream = $server->next;
		is($upstream->until_end . " $upstream->{got}", 'fin 1000', 'one more is served');
		$upstream->finish->until_sent->close;
		$served++;
	}
	while ($served < 5) {
		my $upstream = $server->next;
		is($upstream->until_end . " $upstream->{got}", 'fin 1000', 'and one more');
		$upstream->finish->until_sent->close;
		$served++;
	}
	is($_->until_end, 'fin', 'it waited and was served') for @waiting;
	$relay->wait_sessions(8);
	$_->close for @waiting, map { @$_ } @pairs;
	ends_well($relay);
};

each_backend 'one connection at a time' => sub {
	my $server = listen_on('127.0.0.1', on_accept => sub { $_[0]{echo} = 1;
		$_[0]{on_end} = sub { $_[0]->finish; }; });
	my $relay = start_relay(upstream => $server, options => [ '--max-connections', 1 ]);
	my @clients = map { connect_to($relay->address) } 1 .. 30;
	for my $client (@clients) {
		$client->expect($client)->send(100)->finish;
	}
	my %ends;
	for my $client (@clients) {
		$client->{on_end} = sub { $_[0]->close; };
		$ends{ $client->until_end . " $client->{got}" }++;
	}
	is_deeply(\%ends, { 'fin 100' => 30 }, 'all are served, one after another');
	$relay->wait_sessions(30);
	ends_well($relay);
};

each_backend 'descriptors' => sub {
	my $count = 100;
	my $held = 1;
	my @upstreams;
	my $server = listen_on('127.0.0.1', on_accept => sub {
		my ($upstream) = @_;
		push(@upstreams, $upstream);
		$upstream->finish if !$held;
	});
	my $relay = start_relay(upstream => $server, nofile => 64);
	my @clients = map { connect_to($relay->address)->send(1000)->finish } 1 .. $count;
	$_->until_connected for @clients;
	wait_polling {
		$relay->quiet && @upstreams > 5 && !grep { !$_->{eof} } @upstreams;
	} 'the limit';
	ok($relay->quiet, 'out of descriptors and quiet');
	cmp_ok(scalar(@upstreams), '<', 32, 'so many are served');
	cmp_ok(scalar(@upstreams), '>', 10, 'and not too few');

	$held = 0;
	$_->finish for @upstreams;
	my %ends;
	$ends{ $_->until_end }++ for @clients;
	is_deeply(\%ends, { fin => $count }, 'all clients are served in the end');
	$relay->wait_sessions($count);
	is(scalar(grep { $_->{up} == 1000 } @{ $relay->{sessions} }), $count,
		'with all their bytes');
	$_->close for @clients, @upstreams;
	ends_well($relay);
};

# Something else in the process or the system may take what it counted on.
each_backend 'fewer descriptors than were there' => sub {
	plan(skip_all => 'needs prlimit') if !which('prlimit');
	my $server = listen_on('127.0.0.1', on_accept => sub { $_[0]{echo} = 1;
		$_[0]{on_end} = sub { $_[0]->finish; }; });
	my $relay = start_relay(upstream => $server);
	my $now = $relay->descriptors;
	my ($status) = run(which('prlimit'), "--pid=$relay->{pid}", '--nofile=' . ($now + 7));
	plan(skip_all => 'prlimit is not permitted') if $status != 0;
	my @clients = map { connect_to($relay->address)->until_connected } 1 .. 40;
	ok($relay->quiet, 'cannot accept all, and quiet');
	for my $client (@clients) {
		$client->{on_end} = sub { $_[0]->close; };
		$client->expect($client)->send(500)->finish;
	}
	my %ends;
	$ends{ $_->until_end . " $_->{got}" }++ for @clients;
	is($ends{'fin 500'}, 40, 'all are served in the end') or diag(explain(\%ends));
	$relay->wait_sessions(40);
	ends_well($relay);
};

each_backend 'a limit on a UNIX socket' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(listen => 'unix:' . new_path('listen'), upstream => $server,
		options => [ '--max-connections', 1 ]);
	my ($client, $upstream) = pair($relay, $server);
	my $second = connect_to($relay->address)->send(10)->finish;
	ok($relay->quiet, 'at the limit and quiet');
	is($server->{accepted}, 1, 'one at a time');
	$client->close;
	is($upstream->until_end, 'fin', 'the first has ended');
	$upstream->close;
	my $next = $server->next;
	is($next->until_end . " $next->{got}", 'fin 10', 'the second is served');
	$next->close;
	$relay->wait_sessions(2);
	$second->close;
	ends_well($relay);
};

done_testing();
