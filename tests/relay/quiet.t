#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# A relay that has nothing to do does not run, in whatever state its sessions
# are: they are all brought about at once, and watched for a second.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my $MIB = 1 << 20;
my @long = ('--connect-timeout', '1h', '--idle-timeout', '1h', '--half-close-timeout', '1h');

# Not at all; but select has to look for failures, ten times a second.
sub rests
{
	my ($relay, $backend) = @_;
	return $relay->quiet if $backend eq 'select' || !defined($relay->cpu_ns);
	my $ns = $relay->runs_within(0.3);
	return 1 if $ns == 0;
	diag("it ran for $ns ns");
	return 0;
}

# Sessions at rest, all of one relay; returns what has to be kept.
sub open_states
{
	my ($relay, $server) = @_;
	my @pairs = map { [ pair($relay, $server) ] } 1 .. 9;
	my ($idle, $up, $down, $both, $client_end, $upstream_end, $end_waits, $ends_wait, $urgent)
	    = @pairs;

	# nobody reads
	$_->pause for $up->[1], $down->[0], @$both;
	$_->send(16 * $MIB) for $up->[0], $down->[1], @$both;

	# half-closed
	$client_end->[0]->send(10)->finish;
	$upstream_end->[1]->send(10)->finish;

	# half-closed, and both closed, with bytes that nobody reads
	$end_waits->[1]->pause;
	$end_waits->[0]->send($MIB)->finish;
	$ends_wait->[1]->pause->finish;
	$ends_wait->[0]->send(16 * $MIB)->finish;

	# an urgent byte, and an end behind it
	eval { $urgent->[0]->send_urgent('!'); };
	$urgent->[1]->{discard} = 1;
	$urgent->[0]->finish;
	is($_->until_end, 'fin', "the end reaches the $_->{name}")
	    for $client_end->[1], $upstream_end->[0], $ends_wait->[0], $urgent->[1];
	return @pairs;
}

sub close_states
{
	$_->close for map { @$_ } @_;
	return;
}

for my $family ('127.0.0.1', 'unix') {
	my $place = sub { $family eq 'unix' ? 'unix:' . new_path($_[0]) : $family };

	each_backend "sessions at rest, $family" => sub {
		my ($backend) = @_;
		my $server = listen_on($place->('upstream'), rcvbuf => 8192);
		my $relay = start_relay(listen => $place->('listen'), upstream => $server,
			options => [ @long, '--max-connections', 9 ]);
		my @pairs = open_states($relay, $server);
		my @waiting = map { connect_to($relay->address)->send(1) } 1 .. 3;
		ok(rests($relay, $backend), 'does not run at all');
		is($server->{accepted}, 9, 'also at its limit of connections');
		is(scalar(@{ $relay->{sessions} }), 0, 'and no session has ended');

		# nor while it drains; those that waited are accepted for it
		$relay->signal('QUIT');
		$relay->wait_for_line(qr/ drain /);
		ok(rests($relay, $backend), 'nor while it drains');
		close_states(@pairs);
		$_->close for @waiting;
		ends_well($relay, fds => 0, signal => '');
	};
}

each_backend 'while connecting' => sub {
	my ($backend) = @_;
	my ($server, $filler) = fill_backlog('127.0.0.1');
	my $relay = start_relay(upstream => $server, options => \@long);
	my @clients = map { connect_to($relay->address) } 1 .. 4;
	$clients[1]->send(1000);
	$clients[2]->send(1000)->finish;
	$clients[3]->finish;
	$_->until_connected->until_sent for @clients;
	ok(rests($relay, $backend), 'does not run at all');
	$_->reset for @clients;
	$relay->wait_sessions(4);
	is($relay->reasons, 'client-reset=4', 'and notices resets all the same');
	$filler->close;
	ends_well($relay);
};

# Whether a reader takes the last bytes nothing tells: it looks, ever less
# often, once a second in the end.  Each of the two may have five looks to go,
# from the one after 64 ms on.
each_backend 'while the last bytes are on their way' => sub {
	my ($backend) = @_;
	my $server = listen_on('127.0.0.1', rcvbuf => 8192);
	my $relay = start_relay(upstream => $server, options => \@long);
	my @pairs = map { [ pair($relay, $server) ] } 1 .. 2;
	$_->[1]->pause for @pairs;
	$pairs[0][1]->finish;
	is($pairs[0][0]->until_end, 'fin', 'the upstream has ended');
	$_->[0]->send(200_000) for @pairs;
	$pairs[0][0]->finish->until_sent;
	wait_polling {
		!$pairs[1][0]->wants_to_send && !$pairs[1][0]->unacknowledged;
	} 'all to be sent';
	$pairs[1][0]->reset;
	my $wakes = $backend eq 'select' ? 0 : $relay->wakes_within(1);
	cmp_ok($wakes, '<=', sanitized() ? 100 : 20, 'wakes a few times in a second');
	ok($relay->quiet, 'and by ticks not at all');
	is(scalar(@{ $relay->{sessions} }), 0, 'no session has ended');
	$_->[1]->resume for @pairs;
	is($pairs[0][1]->until_end, 'fin', 'an end');
	is($pairs[1][1]->until_end, 'reset', 'and a reset');
	close_states(@pairs);
	$relay->wait_sessions(2);
	is($relay->reasons, 'client-reset=1 upstream-fin=1', 'reasons');
	ends_well($relay);
};

done_testing();
