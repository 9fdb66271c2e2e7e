#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# A redis server behind the relay: its benchmark, and a value of 64 MiB.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my ($server, $cli, $benchmark) = need('redis-server', 'redis-cli', 'redis-benchmark');

sub start_redis
{
	my $port = reserve();
	start_server($port, $server, '--port', $port, '--bind', '127.0.0.1', '--save', '',
		'--appendonly', 'no', '--dir', new_directory());
	return $port;
}

sub port_of { return ($_[0]->address =~ /(\d+)\z/)[0]; }

# Requests a second, by command, as the benchmark prints them.
sub measure
{
	my ($name, $port, @options) = @_;
	my ($status, $out, $err) = run($benchmark, '-h', '127.0.0.1', '-p', $port, '--csv',
		@options);
	is($status, 0, "$name: benchmark");
	unlike("$out$err", qr/error|reset|refused/i, "$name: no errors");
	my %rate = $out =~ /^"(\w+)","([\d.]+)"/mg;
	is(scalar(keys(%rate)), 2, "$name: both commands were measured") or diag($out, $err);
	return \%rate;
}

each_backend 'benchmark' => sub {
	my $port = start_redis();
	my $relay = start_relay(upstream => "127.0.0.1:$port");
	my @load = ('-t', 'set,get', '-n', quick() ? 2000 : 15000, '-c', 50);
	for my $options ([ '-d', 3 ], [ '-d', 3, '-P', 16 ], [ '-d', 20000, '-n', 2000 ]) {
		my $direct = measure('direct', $port, @load, @$options);
		my $relayed = measure('relayed', port_of($relay), @load, @$options);
		note("@$options: $_ $direct->{$_} direct, $relayed->{$_} relayed")
		    for sort(keys(%$direct));
	}
	ends_well($relay);
	is(scalar(grep { $_->{reason} !~ /-(?:fin|reset)\z/ } @{ $relay->{sessions} }), 0,
		'reasons');
	is(scalar(grep { $_->{'lost-up'} + $_->{'lost-down'} } @{ $relay->{sessions} }), 0,
		'nothing lost');
};

each_backend 'a large value' => sub {
	my $port = start_redis();
	my $relay = start_relay(upstream => "127.0.0.1:$port");
	my $size = quick() ? 8 << 20 : 64 << 20;
	my $value = random_file($size);
	my $copy = new_path('copy');
	my @cli = ($cli, '-h', '127.0.0.1', '-p', port_of($relay));
	my ($status, $out) = run({ stdin => $value }, @cli, '-x', 'SET', 'big');
	is("$status $out", "0 OK\n", 'SET');
	is((run(@cli, 'STRLEN', 'big'))[1], "$size\n", 'its length');
	is((run({ output => $copy }, @cli, 'GET', 'big'))[0], 0, 'GET');
	truncate($copy, $size);    # the newline of redis-cli
	ok(same_files($value, $copy), 'byte-exact');
	$relay->wait_sessions(3);
	ends_well($relay);
};

done_testing();
