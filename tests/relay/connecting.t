#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# What may happen while the upstream is being connected (C4, C5): ends and
# resets of the client, late answers, and connections to nobody.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my @families = ('127.0.0.1', (has_ipv6() ? '[::1]' : ()));
my @long = ('--connect-timeout', '1h', '--idle-timeout', '1h', '--half-close-timeout', '1h');

# Makes room in the queue of a server, and returns the connections that waited
# for it; the system tries again for them after a second.
sub answered
{
	my ($server, $filler, $count) = @_;
	my @upstreams;
	listen($server->{socket}, 128) or die "listen: $!\n";
	$server->resume;
	while (@upstreams < $count) {
		my $peer = $server->next;
		my $name = getpeername($peer->{socket});
		push(@upstreams, $peer)
		    if !defined($name) || MuxTest::Net::address_of($name) ne $filler->{local};
	}
	return @upstreams;
}

each_backend 'ends before the upstream answers' => sub {
	for my $family (@families) {
		my ($server, $filler) = fill_backlog($family);
		my ($port, $path) = ("$family:" . reserve($family), 'unix:' . new_path('listen'));
		my $relay = start_relay(listen => "$port,$path", upstream => $server,
			options => \@long);
		my @clients = map { connect_to($_) } $port, $path;
		$_->send(1000)->finish->until_sent for @clients;
		# a UNIX socket that is closed is one that has ended
		my $gone = connect_to($path)->send(10)->until_sent->close;
		ok($relay->rests, "$family: connecting, and at rest");
		my %got;
		for my $upstream (answered($server, $filler, 3)) {
			$got{ $upstream->until_end . " $upstream->{got}" }++;
			$upstream->send(2000)->finish if $upstream->{got} == 1000;
			$upstream->finish;
		}
		is_deeply(\%got, { 'fin 1000' => 2, 'fin 10' => 1 },
			'the bytes arrive, and the ends');
		is($_->until_end . " $_->{got}", 'fin 2000', 'and the answer') for @clients;
		$relay->wait_sessions(3);
		is($relay->reasons, 'client-fin=3', 'reasons');
		$_->close for @clients, $filler;
		ends_well($relay);
		$server->close;
	}
};

# The upstream is connected while the relay does not look; then it finds at
# once that, and the reset of the client or of the upstream.
each_backend 'a reset and a late answer at once' => sub {
	my @cases = map {
		my ($server, $filler) = fill_backlog('127.0.0.1');
		my $relay = start_relay(upstream => $server, options => \@long);
		my $client = connect_to($relay->address)->send(10)->until_sent;
		{ server => $server, filler => $filler, relay => $relay, client => $client };
	} 1 .. 3;
	for my $case (@cases) {
		ok($case->{relay}->rests, 'connecting, and at rest');
		$case->{relay}->signal('STOP') if $case != $cases[2];
	}
	$cases[0]{client}->reset;
	$cases[2]{client}->reset;
	is($cases[2]{relay}->wait_sessions(1)->{reason}, 'client-reset', 'one gives up');
	($_->{upstream}) = answered(@$_{qw(server filler)}, $_ == $cases[2] ? 0 : 1) for @cases;
	$cases[1]{upstream}->reset;
	$_->{relay}->signal('CONT') for @cases[ 0, 1 ];

	is($cases[0]{upstream}->until_end, 'reset', 'the client resets: so the upstream is');
	is($cases[0]{relay}->wait_sessions(1)->{reason}, 'client-reset', 'reason');
	is($cases[1]{client}->until_end, 'reset', 'the upstream resets: so the client is');
	is($cases[1]{relay}->wait_sessions(1)->{reason}, 'connect-failed', 'reason');

	# the others have waited for what the system tries again
	is($cases[2]{server}{accepted}, 1, 'what was given up never came');
	for my $case (@cases) {
		$_->close for grep { defined } @$case{qw(client upstream filler)};
		ends_well($case->{relay});
	}
};

