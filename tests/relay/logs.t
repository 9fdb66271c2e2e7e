#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Where the log goes and how it looks: JSON, files of their own, the journal.
use strict;
use warnings;
use FindBin;
use IO::Socket::UNIX;
use JSON::PP ();
use lib "$FindBin::RealBin/..";
use MuxTest;

my $program = builddir() . '/tests/relay/logging-muxproxy';
plan(skip_all => 'logging-muxproxy is not built') if !-x $program;

sub lines_of { return split(/\n/, contents($_[0]) // ''); }

# Waits for a line, and returns it.
sub wait_line
{
	my ($path, $pattern) = @_;
	my $found;
	wait_polling { ($found) = grep { $_ =~ $pattern } lines_of($path); defined($found) }
	"a line like $pattern";
	return $found;
}

# A relay whose log is not on the standard error that the other tests read.  What
# tells that it has started is its log, or that it accepts.
sub start_logs
{
	my (%options) = @_;
	my $listen = $options{listen} // '127.0.0.1:' . reserve();
	my $relay = start_relay(program => $program, listen => $listen, started => 0,
		upstream => 'builtin:echo', %options);
	if (defined($options{events})) {
		wait_line($options{events}, qr/\bstart\b/);
		return $relay;
	}
	wait_polling {
		my $probe = connect_to($listen)->until_connected;
		my $up = $probe->{connected};
		$probe->close;
		$up;
	} 'the relay';
	return $relay;
}

sub a_session
{
	my ($relay, $bytes) = @_;
	my $client = connect_to($relay->address);
	$client->expect($client)->send($bytes)->finish;
	my $end = $client->until_end . " $client->{got}";
	my $local = $client->{local};
	$client->close;
	is($end, "fin $bytes", 'a session');
	return $local;
}

sub stops
{
	my ($relay) = @_;
	$relay->signal('TERM');
	return is($relay->wait, 0, 'ended well');
}

sub has_library
{
	my ($name) = @_;
	my $config = contents(builddir() . '/config.h') // '';
	return $config =~ /^#define HAVE_$name 1$/m;
}

sub write_file
{
	my ($path, $text) = @_;
	open(my $file, '>', $path) or die "$path: $!\n";
	print($file $text);
	close($file) or die "$path: $!\n";
	return;
}

one_test 'JSON, and files of their own' => sub {
	plan(skip_all => 'built without jansson') if !has_library('JANSSON');
	my ($events, $sessions) = (new_path('events'), new_path('sessions'));
	my $odd = new_path("odd \xc3\xbc \"x\\y");
	my $server = listen_on("unix:$odd");
	my $relay = start_logs(options => [ '--log', $events ], events => $events,
		upstream => $server,
		env => { LOGS_FORMAT => 'json', LOGS_SESSIONS => $sessions,
			LOGS_SESSIONS_FORMAT => 'json' });
	my ($client, $upstream) = pair($relay, $server);
	$client->send(100)->finish;
	$upstream->send(200)->finish;
	$_->until_end for $client, $upstream;
	my $line = wait_line($sessions, qr/"client":"\Q$client->{local}\E"/);
	$_->close for $client, $upstream;
	like($line, qr/"up":100,"down":200,"lost-up":0,"lost-down":0,/, 'numbers are numbers');
	like($line, qr/"duration":\d+(?:\.\d{1,3})?[,}]/, 'and durations are');
	my $session = JSON::PP->new->utf8->decode($line);
	is($session->{event}, 'session', 'the event');
	is($session->{level}, 'info', 'the level');
	like($session->{time}, qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z/, 'the time');
	is($session->{upstream}, "unix:$odd" =~ s/\xc3\xbc/\x{fc}/r, 'a path as it is');
	is($session->{route}, $relay->address, 'the route');
	stops($relay);
	my @kinds = map { [ map { JSON::PP->new->utf8->decode($_)->{event} } lines_of($_) ] }
	    $events, $sessions;
	is(scalar(grep { $_ eq 'session' } @{ $kinds[0] }), 0, 'events have a file');
	is("@{ $kinds[0] }[0, -1]", 'start stop', 'of their own');
	is(scalar(grep { $_ ne 'session' } @{ $kinds[1] }), 0, 'and sessions have one');
};

one_test 'sessions are not for events to silence' => sub {
	my $sessions = new_path('sessions');
	my $events = new_path('events');
	my $relay = start_logs(options => [ '--log', $events, '-q' ],
		env => { LOGS_SESSIONS => $sessions });
	wait_line($sessions, qr/ session /);
	stops($relay);
	unlike(contents($events), qr/ info /, 'the events are quiet');
};

one_test 'USR1 opens all files anew' => sub {
	my ($events, $sessions) = (new_path('events'), new_path('sessions'));
	my $relay = start_logs(options => [ '--log', $events ],
		env => { LOGS_SESSIONS => $sessions });
	wait_line($sessions, qr/ session /);
	rename($_, "$_.1") for $events, $sessions;
	$relay->signal('USR1');
	wait_polling { -e $events && -e $sessions } 'new files';
	my $client = a_session($relay, 10);
	wait_line($sessions, qr/ session .* client=\Q$client\E /);
	unlike(contents("$sessions.1"), qr/ client=\Q$client\E /, 'the old one is left alone');
	stops($relay);
	like(contents($events), qr/ stop /, 'the new one goes on');
	like(contents("$events.1"), qr/ start /, 'the old one has the start');
};

one_test 'starts, and lines at an interval' => sub {
	my $sessions = new_path('sessions');
	my $relay = start_logs(env => { LOGS_SESSIONS => $sessions, LOGS_STARTS => 1,
			LOGS_INTERVAL_MS => 300 });
	my $count = quick() ? 20 : 200;
	my @clients = map { connect_to($relay->address) } 1 .. $count;
	for my $client (@clients) {
		$client->expect($client)->send(1000)->until_got(1000);
	}
	my $first = $clients[0]{local};
	wait_line($sessions, qr/ info open id=\d+ client=\Q$first\E .*route=/);
	wait_line($sessions, qr/ info connected id=\d+ upstream=builtin:echo /);
	my $told = sub {
		my %told = map { / session-alive id=\d+ client=(\S+) .* up=1000 down=1000 / ?
			($1, 1) : () } lines_of($sessions);
		return %told;
	};
	wait_polling { my %told = $told->(); !grep { !$told{ $_->{local} } } @clients }
	'a line of each session that lives';
	# no session begins any more, which would set the timer as well
	my $of_first = sub {
		return scalar(() = contents($sessions) =~ /session-alive \S+ client=\Q$first\E /g);
	};
	my $so_far = $of_first->();
	ok((wait_polling { $of_first->() > $so_far + 2 } 'one after the other'),
		'one after the other');
	$_->close for @clients;
	wait_polling { (() = contents($sessions) =~ / session id=/g) >= $count } 'their ends';
	ok($relay->quiet, 'nothing is told of nobody');
	my $before = -s $sessions;
	stops($relay);
	is(-s $sessions, $before, 'not even later');
};

one_test 'no lines of sessions' => sub {
	my $events = new_path('events');
	my $relay = start_logs(options => [ '-v', '--log', $events ], env => {
		LOGS_SESSIONS => 'off', LOGS_STARTS => 1, LOGS_INTERVAL_MS => 10 });
	a_session($relay, 10);
	stops($relay);
	like(contents($events), qr/ start /, 'events');
	unlike(contents($events), qr/ id=/, 'and nothing else');
};

one_test 'the journal' => sub {
	my $path = new_path('journal');
	my $journal = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path)
	    or plan(skip_all => 'no datagrams here');
	my $relay = start_logs(env => { LOGS_JOURNAL => $path });
	my $client = a_session($relay, 70);
	my $found;
	while (!$found) {
		$journal->recv(my $datagram, 65536);
		my %fields = map { /\A([A-Z_]+)=(.*)\z/s ? ($1, $2) : () } split(/\n/, $datagram);
		$found = \%fields if ($fields{MUXPROXY_CLIENT} // '') eq $client;
	}
	is($found->{SYSLOG_IDENTIFIER}, 'muxproxy', 'who');
	is($found->{PRIORITY}, 6, 'how grave');
	like($found->{MESSAGE}, qr/\Asession id=\d+ client=\Q$client\E /, 'what');
	is("@$found{qw(MUXPROXY_EVENT MUXPROXY_UP MUXPROXY_LOST_DOWN)}", 'session 70 0', 'fields');
	# nobody reads it any more: it is soon full
	a_session($relay, 10) for 1 .. 50;
	ok($relay->quiet, 'stuck, it waits quietly');
	stops($relay);
};

one_test 'standard error is the journal' => sub {
	my $path = new_path('stderr');
	open(my $file, '>', $path) or die "$path: $!\n";
	my ($device, $inode) = stat($file);
	my $relay = start_logs(stderr => $path, env => { JOURNAL_STREAM => "$device:$inode" });
	a_session($relay, 10);
	stops($relay);
	my @lines = lines_of($path);
	like($lines[0], qr/\A<6>start version=/, 'a priority, and no time');
	is(scalar(grep { !/\A<[3467]>[a-z]/ } @lines), 0, 'in every line');
};

one_test 'no room for sessions' => sub {
	plan(skip_all => 'there is no /dev/full') if !-c '/dev/full';
	my $events = new_path('events');
	my $relay = start_logs(options => [ '--log', $events ],
		env => { LOGS_SESSIONS => '/dev/full' });
	my $count = quick() ? 20 : 200;
	my $started = now();
	a_session($relay, 10) for 1 .. $count;
	my $seconds = now() - $started;
	stops($relay);
	my @lost = map { / warning log-lost lines=(\d+)\z/ ? $1 : () } lines_of($events);
	my $sum = 0;
	$sum += $_ for @lost;
	cmp_ok($sum, '>=', $count, 'all are counted');
	cmp_ok(scalar(@lost), '<=', $seconds + 3, 'and told once a second at most');
};

# Nothing but the log changes, also for a session that is there.
one_test 'HUP changes the log' => sub {
	plan(skip_all => 'built without libfyaml') if !has_library('FYAML');
	for my $workers (1, 2) {
		my ($file, $first, $second, $sessions) = map { new_path($_) }
		    qw(yaml first second sessions);
		my $listen = '127.0.0.1:' . reserve();
		my $configure = sub {
			my ($log) = @_;
			write_file($file, "workers: $workers\nlog: {$log}\nroutes: [{name: web, "
				. "listen: ['$listen'], upstreams: ['builtin:echo']}]\n");
		};
		$configure->("target: '$first'");
		my $relay = MuxTest::Relay->new(program => program(), listen => $listen,
			started => 0, arguments => [ '-f', $file ]);
		wait_line($first, qr/ start /);
		my $client = connect_to($listen);
		$client->expect($client)->send(10)->until_got(10);

		$configure->("target: '/nowhere/log'");
		$relay->signal('HUP');
		wait_line($first, qr{ error .*/nowhere/log});
		$configure->("target: '$second', sessions: {target: '$sessions', interval: 100ms}");
		$relay->signal('HUP');
		wait_line($sessions, qr/ session-alive id=1 .* up=10 down=10 .* route=web\z/);
		wait_line($second, qr/ reload /);
		$configure->("target: '$second', sessions: {target: '$sessions', interval: 1h}");
		$relay->signal('HUP');
		wait_polling { (() = contents($second) =~ / reload /g) == 2 } 'one more';
		ok($relay->quiet, 'an interval that is long');
		$configure->("target: '$second', sessions: {target: '$sessions', interval: 100ms}");
		truncate($sessions, 0);
		$relay->signal('HUP');
		wait_line($sessions, qr/ session-alive id=1 /);
		$client->finish;
		is($client->until_end, 'fin', 'the session goes on');
		$client->close;
		wait_line($sessions, qr/ session id=1 /);
		stops($relay);
		unlike(contents($first), qr/ session| stop /, 'nothing goes to the old file');
	}
};

# A file system of its own that is full for a while.
one_test 'a full disk has room again' => sub {
	my $directory = new_path('disk');
	mkdir($directory);
	my ($status) = $> == 0 && which('unshare')
		? run('unshare', '-m', 'mount', '-t', 'tmpfs', 'none', $directory) : 1;
	plan(skip_all => 'no file system of its own can be mounted') if $status ne '0';
	my $listen = '127.0.0.1:' . reserve();
	my $relay = MuxTest::Relay->new(program => '/usr/bin/env', listen => $listen,
		started => 0, arguments => [ 'unshare', '-m', '/bin/sh', '-c',
			'mount -t tmpfs -o size=64k none "$0" && exec "$@"', $directory, $program,
			'--log', "$directory/log", $listen, 'builtin:echo' ]);
	wait_polling { connect_to($listen)->until_connected->{connected} } 'the relay';
	my $disk = "/proc/$relay->{pid}/root$directory";
	open(my $fill, '>', "$disk/fill") or die "fill: $!\n";
	1 while syswrite($fill, 'x' x 4096);
	# the page that the log has is soon full, in the midst of a line
	a_session($relay, 10) for 1 .. 40;
	truncate($fill, 0);
	wait_line("$disk/log", qr/ warning log-lost lines=[1-9]/);
	my $client = a_session($relay, 10);
	wait_line("$disk/log", qr/\A\S+Z info session .* client=\Q$client\E /);
	# the one that was torn may have any length
	my @spoilt = grep { !/\A\d/ || 1 < (() = /\d{4}-\d\d-\d\dT/g) } lines_of("$disk/log");
	is(scalar(@spoilt), 0, 'a torn line spoils no other') or diag(@spoilt);
	stops($relay);
};

done_testing();
