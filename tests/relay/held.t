#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Sockets that another process holds too: a peer's, and the relay's own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);
use MuxTest;

use constant { O_CLOEXEC => 02000000, SYS_pidfd_open => 434, SYS_pidfd_getfd => 438 };

# A child that holds all that this process has, and does nothing.
sub fork_holder
{
	my $pid = fork() // die "fork: $!\n";
	if ($pid == 0) {
		$SIG{$_} = 'DEFAULT' for qw(TERM INT HUP ALRM);
		POSIX::pause() while 1;
	}
	kill_later($pid);
	return $pid;
}

sub end_holder
{
	my ($pid) = @_;
	kill('KILL', $pid);
	kill_later($pid, 0);
	return waitpid($pid, 0);
}

# A close that leaves a socket with another process tells nobody anything; a
# shutdown does.  With the last holder goes the connection.
each_backend 'a child of the peer holds its socket' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	for my $how ('fin', 'reset') {
		my ($client, $upstream) = pair($relay, $server);
		$client->send(1000);
		$upstream->until_got(1000);
		setsockopt($client->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0))
		    if $how eq 'reset';
		my $pid = fork_holder();
		$client->close;
		ok($relay->rests, 'closed here, and held there: the relay rests');
		is($upstream->end, 'open', 'and the session goes on');
		$upstream->send(10);
		wait_polling { !$upstream->unacknowledged } 'the bytes to be taken';
		ok($relay->rests, 'bytes are passed on to who will not read them');
		end_holder($pid);
		# what it had not read makes a reset of the end
		is($upstream->until_end, 'reset', 'the last holder ends it');
		is($relay->wait_sessions($how eq 'fin' ? 1 : 2)->{reason}, 'client-reset',
			'reason');
		$upstream->close;
	}

	my ($client, $upstream) = pair($relay, $server);
	my $pid = fork_holder();
	$client->send(1000)->finish->until_sent->close;
	is($upstream->until_end . " $upstream->{got}", 'fin 1000',
		'an end of input comes through whoever holds the socket');
	$upstream->send(500)->finish->until_sent;
	ok($relay->rests, 'it rests');
	end_holder($pid);
	like($relay->wait_sessions(3)->{reason}, qr/\Aclient-(?:fin|reset)\z/, 'reason');
	$upstream->close;
	ends_well($relay);
};

# Descriptors of the relay, as taken by another process.
sub take_descriptors
{
	my ($relay) = @_;
	my $pidfd = syscall(SYS_pidfd_open, $relay->{pid} + 0, 0);
	return if $pidfd < 0;
	my @taken;
	for my $fd (map { /(\d+)\z/ ? $1 : () } glob("/proc/$relay->{pid}/fd/*")) {
		next if (readlink("/proc/$relay->{pid}/fd/$fd") // '') !~ /\Asocket:/;
		my $copy = syscall(SYS_pidfd_getfd, $pidfd, $fd + 0, 0);
		push(@taken, $copy) if $copy >= 0;
	}
	POSIX::close($pidfd);
	return @taken;
}

# A kernel's set of descriptors keeps what somebody else still holds, and goes
# on to report it, unless it was taken out before.
each_backend 'somebody holds the sockets of the relay' => sub {
	plan(skip_all => 'needs pidfd_getfd') if $^O ne 'linux';
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my @pairs = map { [ pair($relay, $server) ] } 1 .. 3;
	$_->[0]->send(100) for @pairs;
	$_->[1]->until_got(100) for @pairs;
	my @taken = take_descriptors($relay);
	if (!@taken) {
		$_->close for map { @$_ } @pairs;
		plan(skip_all => 'pidfd_getfd is not permitted');
	}
	cmp_ok(scalar(@taken), '>=', 7, 'taken');
	$pairs[0][0]->finish;
	is($pairs[0][1]->until_end, 'fin', 'an end is passed on');
	$pairs[0][1]->send(100)->finish;
	is($pairs[0][0]->until_end . " $pairs[0][0]{got}", 'fin 100', 'and the other');
	$pairs[1][0]->reset;
	$pairs[2][1]->reset;
	$relay->wait_sessions(3);
	like($relay->reasons, qr/\Aclient-fin=1 client-reset=1 upstream-reset=1\z/, 'reasons');
	ok($relay->at_baseline, 'the relay has closed them');
	ok($relay->rests, 'and does not hear of them any more');

	# the numbers are given to others, and the old sockets have bytes and ends
	$_->send(1000)->finish for grep { $_->{socket} && !$_->{finish} } map { @$_ } @pairs;
	my @new = map { [ pair($relay, $server) ] } 1 .. 3;
	for my $pair (@new) {
		$_->send(5000)->finish for @$pair;
		is($_->until_end . " $_->{got}", 'fin 5000', 'new ones are served') for @$pair;
	}
	$relay->wait_sessions(6);
	POSIX::close($_) for @taken;
	$_->close for map { @$_ } @pairs, @new;
	ends_well($relay);
};

# The descriptors of a process that a child of it would get, but for the three
# that every program has.
sub kept_on_exec
{
	my ($pid) = @_;
	my %kept;
	for my $path (glob("/proc/$pid/fdinfo/*")) {
		my ($fd) = $path =~ /(\d+)\z/;
		open(my $file, '<', $path) or next;
		my ($flags) = map { /^flags:\s*(\d+)/ ? oct($1) : () } <$file>;
		$kept{$fd} = readlink("/proc/$pid/fd/$fd")
		    if $fd > 2 && ($flags & O_CLOEXEC) == 0;
	}
	return %kept;
}

each_backend 'every descriptor is closed on exec' => sub {
	plan(skip_all => 'needs /proc') if $^O ne 'linux';
	my ($full, $filler) = fill_backlog('127.0.0.1');
	my $server = listen_on('127.0.0.1');
	my @listen = ('127.0.0.1:' . reserve(), 'unix:' . new_path('listen'));
	my $relay = start_relay(listen => join(',', @listen),
		upstream => [ 'builtin:echo', $server, 'unix:' . new_path('none'), $full ],
		options => [ '--pidfile', new_path('pid') ]);
	my @clients = map { connect_to($listen[ $_ % 2 ])->send(1) } 1 .. 8;
	$_->until_connected for @clients;
	ok($relay->rests, 'served and waiting');
	# but what the test itself was given, and gave on
	my %kept = kept_on_exec($relay->{pid});
	my %own = kept_on_exec($$);
	delete(@kept{ grep { ($kept{$_} // '') eq $own{$_} } keys(%own) });
	cmp_ok($relay->descriptors, '>', 3 + 3 + 8, 'there are many');
	is(join(' ', values(%kept)), '', 'none of them would be left to a child');
	$_->close for @clients, $filler;
	$relay->signal('TERM');
	$relay->wait_for_line(qr/ drain /);
	ends_well($relay, fds => 0, signal => 'TERM');
};

done_testing();
