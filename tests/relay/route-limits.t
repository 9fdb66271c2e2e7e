#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The limits of routes: who waits, and what is told and counted.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;
use MuxTest::Routes;

needs_files();
my $host = '127.0.0.1';

each_crew 'connections of a route' => sub {
	my ($workers) = @_;
	my ($a, $b) = (place(), place());
	my $server = listen_on($host);
	my $relay = start_routes($workers, '', [ 'a', $a, $server, 'limits: {connections: 3}' ],
		[ 'b', $b, $echo ]);
	my @pairs = map { [ pair($relay, $server) ] } 1 .. 3;
	my @waiting = map { connect_to($a)->until_connected->send(100)->finish } 1 .. 5;
	ok($relay->rests, 'at the limit, and quiet');
	is($server->{accepted}, 3, 'no more than three at a time');
	my @others = map { connect_to($b) } 1 .. 10;
	is(fate($_), 'in', 'other routes go on') for @others;
	for my $pair (@pairs) {
		$_->send(5000) for @$pair;
		$_->until_got(5000) for @$pair;
	}
	is($server->{accepted}, 3, 'still three');
	leave($relay, @others);

	# each that ends lets one in
	for my $number (1 .. 5) {
		if (my $pair = shift(@pairs)) {
			$_->close for @$pair;
		}
		my $upstream = $server->next;
		is($upstream->until_end . " $upstream->{got}", 'fin 100', 'one more is served');
		$upstream->finish->until_sent->close;
	}
	is($_->until_end, 'fin', 'who waited is served') for @waiting;
	$_->close for @waiting, map { @$_ } @pairs;
	$relay->wait_sessions(18);
	is(scalar(told($relay, qr/ accept-paused error="connection limit" route=a sessions=3$/)), 1,
		'it is told once');
	is(scalar(told($relay, qr/ accept-paused /)), 1, 'and nothing else');
	ends_with_refused($relay, 0);
};

each_crew 'connections of all routes' => sub {
	my ($workers) = @_;
	my @places = map { place() } 1 .. 3;
	my $relay = start_routes($workers, 'limits: {connections: 4}',
		[ 'a', $places[0], $echo, 'limits: {connections: 2}' ],
		map { [ "r$_", $places[$_], $echo ] } 1, 2);
	my @open = map { connect_to($places[$_]) } 0, 0, 1, 2;
	is(fate($_), 'in', 'up to the limit') for @open;
	my @waiting = map { connect_to($places[ $_ % 3 ])->send(10)->finish } 0 .. 8;
	$_->expect($_)->until_connected for @waiting;
	ok($relay->rests, 'at the limit, and quiet');
	is(scalar(grep { $_->{got} || $_->{error} } @waiting), 0, 'all others wait');
	# of the other routes alone, so the first still has its two
	leave($relay, @open[ 2, 3 ]);
	is($waiting[$_]->until_end . " $waiting[$_]{got}", 'fin 10', 'one of another route')
	    for grep { $_ % 3 } 0 .. 8;
	is($waiting[$_]{got}, 0, 'its own limit holds the first up') for 0, 3, 6;
	$_->close for @open[ 0, 1 ];
	is($waiting[$_]->until_end . " $waiting[$_]{got}", 'fin 10', 'until there is room')
	    for 0, 3, 6;
	$_->close for @waiting;
	$relay->wait_sessions(13);
	is(scalar(told($relay, qr/ accept-paused error="connection limit" sessions=4$/)), 1,
		'the limit of all is told once');
	is(scalar(told($relay, qr/ accept-paused error="connection limit" route=a /)), 1,
		'and that of the route');
	ends_with_refused($relay, 0);
};

# 20 at once, and then one each fiftieth of a second: so never earlier.
each_crew 'the rate of a route' => sub {
	my ($workers) = @_;
	my ($a, $b) = (place(), place());
	my $relay = start_routes($workers, '', [ 'a', $a, $echo, 'limits: {accept-rate: 20/s}' ],
		[ 'b', $b, $echo ]);
	my $begin = now();
	my @clients = map { connect_to($a)->send(10)->finish } 1 .. 60;
	$_->expect($_) for @clients;
	is(fate($_), 'in', 'other routes go on') for my @others = map { connect_to($b) } 1 .. 5;
	cmp_ok(scalar(grep { $_->{got} } @clients), '<', 60, 'while some wait');
	my %ends;
	$ends{ $_->until_end . " $_->{got}" }++ for @clients;
	is_deeply(\%ends, { 'fin 10' => 60 }, 'nobody is refused');
	cmp_ok(now() - $begin, '>=', 1.99, 'and they are paced');
	$_->close for @clients, @others;
	$relay->wait_sessions(65);
	is(scalar(told($relay, qr/ accept-paused error="accept rate" route=a sessions=\d+$/)), 1,
		'it is told once');
	is(scalar(told($relay, qr/ accept-paused /)), 1, 'and nothing else');
	ok($relay->rests, 'quiet afterwards');
	ends_with_refused($relay, 0);
};

