#!/usr/bin/env perl
# SPDX-License-Identifier: ISC

# What cannot be done is said in one line with what was tried, on what, and
# what the system said: status 1; a wrong command line is status 2.

use strict;
use warnings;

use Errno qw(EADDRINUSE EADDRNOTAVAIL ECONNREFUSED EISDIR EPIPE);
use IO::Socket::INET;
use Test::More;

use FindBin;
use lib $FindBin::Bin;
use Examples;

sub message {
	local $! = shift;
	return "$!";
}

# The words of another C library than perl's, in those of that.
sub in_own_words {
	my ($said) = @_;
	$said =~ s/: Address in use$/': ' . message(EADDRINUSE)/me;
	$said =~ s/: Address not available$/': ' . message(EADDRNOTAVAIL)/me;
	return $said;
}

sub run {
	my ($handles, $name, @arguments) = @_;

	pipe(my $errors, my $err) or die;
	open(my $null, '+<', '/dev/null') or die;
	my $pid = spawn({ 0 => $null, 1 => $null, %$handles, 2 => $err },
	    program($name), @arguments);
	close($err);
	my $said = rest_of($errors);
	return (finish($pid), $said);
}

my %usage = (
	'echo-server' => "usage: echo-server [port [address]]\n",
	'echo-client' => "usage: echo-client [host [port]]\n",
);
my @steps = ('echo-blocking', grep { $_ ne 'echo-server' } servers());
$usage{$_} = 'usage: ' . program($_) . " [port]\n" for @steps;
for my $case (
	(map { my $name = $_; map { [ $name, @$_ ] } ['port'], [''], ['-1'],
	    ['65536'], ['80x'], [ '0', 'more' ] } @steps),
	['echo-server', 'port'],
	['echo-server', ''],
	['echo-server', '-1'],
	['echo-server', '65536'],
	['echo-server', '99999999999999999999'],
	['echo-server', '80x'],
	['echo-server', '0', '127.0.0.1', 'more'],
	['echo-client', '127.0.0.1', 'port'],
	['echo-client', '127.0.0.1', ''],
	['echo-client', '127.0.0.1', '0'],
	['echo-client', '127.0.0.1', '+1'],
	['echo-client', '127.0.0.1', '65536'],
	['echo-client', '127.0.0.1', '1', 'more'],
) {
	my ($name, @arguments) = @$case;
	my ($status, $said) = run({}, $name, @arguments);
	is($status, 2, "@$case: status");
	is($said, $usage{$name}, "@$case: usage");
}

# bound but not listening: refuses, and nobody else can take the number
my $held = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'tcp');
my $port = $held->sockport();
my ($status, $said) = run({}, 'echo-client', '127.0.0.1', $port);
is($status, 1, 'connection refused: status');
is($said, "echo-client: cannot connect to 127.0.0.1 port $port: " .
    message(ECONNREFUSED) . "\n", 'connection refused: message');

my $listener = listener();
$port = $listener->sockport();
for my $name ('echo-server', @steps) {
	($status, $said) = run({}, $name, $port,
	    $name eq 'echo-server' ? '127.0.0.1' : ());
	is($status, 1, "$name: address in use: status");
	is(in_own_words($said), "$name: cannot listen on 127.0.0.1 port $port: " .
	    message(EADDRINUSE) . "\n", "$name: address in use: message");
}

# 192.0.2.0/24 is for documentation and nobody's
($status, $said) = run({}, 'echo-server', 0, '192.0.2.1');
is($status, 1, 'foreign address: status');
is(in_own_words($said), "echo-server: cannot listen on 192.0.2.1 port 0: " .
    message(EADDRNOTAVAIL) . "\n", 'foreign address: message');

my $server = start_server('echo-server');
open(my $directory, '<', '/') or die;
($status, $said) = run({ 0 => $directory }, 'echo-client', '127.0.0.1',
    $server->{port});
is($status, 1, 'input from a directory: status');
is($said, "connected to 127.0.0.1 port $server->{port}\n" .
    'echo-client: cannot read from input: ' . message(EISDIR) . "\n",
    'input from a directory: message');

pipe(my $nobody, my $out) or die;
close($nobody);
my $input = scratch() . '/in';
spew($input, "a line\n");
open(my $in, '<', $input) or die;
($status, $said) = run({ 0 => $in, 1 => $out }, 'echo-client', '127.0.0.1',
    $server->{port});
is($status, 1, 'output to nobody: status');
is($said, "connected to 127.0.0.1 port $server->{port}\n" .
    'echo-client: cannot write to output: ' . message(EPIPE) . "\n",
    'output to nobody: message');

stopped_well($server);

done_testing();
