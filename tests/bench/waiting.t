#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# What measures the cost of a wait runs; no figure is looked at.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my @backends = grep { -x builddir() . "/bench/waiting-$_" } qw(epoll kqueue poll select);
plan(skip_all => 'it is not built') if !@backends;

my @command = ($^X, "$FindBin::RealBin/../../bench/waits");
my %how = (env => { MUX_BUILDDIR => builddir() });

one_test 'each backend' => sub {
	for my $backend (@backends) {
		my ($status, $out, $err) = run(builddir() . "/bench/waiting-$backend", 1, 1, 2, 20);
		is("$status $err", '0 ', "$backend: runs");
		is($out =~ s/ waits=[1-9]\d* ns=[1-9]\d*\.\d$//gmr,
			"watched=1\nwatched=2\nwatched=20\n", "$backend: has waited");
	}
};

one_test 'more than the limit' => sub {
	for my $backend (@backends) {
		my ($status, $out, $err) = run({ nofile => 40 },
			builddir() . "/bench/waiting-$backend", 1, 10, 100);
		is("$status $err", '0 ', "$backend: runs");
		like($out, qr/^watched=10 waits=\d+ ns=\d.*\nwatched=100 waits=0 ns=-\n\z/,
			"$backend: leaves it out");
	}
};

one_test 'the table' => sub {
	my ($status, $out, $err) = run({ %how, nofile => 40 }, @command, '--rounds', 2, '--ms', 1,
		'--counts', '5,100');
	is("$status $err", '0 ', 'runs') or diag($out);
	like($out, qr/\A\d{4}-\d\d-\d\d, .*\n.*\nmedians of 2 rounds .*\n\nwatched +5 +100\n/,
		'says when, where, and what');
	like($out, qr/^$_ +\d+ +-$/m, $_) for @backends;
};

one_test 'the command line' => sub {
	isnt((run(\%how, @command, @$_))[0], 0, "wrong: @$_")
	    for [ '--rounds', 0 ], [ '--counts', 'x' ], ['more'], ['--nonsense'];
	my $waiting = builddir() . "/bench/waiting-$backends[0]";
	is((run($waiting, @$_))[0], 2, "wrong: @$_")
	    for [], [1], [ 'x', 1 ], [ 1, 0 ], [ 1, '5x' ], [ 0, 1 ];
};

done_testing();
