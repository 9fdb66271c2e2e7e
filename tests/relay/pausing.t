#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# A reset meets bytes that are still on their way (C3): a slow reader gets
# them first, and a side whose reading is paused learns of it all the same.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my $MIB = 1 << 20;
my @long = ('--idle-timeout', '1h', '--half-close-timeout', '1h');

sub place { return $_[0] eq 'unix' ? 'unix:' . new_path('socket') : $_[0]; }

# A pair in which both have got a byte, the one that is to write first.
sub known_pair
{
	my ($relay, $server, $writer) = @_;
	my ($client, $upstream) = pair($relay, $server, rcvbuf => 8192);
	$_->send(1) for $client, $upstream;
	$_->until_got(1) for $client, $upstream;
	return $writer eq 'client' ? ($client, $upstream) : ($upstream, $client);
}

sub until_taken
{
	my ($peer) = @_;
	wait_polling { !$peer->wants_to_send && !$peer->unacknowledged } 'all to be taken';
	return;
}

# Sends until nothing more is taken.
sub until_stopped
{
	my ($relay, @peers) = @_;
	$_->send(64 * $MIB) for @peers;
	$relay->takes_no_more(@peers);
	return is(scalar(grep { $_->{sent} < 64 * $MIB } @peers), scalar(@peers),
		'all are stopped');
}

each_backend 'a slow reader gets all, then the reset' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 8192);
	my $relay = start_relay(upstream => $server, options => \@long);
	for my $who ('client', 'upstream') {
		my ($writer, $reader) = known_pair($relay, $server, $who);
		$reader->pause;
		until_stopped($relay, $writer);

		# it reads until all that was sent is in the system of the relay or beyond
		$writer->{to_send} = $writer->{sent};
		$writer->update;
		$reader->{at_once} = 1500;
		$reader->resume;
		until_taken($writer);
		$reader->pause;
		cmp_ok($reader->{got}, '<', $writer->{sent}, 'the reader is behind');
		$writer->reset;
		ok($relay->rests, "the $who has reset, and the relay waits quietly");
		$reader->resume;
		is($reader->until_end, 'reset', 'the reader is reset');
		is($reader->{got}, $writer->{sent}, 'after all that its system had taken');
		my $session = $relay->wait_sessions($who eq 'client' ? 1 : 2);
		is($session->{reason}, "$who-reset", 'reason');
		is($session->{ $who eq 'client' ? 'up' : 'down' }, $writer->{sent},
			'the log knows of it');
		is($session->{ $who eq 'client' ? 'lost-up' : 'lost-down' }, 0, 'nothing is lost');
		$reader->close;
	}
	ends_well($relay);
};

# Nothing is read from it, so only the report of the failure can tell; without
# that the session would last for the hour of the idle limit.
each_backend 'a paused side resets' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 8192);
	my $relay = start_relay(upstream => $server,
		options => [ '--idle-timeout', '1h', '--half-close-timeout', '300ms' ]);
	for my $who ('client', 'upstream') {
		my ($writer, $reader) = known_pair($relay, $server, $who);
		$reader->pause;
		until_stopped($relay, $writer);
		my $at = now();
		$writer->reset;
		my $session = $relay->wait_sessions($who eq 'client' ? 1 : 2);
		is($session->{reason}, "$who-reset", "the $who is noticed to be gone");
		cmp_ok(now() - $at, '>=', 0.3, 'the reader has had its time');
		my ($done, $lost) = @$session{ $who eq 'client' ? qw(up lost-up)
			: qw(down lost-down) };
		cmp_ok($lost, '>', 0, 'the log tells of the loss');
		cmp_ok($done + $lost, '<=', $writer->{sent} + 1, 'and of no more than there was');
		$reader->resume;
		is($reader->until_end, 'reset', 'the reader is reset');
		cmp_ok($reader->{got}, '>=', $done, 'after what the log calls delivered');
		$reader->close;
	}
	ends_well($relay);
};

# The writer is stopped, both ways or one: it learns at once, and what it
# still had to get comes before.
each_backend 'the side that does not read resets' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 8192);
	my $relay = start_relay(upstream => $server, options => \@long);
	for my $case ([ 'client', 0 ], [ 'upstream', 10 ]) {
		my ($who, $back) = @$case;
		my ($writer, $reader) = known_pair($relay, $server, $who);
		$reader->pause;
		until_stopped($relay, $writer);
		$writer->pause;
		$reader->send($back);
		until_taken($reader);
		$reader->reset;
		$writer->resume;
		is($writer->until_end, 'reset', "the $who is reset");
		is($writer->{got}, 1 + $back, 'after what was sent to it');
		my $session = $relay->session_of($who eq 'client' ? $writer : $reader);
		is($session->{reason}, $who eq 'client' ? 'upstream-reset' : 'client-reset',
			'reason');
		$writer->close;
	}
	ends_well($relay);
};

each_backend 'both are stopped, one resets' => sub {
	my $server = listen_on('127.0.0.1', rcvbuf => 8192);
	my $relay = start_relay(upstream => $server, options => \@long);
	for my $who ('client', 'upstream') {
		my ($one, $other) = known_pair($relay, $server, $who);
		$_->pause for $one, $other;
		until_stopped($relay, $one, $other);
		$one->reset;
		ok($relay->rests, "the $who has reset, and the relay is quiet");
		$other->resume;
		is($other->until_end, 'reset', 'the other is reset');
		cmp_ok($other->{got}, '>', 1, 'after a part of the stream');
		my $session = $relay->wait_sessions($who eq 'client' ? 1 : 2);
		is($session->{reason}, "$who-reset", 'reason');
		$other->close;
	}
	ends_well($relay);
};

# A UNIX socket that closes with bytes unread tells of it by an error, else by
# a hang-up; a reader beyond gets everything in either case.
each_backend 'a paused UNIX socket is closed' => sub {
	for my $unread (0, 1) {
		my $server = listen_on('127.0.0.1', rcvbuf => 8192);
		my $relay = start_relay(listen => place('unix'), upstream => $server,
			options => \@long);
		my ($client, $upstream) = pair($relay, $server);
		$upstream->pause;
		until_stopped($relay, $client);
		$client->pause;
		$upstream->send($unread);
		until_taken($upstream);
		ok($relay->rests, 'stopped, and quiet');
		$client->close;
		ok($relay->rests, 'closed, and quiet');
		$upstream->resume;
		is($upstream->until_end, $unread ? 'reset' : 'fin', 'an end of it');
		is($upstream->{got}, $client->{sent}, 'after everything');
		$upstream->finish;
		is($relay->wait_sessions(1)->{reason}, $unread ? 'client-reset' : 'client-fin',
			'reason');
		$upstream->close;
		ends_well($relay);
		$server->close;
	}
};

done_testing();