each_backend 'the listener goes while its queue is full' => sub {
	my ($server, $filler) = fill_backlog('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => \@long);
	my @clients = map { connect_to($relay->address)->until_connected } 1 .. 2;
	ok($relay->rests, 'connecting, and at rest');
	$server->close;
	is($_->until_end, 'reset', 'the client is reset') for @clients;
	$relay->wait_sessions(2);
	is($relay->reasons, 'connect-refused=2', 'reasons');
	$_->close for @clients, $filler;
	ends_well($relay);
};

# Nothing tells when such a queue has room.
each_backend 'the queue of a UNIX socket is full' => sub {
	my $server = listen_on('unix:' . new_path('upstream'), backlog => 0, closed => 1);
	my $filler = connect_to($server->address);
	my $relay = start_relay(upstream => $server, options => \@long);
	my ($reset, $client) = map { connect_to($relay->address)->send(1000)->until_sent } 1 .. 2;
	$client->finish;
	ok($relay->quiet, 'it waits quietly');
	$reset->reset;
	is($relay->wait_sessions(1)->{reason}, 'client-reset', 'a reset gives up');
	$server->resume;
	my ($upstream) = ($server->next, $server->next)[1];
	is($upstream->until_end . " $upstream->{got}", 'fin 1000', 'bytes and end arrive');
	$upstream->finish;
	is($client->until_end, 'fin', 'and the answer');
	$relay->wait_sessions(2);
	is($relay->reasons, 'client-fin=1 client-reset=1', 'reasons');
	$_->close for $client, $upstream, $filler;
	ends_well($relay);
};

each_backend 'an address that cannot be reached' => sub {
	my $relay = start_relay(upstream => '255.255.255.255:9');
	my $client = connect_to($relay->address)->send(10);
	is($client->until_end, 'reset', 'the client is reset');
	my $session = $relay->wait_sessions(1);
	is("@$session{qw(reason up lost-up)}", 'connect-failed 0 0', 'reason');
	$client->close;
	ends_well($relay);
};

# Clients of two routes come by turns: each route has turns of its own.
each_backend 'upstreams in turn, of each route' => sub {
	for my $workers (1, 2) {
		my @listen = map { '127.0.0.1:' . reserve() } 1 .. 2;
		my @servers = map { listen_on('127.0.0.1') } 1 .. 2;
		my $upstreams = join(',', map { $_->address } @servers);
		my $relay = start_relay(listen => "$listen[0]=$upstreams",
			upstream => ["$listen[1]=$upstreams"], options => [ '-w', $workers ]);
		my %served;
		for my $time (1 .. 4) {
			for my $route (0, 1) {
				my $client = connect_to($listen[$route])->finish;
				wait_until { grep { @{ $_->{waiting} } } @servers } 'a connection';
				my ($chosen) = grep { @{ $servers[$_]{waiting} } } 0, 1;
				my $upstream = $servers[$chosen]->next->finish;
				is($client->until_end, 'fin', 'served');
				$served{$route} .= $chosen;
				$_->close for $client, $upstream;
			}
		}
		is($served{$_}, '0101', "route $_: in turn, $workers workers") for 0, 1;
		ends_well($relay);
		$_->close for @servers;
	}
};

# A network of its own in which a connection gets the very port that it is
# to: without a listener there the system connects it with itself.
my $alone = 'ip link set lo up && echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range '
    . '&& exec "$0" "$@"';

sub can_be_alone
{
	my $unshare = which('unshare') // return 0;
	return 0 if !defined(which('ip'));
	my ($status) = run($unshare, '-n', '/bin/sh', '-c', $alone, '/bin/true');
	return $status == 0;
}

each_backend 'a connection with itself' => sub {
	plan(skip_all => 'needs unshare(1) and ip(8), and root for a network of its own')
	    if !can_be_alone();
	for my $host ('127.0.0.1', '0.0.0.0', (has_ipv6() ? ('[::1]', '[::]') : ())) {
		my $path = 'unix:' . new_path('listen');
		my $second = listen_on('unix:' . new_path('upstream'));
		for my $upstreams ([ "$host:40000" ], [ "$host:40000", $second->address ]) {
			my $relay = MuxTest::Relay->new(program => which('unshare'),
				listen => $path, arguments => [ '-n', '/bin/sh', '-c', $alone,
					program(), $path, @$upstreams ]);
			my $client = connect_to($path)->send(100);
			if (@$upstreams == 1) {
				like($client->until_end, qr/\A(?:fin|reset)\z/, "$host: closed");
				is($client->{got}, 0, 'it does not hear itself');
				is($relay->wait_sessions(1)->{reason}, 'connect-refused', 'reason');
			} else {
				my $upstream = $second->next;
				ok($upstream->until_got(100), 'the next upstream serves');
				$_->finish for $client, $upstream;
				is($_->until_end, 'fin', 'to the end') for $client, $upstream;
				$upstream->close;
			}
			$client->close;
			ends_well($relay);
		}
		$second->close;
	}
};

done_testing();
