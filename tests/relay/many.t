#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Thousands of sessions at once, each with its own bytes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

use POSIX qw(sysconf _SC_OPEN_MAX);

# So many sessions as the relay and this process can hold.
sub how_many
{
	my ($relay) = @_;
	my $most = quick() ? 300 : 2000;
	for my $limit ($relay->{start}{'max-connections'} - 10,
		int((sysconf(_SC_OPEN_MAX) - 60) / 2)) {
		$most = $limit if $limit < $most;
	}
	return $most;
}

each_backend 'thousands' => sub {
	my @upstreams;
	my $server = listen_on('127.0.0.1',
		on_accept => sub { push(@upstreams, $_[0]->send(3000)); });
	my $address = $server->address;
	my $relay = start_relay(upstream => $server);
	my $count = how_many($relay);
	my @clients;
	while (@clients < $count) {
		# the queue of the listener is not endless
		my $more = $count - @clients < 100 ? $count - @clients : 100;
		push(@clients, map { connect_to($relay->address)->send(2000) } 1 .. $more);
		wait_until { @upstreams == @clients } 'these to be relayed';
	}
	wait_until { !grep { $_->{got} < 2000 } @upstreams } 'everything up';
	wait_until { !grep { $_->{got} < 3000 } @clients } 'everything down';
	is(scalar(grep { $_->{got} == 3000 } @clients), $count, "$count sessions, byte-exact");

	# once more, all at once
	$_->send(5000) for @clients, @upstreams;
	wait_until { !grep { $_->{got} < 7000 } @upstreams } 'everything up';
	wait_until { !grep { $_->{got} < 8000 } @clients } 'everything down';
	is(scalar(grep { $_->{got} == 7000 } @upstreams), $count, 'and again');
	ok($relay->quiet, 'quiet with all of them open');

	# the upstream dies with all of them
	$server->close;
	$_->reset for @upstreams;
	my %ends;
	$ends{ $_->until_end }++ for @clients;
	is_deeply(\%ends, { reset => $count }, 'all clients learn that it died');
	$_->close for @clients;
	ok($relay->at_baseline, 'nothing is left of them');

	$server = listen_on($address);
	my ($client, $upstream) = pair($relay, $server);
	$_->send(100)->finish for $client, $upstream;
	is($_->until_end, 'fin', 'it serves again') for $client, $upstream;
	$relay->wait_sessions($count + 1);
	is($relay->reasons =~ s/(?:client|upstream)-fin=1 ?//r =~ s/ \z//r,
		"upstream-reset=$count", 'reasons');
	$_->close for $client, $upstream;
	ends_well($relay);
};

# One turn of the loop ends them all: no call of it may lie within another.
each_backend 'all end at once, on a small stack' => sub {
	plan(skip_all => 'a sanitizer needs more') if sanitized();
	my @upstreams;
	my $server = listen_on('127.0.0.1', on_accept => sub { push(@upstreams, $_[0]); });
	for my $end ('upstream-reset', 'upstream-fin', 'shutdown') {
		my $relay = start_relay(upstream => $server, stack_kib => 64);
		my $count = how_many($relay);
		my @clients;
		while (@clients < $count) {
			my $more = $count - @clients < 100 ? $count - @clients : 100;
			push(@clients, map { connect_to($relay->address)->send(1) } 1 .. $more);
			wait_until { @upstreams == @clients && !grep { !$_->{got} } @upstreams }
			    'these to be relayed';
		}
		if ($end eq 'upstream-fin') {
			$_->finish for @upstreams;
			wait_until { !grep { !$_->{eof} } @clients } 'the ends of the upstreams';
		}
		$relay->signal($end eq 'shutdown' ? 'TERM' : 'STOP');
		if ($end eq 'upstream-reset') {
			$_->reset for @upstreams;
		} elsif ($end eq 'upstream-fin') {
			$_->finish for @clients;
			wait_until { !grep { $_->wants_to_send } @clients }
			    'the ends of the clients';
		} else {
			$relay->wait_for_line(qr/ drain /);
		}
		$relay->signal($end eq 'shutdown' ? 'TERM' : 'CONT');
		my %ends;
		$ends{ $_->until_end }++ for @clients;
		is_deeply(\%ends, { ($end =~ /-fin/ ? 'fin' : 'reset') => $count },
			"all of $count end: $end");
		ends_well($relay, $end eq 'shutdown' ? (fds => 0, signal => '') : ());
		is($relay->reasons, "$end=$count", 'reasons');
		$_->close for splice(@upstreams), @clients;
	}
};

each_backend 'coming and going' => sub {
	my $total = quick() ? 300 : 1500;
	my $server = listen_on('127.0.0.1', on_accept => sub {
		my ($upstream) = @_;
		$upstream->{echo} = 1;
		$upstream->{on_end} = sub { $_[0]{error} ? $_[0]->close : $_[0]->finish; };
	});
	my $relay = start_relay(upstream => $server);
	my ($started, %open, %ends) = (0);
	my $start = sub {
		my $client = connect_to($relay->address);
		$open{ ++$started } = $client;
		my $id = $started;
		$client->expect($client)->send(1 + $id % 3000);
		$client->finish if $id % 10;
		$client->{on_end} = sub {
			my ($self) = @_;
			$ends{ $self->end }++;
			$ends{short}++ if $self->{eof} && $self->{got} != $self->{to_send};
			delete($open{$id});
			$self->close;
		};
	};
	while ($started < $total || %open) {
		$start->() while $started < $total && keys(%open) < 50;
		# every tenth leaves with a reset when it has everything
		my $before = keys(%open);
		wait_until {
			for my $id (grep { $_ % 10 == 0 } keys(%open)) {
				next if $open{$id}{got} < $open{$id}{to_send};
				$open{$id}->reset;
				delete($open{$id});
				$ends{left}++;
			}
			keys(%open) < $before;
		} 'one to end';
	}
	is_deeply(\%ends, { fin => $total * 9 / 10, left => $total / 10 },
		"$total connections, 50 at a time");
	$relay->wait_sessions($total);
	my $wrong = grep { $_->{up} != $_->{down} } @{ $relay->{sessions} };
	is($wrong, 0, 'as much up as down in each');
	MuxTest::Peer::close_all();
	ends_well($relay);
};

each_backend 'gone before it was accepted' => sub {
	my $relay = start_relay(upstream => 'builtin:echo');
	my $count = quick() ? 200 : 2000;
	for (1 .. $count) {
		connect_to($relay->address)->reset;
	}
	my $client = connect_to($relay->address);
	$client->expect($client)->send(1000)->finish;
	is($client->until_end . " $client->{got}", 'fin 1000', 'it serves after so many resets');
	$client->close;
	$relay->session_of($client);
	ok($relay->quiet, 'and is quiet');
	ends_well($relay);
};

done_testing();
