#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Signals: what stops it, how, and what does not.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;
use MuxTest::Plan qw(has_files);
use POSIX qw(mkfifo);

# Waits until it does not accept any more.
sub until_refused
{
	my ($relay) = @_;
	return wait_polling {
		my $probe = connect_to($relay->address)->until_connected;
		my $refused = !$probe->{connected};
		$probe->reset;
		$refused;
	} 'the listener to be closed';
}

sub moves
{
	my ($client, $upstream, $count, $name) = @_;
	my ($up, $down) = ($upstream->{got} + $count, $client->{got} + $count);
	$_->send($count) for $client, $upstream;
	return ok($upstream->until_got($up) && $client->until_got($down), $name);
}

for my $signal ('TERM', 'INT', 'QUIT') {
	each_backend "$signal drains" => sub {
		my $server = listen_on('127.0.0.1');
		my $relay = start_relay(upstream => $server,
			options => [ '--shutdown-timeout', $signal eq 'QUIT' ? '100ms' : '1h' ]);
		my ($client, $upstream) = pair($relay, $server);
		moves($client, $upstream, 1000, 'before');
		$relay->signal($signal);
		ok(until_refused($relay), 'accepts no more');
		ok($relay->quiet, 'waits quietly');
		moves($client, $upstream, 1_000_000, 'goes on with what it has');
		$_->finish for $client, $upstream;
		is($_->until_end, 'fin', 'a clean end') for $client, $upstream;
		ends_well($relay, fds => 0, signal => '');
		is($relay->{stop}{reason}, "SIG$signal", 'why it stopped');
		is((grep { $_->{client} eq $client->{local} } @{ $relay->{sessions} })[0]{up},
			1_001_000,
			'in the log');
		$_->close for $client, $upstream;
	};
}

each_backend 'nothing to drain' => sub {
	for my $signal ('TERM', 'INT', 'QUIT') {
		my $relay = start_relay(upstream => 'builtin:echo',
			options => [ '--shutdown-timeout', '1h' ]);
		ends_well($relay, signal => $signal, name => "$signal ends it at once");
	}
};

each_backend 'a second signal stops now' => sub {
	for my $signals ([ 'TERM', 'TERM' ], [ 'INT', 'INT' ], [ 'TERM', 'INT' ],
		[ 'QUIT', 'TERM', 'TERM' ]) {
		my $server = listen_on('127.0.0.1');
		my $relay = start_relay(upstream => $server,
			options => [ '--shutdown-timeout', '1h' ]);
		my ($client, $upstream) = pair($relay, $server);
		my @signals = @$signals;
		$relay->signal(shift(@signals));
		until_refused($relay);
		is($client->end, 'open', 'the session goes on');
		$relay->signal($_) for @signals;
		is($client->until_end, 'reset', 'the client is reset');
		is($upstream->until_end, 'reset', 'the upstream is reset');
		ends_well($relay, fds => 0, signal => '', name => "@$signals");
		is((grep { $_->{client} eq $client->{local} } @{ $relay->{sessions} })[0]{reason},
			'shutdown', 'reason');
		$_->close for $client, $upstream;
		$server->close;
	}
};

each_backend 'signals to the very end' => sub {
	my $path = new_path('listen');
	my $relay = start_relay(listen => "unix:$path", upstream => 'builtin:echo');
	my @clients = map { connect_to($relay->address)->send(1) } 1 .. 20;
	$_->expect($_)->until_got(1) for @clients;
	wait_polling { $relay->signal('TERM'); $relay->ended } 'the end under a rain of signals';
	is(join('; ', $relay->aftermath), '', 'it ended well all the same');
	ok(!-e $path, 'and the socket is gone');
	$_->close for @clients;
};

