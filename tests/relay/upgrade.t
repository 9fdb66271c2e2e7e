#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# USR2: another process in the place of the one that serves, or none when that
# does not start.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use Fcntl qw(O_WRONLY O_NONBLOCK);
use POSIX qw(mkfifo);
use MuxTest;
use MuxTest::Manager;
use MuxTest::Plan;

my $names_shim = shim('fake-names');

# The next upgrade is of the one that serves now.
sub upgrade_of
{
	my ($log, $process) = @_;
	kill('USR2', $process->{pid});
	my ($pid) = $log->wait_for_line(qr/ info upgrade pid=\d+\z/) =~ /(\d+)\z/;
	return successor($log, $pid);
}

for my $sandbox ('with a sandbox', 'without one') {
	each_backend "another process, $sandbox" => sub {
		my ($listen, $path, $pidfile) = (new_listen(), new_path('sock'), new_path('pid'));
		my $server = listen_on('127.0.0.1');
		my $relay = start_relay(listen => "$listen=" . $server->address, upstream => [
			"unix:$path=" . $server->address ], options => [ '-w', 2, '-p', $pidfile,
			$sandbox =~ /without/ ? '--no-sandbox' : () ]);
		my @old = session_at($listen, $server);
		my $inode = (stat($path))[1];
		my $new = upgrade($relay);
		like($relay->wait_for_line(qr/ drain /), qr/ reason=SIGUSR2 sessions=1\z/,
			'it drains');
		is(contents($pidfile), "$new->{pid}\n", 'the pid file has the new id');
		ok(is_locked($pidfile), 'and is locked');
		is((stat($path))[1], $inode, 'the socket is the same');
		my @pairs = map { [ session_at($_, $server) ] } $listen, "unix:$path";
		ok(moves(@{$_}), 'the new one serves') for @pairs;
		ok(moves(@old), 'the session of the old one goes on');
		$_->finish for @old;
		is($_->until_end, 'fin', 'and ends well') for @old;
		leaves($relay);
		is(contents($pidfile), "$new->{pid}\n", 'the pid file stays');
		ok(-S $path, 'and the socket');
		my $next = upgrade_of($relay, $new);
		is(contents($pidfile), "$next->{pid}\n", 'which is followed by another');
		push(@pairs, [ session_at($listen, $server) ]);
		ok(moves(@{$_}), 'each serves its own') for @pairs;
		for my $peer (map { @{$_} } @pairs) { $peer->finish; }
		is($_->until_end, 'fin', 'all end well') for map { @{$_} } @pairs;
		ends($relay, $next);
		ok(!-e $path && !-e $pidfile, 'the last one removes its files');
	};
}

each_backend 'nothing is refused or cut' => sub {
	my ($listen, $open, $started, $right) = (new_listen(), 0, 0, 0);
	my $relay = start_relay(listen => $listen, upstream => 'builtin:echo',
		options => [ '-w', 2 ]);
	my ($process, $goes_on) = ($relay, 1);
	my $add;
	$add = sub {
		my $client = connect_to($listen);
		$client->expect($client)->send(1 + ++$started % 3000)->finish;
		$open++;
		$client->{on_end} = sub {
			my ($self) = @_;
			$right++ if $self->{eof} && $self->{got} == $self->{to_send};
			$self->close;
			$open--;
			$add->() if $goes_on;
		};
	};
	my @long = map { caller_of($relay) } 1 .. 10;
	$add->() for 1 .. 20;
	for my $time (1 .. (quick() ? 2 : 6)) {
		my $before = $started;
		wait_until { $started > $before + 200 } 'some to come';
		$process = upgrade_of($relay, $process);
		echoes($_, 10_000) or fail('a long one') for @long;
	}
	$goes_on = 0;
	wait_until { $open == 0 } 'the last';
	is($right, $started, "all of $started are served");
	$_->finish->until_end for @long;
	is(scalar(grep { $_->{eof} && $_->{got} == $_->{to_send} } @long), 10, 'long ones, too');
	leaves($relay);
	ends($relay, $process);
	is(scalar(grep { / stop reason=SIGUSR2 / } @{ $relay->{lines} }), quick() ? 2 : 6,
		'each has left');
};

each_backend 'what waits' => sub {
	my ($one, $two) = map { new_listen() } 1 .. 2;
	my $relay = start_relay(listen => "$one=builtin:echo", upstream => ["$two=builtin:echo"],
		options => [ '--max-connections', 1 ]);
	my $holder = connect_to($one);
	$holder->expect($holder)->send(10)->until_got(10);
	my @waiting = map { connect_to($_)->until_connected } $one, $two, $one, $two;
	$_->expect($_)->send(1000)->finish for @waiting;
	my $new = upgrade($relay);
	is($_->until_end . " $_->{got}", 'fin 1000', 'is served by the new one') for @waiting;
	ok($holder->send(10)->until_got(20), 'while the old one has its own');
	$holder->finish->until_end;
	leaves($relay);
	ends($relay, $new);
};

