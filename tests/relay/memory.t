#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The limit of memory for queues: when many do not read, nobody else suffers,
# and nothing is lost (C10).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;
use MuxTest::Routes;

needs_files();
my $KIB = 1024;
my $MIB = 1 << 20;
my $SMALL = 16 * $KIB;    # a small read
my $count = quick() ? 100 : 200;
my $limit = $count * $KIB;	# less than what a read leaves behind, also on a busy machine

my $each = $MIB;          # that a client sends

# A relay for so many, with a second route that sends everything back.
sub start_tight
{
	my ($workers, $server) = @_;
	my $other = place();
	my $relay = start_routes($workers, 'limits: {memory: ' . $limit / $KIB . 'k}',
		[ 'slow', place(), $server ], [ 'fast', $other, $echo ]);
	$relay->{other} = $other;
	return $relay;
}

# Pairs whose upstreams have read for a while, so that the relay reads much at
# once, and then no more; their clients send until they are stopped.
sub stuck_pairs
{
	my ($relay, $server) = @_;
	my (@clients, @upstreams);
	for (1 .. $count) {
		my ($client, $upstream) = pair($relay, $server);
		$client->send($each / 4);
		$upstream->until_got($each / 4);
		push(@upstreams, $upstream->pause);
		push(@clients, $client);
	}
	$_->send($each / 4 * 3) for @clients;
	ok($relay->takes_no_more(@clients), 'the clients are stopped, the relay is quiet');
	return (\@clients, \@upstreams);
}

sub ends_clean
{
	my ($relay, $clients, $upstreams) = @_;
	$_->resume for @$upstreams;
	$_->finish for @$clients, @$upstreams;
	my %ends;
	$ends{ $_->until_end . " $_->{got}" }++ for @$upstreams;
	$ends{ $_->until_end }++ for @$clients;
	is_deeply(\%ends, { "fin $each" => scalar(@$upstreams), fin => scalar(@$clients) },
		'in the end every byte arrives');
	$_->close for @$clients, @$upstreams;
	return;
}

each_crew 'many do not read' => sub {
	my ($workers) = @_;
	my $server = listen_on('unix:' . new_path('upstream'));
	my $relay = start_tight($workers, $server);
	my $before = $relay->resident_kib;
	my ($clients, $upstreams) = stuck_pairs($relay, $server);
	SKIP: {
		skip('memory is not measured here', 1) if !defined($before) || sanitized();
		# a session's record, what the allocator rounds, and what is needed once
		my $most = $limit + $count * ($SMALL + 3 * $KIB) + 3 * $MIB;
		cmp_ok(($relay->resident_kib - $before) * $KIB, '<', $most, 'memory is bounded');
	}

	my $passing = connect_to($relay->{other});
	$passing->expect($passing)->send(16 * $MIB)->until_got(16 * $MIB);
	is($passing->{got}, 16 * $MIB, 'who reads is not held up');
	$passing->finish->until_end;

	# the other direction of the same sessions
	$_->send(1000) for @$upstreams;
	$_->until_got(1000) for @$clients;
	is(scalar(grep { $_->{got} == 1000 } @$clients), $count, 'nor is the way back');
	ok($relay->rests, 'and it is quiet');
	my @told = told($relay, qr/ memory-tight /);
	is(scalar(@told), scalar(keys(%{ { map { (/ worker=(\d+)/) => 1 } @told } })),
		'each worker tells once');
	# who has a third of the flows gets tight only when some of these read much
	cmp_ok(scalar(@told), '>=', 1, 'one does') if $workers == 1;
	is(scalar(grep { !/ times=1$/ } @told), 0, 'for the first time');
	ends_clean($relay, $clients, $upstreams);
	$relay->wait_sessions($count + 1);
	ends_with_refused($relay, 0);
};

