#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# HUP in whatever state: while it drains or looks names up, when what has gone is
# still at work; and that nothing is left, however often.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use Fcntl qw(O_WRONLY O_NONBLOCK);
use POSIX qw(mkfifo);
use MuxTest;
use MuxTest::Plan;

plan(skip_all => 'built without libfyaml') if !has_files();

my $names_shim = shim('fake-names');

each_backend 'while it drains' => sub {
	my $listen = new_listen();
	my $server = listen_on('127.0.0.1');
	my $relay = start_planned(routes => [ route_of('a', $listen, $server->address) ]);
	my @pair = session_at($listen, $server);
	$relay->signal('QUIT');
	$relay->wait_for_line(qr/ info drain /);
	for my $signal ('HUP', 'USR2') {
		$relay->signal($signal);
		like($relay->wait_for_line(qr/ signal name=SIG$signal /), qr/ action=none\z/,
			"$signal does nothing");
	}
	ok($relay->rests, 'and it rests');
	ok(refused($listen), 'nobody listens');
	ok(moves(@pair), 'the session goes on');
	$_->finish for @pair;
	$_->until_end for @pair;
	ends_well($relay, signal => '', fds => 0);
	is((grep { / reload / } @{ $relay->{lines} }), 0, 'no reload');
};

each_backend 'a drain while it reloads' => sub {
	plan(skip_all => 'fake-names is not built') if !defined($names_shim);
	my ($names, $fifo, $listen, $path) = (new_path('names'), new_path('fifo'), new_listen(),
		new_path('sock'));
	mkfifo($fifo, 0600) or die "mkfifo: $!\n";
	write_file($names, "slow.test wait $fifo 127.0.0.1\n");
	my @routes = (route_of('a', $listen, 'builtin:echo'),
		route_of('u', "unix:$path", 'builtin:echo'));
	my $relay = start_planned(routes => \@routes,
		env => { LD_PRELOAD => $names_shim, FAKE_NAMES => $names });
	write_file($relay->{file}, join('', "routes:\n", @routes,
		route_of('b', 'slow.test:' . reserve(), 'builtin:echo')));
	$relay->signal('HUP');
	my $writer;
	wait_polling { sysopen($writer, $fifo, O_WRONLY | O_NONBLOCK) } 'the look-up';
	is(calls($listen), 'served', 'meanwhile it serves');
	my $client = connect_to($listen);
	$client->expect($client)->send(10)->until_got(10);
	$relay->signal('QUIT');
	$relay->wait_for_line(qr/ info drain /);
	close($writer);
	ok($relay->rests, 'what is read then is not used');
	ok($client->send(10)->until_got(20), 'the session goes on');
	ok(!-e $path, 'files are gone');
	$client->finish->until_end;
	ends_well($relay, signal => '', fds => 0);
};

each_backend 'without a file' => sub {
	my $relay = start_relay(upstream => 'builtin:echo');
	$relay->signal('HUP');
	like($relay->wait_for_line(qr/ signal name=SIGHUP /), qr/ action=none\z/,
		'nothing to read');
	is(calls($relay->address), 'served', 'served');
	$relay->wait_sessions(1);
	ends_well($relay);
};

sub threads { return scalar(() = glob("/proc/$_[0]{pid}/task/*")); }

each_backend 'names, and threads for them' => sub {
	plan(skip_all => 'fake-names is not built') if !defined($names_shim);
	my ($names, $listen) = (new_path('names'), new_listen());
	write_file($names, "echo.test 127.0.0.1\n");
	my $server = listen_on('127.0.0.1', on_accept => sub { $_[0]{echo} = 1;
		$_[0]{on_end} = sub { $_[0]->finish } });
	my $port = $server->port;
	my $route = sub { route_of('a', $listen, "echo.test:$port", "timeouts: {idle: $_[0]s}") };
	my $relay = start_planned(routes => [ $route->(100) ],
		env => { LD_PRELOAD => $names_shim, FAKE_NAMES => $names });
	is(calls($listen), 'served', 'served');
	my ($threads, $times) = (threads($relay), quick() ? 10 : 60);
	for my $time (1 .. $times) {
		reload_as($relay, $route->(100 + $time));
		calls($listen) eq 'served' or fail("call $time");
	}
	$relay->wait_sessions(1 + $times);
	ok((wait_polling { threads($relay) <= $threads } 'threads to end'), 'threads are back');
	ends_well($relay);
};