each_crew 'a reload' => sub {
	my ($workers) = @_;
	my ($a, $b) = (place(), place());
	my $route = sub { return [ 'a', $a, $echo, $_[0] ] };
	my $b_route = [ 'b', $b, $echo ];
	my $relay = start_routes($workers, '', $route->('limits: {connections: 1}'), $b_route);
	my @clients = map { connect_to($a)->send(10) } 1 .. 4;
	$_->expect($_) for @clients;
	$clients[0]->until_got(10);
	ok($relay->rests, 'at the limit');
	is(scalar(grep { $_->{got} } @clients), 1, 'one is in');
	reload($relay, '', $route->('limits: {connections: 3}'), $b_route);
	wait_until { 3 == grep { $_->{got} } @clients } 'as many as may be now';
	ok($relay->rests, 'at the new limit');
	is(scalar(grep { $_->{got} } @clients), 3, 'which counts those that were there');
	reload($relay, '', $route->('limits: {connections: 2}'), $b_route);
	my ($waiting) = grep { !$_->{got} } @clients;
	my @in = grep { $_->{got} } @clients;
	leave($relay, shift(@in));
	ok($relay->rests, 'there are two, as many as may be');
	is($waiting->{got}, 0, 'and one waits');
	leave($relay, shift(@in));
	ok($waiting->until_got(10), 'and is let in when there is room');

	# of all together
	push(@in, $waiting, connect_to($b));
	is(fate($in[2]), 'in', 'another route');
	reload($relay, 'limits: {connections: 2}', $route->(''), $b_route);
	my @more = map { connect_to($_)->send(10) } $a, $b;
	$_->expect($_) for @more;
	ok($relay->rests, 'more than may be, and quiet');
	leave($relay, shift(@in));
	ok($relay->rests, 'as many as may be');
	is($_->{got}, 0, 'who comes now waits') for @more;
	leave($relay, @in);
	ok($_->until_got(10), 'until there is room') for @more;
	reload($relay, '', $route->('deny: 127.0.1.0/24'), $b_route);
	is(fate(from($a, '127.0.1.1')), 'reset', 'who is denied now');
	is(fate($_), 'in', 'who was there stays') for @more;
	leave($relay, @more);
	ends_with_refused($relay, 1);
};

# Several workers tell of an end only when somebody waits for it.
each_crew 'a lower limit by a reload' => sub {
	my ($workers) = @_;
	my $route = [ 'a', place(), $echo ];
	my $relay = start_routes($workers, '', $route);
	my @in = map { connect_to($relay->address) } 1 .. 4;
	is(fate($_), 'in', 'without a limit') for @in;
	leave($relay, shift(@in));
	reload($relay, 'limits: {connections: 2}', $route);
	my $waiting = connect_to($relay->address)->send(10);
	$waiting->expect($waiting);
	leave($relay, shift(@in));
	ok($relay->rests, 'as many as may be');
	is($waiting->{got}, 0, 'one waits');
	leave($relay, shift(@in));
	ok($waiting->until_got(10), 'until there is room');
	is(scalar(told($relay, qr/ accept-paused error="connection limit" sessions=\d$/)), 1,
		'it is told of the reload');
	leave($relay, @in, $waiting);
	ends_with_refused($relay, 0);

	$relay = start_routes($workers, '', $route);
	@in = map { connect_to($relay->address) } 1 .. 3;
	is(fate($_), 'in', 'without a limit') for @in;
	reload($relay, '', [ @$route, 'limits: {connections: 2}' ]);
	is(scalar(told($relay, qr/ accept-paused error="connection limit" route=a sessions=3$/)),
		1, 'that of a route is told as well');
	leave($relay, @in);
	ends_with_refused($relay, 0);
};

# A listener that was taken out of service while its route was at a limit.
each_crew 'a route goes at its limit' => sub {
	my ($workers) = @_;
	for my $waiters (0, 1, 2) {
		my ($a, $b) = (place(), place());
		my $relay = start_routes($workers, '',
			[ 'a', $a, $echo, 'limits: {connections: 1}' ], [ 'b', $b, $echo ]);
		my $in = connect_to($a);
		is(fate($in), 'in', 'at the limit');
		my @waiting = map { connect_to($a)->send(10)->finish } 1 .. $waiters;
		$_->until_connected for @waiting;
		$_->expect($_) for @waiting;
		reload($relay, '', [ 'b', $b, $echo ]);
		leave($relay, $in);
		is($_->until_end . " $_->{got}", 'fin 10', 'who waited is served') for @waiting;
		$_->close for @waiting;
		$relay->wait_sessions(1 + $waiters);
		$relay->rests;
		my $late = connect_to($a)->until_connected;
		ok(!$late->{connected}, "and then nobody listens, $waiters waited");
		$late->close;
		my $other = connect_to($b);
		is(fate($other), 'in', 'the other route is there');
		leave($relay, $other);
		ends_well($relay);
	}
};

