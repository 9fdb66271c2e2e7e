#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Which upstream and which of its addresses: in turn, past those that are
# down, and with names that change, fail or hang.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

use Fcntl qw(O_WRONLY O_NONBLOCK);
use POSIX qw(mkfifo);

my $shim = shim('fake-names');
my $file = new_path('names');

# Says what the names stand for: "name address..." each.
sub names
{
	my (@lines) = @_;
	open(my $handle, '>', "$file.new") or die "$file: $!\n";
	print({$handle} map { "$_\n" } @lines);
	close($handle);
	return rename("$file.new", $file);
}

sub start_named
{
	my (%options) = @_;
	# each worker has answers of its own for a second
	my $options = $options{options} // [];
	$options = [ '-w', 1, @$options ] if !grep { $_ eq '-w' } @$options;
	return start_relay(%options, options => $options,
		env => { LD_PRELOAD => $shim, FAKE_NAMES => $file });
}

sub each_named
{
	my ($name, $code) = @_;
	return each_backend $name => $code if defined($shim);
	SKIP: { skip('fake-names is not built', 1); }
	return;
}

# A server whose every connection gets its name and an end.
sub announcer
{
	my ($address, $name) = @_;
	return listen_on($address, on_accept => sub { $_[0]->send_bytes($name)->finish; });
}

# Connects once; what the client got, or how it ended.
sub ask
{
	my ($relay) = @_;
	my $client = connect_to($relay->address, collect => 1);
	my $end = $client->until_end;
	$client->close;
	return $end eq 'fin' ? $client->{data} : $end;
}

# The same, not more often than needed while waiting for a change.
sub ask_slowly
{
	my ($relay) = @_;
	wait_polling { 0 } 'a moment', 0.02;
	return ask($relay);
}

# Waits until somebody hangs in that FIFO, and returns what holds it there.
sub hanging
{
	my ($fifo, $meanwhile) = @_;
	my $writer;
	wait_polling {
		$meanwhile->() if $meanwhile;
		sysopen($writer, $fifo, O_WRONLY | O_NONBLOCK);
	} 'a look-up that hangs';
	return $writer;
}

each_backend 'in turn' => sub {
	my @servers = map { announcer('127.0.0.1', $_) } 'a', 'b', 'c';
	for my $workers (1, 2) {
		my $relay = start_relay(upstream => \@servers, options => [ '-w', $workers ]);
		is(join('', map { ask($relay) } 1 .. 9), 'abcabcabc', "by $workers workers");
		$relay->wait_sessions(9);
		my %logged;
		$logged{ $_->{upstream} }++ for @{ $relay->{sessions} };
		is_deeply(\%logged, { map { $_->address => 3 } @servers }, 'in the log');
		ends_well($relay);
	}
};

each_backend 'past one that is down' => sub {
	my $port = reserve();
	my $server = announcer('127.0.0.1', 'a');
	my $relay = start_relay(upstream => [ "127.0.0.1:$port", $server ]);
	is(ask($relay), 'a', "client $_ is served") for 1 .. 6;
	like($relay->wait_for_line(qr/ warning /, from => 0), qr/127\.0\.0\.1:$port/, 'a warning');

	my $second = announcer("127.0.0.1:$port", 'b');
	my %count;
	wait_until { $count{ ask($relay) }++; $count{b} || $count{reset} } 'the one that is back';
	is($count{reset}, undef, 'it is back without a client being reset');
	$server->close;
	is(ask($relay), 'b', 'and takes over from the other') for 1 .. 4;
	ends_well($relay);
};

each_backend 'down, and back' => sub {
	my $port = reserve();
	my $path = new_path('upstream');
	for my $place ("127.0.0.1:$port", "unix:$path") {
		my $relay = start_relay(upstream => $place);
		is(ask($relay), 'reset', "$place: down") for 1 .. 2;
		$relay->wait_sessions(2);
		my $server = announcer($place, 'x');
		is(ask($relay), 'x', 'back') for 1 .. 2;
		like($relay->wait_for_line(qr/ upstream-up /, from => 0), qr/ info .*\Q$place\E/,
			'as the log says');
		$relay->wait_sessions(4);
		$server->close;
		is(ask($relay), 'reset', 'down again');
		ends_well($relay);
	}
};