each_backend 'in the background' => sub {
	my ($listen, $pidfile, $log) = (new_listen(), new_path('pid'), new_path('log'));
	my ($status, $out, $err) = run({ patience => 20 }, program(), '-D', '-p', $pidfile, '--log',
		$log, $listen, 'builtin:echo');
	is($status, 0, 'started') or diag($err);
	chomp(my $old = contents($pidfile));
	kill_later($old);
	my $client = connect_to($listen);
	$client->expect($client)->send(10)->until_got(10);
	my $new;
	kill('USR2', $old);
	wait_polling { ($new) = (contents($log) // '') =~ / upgrade pid=(\d+)$/m } 'an upgrade';
	kill_later($new);
	is(contents($pidfile), "$new\n", 'the pid file has the new id');
	is(calls($listen), 'served', 'it serves');
	my $stat = contents("/proc/$new/stat") // '';
	ok($stat eq '' || (split(/ /, $stat))[5] == $old, 'it stays in its session') or diag($stat);
	ok($client->send(10)->until_got(20), 'the old one goes on');
	$client->finish->until_end;
	ok((wait_polling { contents($log) =~ / stop reason=SIGUSR2 / } 'its end'), 'and leaves');
	is(calls($listen), 'served', 'the other stays');
	kill('TERM', $new);
	wait_polling { !-e $pidfile } 'the end';
	kill_later($_, 0) for $old, $new;
};

each_backend 'a stop after it' => sub {
	my $listen = new_listen();
	my $relay = start_relay(listen => $listen, upstream => 'builtin:echo',
		options => [ '--shutdown-timeout', '50ms' ]);
	my $client = connect_to($listen);
	$client->expect($client)->send(10)->until_got(10);
	my $new = upgrade($relay);
	for my $signal ('USR2', 'HUP') {
		$relay->signal($signal);
		like($relay->wait_for_line(qr/ signal name=SIG$signal /), qr/ action=none\z/,
			"$signal does nothing");
	}
	$relay->signal('TERM');
	is($client->until_end, 'reset', 'the session is cut at its limit');
	leaves($relay);
	is(calls($listen), 'served', 'the other serves');
	ends($relay, $new);
};

each_backend 'signals one upon the other' => sub {
	plan(skip_all => 'built without libfyaml') if !has_files();
	my $listen = new_listen();
	my $route = sub { route_of('a', $listen, 'builtin:echo', "timeouts: {idle: $_[0]s}") };
	for my $signals ([ 'USR2', 'USR2' ], [ 'USR2', 'HUP' ], [ 'HUP', 'USR2' ],
		[ ('HUP', 'USR1', 'USR2') x 5 ]) {
		my $relay = start_planned(routes => [ $route->(100) ], options => [ '-w', 2 ]);
		my $client = connect_to($listen);
		$client->expect($client)->send(10)->until_got(10);
		write_file($relay->{file}, "routes:\n" . $route->(200));
		$relay->signal($_) for @{$signals};
		my ($pid) = $relay->wait_for_line(qr/ upgrade pid=/) =~ /(\d+)\z/;
		my $new = successor($relay, $pid);
		is(calls($listen), 'served', "@{$signals}");
		$client->finish->until_end;
		leaves($relay);
		is(calls($listen), 'served', 'it still serves');
		is(scalar(grep { / upgrade pid=/ } @{ $relay->{lines} }), 1, 'one upgrade');
		ends($relay, $new);
	}
};

each_backend 'during a reload that takes long' => sub {
	plan(skip_all => 'built without libfyaml') if !has_files();
	plan(skip_all => 'fake-names is not built') if !defined($names_shim);
	my ($names, $fifo, $listen, $other) = (new_path('names'), new_path('fifo'), new_listen(),
		reserve());
	mkfifo($fifo, 0600) or die "mkfifo: $!\n";
	write_file($names, "slow.test wait $fifo 127.0.0.1\n");
	my $route = route_of('a', $listen, 'builtin:echo');
	my $relay = start_planned(routes => [$route],
		env => { LD_PRELOAD => $names_shim, FAKE_NAMES => $names });
	write_file($relay->{file}, "routes:\n$route" . route_of('b', "slow.test:$other",
		'builtin:echo'));
	$relay->signal('HUP');
	my $writer;
	wait_polling { sysopen($writer, $fifo, O_WRONLY | O_NONBLOCK) } 'the look-up';
	$relay->signal('USR2');
	is(calls($listen), 'served', 'meanwhile it serves');
	write_file($names, "slow.test 127.0.0.1\n");
	close($writer);
	like($relay->wait_for_line(qr/ info reload /), qr/ routes=2 /, 'first it is reloaded');
	my ($pid) = $relay->wait_for_line(qr/ upgrade pid=/) =~ /(\d+)\z/;
	my $new = successor($relay, $pid);
	is(calls($_), 'served', 'then it is upgraded') for $listen, "127.0.0.1:$other";
	leaves($relay);
	ends($relay, $new);
};

each_backend 'another plan' => sub {
	plan(skip_all => 'built without libfyaml') if !has_files();
	my ($one, $two, $three) = map { new_listen() } 1 .. 3;
	my ($gone, $stays) = map { new_path('sock') } 1 .. 2;
	my $text = sub { "limits: {connections: 1}\nroutes:\n" . join('', map {
		route_of("r$_", $_[$_], 'builtin:echo') } 0 .. $#_) };
	my $relay = start_planned(text => $text->($one, $two, "unix:$gone", "unix:$stays"));
	write_file($relay->{file}, "routes: [");
	$relay->signal('USR2');
	like($relay->wait_for_line(qr/ upgrade/), qr/-failed error="it ended with status 78 /,
		'one that is wrong');
	is(calls($_), 'served', 'it serves as before')
	    for $one, $two, "unix:$gone", "unix:$stays";
	write_file($relay->{file}, $text->($one, $three, "unix:$stays"));
	my $new = upgrade($relay);
	is(calls($_), 'served', 'the new one has the new plan') for $one, $three, "unix:$stays";
	ok(refused($two), 'what is in it no more is refused');
	ok(!-e $gone, 'and its file is gone');
	leaves($relay);
	ends($relay, $new);
	ok(!-e $stays, 'as are all');
};

each_backend 'a file that is another process\'s by now' => sub {
	my $path = new_path('sock');
	my $relay = start_relay(listen => "unix:$path", upstream => 'builtin:echo');
	unlink($path);
	my $other = listen_on("unix:$path");
	my $new = upgrade($relay);
	leaves($relay);
	ok(-S $path, 'the old one leaves it alone');
	ends($relay, $new);
	ok(-S $path, 'and so does the new one');
};

each_backend 'sockets of the service manager' => sub {
	my $manager = MuxTest::Manager->new(new_path('notify'));
	my $server = listen_on('127.0.0.1', closed => 1);
	my @begin = MuxTest::Manager::passing('web', $server->{socket});
	my $relay = MuxTest::Relay->new(program => shift(@begin), env => { $manager->env },
		arguments => [ @begin, program(), 'systemd:web', 'builtin:echo' ]);
	$manager->wait_for(qr/^READY=1$/m);
	my $client = connect_to($server->address);
	$client->expect($client)->send(10)->until_got(10);
	my $new = upgrade($relay);
	$manager->wait_for(qr/^MAINPID=$new->{pid}$/m);
	is(calls($server->address), 'served', 'are handed over');
	ok($client->send(10)->until_got(20), 'and the old one goes on');
	$client->finish->until_end;
	leaves($relay);
	my $next = upgrade_of($relay, $new);
	is(calls($server->address), 'served', 'again');
	$manager->wait_for(qr/^MAINPID=$next->{pid}$/m);
	is($manager->count(qr/^STOPPING=1$/m), 0, 'nobody stops');
	ends($relay, $next);
	$manager->wait_for(qr/^STOPPING=1$/m);
	pass('but the last');
	$manager->close;
};

# What a plan lets go of, a later one may take again.
each_backend 'sockets of the service manager that nobody listens on' => sub {
	plan(skip_all => 'this build reads no files') if !has_files();
	my @servers = map { listen_on('127.0.0.1', closed => 1) } 1, 2;
	my ($web, $spare) = map { $_->address } @servers;
	my $file = write_file(new_path('yaml'),
		"routes:\n" . route_of('a', 'systemd:web', 'builtin:echo'));
	my @begin = MuxTest::Manager::passing('web:spare', map { $_->{socket} } @servers);
	my $relay = MuxTest::Relay->new(program => shift(@begin),
		arguments => [ @begin, program(), '-f', $file ]);
	my $new = upgrade_of($relay, $relay);
	leaves($relay);
	is(calls($web), 'served', 'the one that is listened on');
	like((grep { / warning activation / } @{ $relay->{lines} })[-1],
		qr/ name=spare error="nobody listens on it"$/, 'and who does not is told');
	for my $name ('spare', 'web') {
		write_file($file, "routes:\n" . route_of('b', "systemd:$name", 'builtin:echo'));
		kill('HUP', $new->{pid});
		like($relay->wait_for_line(qr/ info reload | error /), qr/ info reload /,
			"a reload takes $name");
		is(calls($name eq 'web' ? $web : $spare), 'served', 'which is served');
	}
	my @told = grep { / warning activation / } @{ $relay->{lines} };
	is(scalar(@told), 2, 'nothing else is told');
	$new = upgrade_of($relay, $new);
	is(calls($web), 'served', 'after one more upgrade');
	ends($relay, $new);
};

done_testing();
