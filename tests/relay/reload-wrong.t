#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# HUP: a plan that is wrong, one that changes what cannot be changed, and where
# plans come from.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use POSIX qw(mkfifo);
use MuxTest;
use MuxTest::Plan;

plan(skip_all => 'built without libfyaml') if !has_files();

each_backend 'what is wrong leaves all as it was' => sub {
	my $listen = new_listen();
	my $taken = listen_on('127.0.0.1');
	my $good = "routes:\n" . route_of('a', $listen, 'builtin:echo');
	my $relay = start_planned(text => $good);
	my $file = $relay->{file};
	my $client = connect_to($listen);
	$client->expect($client)->send(10)->until_got(10);
	my $with = sub { $good . route_of('b', @_) };
	my @wrong = (
		[ "routes: [\n", qr/configuration file=\S+ line=\d+ column=\d+ error=/ ],
		[ "${good}    upstream: x\n", qr/ line=5 column=5 error="[^"]*upstream/ ],
		[ $good =~ s/^    listen/    lisden/mr, qr/ line=3 column=5 error="[^"]*lisden/ ],
		[ $with->($taken->address, 'builtin:echo'), qr/ failure error="cannot listen on / ],
		[ $with->(new_listen(), 'unknown.invalid:80'), qr/ failure error="UPSTREAM / ],
		[ $with->($listen, 'builtin:echo'), qr/ line=\d+ column=\d+ error=/ ],
		[ $with->('unix:/nowhere/at/all', 'builtin:echo'), qr/ failure error="cannot / ],
		[ $with->('systemd:web', 'builtin:echo'), qr/ failure error="cannot listen on / ],
		[ "log: {target: /nowhere/at/all/log}\n$good", qr/error="?cannot log to / ],
		[ "include: nowhere.yaml\n$good", qr/ line=1 column=\d+ error=.*nowhere/ ],
		[ "user: \${MUX_TEST_UNSET_VARIABLE}\n$good", qr/ line=1 column=\d+ error=/ ],
		[ "", qr/configuration file=/ ],
	);
	push(@wrong, [ $with->("nobody.invalid:0", 'builtin:echo'), qr/error=/ ]);
	my $descriptors = $relay->descriptors;
	for my $case (@wrong) {
		my ($text, $words) = @{$case};
		like(reload_fails($relay, $text), $words, "$words");
		is(calls($listen), 'served', 'it serves as before');
	}
	unlink($file);
	like(reload_fails($relay), qr/configuration file=\Q$file\E /, 'no file');
	mkdir($file);
	like(reload_fails($relay), qr/configuration file=\Q$file\E /, 'a directory');
	rmdir($file);
	mkfifo($file, 0600);
	like(reload_fails($relay), qr/ failure error=.*not a regular file/, 'a pipe');
	unlink($file);
	ok($client->send(10)->until_got(20), 'the session goes on');
	ok((wait_polling { $relay->descriptors <= $descriptors } 'descriptors'),
		'no descriptor is left');
	write_file($file, $good);
	like(reload($relay), qr/ info reload routes=1 kept=1 /, 'what is right is taken');
	$client->finish->until_end;
	$client->close;
	$relay->wait_sessions(1 + @wrong);
	ends_well($relay);
};

each_backend 'more files, and the environment' => sub {
	my ($one, $two) = map { new_listen() } 1 .. 2;
	my $directory = new_directory();
	my $text = "include: conf.d/*.yaml\nroutes:\n"
	    . route_of('a', '${MUX_TEST_LISTEN}', 'builtin:${MUX_TEST_SERVICE:-echo}');
	mkdir("$directory/conf.d");
	my $relay = start_planned(file => "$directory/muxproxy.yaml", text => $text,
		env => { MUX_TEST_LISTEN => $one });
	is(calls($one), 'served', 'a variable says where');
	write_file("$directory/conf.d/b.yaml", "routes:\n" . route_of('b', $two, 'builtin:echo'));
	like(reload($relay), qr/ routes=2 kept=1 listeners=2 /, 'a file comes');
	is(calls($_), 'served', 'served') for $one, $two;
	write_file("$directory/conf.d/c.yaml", "routes:\n  - nome: x\n");
	like(reload_fails($relay), qr/ file=\S+c\.yaml line=2 column=5 error=/,
		'a wrong one comes');
	unlink("$directory/conf.d/$_.yaml") for 'b', 'c';
	like(reload($relay), qr/ routes=1 kept=1 listeners=1 /, 'both go');
	ok(refused($two), 'refused');
	is(calls($one), 'served', 'served');
	$relay->wait_sessions(4);
	ends_well($relay);
};

each_backend 'what only a restart changes' => sub {
	my $listen = new_listen();
	my $route = route_of('a', $listen, 'builtin:echo');
	my $relay = start_planned(text => "workers: 2\nroutes:\n$route");
	my $text = "workers: 3\nuser: daemon\npidfile: /nowhere\nsandbox: false\nroutes:\n$route";
	for my $time (1, 2) {
		write_file($relay->{file}, $text);
		my $before = @{ $relay->{lines} };
		like(reload($relay), qr/ info reload /, 'reloaded');
		my @lines = @{ $relay->{lines} }[ $before .. $#{ $relay->{lines} } ];
		is(join(' ', map { / warning reload-ignored key=(\S+) / ? $1 : () } @lines),
			'workers user pidfile sandbox', "told, time $time");
	}
	write_file($relay->{file}, "workers: 2\nroutes:\n$route");
	my $before = @{ $relay->{lines} };
	like(reload($relay), qr/ info reload /, 'back to what it is');
	is(scalar(grep { /reload-ignored/ }
		@{ $relay->{lines} }[ $before .. $#{ $relay->{lines} } ]), 0,
			'and nothing is told');
	is(calls($listen), 'served', 'served');
	$relay->wait_sessions(1);
	ends_well($relay);
};

each_backend 'the log' => sub {
	my $listen = new_listen();
	my ($first, $second) = map { new_path('log') } 1 .. 2;
	my $text = sub { "log: {target: $_[0], level: $_[1]}\nroutes:\n"
		. route_of('a', $listen, 'builtin:echo') };
	my $relay = start_planned(text => $text->($first, 'info'), started => 0);
	my $has = sub { my ($path, $pattern) = @_;
		return wait_polling { (contents($path) // '') =~ $pattern } "$pattern in $path" };
	my $opens = sub { my ($path) = @_;
		return scalar(grep { (readlink($_) // '') eq $path }
			glob("/proc/$relay->{pid}/fd/*")) };
	ok($has->($first, qr/ info start /), 'begins');
	is(calls($listen), 'served', 'served');
	ok($has->($first, qr/ session id=1 /), 'has a session');
	unlike(contents($first), qr/ debug /, 'and no more');
	write_file($relay->{file}, $text->($second, 'debug'));
	$relay->signal('HUP');
	ok($has->($second, qr/ info reload /), 'another file');
	is(calls($listen), 'served', 'served');
	ok($has->($second, qr/ debug open id=2 /), 'with another level');
	ok((wait_polling { !$opens->($first) } 'the file to be closed'), 'the old one is closed');
	is($opens->($second), 1, 'the new one is open once');
	write_file($relay->{file}, $text->($second, 'debug') =~ s/listen/lisden/r);
	$relay->signal('HUP');
	ok($has->($second, qr/ error configuration file=.*error reload-failed /s),
		'errors are there');
	$relay->signal('TERM');
	is($relay->wait, 0, 'ended well');
	ok($has->($second, qr/ stop reason=SIGTERM sessions=2 /), 'with the last line');
};

done_testing();