each_backend 'while connecting' => sub {
	my ($server, $filler) = fill_backlog('127.0.0.1');
	my $relay = start_relay(upstream => $server,
		options => [ '--connect-timeout', '1h', '--shutdown-timeout', '100ms' ]);
	my $client = connect_to($relay->address)->send(10)->until_sent;
	ok($relay->quiet, 'connecting');
	$relay->signal('TERM');
	is($client->until_end, 'reset', 'the client is reset');
	ends_well($relay, fds => 0, signal => '');
	is($relay->reasons, 'shutdown=1', 'reason');
	$_->close for $client, $filler;
};

each_backend 'those that do not stop it' => sub {
	my $server = listen_on('127.0.0.1');
	my $relay = start_relay(upstream => $server);
	my ($client, $upstream) = pair($relay, $server);
	$relay->signal($_) for ('HUP', 'USR1', 'PIPE') x 3;
	moves($client, $upstream, 100_000, 'the session goes on');
	for (1 .. (quick() ? 200 : 2000)) {
		$relay->signal($_) for 'HUP', 'USR1';
	}
	moves($client, $upstream, 100_000, 'in a storm, too');
	my ($second, $other) = pair($relay, $server);
	moves($second, $other, 1000, 'new ones are served');
	ok($relay->quiet, 'and it is quiet afterwards');
	$_->close for $client, $upstream, $second, $other;
	$relay->wait_sessions(2);
	ends_well($relay);
};

# A file that is not there yet keeps it from starting.
one_test 'a change that is asked for before it serves' => sub {
	plan(skip_all => 'built without libfyaml') if !has_files();
	my ($fifo, $listen) = (new_path('fifo'), '127.0.0.1:' . reserve());
	mkfifo($fifo, 0600) or die "mkfifo: $!\n";
	my $text = "routes: [{listen: '$listen', upstreams: 'builtin:echo'}]\n";
	my $relay = MuxTest::Relay->new(program => program(), started => 0, listen => $listen,
		arguments => [ '-f', $fifo ]);
	open(my $file, '>', $fifo) or die "$fifo: $!\n";	# waits for a reader
	$relay->signal($_) for 'USR1', 'HUP';
	syswrite($file, $text);
	close($file);
	$relay->wait_for_line(qr/ info start /);
	$relay->wait_for_line(qr/ signal name=SIGHUP action=reload/);
	# what was read can be read no more, but it has been asked for
	like($relay->wait_for_line(qr/ error reload-failed /), qr/ action=keep-old/, 'it reloads');
	is($relay->stop(fds => 0), '', 'it ended well');
};

each_backend 'opens its log anew' => sub {
	for my $signal ('HUP', 'USR1') {
		my $server = listen_on('127.0.0.1');
		my $file = new_path('log');
		my $has = sub {
			my ($path, $pattern) = @_;
			return wait_polling {
				open(my $handle, '<', $path) or return 0;
				return scalar(grep { /$pattern/ } <$handle>);
			} "$pattern in $path";
		};
		my $listen = '127.0.0.1:' . reserve();
		my $relay = start_relay(listen => $listen, upstream => $server,
			options => [ '--log', $file ], started => 0);
		ok($has->($file, qr/ info start /), 'the start line is in the file');

		my ($client, $upstream) = pair($relay, $server);
		$_->close for $client, $upstream;
		ok($has->($file, qr/ session id=1 /), 'a session, too');
		rename($file, "$file.1");
		$relay->signal($signal);
		ok((wait_polling { -e $file } 'the new file'), "$signal makes a new file");
		($client, $upstream) = pair($relay, $server);
		$_->close for $client, $upstream;
		ok($has->($file, qr/ session id=2 /), 'the next session is in it');
		ok(!scalar(grep { / session id=2 / } do { open(my $old, '<', "$file.1"); <$old> }),
			'and not in the old one');
		$relay->signal('TERM');
		is($relay->wait, 0, 'it ended well');
		ok($has->($file, qr/ stop reason=SIGTERM sessions=2 /), 'the stop line is there');
		is_deeply($relay->{lines}, [], 'nothing on stderr');
		$server->close;
	}
};

done_testing();