# The last session of a route that has gone ends when its name does.
each_backend 'a name that fails when its route has gone' => sub {
	plan(skip_all => 'fake-names is not built') if !defined($names_shim);
	for my $workers (1, 2) {
		my ($names, $fifo, $one, $two) = (new_path('names'), new_path('fifo'),
			map { new_listen() } 1 .. 2);
		mkfifo($fifo, 0600) or die "mkfifo: $!\n";
		write_file($names, "slow.test 127.0.0.1\n");
		my @routes = (route_of('a', $one, 'builtin:echo'),
			route_of('b', $two, 'slow.test:' . reserve()));
		my $relay = start_planned(routes => \@routes, options => [ '-w', $workers ],
			env => { LD_PRELOAD => $names_shim, FAKE_NAMES => $names });
		my $refused = connect_to($two);
		$refused->until_end;
		write_file($names, "slow.test wait $fifo error NONAME\n");
		my @clients;
		my $writer;
		wait_polling {
			push(@clients, connect_to($two));
			sysopen($writer, $fifo, O_WRONLY | O_NONBLOCK);
		} 'the look-up';
		reload_as($relay, $routes[0]);
		ok(refused($two), 'the route has gone');
		close($writer);
		is(scalar(grep { $_->until_end eq 'fin' } @clients), 0, 'no clean end');
		is(calls($one), 'served', 'the other serves');
		$relay->wait_sessions(2 + @clients);
		$_->close for $refused, @clients;
		$relay->{baseline} -= 1;
		ends_well($relay);
	}
};

# An upstream that does not answer, of a route that has gone.
each_backend 'connecting when its route has gone' => sub {
	my ($one, $two) = map { new_listen() } 1 .. 2;
	my ($server, $filler) = fill_backlog('127.0.0.1');
	my @routes = (route_of('a', $one, 'builtin:echo'),
		route_of('b', $two, $server->address, 'timeouts: {connect: 300ms}'));
	my $relay = start_planned(routes => \@routes);
	my @clients = map { connect_to($two)->send(10)->until_sent } 1 .. 3;
	ok($relay->rests, 'connecting');
	reload_as($relay, $routes[0]);
	is($_->until_end, 'reset', 'ends at its limit') for @clients;
	is(calls($one), 'served', 'the other serves');
	$relay->wait_sessions(4);
	$_->close for @clients, $filler;
	$relay->{baseline}--;
	ends_well($relay);
};

# Two lines of one route count the same sessions, and only one of them is told
# when the other's limit is reached.
each_backend 'a limit that another listener of the route has reached' => sub {
	my ($gone, $kept, $other) = map { new_listen() } 1 .. 3;
	my $server = listen_on('127.0.0.1');
	my $limits = "limits: {connections: 3}\nroutes:\n";
	my $rest = route_of('b', $other, 'builtin:echo');
	my $relay = start_planned(listen => $other, options => [ '-w', 1 ], text => $limits
		. route_of('a', $gone, $server->address) =~ s/"\]/", "$kept"]/r . $rest);
	my @holders = map { connect_to($other)->send(1) } 1 .. 3;
	$_->expect($_)->until_got(1) for @holders;
	my @waiting = map { connect_to($gone)->until_connected } 1 .. 2;
	write_file($relay->{file}, $limits . route_of('a', $kept, $server->address,
		'limits: {connections: 2}') . $rest);
	like(reload($relay), qr/ info reload /, 'who waits is still to be accepted');
	# all of them end in one turn, so that two can be accepted in the next
	$relay->signal('STOP');
	$_->reset for @holders;
	$relay->signal('CONT');
	my @upstreams = map { $server->next } 1 .. 2;
	my $late = connect_to($kept)->until_connected;
	$relay->wait_for_line(qr/ accept-paused error="connection limit" route=a /);
	ok($relay->quiet, 'it does not spin for one more');
	$_->finish for @upstreams, @waiting;
	my $last = $server->next->finish;
	is($late->finish->until_end, 'fin', 'who is served when there is room');
	$_->close for $late, $last, @upstreams, @waiting;
	$server->close;
	$relay->wait_sessions(6);
	ends_well($relay);
};

each_backend 'again and again' => sub {
	my ($listen, $other) = map { new_listen() } 1 .. 2;
	my $route = sub { (route_of('a', $listen, 'builtin:echo', "timeouts: {idle: $_[0]s}"),
		$_[0] % 2 ? route_of('b', $other, 'builtin:echo') : ()) };
	my $relay = start_planned(routes => [ $route->(100) ], options => [ '-w', 2 ]);
	my $round = sub { reload_as($relay, $route->($_[0]));
		calls($listen) eq 'served' or fail("call $_[0]") };
	my ($warm, $times) = quick() ? (20, 40) : (60, 300);
	$round->($_) for 1 .. $warm;
	my ($threads, $before) = (threads($relay), $relay->resident_kib);
	$round->($_) for $warm + 1 .. $warm + $times;
	is(threads($relay), $threads, 'as many threads');
	SKIP: {
		skip('a sanitizer needs memory', 1) if sanitized();
		cmp_ok($relay->resident_kib, '<=', $before + 256, 'as much memory as before');
	}
	$relay->wait_sessions($warm + $times);
	ends_well($relay);
};

done_testing();
