#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The load generator: it counts what arrives, through a relay or without, and
# says so when that is not what was sent.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

my $muxload = builddir() . '/bench/muxload';
plan(skip_all => 'muxload is not built') if !-x $muxload;

my %loads = (
	ping => [ 'ping=4' ],
	'large ping' => [ 'ping=2', '--size', 262139 ],
	rush => [ 'rush=4' ],
	up => [ 'up=2' ],
	down => [ 'down=2' ],
	idle => [ 'idle=50', 'ping=2' ],
	mixed => [ 'up=1', 'down=1', 'ping=3', 'rush=2' ],
);

# Loads for a moment; the status, and what it says by name.
sub load
{
	my (@arguments) = @_;
	my ($status, $out, $err) = run($muxload, '--warmup', '0.02', '--seconds', '0.1',
		@arguments);
	diag($err) if $status && $err =~ s/^muxload: holding\n//mr ne '';
	return ($status, map { /^(\w+)=(.*)$/ ? ($1, $2) : () } split(' ', $out));
}

sub has_worked
{
	my ($name, @ends) = @_;
	my ($status, %said) = load('--verify', @ends, @{ $loads{$name} });
	is($status, 0, "$name: nothing was lost or wrong");
	for my $kind (@{ $loads{$name} }) {
		my $key = { ping => 'ops', rush => 'ops', up => 'bytes_up',
			down => 'bytes_down' }->{ (split(/=/, $kind))[0] } // next;
		cmp_ok($said{$key} // 0, '>', 0, "$name: $key");
	}
	cmp_ok($said{max_us}, '>=', $said{p50_us}, "$name: latency") if $said{ops};
	return;
}

one_test 'without a relay' => sub {
	has_worked($_) for sort(keys(%loads));
};

one_test 'through the relay' => sub {
	my $upstream = '127.0.0.1:' . reserve();
	my $relay = start_relay(upstream => $upstream);
	has_worked($_, '--listen', $upstream, '--connect', $relay->address)
	    for sort(keys(%loads));
	my ($status, %said) = load('--listen', $upstream, '--connect', $relay->address,
		'--watch', getppid(), 'ping=1');
	is($status, 0, 'with a session to watch');
	ends_well($relay);
};

one_test 'what is wrong is found' => sub {
	for my $kind (qw(ping rush up down)) {
		my $port = reserve();
		my $server = MuxTest::Process->new(command => [ $muxload, '--verify', '--seed', 2,
			'--listen', "127.0.0.1:$port", 'serve' ], stdout => 'pipe');
		$server->wait_for_line(qr/^listening on port $port$/);
		my ($status, $out, $err) = run($muxload, '--warmup', 0, '--seconds', '0.1',
			'--connect', "127.0.0.1:$port", "$kind=1");
		is($status, 1, "$kind: other bytes than expected") or diag($out);
		$server->signal('TERM');
		is($server->wait, 0, 'the server ends well');
	}
	my ($status, $out, $err) = run($muxload, '--connect', '127.0.0.1:' . reserve(), 'ping=1');
	is($status, 1, 'nobody listens');
	like($err, qr/refused/, 'and why');
};

one_test 'the command line' => sub {
	for my $wrong ([], ['ping'], ['sing=1'], ['ping=x'], [ '--size', 0, 'ping=1' ],
		[ '--size', 8, 'rush=1' ], [ '-l', 'here', 'ping=1' ]) {
		is((run($muxload, @$wrong))[0], 2, "wrong: @$wrong");
	}
	my ($status, $out) = run($muxload, '--json', '--seconds', '0.02', 'ping=1');
	like($out, qr/^\{"sessions":1,.*"wrong":0\}\n\z/, 'JSON');
	like((run($muxload, '--help'))[1], qr/^Usage/, 'help');
};

done_testing();
