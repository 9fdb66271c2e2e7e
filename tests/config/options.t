#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The command line beside a configuration file: -f, -t, -T, and who has the
# last word.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

sub muxproxy { return run({ patience => 20 }, program(), @_); }

# A file of that text.
sub file
{
	my ($text) = @_;
	my $path = new_path('yaml');
	open(my $handle, '>', $path) or die "$path: $!\n";
	print({$handle} $text);
	close($handle) or die "$path: $!\n";
	return $path;
}

sub can_read
{
	return ((muxproxy('-vV'))[1] // '') !~ /^fyaml: no$/m;
}

my $route = "routes:\n  - {listen: 8888, upstreams: [builtin:echo]}\n";

if (!can_read()) {
	one_test 'a build that reads no files' => sub {
		my ($status, $out, $err) = muxproxy('-t', '-f', file($route));
		is("$status $out", '78 ', 'status');
		like($err, qr/--with-fyaml/, 'what to do');
	};
	done_testing();
	exit;
}

one_test 'a limit of all below one of a route' => sub {
	my $path = file("limits: {connections: 900}\nroutes:\n  - {name: a, listen: 8888, "
		. "upstreams: [builtin:echo], limits: {connections: 500}}\n");
	for my $way ([ '-t' ], [ '-T' ], []) {
		my ($status, $out, $err) = muxproxy(@$way, '--max-connections', 499, '-f', $path);
		is("$status $out", '78 ', "@$way: status");
		like($err, qr/^muxproxy: error: --max-connections '499': .* 'a' is 500/, 'why');
	}
	is((muxproxy('-t', '--max-connections', 500, '-f', $path))[0], 0, 'one that is as high');
};

one_test '-t' => sub {
	my $path = file("$route  - {name: b, listen: 8889, upstreams: [builtin:echo]}\n");
	for my $options ([ '-t', '-f', $path ], [ '--check', "--config=$path" ]) {
		my ($status, $out, $err) = muxproxy(@$options);
		is("$status $out", '0 ', "@$options: status");
		is($err, "$path: OK (2 routes)\n", 'one line');
	}
	my ($status, $out, $err) = muxproxy('-qt', '-f', $path);
	is("$status $out$err", '0 ', '-q: nothing');
	rename($path, "$path\e[31m") or die "rename: $!\n";
	($status, $out, $err) = muxproxy('-t', '-f', "$path\e[31m");
	is($err, "$path?[31m: OK (2 routes)\n", 'a name cannot talk to the terminal');

	my $wrong = file("wrokers: 1\nroutes:\n  - {listen: 80x, upstreams: [a:1]}\n");
	for my $options (['-t'], ['-tq'], ['-T'], []) {
		($status, $out, $err) = muxproxy(@$options, '-f', $wrong);
		is("$status $out", '78 ', "@$options: a wrong file");
		like($err, qr/^\Q$wrong\E:1:1: error: .*workers/m, 'what is wrong');
		like($err, qr/^\Q$wrong\E:3:\d+: error: /m, 'all of it');
		unlike($err, qr/--help/, 'of the file alone');
	}
	($status, $out, $err) = muxproxy('-t', '-w', 0, '-f', $wrong);
	is($status, 2, 'a wrong command line goes first');
	unlike($err, qr/\Q$wrong\E/, 'and is told alone');
	($status, $out, $err) = muxproxy('-t', '-f', new_path('none'));
	is($status, 78, 'no such file');
	like($err, qr/No such file/, 'is said');
};

one_test 'who has the last word' => sub {
	my $path = file(<<"END" . $route);
workers: 3
user: root
pidfile: /file.pid
sandbox: true
shutdown-timeout: 3s
limits: {connections: 30, memory: 3m}
log: {target: /file.log, format: json, level: error, sessions: {format: json}}
END
	my ($status, $out, $err) = muxproxy('-T', '-f', $path);
	is("$status $err", '0 ', 'the file alone');
	like($out, qr/^\Q$_\E$/m, $_)
	    for 'workers: 3', 'user: root', 'pidfile: /file.pid', 'sandbox: true',
	    'shutdown-timeout: 3s', '  connections: 30', '  memory: 3m', '  target: /file.log',
	    '  format: json', '  level: error', '    format: json';
	for my $after (0, 1) {
		my @options = qw(-w 4 -u daemon -p /option.pid --no-sandbox --shutdown-timeout 4s
		    --max-connections 40 --memory 4m --log /option.log --log-format text -v);
		my @file = ('-f', $path);
		($status, $out, $err) = muxproxy('-T', $after ? (@options, @file) :
			(@file, @options));
		is("$status $err", '0 ', 'options ' . ($after ? 'before it' : 'behind it'));
		like($out, qr/^\Q$_\E$/m, $_)
		    for 'workers: 4', 'user: daemon', 'pidfile: /option.pid', 'sandbox: false',
		    'shutdown-timeout: 4s', '  connections: 40', '  memory: 4m',
		    '  target: /option.log', '  format: text', '  level: debug', '    format: text';
	}
	($status, $out, $err) = muxproxy('-T', '-q', '-f', $path);
	like($out, qr/^  level: warning$/m, '-q');
};

one_test 'a daemon has no relative paths' => sub {
	for my $text ("pidfile: x.pid\n$route", "log: {target: ./x.log}\n$route",
		"log: {target: stderr}\n$route", "log: {sessions: {target: ./x}}\n$route",
		"routes: [{listen: 'unix:x', upstreams: 'builtin:echo'}]\n",
		"routes: [{listen: 8888, upstreams: 'unix:x'}]\n")
	{
		my $path = file($text);
		my ($status, $out, $err) = muxproxy('-Dt', '-f', $path);
		is("$status $out", '78 ', "$text: status");
		like($err, qr/^\Q$path\E: .*daemon/, 'what is wrong');
		is((muxproxy('-t', '-f', $path))[0], 0, 'it is right without -D');
	}
	my ($status) = muxproxy('-Dt', '-p', '/x.pid', '-f', file("pidfile: x.pid\n$route"));
	is($status, 0, 'an option takes its place');
};

one_test 'what is printed can be read' => sub {
	my @wide = ('-w', 2, '--allow', '10.0.0.0/8', '--deny', '10.6.6.6', '--per-source', 5,
		'--accept-rate', '3/m', '--source', '127.0.0.2', '--memory', '64m', '-q',
		'--idle-timeout', 'off', '-u', 'root', '--no-sandbox',
		'8000-8010,unix:/run/a b=localhost:1', 'systemd:x=builtin:echo,unix:/${HOME}$',
		'[::1]:7=127.0.0.1:7');
	for my $command ([ '8888', 'builtin:echo' ], [ '1e3:80', 'no:80' ], \@wide) {
		my ($status, $first, $err) = muxproxy('-T', @$command);
		is("$status $err", '0 ', 'a command line is printed');
		my $path = file($first);
		($status, my $second, $err) = muxproxy('-T', '-f', $path);
		is("$status $err", '0 ', 'and is read');
		s/^#.*\n// for $first, $second;
		is($second, $first, 'it is the same');
	}

	my $directory = new_directory();
	open(my $handle, '>', "$directory/part.yaml") or die;
	print({$handle} "routes: [{name: part, listen: 8889, upstreams: 'builtin:echo'}]\n");
	close($handle);
	my $path = file("include: $directory/*.yaml\n$route");
	my ($status, $out, $err) = muxproxy('-T', '-f', $path);
	is("$status $err", '0 ', 'a file with another one');
	like($out, qr/\A# .*\Q$path\E\n/, 'where it is from');
	is(scalar(() = $out =~ /^  - name: /mg), 2, 'what is included is there');
	unlike($out, qr/include/, 'and not by its file');
};

done_testing();
