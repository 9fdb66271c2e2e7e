# SPDX-License-Identifier: ISC
#
# What is measured: each row is one order to the load generator, what of its
# answer is told, and what is asked of muxproxy.
package Rows;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(rows metric);

# name => [ title, key in the answer, factor, whether more is better, digits ]
my %metrics = (
	throughput => [ 'GB/s', 'gb_per_s', 1, 1, 2 ],
	rate => [ 'ops/s', 'ops_per_s', 1, 1, 0 ],
	cpu_gb => [ 'CPU s/GB', 'cpu_s_per_gb', 1, 0, 3 ],
	cpu_op => [ 'CPU us/op', 'cpu_us_per_op', 1, 0, 2 ],
	user => [ 'user %', 'user_share', 100, 0, 0 ],
	p50 => [ 'p50 us', 'p50_us', 1, 0, 1 ],
	p99 => [ 'p99 us', 'p99_us', 1, 0, 1 ],
	p999 => [ 'p99.9 us', 'p999_us', 1, 0, 1 ],
	memory => [ 'bytes/session', 'memory_per_session', 1, 0, 0 ],
	cpu_ms => [ 'CPU ms', 'relay_cpu_s', 1000, 0, 2 ],
	share => [ 'largest/smallest', 'share', 1, 0, 3 ],
	apart => [ 'apart', 'apart', 1, 0, 1 ],
);
my @bulk = qw(throughput cpu_gb user);
my @operations = qw(rate cpu_op user p50 p99 p999);
my @bulk_goals = ([ cpu_gb => 0.6, 'haproxy-splice' ], [ cpu_gb => 0.4, 'haproxy' ],
	[ cpu_gb => 0.4, 'nginx' ], [ throughput => 1.5, 'best' ]);

# group: rows that are compared with each other are measured together.
# place: apart (the relay has a processor of its own), together (all on one),
# free (wherever the system puts them).
# goals: metric, what it shall be at most (at least where more is better), as a
# ratio to that relay, to the `best' other one, to muxproxy in another `row:', or
# for `itself'.
my @rows = (
	{ name => 'bulk-up', title => 'bulk, 32 connections up', load => [ 'up=32' ],
	  metrics => \@bulk, goals => \@bulk_goals },
	{ name => 'bulk-down', title => 'bulk, 32 connections down', load => [ 'down=32' ],
	  metrics => \@bulk, goals => \@bulk_goals },
	{ name => 'bulk-one', title => 'bulk, one connection', load => [ 'down=1' ],
	  metrics => \@bulk,
	  goals => [ [ cpu_gb => 0.85, 'haproxy-splice' ], [ cpu_gb => 0.35, 'nginx' ] ] },
	{ name => 'ping-64', title => '64 B ping-pong, 64 connections', load => [ 'ping=64' ],
	  metrics => \@operations, group => 'ping',
	  goals => [ [ cpu_op => 0.9, 'best' ], [ cpu_op => 1.05, 'direct' ] ] },
	{ name => 'active', title => '64 B ping-pong, 64 connections among idle ones', many => 1,
	  load => [ 'ping=64', 'idle=IDLE' ], metrics => \@operations, group => 'ping',
	  goals => [ [ cpu_op => 1.1, 'row:ping-64' ] ] },
	{ name => 'workers-1', title => '64 B ping-pong, 64 connections, 1 worker, anywhere',
	  load => [ 'ping=64' ], place => 'free', threads => 1, metrics => \@operations,
	  group => 'ping' },
	{ name => 'workers-2', title => '64 B ping-pong, 64 connections, 2 workers, anywhere',
	  load => [ 'ping=64' ], place => 'free', threads => 2, metrics => \@operations,
	  group => 'ping', goals => [ [ cpu_op => 1.1, 'row:workers-1' ] ] },
	{ name => 'ping-16k', title => '16 KiB ping-pong, 64 connections',
	  load => [ 'ping=64', '--size', 16384 ], metrics => \@operations,
	  goals => [ map { [ cpu_op => 0.85, $_ ] } qw(haproxy haproxy-splice nginx) ] },
	{ name => 'rush', title => 'connect, 64 B, close, 64 at a time', load => [ 'rush=64' ],
	  metrics => \@operations, goals => [ [ cpu_op => 0.9, 'best' ] ] },
	{ name => 'idle', title => 'idle sessions', load => [ 'idle=IDLE' ], many => 1,
	  rest => 1, metrics => [qw(memory cpu_ms)],
	  goals => [ [ memory => 512, 'itself' ], [ cpu_ms => 0.5, 'itself' ] ] },
	{ name => 'latency', title => 'latency of one connection, all on one processor',
	  load => [ 'ping=1' ], place => 'together', metrics => \@operations,
	  goals => [ [ p50 => 1, 'best' ] ] },
	{ name => 'ping-100', title => '64 B ping-pong, 100 connections', load => [ 'ping=100' ],
	  metrics => \@operations, group => 'mixed' },
	{ name => 'mixed', title => '64 B ping-pong, 100 connections, beside 4 bulk streams',
	  load => [ 'ping=100', 'up=2', 'down=2' ], group => 'mixed',
	  metrics => [qw(rate p50 p99 p999 throughput)],
	  goals => [ [ p99 => 2, 'row:ping-100' ], [ p99 => 1, 'best' ] ] },
	(map { {
		name => "spread-$_", title => "idle sessions spread over $_ workers",
		load => [ 'idle=IDLE' ], many => 1, place => 'free', threads => $_, spread => 1,
		metrics => [qw(share)], goals => [ [ share => 1.25, 'itself' ] ]
	}, {
		name => "few-$_", title => "20 sessions spread over $_ workers",
		load => [ 'idle=20' ], place => 'free', threads => $_, spread => 1,
		metrics => [qw(share apart)], goals => [ [ apart => 1, 'itself' ] ]
	} } 2, 4),
);

sub rows { return @rows; }
sub metric { return @{ $metrics{ $_[0] } }; }

1;