each_named 'the next address of a name' => sub {
	my $port = reserve('127.0.0.2', '127.0.0.3');
	my $server = announcer("127.0.0.3:$port", 'three');
	names("several.test 127.0.0.2 127.0.0.2 127.0.0.3");
	my $relay = start_named(upstream => "several.test:$port");
	is(ask($relay), 'three', 'the first refuses, the second answers');
	is($relay->wait_sessions(1)->{upstream}, "several.test:$port", 'the log has the upstream');
	is($relay->{sessions}[0]{address}, "127.0.0.3:$port", 'and its address');
	$server->close;
	is(ask($relay), 'reset', 'all refuse');
	is($relay->wait_sessions(2)->{reason}, 'connect-refused', 'reason');
	ends_well($relay);
};

each_named 'an address that does not answer' => sub {
	my $port = reserve('127.0.0.2', '127.0.0.3', '127.0.0.4', has_ipv6() ? '[::1]' : ());
	my ($dead, $filler) = fill_backlog("127.0.0.2:$port");
	my ($dead_too, $filler_too) = fill_backlog("127.0.0.3:$port");
	my $server = announcer("127.0.0.4:$port", 'four');
	names('several.test 127.0.0.2 127.0.0.3 127.0.0.4');
	my $relay = start_named(upstream => "several.test:$port",
		options => [ '--connect-timeout', '1h' ]);
	is(ask($relay), 'four', 'the third is tried while the others are silent');
	is($relay->wait_sessions(1)->{upstream}, "several.test:$port", 'the log has the upstream');
	ok($relay->at_baseline, 'the attempts that lost are closed');
	ends_well($relay);
	if (has_ipv6()) {
		my $six = announcer("[::1]:$port", 'six');
		names('several.test 127.0.0.2 127.0.0.3 127.0.0.4 ::1');
		$relay = start_named(upstream => "several.test:$port",
			options => [ '--connect-timeout', '1h' ]);
		is(ask($relay), 'six', 'the other family comes second');
		ends_well($relay);
	}
	$_->close for $filler, $filler_too;
};

each_named 'a silent address within the connect limit' => sub {
	my $port = reserve('127.0.0.2');
	my ($dead, $filler) = fill_backlog("127.0.0.2:$port");
	my $server = announcer('127.0.0.1', 'a');
	names('several.test 127.0.0.2');
	my $relay = start_named(upstream => [ "several.test:$port", $server ],
		options => [ '--connect-timeout', '300ms' ]);
	is(ask($relay), 'a', 'then the next upstream') for 1 .. 2;
	$relay->wait_sessions(2);
	ends_well($relay);
	$filler->close;
};

each_named 'a changed address' => sub {
	my $port = reserve('127.0.0.2', '127.0.0.3');
	my $two = announcer("127.0.0.2:$port", 'two');
	my $three = announcer("127.0.0.3:$port", 'three');
	names('moving.test 127.0.0.2');
	# each worker asks for itself, at most once a second
	my $relay = start_named(upstream => "moving.test:$port", options => [ '-w', 1 ]);
	is(ask($relay), 'two', 'before');
	names('moving.test 127.0.0.3');
	ok((wait_polling { ask_slowly($relay) eq 'three' } 'the new address'), 'followed');
	is(ask($relay), 'three', 'and kept') for 1 .. 3;

	# an answer that fails leaves the last good one
	names('moving.test error AGAIN');
	ok((wait_polling {
		ask_slowly($relay) eq 'three' or die "the last good address was not kept\n";
		grep { / warning / } @{ $relay->{lines} };
	} 'a warning'), 'no answer: the last is kept');
	names('moving.test error NONAME');
	is(ask($relay), 'three', 'gone: the last is kept') for 1 .. 3;
	names('moving.test 127.0.0.2');
	ok((wait_polling { ask_slowly($relay) eq 'two' } 'the next answer'),
		'then the next answer');
	ends_well($relay);
};

