#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# HUP: another plan in the place of the one in service, while sessions go on.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;
use MuxTest::Plan;

plan(skip_all => 'built without libfyaml') if !has_files();

for my $workers (1, 2) {
	each_backend "routes come, change and go, $workers" => sub {
		my ($one, $two, $three) = map { new_listen() } 1 .. 3;
		my ($old, $new) = map { listen_on('127.0.0.1') } 1 .. 2;
		my $relay = start_planned(options => [ '-w', $workers ], routes => [
			route_of('a', $one, $old->address), route_of('b', $two, $old->address) ]);
		my @a = session_at($one, $old);
		my @b = session_at($two, $old);

		like(reload_as($relay, route_of('a', $one, $old->address),
			route_of('b', $two, $new->address),
			route_of('c', $three, $new->address)),
			qr/ routes=3 kept=1 listeners=3 /, 'one is added, one changed');
		my @changed = session_at($two, $new);
		my @added = session_at($three, $new);
		ok(moves(@{$_}), 'goes on') for \@a, \@b, \@changed, \@added;
		like(reload_as($relay, route_of('a', $one, $old->address)),
			qr/ routes=1 kept=1 listeners=1 /, 'two are removed');
		ok(refused($_), "$_ refuses") for $two, $three;
		ok(moves(@{$_}), 'goes on') for \@a, \@b, \@changed, \@added;
		like(reload_as($relay, route_of('c', $three, $old->address)),
			qr/ routes=1 kept=0 listeners=1 /, 'all are others');
		ok(refused($_), "$_ refuses") for $one, $two;
		my @again = session_at($three, $old);
		my @all = (\@a, \@b, \@changed, \@added, \@again);
		ok(moves(@{$_}), 'goes on') for @all;
		for my $pair (@all) {
			$_->finish for @{$pair};
			is($_->until_end, 'fin', 'ends well') for @{$pair};
			$_->close for @{$pair};
		}
		$relay->wait_sessions(5);
		$relay->{baseline}--;
		ends_well($relay);
	};
}

each_backend 'sessions keep what they started with' => sub {
	my $listen = new_listen();
	my $server = listen_on('127.0.0.1');
	my $route = sub { route_of('a', $listen, $server->address, "timeouts: {idle: $_[0]}") };
	my $relay = start_planned(routes => [ $route->('1h') ]);
	my ($long, $long_up) = session_at($listen, $server);
	reload_as($relay, $route->('200ms'));
	my ($short, $short_up) = session_at($listen, $server);
	is($short->until_end, 'reset', 'a new one has the new limit');
	is($relay->wait_sessions(1)->{reason}, 'idle', 'and ends by it');
	reload_as($relay, $route->('1h'));
	my ($third, $third_up) = session_at($listen, $server);
	ok(moves($long, $long_up), 'the old one has the old limit');
	is($long->end, 'open', 'still');
	$_->close for $short, $short_up;
	$_->finish for $long, $long_up, $third, $third_up;
	$_->until_end for $long, $long_up, $third, $third_up;
	$_->close for $long, $long_up, $third, $third_up;
	$relay->wait_sessions(3);
	ends_well($relay);
};

