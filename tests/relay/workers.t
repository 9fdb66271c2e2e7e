#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Several workers: connections spread evenly over them, limits and stops are
# for all together.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

each_backend 'few and long-lived' => sub {
	for my $workers (2, 4) {
		my $relay = start_relay(upstream => 'builtin:echo',
			options => [ '-v', '-w', $workers ]);
		is($relay->{start}{workers}, $workers, 'in the start line');
		my @clients = map { caller_of($relay) } 1 .. 20;
		echoes($_, 100) for @clients;
		my $worker_of = $relay->wait_opened(20);
		my @shares = MuxTest::Relay::shares($workers, $worker_of, 1 .. 20);
		cmp_ok($shares[-1] - $shares[0], '<=', 1, "20 over $workers: @shares");

		# all of one worker leave, and others come
		my %id_of = map { $_->{client} => $_->{id} }
		    map { MuxTest::Relay::fields($_) } grep { / open id=/ } @{ $relay->{lines} };
		my ($leaving, @staying) = (0);
		for my $client (@clients) {
			my $id = $id_of{ $client->{local} };
			if ($worker_of->{$id} == 1) {
				$client->finish->until_end;
				$client->close;
				$leaving++;
			} else {
				push(@staying, $id);
			}
		}
		$relay->wait_sessions($leaving);
		$relay->rests;	# the last has told its line, and then that it ended
		my @more = map { caller_of($relay) } 1 .. $leaving;
		echoes($_, 100) for @more;
		$worker_of = $relay->wait_opened(20 + $leaving);
		@shares = MuxTest::Relay::shares($workers, $worker_of,
			@staying, 21 .. 20 + $leaving);
		cmp_ok($shares[-1] - $shares[0], '<=', 1, "and again: @shares");
		MuxTest::Peer::close_all();
		ends_well($relay);
	}
};

each_backend 'many that come and go' => sub {
	my $total = $ENV{MUX_TEST_SESSIONS} // (quick() ? 400 : 2000);
	for my $workers (2, 4) {
		my $relay = start_relay(upstream => 'builtin:echo',
			options => [ '-v', '-w', $workers ]);
		my ($started, $open, $right) = (0, 0, 0);
		while ($started < $total || $open > 0) {
			while ($started < $total && $open < 50) {
				my $client = caller_of($relay)->send(1 + ++$started % 100)->finish;
				$open++;
				$client->{on_end} = sub {
					my ($self) = @_;
					$right++ if $self->{got} == $self->{to_send};
					$open--;
					$self->close;
				};
			}
			my $before = $open;
			wait_until { $open < $before } 'one to end';
		}
		is($right, $total, 'all are served');
		$relay->wait_sessions($total);
		my %ids = map { $_->{id} => 1 } @{ $relay->{sessions} };
		is(join(' ', (sort { $a <=> $b } keys(%ids))[ 0, -1 ]) . ' ' . keys(%ids),
			"1 $total $total", 'each with a number of its own, and none left out');
		# how many each gets depends on how fast it is: that is for bench/
		my @shares = MuxTest::Relay::shares($workers, $relay->workers_of, 1 .. $total);
		cmp_ok($shares[0], '>', 0, "$total over $workers: @shares");
		ends_well($relay);
	}
};

each_backend 'one after the other' => sub {
	my $total = 24;
	for my $workers (2, 3) {
		my $relay = start_relay(upstream => 'builtin:echo',
			options => [ '-v', '-w', $workers ]);
		for my $number (1 .. $total) {
			my $client = caller_of($relay)->send(100)->finish;
			$client->until_end;
			$client->close;
			$relay->wait_sessions($number);
			# the main thread may take its worker for busy until then
			wait_polling { $relay->is_asleep } 'a relay that sleeps';
		}
		my @shares = MuxTest::Relay::shares($workers, $relay->workers_of, 1 .. $total);
		cmp_ok($shares[-1] - $shares[0], '<=', 1, "$total over $workers: @shares");
		ends_well($relay);
	}
};

each_backend 'one limit for all' => sub {
	my ($open, $most) = (0, 0);
	my $server = listen_on('127.0.0.1', on_accept => sub {
		my ($upstream) = @_;
		$most = $open if ++$open > $most;
		$upstream->{echo} = 1;
		$upstream->{on_end} = sub { $open--; $_[0]{error} ? $_[0]->close : $_[0]->finish; };
	});
	my $relay = start_relay(upstream => $server,
		options => [ '-w', 4, '--max-connections', 5 ]);
	my @clients = map { caller_of($relay)->send(100) } 1 .. 8;
	wait_until { $open == 5 } 'five at the upstream';
	ok($relay->rests, 'it rests at the limit');
	is($server->{accepted}, 5, 'five, and no more');
	while (@clients) {
		my $served;
		wait_until { ($served) = grep { $_->{got} == 100 } @clients } 'one that is served';
		$served->finish->until_end;
		$served->close;
		@clients = grep { $_ != $served } @clients;
		my $wanted = @clients < 5 ? @clients : 5;
		wait_until { (grep { $_->{got} == 100 } @clients) == $wanted } 'the next';
	}
	is($server->{accepted}, 8, 'each that ends lets one in');

	@clients = map { caller_of($relay)->send(100)->finish } 1 .. 200;
	$_->until_end for @clients;
	is(scalar(grep { $_->{eof} && $_->{got} == 100 } @clients), 200, 'all of many are served');
	cmp_ok($most, '<=', 5, 'never more than five at a time');
	$relay->wait_sessions(208);
	$_->close for @clients;
	ends_well($relay);
};

