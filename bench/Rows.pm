# SPDX-License-Identifier: ISC
#
# What is measured: each row is one order to the load generator, and what of
# its answer is told.
package Rows;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(rows metric);

# name => [ title, key in the report, factor, the smaller the better, digits ]
my %metrics = (
	throughput => [ 'GB/s', 'gb_per_s', 1, 0, 2 ],
	rate => [ 'ops/s', 'ops_per_s', 1, 0, 0 ],
	cpu_gb => [ 'CPU s/GB', 'cpu_s_per_gb', 1, 1, 3 ],
	cpu_op => [ 'CPU us/op', 'cpu_us_per_op', 1, 1, 2 ],
	user => [ 'user %', 'user_share', 100, 1, 0 ],
	p50 => [ 'p50 us', 'p50_us', 1, 1, 1 ],
	p99 => [ 'p99 us', 'p99_us', 1, 1, 1 ],
	p999 => [ 'p99.9 us', 'p999_us', 1, 1, 1 ],
	memory => [ 'bytes/session', 'memory_per_session', 1, 1, 0 ],
	cpu_ms => [ 'CPU ms', 'relay_cpu_s', 1000, 1, 2 ],
);
my @bulk = qw(throughput cpu_gb user);
my @operations = qw(rate cpu_op user p50 p99 p999);

# place: apart (the relay has a processor of its own), together (all on one),
# free (wherever the system puts them).
my @rows = (
	{ name => 'bulk-up', title => 'bulk, 32 connections up', load => [ 'up=32' ],
	  metrics => \@bulk },
	{ name => 'bulk-down', title => 'bulk, 32 connections down', load => [ 'down=32' ],
	  metrics => \@bulk },
	{ name => 'bulk-one', title => 'bulk, one connection', load => [ 'down=1' ],
	  metrics => \@bulk },
	{ name => 'ping-64', title => '64 B ping-pong, 64 connections', load => [ 'ping=64' ],
	  metrics => \@operations },
	{ name => 'ping-16k', title => '16 KiB ping-pong, 64 connections',
	  load => [ 'ping=64', '--size', 16384 ], metrics => \@operations },
	{ name => 'rush', title => 'connect, 64 B, close, 64 at a time', load => [ 'rush=64' ],
	  metrics => \@operations },
	{ name => 'idle', title => 'idle sessions', load => [ 'idle=IDLE' ], many => 1,
	  rest => 1, metrics => [qw(memory cpu_ms)] },
	{ name => 'active', title => '64 active among idle sessions',
	  load => [ 'ping=64', 'idle=IDLE' ], many => 1, metrics => \@operations,
	  beside => 'ping-64' },
	{ name => 'latency', title => 'latency of one connection, all on one core',
	  load => [ 'ping=1' ], place => 'together', metrics => \@operations },
	{ name => 'mixed', title => '100 ping-pongs beside 4 bulk streams',
	  load => [ 'ping=100', 'up=2', 'down=2' ],
	  metrics => [qw(rate p50 p99 p999 throughput)], beside => 'ping-100' },
	{ name => 'ping-100', title => '100 ping-pongs alone', load => [ 'ping=100' ],
	  metrics => \@operations },
	{ name => 'workers-2', title => '64 B ping-pong, 64 connections, 2 workers',
	  load => [ 'ping=64' ], place => 'free', threads => 2, metrics => \@operations,
	  beside => 'ping-64' },
);

sub rows { return @rows; }
sub metric { return @{ $metrics{ $_[0] } }; }

1;