for my $workers (1, 2) {
	each_backend "what waits is served, $workers" => sub {
		my ($one, $two) = map { new_listen() } 1 .. 2;
		my @routes = (route_of('a', $one, 'builtin:echo'),
			route_of('b', $two, 'builtin:echo'));
		my $head = "workers: $workers\nlimits: {connections: 1}\nroutes:\n";
		my $relay = start_planned(text => $head . $routes[0] . $routes[1]);
		my $holder = connect_to($one);
		$holder->expect($holder)->send(10)->until_got(10);
		my @waiting = map { connect_to($_)->until_connected } ($one) x 5, ($two) x 5;
		$_->expect($_)->send(1000)->finish for @waiting;

		# one listener stays, the other goes, with those who wait there
		write_file($relay->{file}, $head . $routes[0]);
		like(reload($relay), qr/ info reload routes=1 kept=1 listeners=1 /, 'reloaded');
		ok($relay->rests, 'and rests at the limit');
		is(scalar(grep { $_->{got} || $_->{eof} || $_->{error} } @waiting), 0, 'all wait');
		$holder->finish->until_end;
		is($_->until_end . " $_->{got}", 'fin 1000', 'is served') for @waiting;
		ok(until_refused($two), 'the one that went refuses then');
		is(calls($one), 'served', 'the other serves');
		$relay->wait_sessions(12);
		$_->close for $holder, @waiting;
		$relay->{baseline}--;
		ends_well($relay);
	};

	each_backend "a limit that becomes less, $workers" => sub {
		my $listen = new_listen();
		my $text = sub { "workers: $workers\nlimits: {connections: $_[0]}\nroutes:\n"
			. route_of('a', $listen, 'builtin:echo') };
		my $relay = start_planned(text => $text->(10));
		# a main thread that waits for no end
		is(calls($listen), 'served', 'one before');
		$relay->wait_sessions(1);
		my @clients = map { connect_to($listen) } 1 .. 5;
		$_->expect($_)->send(10)->until_got(10) for @clients;
		write_file($relay->{file}, $text->(2));
		like(reload($relay), qr/ info reload .* max-connections=2\z/, 'reloaded');
		my $next = connect_to($listen)->until_connected;
		$next->expect($next)->send(10);
		for my $client (splice(@clients, 0, 3)) {
			$client->finish->until_end;
			$client->close;
		}
		$relay->wait_sessions(4);
		ok($relay->quiet, 'quiet at the new limit');
		is($next->{got}, 0, 'who comes waits');
		shift(@clients)->finish->until_end;
		ok($next->until_got(10), 'and is served when there is room');
		$_->finish->until_end for $next, @clients;
		MuxTest::Peer::close_all();
		ends_well($relay);
	};
}

each_backend 'one that goes at its limit comes again' => sub {
	my ($one, $two) = map { new_listen() } 1 .. 2;
	my $limited = route_of('b', $two, 'builtin:echo', 'limits: {connections: 1}');
	my $relay = start_planned(routes => [ route_of('a', $one, 'builtin:echo'), $limited ]);
	my $holder = connect_to($two);
	$holder->expect($holder)->send(10)->until_got(10);
	my $waiting = connect_to($two)->until_connected;
	$waiting->expect($waiting)->send(1000)->finish;
	reload_as($relay, route_of('a', $one, 'builtin:echo'));
	like(reload_as($relay, route_of('a', $one, 'builtin:echo'), $limited),
		qr/ routes=2 kept=1 listeners=2 /, 'though some still waited there');
	is($waiting->until_end . " $waiting->{got}", 'fin 1000', 'who waited is served');
	is(calls($two), 'served', 'and who comes');
	$holder->finish->until_end;
	$_->close for $holder, $waiting;
	$relay->wait_sessions(3);
	ends_well($relay);
};

each_backend 'sockets of the UNIX domain' => sub {
	my ($one, $two) = map { new_path("sock") } 1 .. 2;
	my @routes = map { route_of($_->[0], "unix:$_->[1]", 'builtin:echo') }
	    [ 'a', $one ], [ 'b', $two ];
	my $relay = start_planned(routes => [ $routes[0] ]);
	my $inode = (stat($one))[1];
	reload_as($relay, @routes);
	is((stat($one))[1], $inode, 'is kept');
	is(calls("unix:$_"), 'served', 'serves') for $one, $two;
	reload_as($relay, $routes[0]);
	ok(!-e $two, 'the file of one that is removed goes');
	is((stat($one))[1], $inode, 'that of the other stays');
	reload_as($relay, @routes);
	is(calls("unix:$two"), 'served', 'is there again');

	# its name is another process's by now
	unlink($two);
	my $other = listen_on("unix:$two");
	reload_as($relay, $routes[0]);
	ok(-S $two, 'a file of another process stays');
	ok(index(reload_fails($relay, "routes:\n$routes[0]$routes[1]"),
		"cannot listen on unix:$two: ") > 0, 'and its place is taken');
	is(calls("unix:$one"), 'served', 'all is as it was');
	$relay->wait_sessions(4);
	ends_well($relay);
	ok(!-e $one && -S $two, 'at the end our files go, and no other');
};

# So many ports in a row that nobody has, the first of them.
sub ports_in_a_row
{
	my ($count) = @_;
	for (1 .. 200) {
		my $first = 20000 + int(rand(10000));
		my @held = map { eval { listen_on("127.0.0.1:" . ($first + $_)) } } 0 .. $count - 1;
		my $all = grep { defined } @held;
		$_->close for grep { defined } @held;
		return $first if $all == $count;
	}
	die "no $count ports in a row\n";
}

