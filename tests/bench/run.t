#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The driver of the benchmark, on muxproxy alone; no figure is looked at.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use JSON::PP ();
use MuxTest;

plan(skip_all => 'muxload is not built') if !-x builddir() . '/bench/muxload';
plan(skip_all => '/proc is not that of Linux') if !-r '/proc/net/tcp';

my @command = ($^X, "$FindBin::RealBin/../../bench/run");
my @rows = qw(bulk-up bulk-down ping-64 rush idle);

one_test 'a short run' => sub {
	my $json = new_path('json');
	my ($status, $out, $err) = run({ env => { MUX_BUILDDIR => builddir() } }, @command,
		'--peers', 'muxproxy,direct', '--rounds', 2, '--seconds', '0.1', '--idle', 50,
		'--rows', join(',', @rows), '--verify', '--json', $json);
	is($status, 0, 'runs') or diag($out, $err);
	is($err, '', 'without a complaint');
	unlike($out, qr/failed/, 'nothing failed') or diag($out);
	my $facts = JSON::PP::decode_json(contents($json));
	for my $row (@rows) {
		like($out, qr/^\Q$row\E: .*\n.*\n  muxproxy /m, "$row: a table");
		my $rounds = $facts->{results}{$row}{muxproxy};
		is(scalar(@$rounds), 2, "$row: two rounds");
		is(scalar(grep { !$_->{wrong} && exists($_->{relay_cpu_s}) } @$rounds), 2,
			"$row: nothing wrong, and the relay was watched");
	}
};

one_test 'system calls are counted' => sub {
	plan(skip_all => 'strace is not here') if !which('strace');
	plan(skip_all => 'leaks cannot be looked for under strace') if sanitized();
	my ($status, $out, $err) = run({ env => { MUX_BUILDDIR => builddir() } }, @command,
		'--calls', '--peers', 'muxproxy', '--rows', 'ping-64', '--seconds', '0.1');
	is($status, 0, 'runs') or diag($out, $err);
	is($err, '', 'without a complaint');
	# the short names where one call stands for all of sockets
	like($out, qr/^  $_ +[1-9]/m, $_) for qw(total recv(?:from)? send(?:to)?);
};

one_test 'the command line' => sub {
	my ($status, $out, $err) = run({ env => { MUX_BUILDDIR => builddir() } }, @command,
		'--list');
	is($status, 0, 'list');
	like($out, qr/^$_ /m, $_) for @rows;
	for my $wrong ([ '--rows', 'nothing' ], [ '--peers', 'nobody' ], ['--nonsense']) {
		isnt((run({ env => { MUX_BUILDDIR => builddir() } }, @command, @$wrong))[0], 0,
			"wrong: @$wrong");
	}
};

done_testing();
