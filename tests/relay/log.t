#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# What the log says, and that it never gets in the way.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

each_backend 'fields' => sub {
	my ($backend) = @_;
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my $start = $relay->{start};
	is($start->{backend}, $backend, 'start: backend') if $backend ne '';
	is($start->{listen}, $relay->address, 'start: listen');
	is($start->{upstream}, $server->address, 'start: upstream');
	is($start->{pid}, $relay->{pid}, 'start: pid');
	like($start->{version}, qr/\A\d+\.\d+/, 'start: version');
	like($start->{'max-connections'}, qr/\A[1-9]\d*\z/, 'start: max-connections');

	for my $id (1 .. 3) {
		my ($client, $upstream) = pair($relay, $server);
		$client->send(10 * $id)->finish;
		$upstream->send(20 * $id)->finish;
		$_->until_end for $client, $upstream;
		my $session = $relay->session_of($client);
		is($session->{id}, $id, 'session: id');
		is($session->{upstream}, $server->address, 'session: upstream');
		is("@$session{qw(up down lost-up lost-down)}", 10 * $id . ' ' . 20 * $id . ' 0 0',
			'session: bytes');
		my %ms = map { $_ => $session->{$_} =~ /\A(\d+)\.(\d{3})s\z/ ? "$1$2" : 'none' }
		    qw(connect relay close duration);
		is($ms{connect} + $ms{relay} + $ms{close}, $ms{duration} + 0, 'session: phases');
		is($session->{route}, $relay->address, 'session: route');
		is($session->{tried}, undef, 'session: one upstream');
		$_->close for $client, $upstream;
	}
	ends_well($relay);
	my $stop = $relay->{stop};
	is("@$stop{qw(reason sessions up down)}", 'SIGTERM 3 60 120', 'stop: totals');
	like($stop->{uptime}, qr/\A\d+\.\d{3}s\z/, 'stop: uptime');
	is(scalar(grep { / start / } @{ $relay->{lines} }), 1, 'one start line');
	is(scalar(grep { / session / } @{ $relay->{lines} }), 3, 'a line a session');
};

each_backend 'a session that comes to nothing' => sub {
	my $relay = start_relay(upstream => '127.0.0.1:' . reserve());
	is(connect_to($relay->address)->until_end, 'reset', 'reset');
	my $session = $relay->wait_sessions(1);
	is($session->{connect}, $session->{duration}, 'it was connecting all the time');
	is("@$session{qw(relay close)}", '0.000s 0.000s', 'and nothing else');
	ends_well($relay);
};

each_backend 'upstreams that were tried' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => [ '127.0.0.1:' . reserve(), $server ]);
	for my $tried (2, undef) {
		my ($client, $upstream) = pair($relay, $server);
		$_->finish for $client, $upstream;
		$_->until_end for $client, $upstream;
		my $session = $relay->session_of($client);
		is($session->{upstream}, $server->address, 'chosen');
		is($session->{tried}, $tried, 'tried');
		$_->close for $client, $upstream;
	}
	ends_well($relay);
};

each_backend 'quiet and verbose' => sub {
	my $down = '127.0.0.1:' . reserve();
	my $listen = '127.0.0.1:' . reserve();
	my $relay = start_relay(listen => $listen, upstream => $down, options => ['-q'],
		started => 0);
	my $client;
	wait_polling {
		$client = connect_to($listen);
		$client->until_end;
		$client->end eq 'reset' && $client->{connected};
	} 'a quiet relay';
	$relay->wait_for_line(qr/ warning /);
	$relay->signal('TERM');
	is($relay->wait, 0, 'quiet: ended well');
	is(scalar(grep { !/ (?:warning|error) / } @{ $relay->{lines} }), 0, 'nothing but warnings');

	$relay = start_relay(upstream => 'builtin:echo', options => ['-v']);
	$client = connect_to($relay->address);
	$client->expect($client)->send(5)->finish;
	$client->until_end;
	$client->close;
	$relay->wait_sessions(1);
	my $lines = join("\n", @{ $relay->{lines} });
	like($lines, qr{ debug .*open id=1 client=127\.}, 'verbose: the start of a session');
	like($lines, qr{ debug .*connected id=1 upstream=builtin:echo }, 'verbose: its middle');
	ends_well($relay);
};