each_named 'no answer for several workers' => sub {
	my $port = reserve('127.0.0.2');
	my $server = announcer("127.0.0.2:$port", 'two');
	my $fifo = new_path('fifo');
	mkfifo($fifo, 0600) or die "mkfifo: $!\n";
	names('stale.test 127.0.0.2');
	my $relay = start_named(upstream => "stale.test:$port", options => [ '-w', 4 ]);

	# each has its own addresses, which serve while all wait for one answer
	names("stale.test wait $fifo");
	my $writer = hanging($fifo, sub { ask_slowly($relay) eq 'two' or die "not served\n" });
	my @clients = map { connect_to($relay->address, collect => 1) } 1 .. 8;
	is((grep { $_->until_end eq 'fin' && $_->{data} eq 'two' } @clients), 8, 'all are served');
	names('stale.test error AGAIN');
	close($writer);
	like($relay->wait_for_line(qr/ warning look-up /), qr/ using="the last good addresses"/,
		'a warning');
	names('stale.test 127.0.0.2');
	ok((wait_polling { ask_slowly($relay); grep { / info look-up / } @{ $relay->{lines} } }
	'an answer'), 'that there is an answer again is told');
	$_->close for @clients;
	ends_well($relay);
	is(scalar(grep { / warning look-up / } @{ $relay->{lines} }), 1, 'one for all workers');
	is(scalar(grep { / info look-up / } @{ $relay->{lines} }), 1, 'as is the other');
};

each_named 'a name that is not there yet' => sub {
	my $port = reserve('127.0.0.2');
	my $server = announcer("127.0.0.2:$port", 'two');
	names('late.test error AGAIN');
	my $relay = start_named(upstream => "late.test:$port");
	is(ask($relay), 'reset', 'no answer yet');
	is($relay->wait_sessions(1)->{reason}, 'name-failed', 'reason');
	is($relay->{sessions}[0]{address}, undef, 'no address');
	names('late.test 127.0.0.2');
	ok((wait_polling { ask_slowly($relay) eq 'two' } 'the name'), 'then it is there');
	ends_well($relay);

	names('known.test 127.0.0.2', 'late.test error NONAME');
	my ($status, $out, $err) = run({ env => { LD_PRELOAD => $shim, FAKE_NAMES => $file,
		ASAN_OPTIONS => 'verify_asan_link_order=0' } }, program(), '127.0.0.1:' . reserve(),
		"known.test:$port", "late.test:$port");
	is($status, 1, 'a name that is unknown for good ends it at once');
	like($err, qr/\Amuxproxy: [^\n]*late\.test[^\n]*\n\z/, 'with one line');
};

each_named 'a look-up that hangs' => sub {
	my $port = reserve('127.0.0.2');
	my $named = announcer("127.0.0.2:$port", 'named');
	my $other = announcer('127.0.0.1', 'other');
	my $fifo = new_path('fifo');
	mkfifo($fifo, 0600) or die "mkfifo: $!\n";
	names('slow.test 127.0.0.2');
	my $relay = start_named(upstream => [ "slow.test:$port", $other ],
		options => [ '--connect-timeout', '1h' ]);

	# the old answer serves until it is too old
	names("slow.test wait $fifo 127.0.0.2");
	my @waiting;
	my $writer = hanging($fifo, sub {
		my $client = connect_to($relay->address, collect => 1);
		wait_polling { 0 } 'a moment', 0.02;
		wait_polling { $client->{eof} || $client->{error} } 'an answer', 0.1;
		return $client->close if $client->{eof};
		push(@waiting, $client);
	});

	my @clients = map { connect_to($relay->address, collect => 1) } 1 .. 10;
	wait_until {
		(grep { $_->{data} eq 'other' && $_->{eof} } @clients) == 5;
	} 'every second client';
	pass('those of the other upstream are served');
	ok($relay->quiet, 'with the look-up still hanging, the relay is quiet');

	names('slow.test 127.0.0.2');	# another worker asks for itself, later
	close($writer);
	my %ends;
	$ends{ $_->until_end . " $_->{data}" }++ for @clients;
	is_deeply(\%ends, { 'fin other' => 5, 'fin named' => 5 }, 'all are served in the end');
	is($_->until_end, 'fin', 'and the first that waited') for @waiting;
	$_->close for @clients, @waiting;
	wait_polling { $relay->at_baseline } 'the last sessions';
	ends_well($relay);
};

