#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# netcat through the relay: ends its input, and still gets the answer.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my ($nc) = need('nc');
my ($status, $out, $help) = run($nc, '-h');
plan(skip_all => 'this netcat cannot shut down after its input') if "$out$help" !~ /^\s*-N\b/m;
my $size = quick() ? 1 << 20 : 8 << 20;

each_backend 'an answer after the end' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my ($port) = $relay->address =~ /(\d+)\z/;
	my $request = random_file($size);
	my $answer = new_path('answer');
	my $client = MuxTest::Process->new(command => [ $nc, '-N', '127.0.0.1', $port ],
		stdin => $request,
		stdout => $answer);
	my $upstream = $server->next;
	$upstream->{collect} = 1;
	is($upstream->until_end, 'fin', 'the end of the request');
	ok($upstream->{data} eq contents($request), 'byte-exact');
	$upstream->send_bytes($upstream->{data})->finish;
	$upstream->until_sent;
	is($client->wait, 0, 'netcat got its answer');
	ok(same_files($request, $answer), 'byte-exact');
	is($relay->wait_sessions(1)->{reason}, 'client-fin', 'reason');
	$upstream->close;
	ends_well($relay);
};

# A listening netcat may leave once its client has ended, with bytes still to
# be read from its own input: so one way at a time.
each_backend 'netcat at both ends' => sub {
	my $port = reserve();
	my $relay = start_relay(upstream => "127.0.0.1:$port");
	my ($relayed) = $relay->address =~ /(\d+)\z/;
	my @listen = ($nc, '-v', '-N', '-l', '127.0.0.1', $port);
	my $file = random_file($size);

	my $copy = new_path('up');
	my $server = MuxTest::Process->new(command => \@listen, stdout => $copy);
	$server->wait_for_line(qr/listening/i);
	is((run({ stdin => $file }, $nc, '-N', '127.0.0.1', $relayed))[0], 0, 'up: the client');
	is($server->wait, 0, 'up: the server');
	ok(same_files($file, $copy), 'up: byte-exact');

	$copy = new_path('down');
	$server = MuxTest::Process->new(command => \@listen, stdin => $file);
	$server->wait_for_line(qr/listening/i);
	is((run({ output => $copy }, $nc, '-d', '127.0.0.1', $relayed))[0], 0, 'down: the client');
	is($server->wait, 0, 'down: the server');
	ok(same_files($file, $copy), 'down: byte-exact');

	$relay->wait_sessions(2);
	my ($up, $down) = @{ $relay->{sessions} };
	is("@$up{qw(up down)} @$down{qw(up down)}", "$size 0 0 $size", 'in the log');
	ends_well($relay);
};

done_testing();
