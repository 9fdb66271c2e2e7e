#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Under a service manager: what it is told, and the sockets that it passes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use Fcntl qw(F_SETFD O_WRONLY O_NONBLOCK);
use POSIX qw(mkfifo);
use Socket;
use MuxTest;
use MuxTest::Manager;

my $shim = shim('fake-faults');
my $abstract = 0;

sub new_manager { return MuxTest::Manager->new(new_path('notify')); }

# A relay that is passed these sockets. Options as for start_relay().
sub start_passed
{
	my ($names, $sockets, %options) = @_;
	my @begin = MuxTest::Manager::passing($names, @{$sockets});
	return MuxTest::Relay->new(%options, program => shift(@begin),
		arguments => [ @begin, program(), @{ $options{options} // [] },
			@{ $options{listens} // ['systemd:web'] }, 'builtin:echo' ]);
}

# How a start with such an environment ends: (status, stderr).
sub refused
{
	my ($names, $sockets, $env, @arguments) = @_;
	my ($status, $out, $err) = run({ patience => 20, env => $env },
		MuxTest::Manager::passing($names, @{$sockets}), program(),
		@arguments ? @arguments : ('systemd:web', 'builtin:echo'));
	return ($status, $err);
}

sub calls
{
	my ($address, $name) = @_;
	my $client = connect_to($address);
	$client->expect($client)->send(100)->finish;
	return is($client->until_end . " $client->{got}", 'fin 100', $name);
}

for my $kind ('a path', 'an abstract name') {
	each_backend "notified at $kind" => sub {
		plan(skip_all => 'abstract sockets are of Linux')
		    if $kind ne 'a path' && $^O ne 'linux';
		my $manager = $kind eq 'a path' ? new_manager()
			: MuxTest::Manager->new("\@muxproxy-test-$$-" . ++$abstract);
		my $relay = start_relay(upstream => 'builtin:echo', started => 0,
			env => { $manager->env });
		my $ready = $manager->wait_for(qr/^READY=1$/m);
		is(scalar(@{ $manager->{messages} }), 1, 'first of all it is ready');
		like($ready, qr/^STATUS=serving on 1 route, 0 open sessions$/m, 'with a status');
		my $client = caller_of($relay);
		echoes($client, 100);
		is($client->{got}, 100, 'and serves');

		$relay->signal('TERM');
		my $stopping = $manager->wait_for(qr/^STOPPING=1$/m);
		like($stopping, qr/^STATUS=draining on 1 route, 1 open session$/m,
			'draining, with a status');
		my ($usec) = $manager->wait_for(qr/^EXTEND_TIMEOUT_USEC=/m) =~ /=(\d+)/;
		cmp_ok($usec, '>', 5_000_000, 'asks for time');
		$client->finish->until_end;
		ends_well($relay, signal => '');
		is($manager->count(qr/READY|WATCHDOG/), 1, 'is ready once, and has no watchdog');
		$manager->close;
	};
}

each_backend 'not ready' => sub {
	my $manager = new_manager();
	my $server = listen_on('127.0.0.1');
	my ($status) = run({ patience => 20, env => { $manager->env } }, program(),
		$server->address, 'builtin:echo');
	is($status, 1, 'it cannot listen');
	is($manager->count_within(qr//, 0.1), 0, 'and says nothing');
	$manager->close;
};

each_backend 'a manager that does not listen' => sub {
	for my $name ('relative', '', '@', '/' . 'x' x 200, new_path('gone')) {
		my $relay = start_relay(upstream => 'builtin:echo',
			env => { NOTIFY_SOCKET => $name, WATCHDOG_USEC => 100_000 });
		my $said = sub { grep { / warning notify error="/ } @{ $relay->{lines} } };
		wait_until { $said->() } 'a warning';
		calls($relay->address, 'serves without');
		$relay->wait_sessions(1);
		ends_well($relay);
		is(scalar($said->()), 1, 'said once');
	}
	my $manager = new_manager();
	my $relay = start_relay(upstream => 'builtin:echo',
		env => { $manager->env, WATCHDOG_USEC => 40_000 });
	$manager->wait_for(qr/WATCHDOG=1/);
	$manager->close;
	calls($relay->address, 'serves when it has gone');
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'fed' => sub {
	for my $workers (1, 2) {
		my $manager = new_manager();
		my $relay = start_relay(upstream => 'builtin:echo', options => [ '-w', $workers ],
			env => { $manager->env, WATCHDOG_USEC => 400_000 });
		$manager->wait_for(qr/^WATCHDOG=1$/) for 1 .. 5;
		pass("a watchdog of $workers");
		my $client = caller_of($relay);
		echoes($client, 100);
		$relay->signal('TERM');
		$manager->wait_for(qr/^STOPPING=1$/m);
		$manager->wait_for(qr/^WATCHDOG=1$/) for 1 .. 2;
		pass('also while it drains');
		$client->finish->until_end;
		ends_well($relay, signal => '');
		$manager->close;
	}
	my $manager = new_manager();
	my $relay = start_relay(upstream => 'builtin:echo', started => 0,
		env => { $manager->env, WATCHDOG_USEC => 40_000, WATCHDOG_PID => $$ });
	$manager->wait_for(qr/^READY=1$/m);
	is($manager->count_within(qr/WATCHDOG/, 0.2), 0, "another process's is not fed");
	ends_well($relay);
	$manager->close;
};

each_backend 'starved' => sub {
	plan(skip_all => 'fake-faults is not built') if !defined($shim);
	plan(skip_all => 'a sanitizer has calls for itself') if sanitized();
	my ($faults, $manager, $writer) = (new_directory(), new_manager());
	mkfifo("$faults/hang1", 0600) or die "mkfifo: $!\n";
	# not what comes back must hang again
	my $server = listen_on('127.0.0.1', on_accept => sub {
		my ($upstream) = @_;
		$upstream->{discard} = 1;
		$upstream->{on_end} = sub { $upstream->finish };
	});
	my $relay = start_relay(upstream => $server, options => [ '-w', 2 ],
		env => { $manager->env, WATCHDOG_USEC => 200_000, LD_PRELOAD => $shim,
			FAKE_FAULTS => $faults });
	my $stuck = connect_to($relay->address)->send_bytes('hang1');
	wait_polling { sysopen($writer, "$faults/hang1", O_WRONLY | O_NONBLOCK) }
	'a worker that hangs';
	$relay->wait_for_line(qr/ error watchdog worker=[12] .*action=starve/);
	$manager->count_within(qr/WATCHDOG/, 0.1);
	is($manager->count_within(qr/WATCHDOG/, 1), 0, 'no sign of life');
	is((grep { /watchdog/ } @{ $relay->{lines} }), 1, 'told once');

	close($writer);
	$manager->wait_for(qr/^WATCHDOG=1$/) while $manager->{seen} < @{ $manager->{messages} };
	$manager->wait_for(qr/^WATCHDOG=1$/);
	$relay->wait_for_line(qr/ info watchdog worker=[12] action=feed/);
	pass('it goes on with the worker');
	$stuck->finish->until_end;
	$relay->wait_sessions(1);
	ends_well($relay);
	$manager->close;
};

each_backend 'sockets by name' => sub {
	my @servers = map { listen_on('127.0.0.1', closed => 1) } 1 .. 3;
	# who is there before the program waits in the kernel
	my @early = map { my $peer = connect_to($_->address);
		$peer->expect($peer)->send(100)->finish } @servers;
	$_->until_connected for @early;
	my $relay = start_passed('web:8080:web', [ map { $_->{socket} } @servers ],
		env => { LISTEN_FDS => 3 });
	is($early[$_]->until_end, 'fin', "early on web, socket $_") for 0, 2;
	my ($left) = grep { / warning activation / } @{ $relay->{lines} };
	like($left, qr/ fd=4 name="8080" error="nobody listens on it"/,
		'who is left is named, not numbered');
	calls($servers[$_]->address, "later on socket $_") for 0, 2;
	is($relay->{start}{listen}, join(',', map { $servers[$_]->address } 0, 2),
		'the start names addresses');
	$relay->wait_sessions(4);
	is($early[1]->{got}, 0, 'nobody answers on the other');
	$early[1]->close;
	ends_well($relay);
};

each_backend 'a socket of the UNIX domain' => sub {
	my $path = new_path('sock');
	my $server = listen_on("unix:$path", closed => 1);
	my $relay = start_passed('', [ $server->{socket} ], listens => ['systemd:unknown']);
	calls("unix:$path", 'without a name it is unknown');
	$relay->wait_sessions(1);
	ends_well($relay);
	ok(-S $path, 'its file is not ours to remove');
};

each_backend 'what cannot be' => sub {
	my $server = listen_on('127.0.0.1', closed => 1);
	socket(my $udp, AF_INET, SOCK_DGRAM, 0) or die;
	socket(my $deaf, AF_INET, SOCK_STREAM, 0) or die;
	my @cases = (
		[ 'web', $udp, {}, qr/systemd:web: it is not a socket for streams/ ],
		[ 'web', $deaf, {}, qr/systemd:web: it does not listen/ ],
		[ 'admin', $server->{socket}, {}, qr/systemd:web: .* no socket of this name/ ],
		[ 'web:b', $server->{socket}, {}, qr/activation: LISTEN_FDNAMES has more/ ],
		[ "we\nb", $server->{socket}, {}, qr/activation: LISTEN_FDNAMES has a name/ ],
		map { [ 'web', $server->{socket}, { LISTEN_FDS => $_ },
			qr/activation: LISTEN_FDS is not a number/ ] } -1, '999999999', 'x');
	for my $case (@cases) {
		my ($names, $socket, $env, $words) = @{$case};
		my ($status, $err) = refused($names, [$socket], $env);
		is($status, 1, "$words");
		like($err, qr/\Amuxproxy: [^\n]*$words[^\n]*\n\z/, 'in one line');
	}
	my ($status, $out, $err) = run({ patience => 20, env => { LISTEN_PID => $$,
		LISTEN_FDS => 1 } }, program(), 'systemd:web', 'builtin:echo');
	is($status, 1, 'for another process');
	like($err, qr/systemd:web: the service manager passed no sockets$/, 'none was passed');
};

each_backend 'in the background' => sub {
	my $server = listen_on('127.0.0.1', closed => 1);
	my ($manager, $pidfile) = (new_manager(), new_path('pid'));
	my ($status, $err) = refused('web', [ $server->{socket} ], { $manager->env }, '-D',
		'-p', $pidfile, '--log', new_path('log'), 'systemd:web', 'builtin:echo');
	is($status, 0, 'it starts') or diag($err);
	chomp(my $pid = contents($pidfile));
	kill_later($pid);
	$manager->wait_for(qr/^MAINPID=$pid$/);
	pass('says who it is now');
	$manager->wait_for(qr/^READY=1$/m);
	calls($server->address, 'and serves what its parent was passed');
	kill('TERM', $pid);
	wait_polling { !-e $pidfile } 'its end';
	kill_later($pid, 0);
	$manager->close;
};

each_backend 'systemd-socket-activate' => sub {
	my $activate = which('systemd-socket-activate');
	plan(skip_all => 'there is no systemd-socket-activate') if !defined($activate);
	my $listen = '127.0.0.1:' . reserve();
	my $relay = MuxTest::Relay->new(program => $activate, started => 0, listen => $listen,
		arguments => [ '--fdname=web', '-l', $listen, program(), 'systemd:web',
			'builtin:echo' ]);
	$relay->wait_for_line(qr/Listening on/);
	calls($listen, 'the first connection starts it');
	calls($listen, 'and another is served');
	wait_until { @{ $relay->{sessions} } == 2 } 'two sessions';
	$relay->signal('TERM');
	is($relay->wait, 0, 'it ends well');
	is($relay->{stop}{sessions}, 2, 'with two sessions');
};

done_testing();
