#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# In the background: when it returns, what it writes, who it becomes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

sub slurp
{
	my ($path) = @_;
	open(my $file, '<', $path) or return '';
	local $/;
	return <$file> // '';
}

sub status_of
{
	my ($pid, $field) = @_;
	return slurp("/proc/$pid/status") =~ /^\Q$field\E:\s*(.*)$/m ? $1 =~ s/\s+/ /gr : undef;
}

sub serves
{
	my ($address, $name) = @_;
	my $client = connect_to($address);
	$client->expect($client)->send(100)->finish;
	my $end = $client->until_end;
	$client->close;
	return is("$end $client->{got}", 'fin 100', $name);
}

sub gone
{
	my ($pid) = @_;
	return wait_polling {
		!kill(0, $pid) || (status_of($pid, 'State') // 'Z') =~ /^Z/;
	} "the end of $pid";
}

each_backend 'in the background' => sub {
	my ($log, $pidfile) = (new_path('log'), new_path('pid'));
	my $listen = '127.0.0.1:' . reserve();
	my ($status, $out, $err) = run({ patience => 20 }, program(), '-D', '-p', $pidfile,
		'--log', $log,
		$listen, 'builtin:echo');
	is($status, 0, 'returns with success') or diag($err);
	is("$out$err", '', 'and without a word');
	my $pid = slurp($pidfile);
	like($pid, qr/\A[1-9]\d*\n\z/, 'the pid file');
	chomp($pid);
	kill_later($pid);
	serves($listen, 'it listens at once');
	ok((wait_polling { slurp($log) =~ / info start .*pid=$pid\b/ } 'the log'),
		'the log has the start');

	SKIP: {
		# as another than root, of a process whose memory is hidden
		skip('needs /proc', 3) if !defined(readlink("/proc/$pid/cwd"));
		is(readlink("/proc/$pid/cwd"), '/', 'holds no directory');
		is(join(' ', map { readlink("/proc/$pid/fd/$_") // '' } 0 .. 2),
			'/dev/null ' x 2 . '/dev/null',
			'no standard descriptors');
		my @stat = split(/ /, slurp("/proc/$pid/stat") =~ s/.*\) //sr);
		is($stat[4], 0, 'no terminal');
		isnt($stat[3], POSIX::getsid(0), 'its own session') if defined(&POSIX::getsid);
	}

	# a second one neither starts nor disturbs it
	($status, $out, $err) = run({ patience => 20 }, program(), '-D', '-p', $pidfile, '--log',
		$log,
		'127.0.0.1:' . reserve(), 'builtin:echo');
	is($status, 1, 'the pid file is held');
	like($err, qr/\Amuxproxy: [^\n]*\Q$pidfile\E[^\n]*\n\z/, 'with one line');
	is(slurp($pidfile), "$pid\n", 'and left as it was');
	serves($listen, 'the first still serves');

	kill('TERM', $pid);
	ok(gone($pid), 'TERM ends it');
	kill_later($pid, 0);
	ok(!-e $pidfile, 'the pid file is gone');
	like(slurp($log), qr/ info stop reason=SIGTERM sessions=2 .*\n\z/, 'the log has the end');
};

each_backend 'not in the background' => sub {
	my $server = listen_on('127.0.0.1');
	my $pidfile = new_path('pid');
	my ($status, $out, $err) = run({ patience => 20 }, program(), '-D', '-p', $pidfile,
		$server->address, 'builtin:echo');
	is($status, 1, 'address in use: status');
	like($err, qr/\Amuxproxy: [^\n]*in use[^\n]*\n\z/i, 'one line');
	ok(!-e $pidfile, 'no pid file');

	($status, $out, $err) = run({ patience => 20 }, program(), '-D', '0', 'builtin:echo');
	is($status, 2, 'wrong command line: status');
	($status, $out, $err) = run({ patience => 20 }, program(), '-D', '-p',
		new_path('none') . '/pid',
		'127.0.0.1:' . reserve(), 'builtin:echo');
	is($status, 1, 'no pid file possible: status');
	like($err, qr/\Amuxproxy: [^\n]*pid[^\n]*\n\z/, 'one line');
};

each_backend 'pid file in the foreground' => sub {
	my $pidfile = new_path('pid');
	open(my $stale, '>', $pidfile) or die;
	print({$stale} "99999999\nand more\n");
	close($stale);
	my $relay = start_relay(upstream => 'builtin:echo', options => [ '-p', $pidfile ]);
	is(slurp($pidfile), "$relay->{pid}\n", 'a stale one is written anew');
	ends_well($relay);
	ok(!-e $pidfile, 'and removed');

	# one that died left it unlocked
	$relay = start_relay(upstream => 'builtin:echo', options => [ '-p', $pidfile ]);
	$relay->signal('KILL');
	$relay->wait;
	ok(-e $pidfile, 'killed: it stays');
	$relay = start_relay(upstream => 'builtin:echo', options => [ '-p', $pidfile ]);
	is(slurp($pidfile), "$relay->{pid}\n", 'the next one takes it over');

	# somebody else's file is not removed
	unlink($pidfile);
	open(my $other, '>', $pidfile) or die;
	print({$other} "1\n");
	close($other);
	ends_well($relay);
	is(slurp($pidfile), "1\n", 'a file of somebody else is left alone');
};

each_backend 'another user' => sub {
	plan(skip_all => 'needs root') if $> != 0;
	plan(skip_all => 'needs /proc') if !-d "/proc/$$";
	my ($name, $uid, $gid) = (getpwnam('nobody'))[ 0, 2, 3 ];
	plan(skip_all => 'there is no user nobody') if !defined($uid);
	my ($daemon_gid) = (getgrnam('daemon'))[2];
	for my $case ([ $name, $gid ], [ "$name:daemon", $daemon_gid ]) {
		my ($option, $group) = @$case;
		next if !defined($group);
		my $relay = start_relay(upstream => 'builtin:echo', options => [ '-u', $option ]);
		is(status_of($relay->{pid}, 'Uid'), join(' ', ($uid) x 4), "$option: user");
		is(status_of($relay->{pid}, 'Gid'), join(' ', ($group) x 4), "$option: group");
		unlike(status_of($relay->{pid}, 'Groups') // '', qr/(?:^| )0(?: |$)/,
			"$option: not in group 0");
		like(status_of($relay->{pid}, $_), qr/\A0+\z/, "$option: $_")
		    for 'CapEff', 'CapPrm';
		serves($relay->address, "$option: serves");
		$relay->wait_sessions(1);
		ends_well($relay);
	}

	# what only root may do is done before
	my $listen = '127.0.0.1:' . reserve();
	my ($log, $pidfile) = (new_path('log'), new_path('pid'));
	my ($status, $out, $err) = run({ patience => 20 }, program(), '-D', '-u', $name, '-p',
		$pidfile,
		'--log', $log, $listen, 'builtin:echo');
	is($status, 0, 'in the background') or diag($err);
	chomp(my $pid = slurp($pidfile));
	kill_later($pid);
	is(status_of($pid, 'Uid'), join(' ', ($uid) x 4), 'user');
	serves($listen, 'serves');
	kill('TERM', $pid);
	ok(gone($pid), 'TERM ends it');
	kill_later($pid, 0);
	like(slurp($log), qr/ info stop reason=SIGTERM /, 'the log has the end');
};

done_testing();