# Told to stop, it serves who waits, but for those whom a limit holds up.
each_crew 'a stop at a limit' => sub {
	my ($workers) = @_;
	for my $waiters (0, 2) {
		my ($a, $b) = (place(), place());
		my $relay = start_routes($workers, '',
			[ 'a', $a, $echo, 'limits: {connections: 1}' ], [ 'b', $b, $echo ]);
		my @in = map { connect_to($_) } $a, $b;
		is(fate($_), 'in', 'a session') for @in;
		my @waiting = map { connect_to($a)->until_connected->send(10) } 1 .. $waiters;
		ok($relay->rests, "at the limit, $waiters wait");
		$relay->signal('TERM');
		$relay->wait_for_line(qr/ drain /);
		is($_->until_end, 'reset', 'who waits is reset') for @waiting;
		is(fate($_), 'in', 'the sessions go on') for @in;
		leave($relay, @in);
		ends_well($relay, signal => '');
		is(scalar(told($relay, qr/ warning unserved route=a /)), $waiters ? 1 : 0,
			'and it is told when there were any');
		is(scalar(told($relay, qr/ unserved /)), $waiters ? 1 : 0, 'of this route alone');
	}
};

# Who accepts looks at the limit when a worker may have served already.
sub noticed
{
	my ($relay) = @_;
	return wait_polling { $relay->is_asleep } 'the thread that accepts';
}

# A pause is told once, until accepting has gone on for ten seconds.
one_test 'episodes' => sub {
	my @relays;
	for my $workers (1, 3) {
		my ($a, $b, $c) = (place(), place(), place());
		my $relay = start_routes($workers, 'limits: {connections: 4}',
			[ 'a', $a, $echo, 'limits: {connections: 1}' ], [ 'b', $b, $echo ],
			[ 'c', $c, $echo, 'limits: {connections: 1}' ]);
		my $stays = connect_to($c);
		is(fate($stays), 'in', "$workers workers: one route stays at its limit");
		for (1 .. 3) {
			my $client = connect_to($a);
			is(fate($client), 'in', 'at the limit of the route');
			noticed($relay);
			leave($relay, $client);
		}
		for (1 .. 2) {
			my @clients = map { connect_to($b) } 1 .. 3;
			is(fate($_), 'in', 'at the limit of all') for @clients;
			noticed($relay);
			leave($relay, @clients);
		}
		push(@relays, [ $relay, $stays ]);
	}
	for my $entry (@relays) {
		my ($relay, $stays) = @$entry;
		wait_until { told($relay, qr/ accept-resumed /) == 2 } 'the end of two episodes';
		ok(told($relay, qr/ accept-resumed pauses=3 duration=\S+ route=a sessions=0$/),
			'that of the route');
		# several workers count an end when it matters: so there may be one more
		my ($of_all) = map { / accept-resumed pauses=(\d+) duration=\d+\.\d+s sessions=1$/ }
		    @{ $relay->{lines} };
		cmp_ok($of_all, '>=', 2, 'that of all');
		leave($relay, $stays);
		my $client = connect_to($relay->address);
		is(fate($client), 'in', 'at the limit again');
		noticed($relay);
		leave($relay, $client);
		is(scalar(told($relay, qr/ accept-paused .* route=a /)), 2, 'which is another one');
		is(scalar(told($relay, qr/ accept-paused .* route=c /)), 1, 'and the rest is not');
		is(scalar(told($relay, qr/ accept-paused /)), 4, 'nothing else is told');
		ends_with_refused($relay, 0);
		is($relay->{stop}{pauses}, 5 + $of_all, 'all are counted');
	}
};

# Who still waits at the place of before is not who comes now.
one_test 'an episode of a route that moves' => sub {
	my ($before, $after, $begin) = (place(), place(), now());
	my $route = sub { return [ 'a', $_[0], $echo, "limits: {connections: $_[1]}" ] };
	my $relay = start_routes(1, '', $route->($before, 1));
	my @in = connect_to($before);
	is(fate($in[0]), 'in', 'at the limit');
	my $waiting = connect_to($before)->until_connected;
	reload($relay, '', $route->($after, 10));
	push(@in, connect_to($after));
	is(fate($in[1]), 'in', 'there is room at another place');
	my ($lasted) = $relay->wait_for_line(qr/ accept-resumed pauses=1 .* route=a sessions=2$/)
	    =~ / duration=(\d+\.\d{3})s /;
	cmp_ok($lasted, '<=', now() - $begin, 'an episode ends with its last pause');
	ok($relay->rests, 'its end is told, and then it is quiet');
	leave($relay, @in);
	is(fate($waiting), 'in', 'who waited is served');
	leave($relay, $waiting);
	ends_with_refused($relay, 0);
};

done_testing();
