#!/usr/bin/env perl
# SPDX-License-Identifier: ISC

# What doc/tutorial.md says of its servers, each by itself: one client at a
# time, the numbers that they can watch, and that none spins when it waits.

use strict;
use warnings;

use POSIX ();
use Test::More;

use FindBin;
use lib $FindBin::Bin;
use Examples;

my $descriptors = 2200;		# more than any of them can watch

# Both this test and what it starts need them; once is enough to try.
if (POSIX::sysconf(POSIX::_SC_OPEN_MAX()) < $descriptors &&
    !$ENV{MUX_EXAMPLES_TRIED}) {
	$ENV{MUX_EXAMPLES_TRIED} = 1;
	exec('/bin/sh', '-c', "ulimit -S -n $descriptors; exec \"\$@\"", 'sh',
	    $^X, $0);
}

my @steps = grep { $_ ne 'echo-server' } servers();

sub built { return grep { $_ eq $_[0] } @steps }

sub answers {
	my ($socket, $line) = @_;

	syswrite($socket, "$line\n");
	return (next_line($socket) // '') eq $line;
}

# Those that answer, all asked at once.
sub answering {
	my ($line, @sockets) = @_;

	syswrite($_, "$line\n") for @sockets;
	return grep { (next_line($_) // '') eq $line } @sockets;
}

# One at a time: who came first has all of the server until it goes.
{
	my $server = start_server('echo-blocking');
	my ($first, $second) = map { dial($server) } 1 .. 2;
	syswrite($second, "second\n");
	ok(answers($first, "first $_"), "echo-blocking: answer $_") for 1 .. 3;
	$second->blocking(0);
	is(sysread($second, my $byte, 1), undef, 'echo-blocking: one waits');
	$second->blocking(1);
	close($first);
	is(next_line($second), 'second', 'echo-blocking: and then has its turn');

	# a reset ends a connection and nothing else
	close_with_reset($second);
	ok(answers(dial($server), 'third'), 'echo-blocking: goes on');
	stopped_well($server);
}

# Descriptors of sockets that block, of those that a process has and we have not:
# whoever runs the tests may have left one open.
sub blocking_sockets {
	my ($pid) = @_;
	my %inherited = map { (readlink($_) // '') => 1 } glob("/proc/$$/fd/*");

	return grep {
		my $what = readlink("/proc/$pid/fd/$_") // '';
		$what =~ /^socket:/ && !$inherited{$what} &&
		    slurp("/proc/$pid/fdinfo/$_") =~ /^flags:\s*(\d+)/m &&
		    (oct($1) & POSIX::O_NONBLOCK()) == 0
	} map { m{(\d+)\z} } glob("/proc/$pid/fd/*");
}

# A stop and a go interrupt some waits (EINTR): nobody is to notice.
for my $name ('echo-blocking', servers()) {
	my $server = start_server($name);
	my $socket = dial($server);
	my $wrong = 0;
	for my $round (1 .. 20) {
		freeze($server->{pid});
		thaw($server->{pid});
		$wrong++ if !answers($socket, "round $round");
	}
	is($wrong, 0, "$name: stopped and continued while it waits");

	# no test can fill the buffers such that this shows by itself
	is(join(' ', blocking_sockets($server->{pid})), '',
	    "$name: no socket can hold up others")
	    if $name ne 'echo-blocking' && -e "/proc/$server->{pid}/fdinfo";
	stopped_well($server);
	is(rest_of($server->{err}), '', "$name: no complaint");
}

# None spins: a wait that ends by its time has found nothing to do.  One
# connection is silent; of one nothing more can be read or sent back, and its
# end of input has come as well; one has come and gone since, which marks the
# place in what the server says.
{
	my $data = random_bytes(16 * 1024 * 1024);
	my @waiting;
	for my $name (servers()) {
		my $server = start_server($name);
		my $silent = dial($server);
		my ($slow, $sent) = clog($server, $data);
		end_socket($slow);
		close(dial($server));
		push(@waiting, [ $server, $silent, $slow, $sent ]);
	}
	for (@waiting) {
		my ($server, $silent, $slow, $sent) = @$_;
		my $name = $server->{name};
		my $line = '';
		while ($line !~ /: ended, 0 bytes received$/) {
			$line = next_line($server->{out}) // last;
		}
		like(next_line($server->{out}), qr/^idle for 3000 ms$/,
		    "$name: rests while nothing can be moved");
		ok(answers($silent, 'here'), "$name: others are served");
		$slow->blocking(1);
		same(rest_of($slow), substr($data, 0, $sent),
		    "$name: all comes back when it is read");
		stopped_well($server);
	}
}

SKIP: {
	skip("there cannot be $descriptors descriptors", 1)
	    if POSIX::sysconf(POSIX::_SC_OPEN_MAX()) < $descriptors;

	# FD_SETSIZE: whoever gets a number beyond it is let go
	SKIP: {
		skip('there is no select, or it has no such limit', 1)
		    if !built('echo-select') || $^O ne 'linux';
		my $server = start_server('echo-select');
		my @sockets = map { dial($server) } 1 .. 1100;
		my @inside = answering('inside', @sockets);
		cmp_ok(scalar(@inside), '<', 1024, 'echo-select: a limit');
		cmp_ok(scalar(@inside), '>', 1000, 'echo-select: no less');
		is(scalar(answering('still', @inside)), scalar(@inside),
		    'echo-select: nobody else is hurt');
		close(shift(@inside));
		until (next_line($server->{out}) =~ /, 13 bytes received$/) {
			# said of others
		}
		ok(answers(dial($server), 'next'), 'echo-select: room again');
		stopped_well($server);
		like(rest_of($server->{err}),
		    qr/\A(?:echo-select: 10[0-9]{2}: cannot be watched by select\n)+\z/,
		    'echo-select: and says so');
	}

	# as many as its array has places; others wait for one
	SKIP: {
		skip('there is no poll', 1) if !built('echo-poll');
		my $server = start_server('echo-poll');
		my @sockets = map { dial($server) } 1 .. 2010;
		my @inside = splice(@sockets, 0, 2000);
		is(scalar(answering('inside', @inside)), 2000,
		    'echo-poll: as many as there are places');
		syswrite($_, "late\n") for @sockets;
		ok(answers($inside[1999], 'again'), 'echo-poll: full');
		my @wrong;
		for my $socket (@sockets) {
			$socket->blocking(0);
			push(@wrong, $socket) if sysread($socket, my $byte, 1);
			$socket->blocking(1);
		}
		is(scalar(@wrong), 0, 'echo-poll: others wait');
		close(shift(@inside)) for 1 .. 10;
		@wrong = grep { (next_line($_) // '') ne 'late' } @sockets;
		is(scalar(@wrong), 0, 'echo-poll: until there is room');
		stopped_well($server);
		is(rest_of($server->{err}), '', 'echo-poll: no complaint');
	}
}

done_testing();