each_backend 'ranges of ports' => sub {
	my $first = ports_in_a_row(6);
	my $range = sub { my ($from, $to) = @_;
		return "limits: {connections: 1}\nroutes:\n" . route_of('a',
			'127.0.0.1:' . ($first + $from) . ($to > $from ? '-' . ($first + $to) : ''),
		'builtin:echo') };
	my $relay = start_planned(text => $range->(1, 3));
	my $holder = connect_to('127.0.0.1:' . ($first + 2));
	$holder->expect($holder)->send(10)->until_got(10);
	my @waiting = map { connect_to('127.0.0.1:' . ($first + $_))->until_connected } 1 .. 3;
	$_->expect($_)->send(1000)->finish for @waiting;
	write_file($relay->{file}, $range->(0, 5));
	like(reload($relay), qr/ listeners=6 /, 'it grows at both ends');
	ok($relay->rests && !grep({ $_->end ne 'open' } @waiting), 'who waits, waits');
	write_file($relay->{file}, $range->(2, 2));
	like(reload($relay), qr/ listeners=1 /, 'it shrinks');
	ok($relay->rests && !grep({ $_->end ne 'open' } @waiting), 'who waits, waits');
	$holder->finish->until_end;
	is($_->until_end . " $_->{got}", 'fin 1000', 'and is served') for @waiting;
	ok(until_refused('127.0.0.1:' . ($first + $_)), 'refused then') for 0, 1, 3, 4, 5;
	is(calls('127.0.0.1:' . ($first + 2)), 'served', 'what is left');
	$_->close for $holder, @waiting;
	$relay->wait_sessions(5);
	$relay->{baseline} -= 2;
	ends_well($relay);
};

# Each port of a listener's range belongs to a port of the upstream's.
# Their numbers are above those of all else that a start opens.
each_backend 'more than a thousand listeners' => sub {
	my ($backend) = @_;
	plan(skip_all => 'more than select watches') if $backend eq 'select';
	plan(skip_all => 'the limit of descriptors is too low')
	    if qx(ulimit -Hn) =~ /\A(\d+)/ && $1 < 2000;
	my $path = new_path('sock');
	my $routes = sub {
		return route_of('a', "unix:$path-0", 'builtin:echo') =~
		    s/"unix:\S+"/join(', ', map { "\"unix:$path-$_\"" } 0 .. $_[0] - 1)/er;
	};
	my $relay = start_planned(listen => "unix:$path-0", routes => [ $routes->(1200) ]);
	my ($most) = $relay->{started} =~ / max-connections=(\d+) /;
	my ($fewer) = reload_as($relay, $routes->(2)) =~ / max-connections=(\d+)\z/;
	cmp_ok($fewer, '>', $most, 'sessions have what they took');
	is(calls("unix:$path-1"), 'served', 'it serves');
	ends_well($relay);
};

each_backend 'ranges on both sides' => sub {
	my ($first, $other) = map { ports_in_a_row(3) } 1, 2;
	my @servers = map { my $n = $_; listen_on('127.0.0.1:' . ($other + $n),
		on_accept => sub { $_[0]->send_bytes($n)->finish }) } 0 .. 2;
	my $range = sub { my ($from, $to) = @_; return route_of('a',
		'127.0.0.1:' . ($first + $from) . '-' . ($first + $to),
		'127.0.0.1:' . ($other + $from) . '-' . ($other + $to)) };
	my $asks = sub { my $client = connect_to('127.0.0.1:' . ($first + $_[0]), collect => 1);
		$client->until_end; $client->close; return $client->{data} };
	my $relay = start_planned(routes => [ $range->(0, 2) ]);
	is($asks->($_), $_, "port $_") for 0 .. 2;
	reload_as($relay, $range->(1, 2));
	is($asks->($_), $_, "port $_ of less") for 1 .. 2;
	reload_as($relay, $range->(0, 1));
	is($asks->($_), $_, "port $_ of others") for 0 .. 1;
	$relay->wait_sessions(7);
	$relay->{baseline}--;
	ends_well($relay);
};

done_testing();
