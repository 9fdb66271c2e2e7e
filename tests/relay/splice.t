#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Flows of large reads are moved by splice(2) through pipes; what the peers see
# is the same (C1 to C3, C7, C10), and pipes come back.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my $MIB = 1 << 20;

my (undef, $facts) = run(program(), '-vV');
plan(skip_all => 'this build does not splice') if $facts !~ /^splice: yes$/m;

sub pipes
{
	my ($relay) = @_;
	my $list = $relay->descriptor_list;
	return scalar(() = $list =~ /pipe:/g);
}

# A pair that has been spliced from one to the other; no other session is there.
sub spliced
{
	my ($relay, $server, $way) = @_;
	$relay->at_baseline;	# the pipe of the one before is gone
	my $before = pipes($relay);
	my ($client, $upstream) = pair($relay, $server);
	my ($from, $to) = $way eq 'up' ? ($client, $upstream) : ($upstream, $client);
	for my $round (1 .. 50) {
		# there is much to read at once when it goes on
		$relay->signal('STOP');
		$from->send(4 * $MIB);
		wait_polling { $from->{sent} - $to->{got} > $MIB } 'full sockets', 2;
		$relay->signal('CONT');
		$to->until_got(4 * $MIB * $round);
		last if pipes($relay) > $before;
	}
	cmp_ok(pipes($relay), '>', $before, "$way: through a pipe");
	return ($client, $upstream, $from, $to);
}

each_backend 'bulk' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my $sessions = 0;
	for my $way ('up', 'down') {
		my ($client, $upstream, $from, $to) = spliced($relay, $server, $way);
		# small again, and an end
		for (1 .. 20) {
			my $got = $to->{got};
			$from->send(100);
			$to->until_got($got + 100);
		}
		$from->finish;
		is($to->until_end, 'fin', "$way: the end");
		is($to->{got}, $from->{sent}, "$way: every byte");
		$to->send(1000)->finish;
		is($from->until_end . " $from->{got}", 'fin 1000', "$way: the other direction");
		$_->close for $client, $upstream;
		$relay->wait_sessions(++$sessions);
	}
	ends_well($relay);
};

each_backend 'few pipes for several workers' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server, nofile => 128,
		options => [ '-w', 2 ]);
	my ($client, $upstream) = spliced($relay, $server, 'up');
	$_->finish for $client, $upstream;
	$_->until_end for $client, $upstream;
	$_->close for $client, $upstream;
	ends_well($relay);
};

each_backend 'a slow reader' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = spliced($relay, $server, 'up');
	$upstream->pause;
	$client->send(64 * $MIB);
	ok($relay->takes_no_more($client), 'is waited for');
	cmp_ok($client->{sent}, '<', 72 * $MIB, 'by the sender, too');
	$client->finish;
	$upstream->resume;
	is($upstream->until_end, 'fin', 'the end');
	is($upstream->{got}, $client->{sent}, 'every byte');
	$upstream->finish;
	$client->until_end;
	$_->close for $client, $upstream;
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'a reset behind a full pipe' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my $sessions = 0;
	for my $way ('up', 'down') {
		my ($client, $upstream, $from, $to) = spliced($relay, $server, $way);
		$to->pause;
		$from->send(64 * $MIB);
		ok($relay->takes_no_more($from), "$way: a full pipe");
		$from->reset;
		$to->resume;
		is($to->until_end, 'reset', "$way: a reset");
		$to->close;
		$relay->wait_sessions(++$sessions);
	}
	like($relay->reasons, qr/client-reset=1/, 'reasons');
	ends_well($relay);
};

each_backend 'a reader that resets' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = spliced($relay, $server, 'up');
	$upstream->pause;
	$client->send(64 * $MIB);
	ok($relay->takes_no_more($client), 'a full pipe');
	$upstream->reset;
	is($client->until_end, 'reset', 'is a reset for the sender');
	$client->close;
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'an urgent byte' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream, $from, $to) = spliced($relay, $server, 'up');
	my $got = $to->{got};
	$to->{collect} = 1;
	delete $to->{rx};
	$from->send_bytes('x' x 100_000);
	$to->until_got($got + 100_000);
	$from->send_urgent('!')->send_bytes('y' x 100_000);
	$from->finish;
	is($to->until_end, 'fin', 'the end');
	is($to->{got} - $got, 200_001, 'every byte');
	is(index($to->{data}, '!'), 100_000, 'in its place');
	$to->finish;
	$from->until_end;
	$_->close for $client, $upstream;
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'between families' => sub {
	for my $place ('unix:' . new_path('upstream'), '[::1]') {
		my $server = listen_on($place);
		my $relay = start_relay(upstream => $server);
		my ($client, $upstream) = pair($relay, $server);
		for my $round (1 .. 8) {
			$_->send(4 * $MIB) for $client, $upstream;
			$_->until_got(4 * $MIB * $round) for $client, $upstream;
		}
		$_->finish for $client, $upstream;
		is($_->until_end, 'fin', "$place: the end") for $client, $upstream;
		is($_->{got}, 32 * $MIB, "$place: every byte") for $client, $upstream;
		$_->close for $client, $upstream;
		$relay->wait_sessions(1);
		ends_well($relay);
	}
};

done_testing();
