#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The contract between every two address families: ends in both orders (C2),
# resets both ways (C3), urgent bytes (C7).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my @families = ('127.0.0.1', (has_ipv6() ? '[::1]' : ()), 'unix');

sub is_unix { return $_[0] eq 'unix'; }

# One relay for each upstream family listens on all: calls the code with the
# relay, its server and the two families.
sub each_pair
{
	my ($code) = @_;
	for my $to (@families) {
		my $server = listen_on(is_unix($to) ? 'unix:' . new_path('upstream') : $to);
		my %place = map {
			$_ => is_unix($_) ? 'unix:' . new_path('listen') : "$_:" . reserve($_)
		} @families;
		my $relay = start_relay(listen => join(',', values(%place)), upstream => $server);
		for my $from (@families) {
			$relay->{listen} = $place{$from};
			$code->($relay, $server, $from, $to);
		}
		ends_well($relay);
		$server->close;
	}
	return;
}

# What the log says of it, after its end.
sub logged
{
	my ($relay, $count) = @_;
	my $session = $relay->wait_sessions($count);
	return "@$session{qw(reason up down lost-up lost-down)}";
}

# Makes the relay see a reset of that peer. A UNIX socket can tell of one only
# when something is left in it that the peer has not read.
sub reset_unread
{
	my ($peer, $other, $family) = @_;
	if (is_unix($family)) {
		$peer->pause;
		$other->send(1)->until_sent;
		my $readable = '';
		vec($readable, fileno($peer->{socket}), 1) = 1;
		select($readable, undef, undef, undef);
		return $peer->close;
	}
	wait_polling { !$peer->unacknowledged } 'acknowledgements';
	return $peer->reset;
}

each_backend 'one end after the other' => sub {
	each_pair(sub {
		my ($relay, $server, $from, $to) = @_;
		my $count = @{ $relay->{sessions} };
		for my $first ('client', 'upstream') {
			my ($client, $upstream) = pair($relay, $server);
			my ($one, $other) = $first eq 'client' ? ($client, $upstream)
				: ($upstream, $client);
			$one->send(1000)->finish;
			is($other->until_end . " $other->{got}", 'fin 1000',
				"$from to $to: the end of the $first after its bytes");
			$other->send(70_000);
			ok($one->until_got(70_000), 'the other direction goes on');
			is($one->end, 'open', 'and is open');
			$other->finish;
			is($one->until_end, 'fin', 'until it ends');
			is(logged($relay, ++$count), "$first-fin "
				. ($first eq 'client' ? '1000 70000' : '70000 1000')
				. ' 0 0', 'in the log');
			$_->close for $client, $upstream;
		}
	});
};

each_backend 'bytes, then a reset' => sub {
	each_pair(sub {
		my ($relay, $server, $from, $to) = @_;
		my $count = @{ $relay->{sessions} };
		for my $who ('client', 'upstream') {
			my ($client, $upstream) = pair($relay, $server);
			my ($one, $other, $one_family, $other_family) = $who eq 'client'
				? ($client, $upstream, $from, $to)
				: ($upstream, $client, $to, $from);
			$_->send(1) for $client, $upstream;
			$_->until_got(1) for $client, $upstream;
			$one->send(5000)->until_sent;
			reset_unread($one, $other, $one_family);
			# a UNIX socket that has nothing unread ends like any other
			is($other->until_end, is_unix($other_family) ? 'fin' : 'reset',
				"$from to $to: the $who resets");
			is($other->{got}, 5001, 'after its bytes');
			like(logged($relay, ++$count), qr/\A$who-reset /, 'reason');
			$other->close;
		}
	});
};

# A UNIX socket that is closed with nothing unread cannot be told from one
# that only ends its input: that it is gone shows when it is written to.
each_backend 'the close of a UNIX socket' => sub {
	each_pair(sub {
		my ($relay, $server, $from, $to) = @_;
		my $count = @{ $relay->{sessions} };
		for my $who ((is_unix($from) ? 'client' : ()), (is_unix($to) ? 'upstream' : ())) {
			my ($client, $upstream) = pair($relay, $server);
			my ($one, $other, $other_family) = $who eq 'client'
				? ($client, $upstream, $to) : ($upstream, $client, $from);
			$one->send(5000)->until_sent->close;
			is($other->until_end . " $other->{got}", 'fin 5000',
				"$from to $to: the close of the $who is an end");
			$other->finish;
			is(logged($relay, ++$count), "$who-fin "
				. ($who eq 'client' ? '5000 0' : '0 5000') . ' 0 0', 'a clean one');
			$other->close;

			($client, $upstream) = pair($relay, $server);
			($one, $other) = $who eq 'client' ? ($client, $upstream)
				: ($upstream, $client);
			$one->send(5000)->until_sent->close;
			is($other->until_end, 'fin', 'an end again');
			$other->send(10);
			my $session = $relay->wait_sessions(++$count);
			is($session->{reason}, "$who-reset", 'an answer finds it gone');
			is($session->{ $who eq 'client' ? 'lost-down' : 'lost-up' }, 10,
				'and is counted as lost');
			$other->close;
		}
	});
};

# Not every system has them there.
sub has_urgent
{
	my ($client, $upstream) = @_;
	return eval { $client->send_urgent('!'); $upstream->send_urgent('!'); 1 };
}

each_backend 'urgent bytes' => sub {
	each_pair(sub {
		my ($relay, $server, $from, $to) = @_;
		my ($client, $upstream) = pair($relay, $server);
		$_->{collect} = 1 for $client, $upstream;
		$_->send_bytes('abc')->until_sent for $client, $upstream;
		if (has_urgent($client, $upstream)) {
			$_->send_bytes('def')->finish for $client, $upstream;
			is($_->until_end . " $_->{data}", 'fin abc!def',
				"$from to $to: in the middle, for the $_->{name}")
			    for $client, $upstream;
		} else {
			pass("$from to $to: no urgent bytes here");
		}
		$_->close for $client, $upstream;
	});
};

done_testing();