each_named 'a first answer that takes its time' => sub {
	my $port = reserve('127.0.0.2');
	my $server = announcer("127.0.0.2:$port", 'two');
	my $fifo = new_path('fifo');
	mkfifo($fifo, 0600) or die "mkfifo: $!\n";
	names('slow.test error AGAIN');
	my $relay = start_named(upstream => "slow.test:$port",
		options => [ '--connect-timeout', '1h' ]);
	names("slow.test wait $fifo 127.0.0.2");
	my @clients;
	my $writer = hanging($fifo, sub {
		push(@clients, connect_to($relay->address, collect => 1));
		wait_polling { 0 } 'a moment', 0.1;
	});
	push(@clients, connect_to($relay->address, collect => 1)) for 1 .. 3;
	names('slow.test 127.0.0.2');	# another worker asks for itself, later
	close($writer);
	my %ends;
	$ends{ $_->until_end . " $_->{data}" }++ for @clients;
	delete($ends{'reset '});	# told before, while the first answer was fresh
	cmp_ok(delete($ends{'fin two'}), '>', 3, 'who waits is served when it comes');
	is_deeply(\%ends, {}, 'all of them');
	$_->close for @clients;
	ends_well($relay);
};

each_named 'ends while a look-up hangs' => sub {
	my $fifo = new_path('fifo');
	mkfifo($fifo, 0600) or die "mkfifo: $!\n";
	names('slow.test error AGAIN');
	my $relay = start_named(upstream => 'slow.test:80',
		options => [ '--connect-timeout', '1h', '--shutdown-timeout', '100ms' ]);
	names("slow.test wait $fifo 127.0.0.2");
	my $before = 0;
	my $writer = hanging($fifo, sub {
		my $probe = connect_to($relay->address);
		wait_polling { $probe->{error} } 'a reset', 0.05;
		$probe->close;
	});
	my $client = connect_to($relay->address)->until_connected;
	$client->send(10)->until_sent;
	wait_polling { !$client->unacknowledged } 'its bytes to be there';
	$client->reset;
	like($relay->session_of($client)->{reason}, qr/\Aclient-reset\z/, 'a client gives up');
	my $waiting = connect_to($relay->address)->until_connected;
	ok($relay->quiet, 'quiet');
	$relay->signal('TERM');
	is($waiting->until_end, 'reset', 'the waiting client is reset');
	ends_well($relay, fds => 0, signal => '');
	close($writer);
};

each_named 'a look-up that outlasts the connect limit' => sub {
	my $fifo = new_path('fifo');
	mkfifo($fifo, 0600) or die "mkfifo: $!\n";
	names("slow.test error AGAIN");
	my $relay = start_named(upstream => 'slow.test:80',
		options => [ '--connect-timeout', '200ms' ]);
	names("slow.test wait $fifo 127.0.0.2");
	my $client;
	my $writer = hanging($fifo, sub {
		$client = connect_to($relay->address);
		wait_polling { $client->{error} } 'a reset', 0.05;
	});
	is($client->until_end, 'reset', 'the client is reset all the same');
	is($relay->session_of($client)->{reason}, 'name-failed', 'reason');
	$client->close;
	close($writer);
	ends_well($relay, fds => 0);
};

# Start-up waits for names only so long, and a signal ends it cleanly.
each_named 'a signal while names are looked up' => sub {
	my ($fifo, $listen, $pidfile) = map { new_path($_) } qw(fifo listen pid);
	mkfifo($fifo, 0600) or die "mkfifo: $!\n";
	names("slow.test wait $fifo 127.0.0.1");
	my $relay = start_named(listen => "unix:$listen", upstream => 'slow.test:9',
		options => [ '--pidfile', $pidfile ], started => 0);
	my $writer = hanging($fifo);
	$relay->signal($_) for 'HUP', 'TERM';
	is($relay->wait, 0, 'a clean stop');
	ok(!-e $_, "$_ is removed") for $listen, $pidfile;
	close($writer);
};

done_testing();