each_backend 'a path is one word' => sub {
	my $path = new_path("odd\tname \x01\xff\nend");
	my $server = eval { listen_on("unix:$path") };
	plan(skip_all => 'no such file names here') if !$server;
	my $relay = start_relay(upstream => $server);
	my $client = connect_to($relay->address);
	my $upstream = $server->next;
	$_->finish for $client, $upstream;
	$_->until_end for $client, $upstream;
	my $session = $relay->wait_sessions(1);
	like($session->{reason}, qr/-fin\z/, 'the fields after it are there');
	like($session->{upstream}, qr/\Aunix:[!-~]+\z/, 'escaped');
	$_->close for $client, $upstream;
	ends_well($relay);
};

# Nobody reads the log, or there is no room for it: sessions go on.
each_backend 'a log that takes nothing' => sub {
	my $served = sub {
		my ($listen, $count) = @_;
		my $good = 0;
		for (1 .. $count) {
			my $client = connect_to($listen);
			$client->expect($client)->send(100)->finish;
			$good++ if $client->until_end eq 'fin' && $client->{got} == 100;
			$client->close;
		}
		return $good;
	};
	my $until_up = sub {
		my ($listen) = @_;
		wait_polling {
			my $probe = connect_to($listen)->until_connected;
			my $up = $probe->{connected};
			$probe->close;
			$up;
		} 'the relay';
	};

	my $listen = '127.0.0.1:' . reserve();
	SKIP: {
		skip('there is no /dev/full', 2) if !-c '/dev/full';
		my $relay = start_relay(listen => $listen, upstream => 'builtin:echo',
			stderr => '/dev/full',
			started => 0);
		$until_up->($listen);
		is($served->($listen, 50), 50, 'a full disk');
		$relay->signal('TERM');
		is($relay->wait, 0, 'ended well');
	}

	# a pipe whose reader is gone
	$listen = '127.0.0.1:' . reserve();
	my $relay = start_relay(listen => $listen, upstream => 'builtin:echo');
	$relay->forget_output;
	is($served->($listen, 50), 50, 'a broken pipe');
	ok($relay->quiet, 'and quiet');
	$relay->signal('TERM');
	is($relay->wait, 0, 'ended well');

	# a pipe that nobody reads, small and soon full
	$listen = '127.0.0.1:' . reserve();
	$relay = start_relay(listen => $listen, upstream => 'builtin:echo', pipe_size => 4096);
	$relay->pause_output;
	my $count = quick() ? 200 : 2000;
	is($served->($listen, $count), $count, 'a full pipe');
	ok($relay->quiet, 'and quiet');
	$relay->signal('TERM');
	$relay->resume_output;
	is($relay->wait, 0, 'ended well');
};

each_backend 'no standard descriptors' => sub {
	my $server = listen_on('127.0.0.1');
	my $listen = '127.0.0.1:' . reserve();
	my $relay = start_relay(listen => $listen, upstream => $server, closed => 1, started => 0);
	my $client;
	wait_polling {
		$client = connect_to($listen)->until_connected;
		$client->{connected};
	} 'the relay';
	my $upstream = $server->next;
	$client->expect($upstream);
	$upstream->expect($client);
	$_->send(1000)->finish for $client, $upstream;
	is($_->until_end . " $_->{got}", 'fin 1000', 'nothing but the stream')
	    for $client, $upstream;
	$_->close for $client, $upstream;
	$relay->signal('TERM');
	is($relay->wait, 0, 'ended well');
};

done_testing();
