#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# iperf3 through the relay, both ways.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

use JSON::PP qw(decode_json);

my ($iperf) = need('iperf3');
# more than the buffers on the way hold, also for each of four streams
my $bytes = quick() ? 128 << 20 : 256 << 20;

each_backend 'iperf3' => sub {
	my $port = reserve();
	# iperf3 knows its streams by their order, which several workers do not keep
	my $relay = start_relay(upstream => "127.0.0.1:$port", options => [ '-w', 1 ]);
	my ($relayed) = $relay->address =~ /(\d+)\z/;
	my ($sessions, $received) = (0, 0);
	for my $way ([ 'up', 1 ], [ 'down', 1, '-R' ], [ 'four up', 4, '-P', 4 ],
		[ 'both', 2, '--bidir' ]) {
		my ($name, $streams, @options) = @$way;
		# one for each, as between two clients it does not listen
		my $server = MuxTest::Process->new(stdout => 'pipe',
			command => [ $iperf, '-s', '-1', '-B',
			'127.0.0.1', '-p', $port, '--forceflush' ]);
		$server->wait_for_line(qr/listening/);
		my ($status, $out) = run($iperf, '-c', '127.0.0.1', '-p', $relayed, '-n', $bytes,
			'--json', @options);
		my $result = eval { decode_json($out) } // {};
		is($status, 0, "$name: status");
		is($result->{error}, undef, "$name: no error");
		my $end = $result->{end};
		cmp_ok($end->{$_}{bytes} // 0, '>', 0, "$name: $_") for 'sum_sent', 'sum_received';
		note(sprintf('%s: %.1f Gbit/s', $name,
			($end->{sum_received}{bits_per_second} // 0) / 1e9));
		# what the server did not read before it closed is not delivered
		$received += $end->{sum_received}{bytes} // 0 if $name =~ /up/;
		$sessions += 1 + $streams;
		$relay->wait_sessions($sessions);
		$server->wait;
	}
	ends_well($relay);
	cmp_ok($relay->{stop}{up}, '>=', $received, 'the log counts what arrived');
};

done_testing();
