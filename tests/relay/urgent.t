#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# An urgent byte stays in the stream, in its place (C7).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use Socket qw(AF_UNIX MSG_OOB SOCK_STREAM);
use MuxTest;

each_backend 'urgent bytes' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	for my $way ('up', 'down') {
		my $client = connect_to($relay->address, collect => 1);
		my $upstream = $server->next;
		$upstream->{collect} = 1;
		my ($from, $to) = $way eq 'up' ? ($client, $upstream) : ($upstream, $client);

		$from->until_connected->send_bytes('abc');
		$to->until_got(3);
		$from->send_urgent('!')->send_bytes('def');
		$to->until_got(7);
		is($to->{data}, 'abc!def', "$way: in the middle");

		$from->send_urgent('1')->send_urgent('2')->send_urgent('3');
		$to->until_got(10);
		is($to->{data}, 'abc!def123', "$way: one after another");
		ok($relay->quiet, 'and quiet afterwards');

		$from->send_urgent('.')->finish;
		is($to->until_end, 'fin', "$way: an end");
		is($to->{data}, 'abc!def123.', "$way: the last byte of all");
		$to->finish;
		$from->until_end;
		$_->close for $client, $upstream;
	}
	$relay->wait_sessions(2);
	ends_well($relay);
};

each_backend 'urgent bytes while nobody reads' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my $client = connect_to($relay->address);
	my $upstream = $server->next;
	$upstream->{collect} = 1;
	$upstream->pause;
	$client->send_bytes('x' x (24 << 20));
	ok($relay->quiet, 'blocked');
	wait_polling { $relay->quiet && $client->{queue} ne '' } 'a full queue';
	my $sent = $client->{sent_bytes};
	$client->{queue} = '';
	$client->update;
	my $took = eval { $client->send_urgent('!'); 1 };
	ok($relay->quiet, 'blocked with an urgent byte and quiet');
	$client->finish;
	$upstream->resume;
	is($upstream->until_end, 'fin', 'an end');
	is($upstream->{data} =~ tr/x//, $sent, 'every ordinary byte');
	is(index($upstream->{data}, '!'), $took ? $sent : -1, 'the urgent byte in its place');
	$_->close for $client, $upstream;
	$relay->wait_sessions(1);
	ends_well($relay);
};

# Not every system has them there.
sub has_urgent_unix
{
	socketpair(my $one, my $other, AF_UNIX, SOCK_STREAM, 0) or die "socketpair: $!\n";
	return defined(send($one, '!', MSG_OOB));
}

each_backend 'urgent bytes on UNIX sockets' => sub {
	if (!has_urgent_unix()) {
		pass('not on this system');
		return;
	}
	my $server = listen_on('unix:' . new_path('upstream'));
	my $relay = start_relay(upstream => $server, listen => 'unix:' . new_path('listener'));
	my $client = connect_to($relay->address, collect => 1);
	my $upstream = $server->next;
	$upstream->{collect} = 1;
	$client->send_bytes('abc');
	$upstream->until_got(3);
	$client->send_urgent('!')->send_bytes('def')->finish;
	is($upstream->until_end, 'fin', 'an end');
	is($upstream->{data}, 'abc!def', 'after every byte');
	$upstream->finish;
	$client->until_end;
	$_->close for $client, $upstream;
	$relay->wait_sessions(1);
	ends_well($relay);
};

done_testing();