each_backend 'a drain' => sub {
	my $relay = start_relay(upstream => 'builtin:echo', options => [ '-w', 3,
		'--shutdown-timeout', 'off' ]);
	my @clients = map { caller_of($relay) } 1 .. 7;
	echoes($_, 100) for @clients;

	# some have come that it has not seen yet
	$relay->signal('STOP');
	push(@clients, map { caller_of($relay)->until_connected } 1 .. 7);
	$relay->signal($_) for 'TERM', 'CONT';
	like($relay->wait_for_line(qr/ drain /), qr/ sessions=14\z/, 'it drains');
	ok(echoes($_, 100), 'what is served goes on') for @clients;
	isnt(connect_to($relay->address)->until_end, 'fin', 'nobody else is let in');
	$_->finish for @clients;
	is($_->until_end, 'fin', 'a clean end') for @clients;
	ends_well($relay, signal => '', fds => 0);
	is($relay->{stop}{sessions}, 14, 'all are counted');
};

each_backend 'a stop' => sub {
	for my $how ([ '0s', 'TERM' ], [ '50ms', 'INT' ], [ 'off', 'QUIT', 'TERM' ]) {
		my ($limit, @signals) = @{$how};
		my $relay = start_relay(upstream => 'builtin:echo', options => [ '-w', 3,
			'--shutdown-timeout', $limit ]);
		my @clients = map { caller_of($relay) } 1 .. 10;
		echoes($_, 100) for @clients;
		$relay->signal(shift(@signals));
		$relay->wait_for_line(qr/ drain /);
		$relay->signal($_) for @signals;
		my %ends;
		$ends{ $_->until_end }++ for @clients;
		is_deeply(\%ends, { reset => 10 }, "@{$how}");
		ends_well($relay, signal => '', fds => 0);
		is($relay->reasons, 'shutdown=10', 'reasons');
		$_->close for @clients;
	}
};

each_backend 'an idle crew' => sub {
	my $relay = start_relay(upstream => 'builtin:echo', options => [ '-w', 4 ]);
	my @clients = map { caller_of($relay) } 1 .. 8;
	echoes($_, 100) for @clients;
	ok($relay->rests, 'with sessions it rests');
	cmp_ok($relay->wakes_within(quick() ? 0.5 : 2), '<', sanitized() ? 100 : 5,
	    'and does not wake by itself');

	# signals are for one thread
	my @open = map { m{/task/(\d+)/} ? $1 : () } grep { !blocks_signals($_) }
	    glob("/proc/$relay->{pid}/task/*/status");
	SKIP: {
		skip('there is no /proc', 1) if !-e "/proc/$relay->{pid}/task";
		skip('a sanitizer has a thread of its own', 1) if sanitized();
		is("@open", $relay->{pid}, 'the main thread alone takes signals');
	}
	$_->close for @clients;
	ends_well($relay);
};

sub blocks_signals
{
	my ($path) = @_;
	open(my $file, '<', $path) or return 1;
	my ($blocked) = map { /\ASigBlk:\s*[0-9a-f]*([0-9a-f]{8})$/ ? hex($1) : () } <$file>;
	return $blocked >> 14 & 1;	# SIGTERM
}

each_backend 'an upstream that is down' => sub {
	my $relay = start_relay(upstream => '127.0.0.1:' . reserve(), options => [ '-w', 4 ]);
	my @clients = map { connect_to($relay->address) } 1 .. 12;
	$_->until_end for @clients;
	$relay->wait_sessions(12);
	is(scalar(grep { / upstream-down / } @{ $relay->{lines} }), 1, 'is told once');
	$_->close for @clients;
	ends_well($relay);
};

one_test 'as many as there are cores' => sub {
	my $taskset = which('taskset');
	plan(skip_all => 'there is no taskset') if !defined($taskset);
	local $ENV{MUX_TEST_WRAPPER} = "$taskset -c 0";
	my $relay = start_relay(upstream => 'builtin:echo');
	is($relay->{start}{workers}, 1, 'one core that may be used');
	ends_well($relay);
	$relay = start_relay(upstream => 'builtin:echo', options => [ '--workers=3' ]);
	is($relay->{start}{workers}, 3, 'or what was asked for');
	ends_well($relay);
};

done_testing();