# What was queued is what is lost: UNIX-domain sockets hold what they have taken.
each_crew 'what is queued at most' => sub {
	my ($workers) = @_;
	my $server = listen_on('unix:' . new_path('upstream'));
	my $relay = start_tight($workers, $server);
	my ($clients, $upstreams) = stuck_pairs($relay, $server);
	$relay->signal('TERM');
	$relay->wait_for_line(qr/ drain /);
	$relay->signal('TERM');
	ends_well($relay, signal => '', status => 0);
	my $queued = $relay->{stop}{'lost-up'};
	# and the read that made it tight, which each worker may have made
	cmp_ok($queued, '<=', $limit / 10 * 9 + $count * $SMALL + $workers * 256 * $KIB,
		"$queued bytes are no more than may be");
	# a machine that is busy may bring bytes in small pieces, which need no room
	if (told($relay, qr/ memory-tight /)) {
		cmp_ok($queued, '>=', $limit / 10 * 8 / $workers, 'and as many as it takes');
	} else {
		cmp_ok($queued, '<', $limit / 10 * 9, 'and too few to be told of');
	}
};

# Flows that were held, or stuck, go on when their own readers do, whatever
# the others do.
each_crew 'some read again' => sub {
	my ($workers) = @_;
	my $server = listen_on('unix:' . new_path('upstream'));
	my $relay = start_tight($workers, $server);
	my ($clients, $upstreams) = stuck_pairs($relay, $server);

	# these were the first, so they have queued the most
	my @readers = splice(@$upstreams, 0, 5);
	my @writers = splice(@$clients, 0, 5);
	$_->resume for @readers;
	$_->until_got($each) for @readers;
	is(scalar(grep { $_->{got} == $each } @readers), 5, 'who reads gets all');
	$_->finish for @writers, @readers;
	is($_->until_end, 'fin', 'and the end') for @writers, @readers;
	is(scalar(grep { $_->{got} == $each } @$upstreams), 0, 'the others do not');
	ok($relay->rests, 'and it is quiet');
	$_->close for @writers, @readers;
	ends_clean($relay, $clients, $upstreams);
	$relay->wait_sessions($count);
	ends_well($relay);
};

each_crew 'some are reset' => sub {
	my ($workers) = @_;
	my $server = listen_on('unix:' . new_path('upstream'));
	my $relay = start_tight($workers, $server);
	my ($clients, $upstreams) = stuck_pairs($relay, $server);
	my @gone = (shift(@$upstreams), pop(@$upstreams));
	my @left = (shift(@$clients), pop(@$clients));
	$_->reset for @gone;
	is($_->until_end, 'reset', 'the client learns that its upstream is gone') for @left;
	is($relay->wait_sessions(2)->{reason}, 'upstream-reset', 'reason');
	# the other way round: what was taken is delivered, then the reset
	push(@left, my @writers = (shift(@$clients), pop(@$clients)));
	my @readers = (shift(@$upstreams), pop(@$upstreams));
	$_->reset for @writers;
	ok($relay->rests, 'quiet');
	$_->resume for @readers;
	# a UNIX-domain socket has no reset, see unix(7)
	is($_->until_end, 'fin', 'the upstream learns it') for @readers;
	is($relay->wait_sessions(4)->{reason}, 'client-reset', 'reason');
	$_->close for @left, @readers;
	ends_clean($relay, $clients, $upstreams);
	$relay->wait_sessions($count);
	ends_well($relay);
};

# Another limit, while all are stuck and nothing moves.
each_crew 'a limit that a reload lifts' => sub {
	my ($workers) = @_;
	my $server = listen_on('unix:' . new_path('upstream'));
	my $relay = start_tight($workers, $server);
	my ($clients, $upstreams) = stuck_pairs($relay, $server);
	reload($relay, '', [ 'slow', $relay->address, $server ],
		[ 'fast', $relay->{other}, $echo ]);
	$_->{at_once} = 1500 for @$upstreams;
	$_->resume for @$upstreams;
	$_->until_got($each) for @$upstreams;
	is(scalar(grep { $_->{got} == $each } @$upstreams), $count, 'all get all');
	is(scalar(grep { $_->{sent} == $each } @$clients), $count, 'of what was sent');
	ends_clean($relay, $clients, $upstreams);
	$relay->wait_sessions($count);
	ends_well($relay);
};

done_testing();
