#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The command line: what it says of itself, and one clear error for each
# thing that is wrong.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;

use POSIX qw(setuid);

my $free = '127.0.0.1:' . reserve();
my @limits = map { "--$_-timeout" } 'connect', 'idle', 'half-close', 'shutdown';
my $try = "Try 'muxproxy --help' for more information.\n";

sub muxproxy { return run({ patience => 20 }, program(), @_); }

# A wrong command line: one error line, one that points to the help.
sub wrong
{
	my ($name, $arguments, @patterns) = @_;
	my ($status, $out, $err) = muxproxy(@$arguments);
	is($status, 2, "$name: status");
	is($out, '', "$name: nothing on stdout");
	my ($line, $rest) = $err =~ /\A([^\n]*\n)(.*)\z/s;
	like($line // '', qr/\Amuxproxy: [ -~]+\n\z/, "$name: an error");
	is($rest, $try, "$name: where to look");
	like($line // '', $_, "$name: $_") for @patterns;
	return;
}

# A failure at run time: one line.
sub fails
{
	my ($name, $wanted, $arguments, @patterns) = @_;
	my ($status, $out, $err) = muxproxy(@$arguments);
	is($status, $wanted, "$name: status");
	is($out, '', "$name: nothing on stdout");
	like($err, qr/\Amuxproxy: [ -~]+\n\z/, "$name: one line");
	like($err, $_, "$name: $_") for @patterns;
	return;
}

one_test 'operands' => sub {
	wrong('none', [], qr/LISTEN/);
	wrong('no upstream', ['8888'], qr/UPSTREAM/);
	wrong('too many', [ $free, map { "127.0.0.1:$_" } 1 .. 5000 ], qr/too many/);
	wrong('no port', [ '--', '', '127.0.0.1:9000' ], qr/LISTEN/);
	for my $listen ('0', ':0', '65536', ':65536', '80x', 'x80', '8 0', ' 80', '+80',
		'0x50', '80.5',
		'99999999999999999999', ':', '127.0.0.1', '127.0.0.1:', '127.0.0.1:0',
		'127.0.0.1:65536', '127.0.0.1:80x', '[::1]', '[::1]:', '[::1', '[::1]80', '[]:80',
		'::1:80', 'unix:', 'builtin:echo', 'a b:80', "a\tb:80", "a\x1b[31m:80", '-',
		'127.0.0.1:-1',
		'8888,', ',8888', '8888,,8889', 'x' x 300 . ':80', "[::1\n]:80")
	{
		wrong("LISTEN '" . ($listen =~ s/[^ -~]/?/gr) . "'", [ $listen, '127.0.0.1:9000' ]);
	}
	for my $upstream ('', '0', '9000', ':9000', '127.0.0.1', '127.0.0.1:', '127.0.0.1:0',
		'127.0.0.1:65536', '127.0.0.1:90x', '[::1]', '[::1:90', '::1:90', 'unix:',
		'builtin:',
		'builtin:nothing', 'a b:90', 'x' x 300 . ':90', 'host:')
	{
		wrong("UPSTREAM '$upstream'", [ $free, $upstream ], qr/UPSTREAM/);
	}
	wrong('the second upstream', [ $free, '127.0.0.1:9000', '127.0.0.1:x' ],
		qr/127\.0\.0\.1:x/);
	wrong('a long UNIX path', [ 'unix:/' . 'x' x 107, $free ], qr/107/);
	wrong('a long UNIX upstream', [ $free, 'unix:/' . 'x' x 107 ], qr/107/);
	wrong('a listener twice', [ "$free,$free", '127.0.0.1:9000' ], qr/already/);
	wrong('a bare port twice', [ '8888,:8888', '127.0.0.1:9000' ], qr/already/);
	wrong('a path twice', [ 'unix:/tmp/a,unix:/tmp/a', '127.0.0.1:9000' ], qr/already/);
};

one_test 'several routes' => sub {
	wrong('a mixture', [ "$free=a:1", 'b:2' ], qr/LISTEN UPSTREAM/, qr/LISTEN=UPSTREAM/);
	wrong('an = in a path', [ $free, 'unix:/tmp/a=b' ], qr/configuration file/);
	wrong('a listener of two routes', [ "$free=a:1", "$free=b:2" ],
		qr/LISTEN: \Q$free\E .*already/);
	wrong('ranges that overlap', [ '8000-8010=a:1', '8010-8020=b:2' ], qr/with \*:8000-8010/);
	wrong('no upstream', ["$free="], qr/UPSTREAM/);
	wrong('no listener', ['=a:1'], qr/LISTEN/);
	wrong('the wrong way round', [ '8010-8000', 'a:1' ], qr/wrong way round/);
	wrong('a range of one', [ '8000-8000', 'a:1' ], qr/single port/);
	wrong('beyond the last port', [ '65530-65536', 'a:1' ], qr/65535/);
	wrong('more ports than that', [ '8000-8010', 'a:9000-9005' ], qr/11 ports.* 6/);
	wrong('a range of a UNIX socket', [ 'unix:/tmp/a', 'a:9000-9005' ], qr/no port.* 6/);
	my ($status, undef, $err) = muxproxy('-w', 0, "$free=a:x", '8010-8000=b:1');
	is($status, 2, 'several errors: status');
	is(scalar(() = $err =~ /^muxproxy: /mg), 3, 'each is told');
	is(substr($err, -length($try)), $try, 'and where to look, once');
};

one_test '-t' => sub {
	for my $option ('-t', '--check') {
		my ($status, $out, $err) = muxproxy($option, "$free=a:1", '8000-8010=b:9000-9010');
		is("$status $out", '0 ', "$option: status");
		is($err, "command line: OK (2 routes)\n", 'one line');
	}
	my ($status, $out, $err) = muxproxy('-tq', $free, 'a:1');
	is("$status $out$err", '0 ', '-tq says nothing');
	wrong('-t: a wrong command line', [ '-t', $free, 'a:x' ], qr/UPSTREAM/);
	my $server = listen_on('127.0.0.1');
	($status, $out, $err) = muxproxy('-t', $server->address, 'a:1');
	is("$status $err", "0 command line: OK (1 route)\n", 'no socket is opened');
	fails('-t: no such user', 1, [ '-t', '-u', 'no-such-user', $free, 'a:1' ],
		qr/no-such-user/);
};

one_test '-T' => sub {
	for my $option ('-T', '--dump-config', '-tT') {
		my ($status, $out, $err) =
		    muxproxy($option, '-w', 3, "$free=a:1", 'unix:/no=b:2,c:3');
		is("$status $err", '0 ', "$option: status");
		like($out, qr/\A# muxproxy \d\S* .*command line\n/, 'what made it');
		like($out, qr/^workers: 3$/m, 'the workers');
		is(join(' ', $out =~ /^  - name: (.*)$/mg), "\"$free\" unix:/no", 'the routes');
		like($out, qr/^ *connect: 5s$/m, 'what is so by default');
	}
	wrong('-T: a wrong command line', [ '-T', $free, 'a:x' ], qr/UPSTREAM/);
	fails('-T: no UTF-8', 1, [ '-T', $free, "unix:/tmp/\xff" ], qr/UTF-8/);
};

one_test 'options' => sub {
	my @good = ($free, '127.0.0.1:9000');
	wrong('unknown', [ '--nothing', @good ], qr/--nothing/);
	wrong('unknown letter', [ '-Z', @good ], qr/-Z/);
	wrong('ambiguous', [ '--ver', @good ], qr/--ver/);
	wrong('no argument taken', [ '--daemon=yes', @good ], qr/daemon/);
	wrong('-c', [ '-c', 'file', @good ], qr/-f/, qr/-t/);
	wrong('-f with operands', [ '-f', 'file', @good ], qr/LISTEN/, qr/file/);
	wrong("-f with $$_[0]", [ '-f', 'file', @$_ ], qr/\Q$$_[0]\E/, qr/into a route of the file/)
	    for [ '--idle-timeout', '1s' ], [ '--allow', '::1' ], [ '--per-source', 1 ];
	wrong('-f twice', [ '-f', 'file', '-f', 'file' ], qr/twice/);
	wrong('-c alone', ['-c'], qr/-f/, qr/-t/);
	wrong("$_ without argument", [ @good, $_ ], qr/\Q$_\E/)
	    for '--log', '--pidfile', '-p', '-u', '--user', '--idle-timeout', '--max-connections';
	wrong("--log '$_'", [ '--log', $_, @good ], qr/log/) for '', 'nowhere', "a\nb";
	for my $option (@limits) {
		wrong("$option 5", [ $option, 5, @good ], qr/unit/, qr/5s|\bms\b/);
		wrong("$option '$_'", [ $option, $_, @good ], qr/\Q$option\E/)
		    for '', 's', '5x', '-5s', '5 s', '1.5s', '5sec', '5ss', '99999999999999999999s',
		    '9223372036854775807d', '1e3s', ' 5s', '5s ';
	}
	wrong("$$_[0] '$$_[1]'", [ @$_, @good ], qr/\Q$$_[0]\E/)
	    for [ '--memory', 64 ], [ '--memory', '0b' ], [ '--memory', '64kB' ],
	    [ '--per-source', 0 ], [ '--accept-rate', 200 ], [ '--accept-rate', '0/s' ],
	    [ '--allow', '10.0.0.0/33' ], [ '--deny', 'localhost' ], [ '--source', 'localhost' ],
	    [ '--log-format', 'xml' ], [ '-u', ':' ];
	wrong("$_ 0s", [ $_, '0s', @good ], qr/\Q$_\E/)
	    for '--connect-timeout', '--idle-timeout', '--half-close-timeout';
	wrong("--max-connections '$_'", [ '--max-connections', $_, @good ], qr/max-connections/)
	    for '', '0', '-1', 'x', '1x', '1.5', '99999999999999999999';
	wrong('options come first in the order of words',
		[ $free, '127.0.0.1:9000', '--nothing' ], qr/--nothing/);
};

one_test 'what it says of itself' => sub {
	for my $option ('-h', '--help') {
		my ($status, $out, $err) = muxproxy($option);
		is($status, 0, "$option: status");
		is($err, '', 'nothing on stderr');
		like($out, qr/\AUsage: muxproxy .*LISTEN UPSTREAM/, 'how to use it');
		like($out, qr/\Q$_\E/, $_)
		    for @limits, qw(--daemon --pidfile --user --quiet --verbose --log --help
		    --version --max-connections builtin:echo unix: --config --check
		    --dump-config --memory --per-source --accept-rate --allow --deny
		    --source --no-sandbox --log-format systemd:);
		cmp_ok(scalar(() = $out =~ /\n/g), '<', 66, 'a page and no more');
		is(scalar(grep { length > 80 } split(/\n/, $out)), 0, 'no line is too long');
	}
	for my $option ('-V', '--version') {
		my ($status, $out, $err) = muxproxy($option);
		is("$status $err", '0 ', "$option: status");
		like($out, qr/\Amuxproxy \d+\.\d+\S*\n\z/, 'one line');
	}
	for my $options ([ '-vV' ], [ '-Vv' ], [ '-v', '--version' ]) {
		my ($status, $out, $err) = muxproxy(@$options);
		is("$status $err", '0 ', "@$options: status");
		like($out, qr/^$_/m, $_)
		    for 'muxproxy \d', 'backend: \w+', 'compiler: \S', 'splice: ', 'fyaml: ',
		    'jansson: ', 'libseccomp: ', 'uthash: ', 'sandbox: \S';
	}
	is((muxproxy('--help', '8888'))[0], 0, 'help with operands');
};

one_test 'the help and the manual' => sub {
	my (undef, $help) = muxproxy('--help');
	my $manual = contents("$FindBin::RealBin/../../man/muxproxy.8");
	my %helped = map { $_ => 1 } $help =~ /(?<![-\w])(--?\w[-\w]*)/g;
	my ($options) = $manual =~ /^The options are:$(.*?)^\.El$/ms;
	my %told;
	for ($options =~ /^\.It (Fl .*)$/mg) {
		$told{ '-' . ($_ =~ s/^\\-/-/r) } = 1 for /Fl (\S+)/g;
	}
	delete($helped{'-vV'});
	is(join(' ', grep { !$told{$_} } sort(keys(%helped))), '',
		'the manual has all of the help');
	is(join(' ', grep { !$helped{$_} } sort(keys(%told))), '',
		'the help has all of the manual');
	cmp_ok(scalar(keys(%told)), '>', 25, 'both have some');
};

one_test 'a full disk' => sub {
	plan(skip_all => 'there is no /dev/full') if !-c '/dev/full';
	for my $option ('--help', '--version', '-vV') {
		my ($status, undef, $err) = run({ patience => 20, output => '/dev/full' },
			program(), $option);
		is($status, 1, "$option: status");
		like($err, qr/\Amuxproxy: [ -~]+\n\z/, 'one line');
	}
};

one_test 'listening fails' => sub {
	my $server = listen_on('127.0.0.1');
	fails('in use', 1, [ $server->address, '127.0.0.1:9000' ],
		qr/\Q@{[ $server->address ]}\E/, qr/in use/i);
	fails('one of two in use', 1, [ "$free,@{[ $server->address ]}", '127.0.0.1:9000' ],
		qr/in use/i);
	fails('not local', 1, [ '203.0.113.7:8888', '127.0.0.1:9000' ], qr/203\.0\.113\.7:8888/);

	my $live = listen_on('unix:' . new_path('live'));
	fails('a live socket', 1, [ $live->address, '127.0.0.1:9000' ],
		qr/\Q@{[ $live->address ]}\E/);
	ok(-S substr($live->address, 5), 'it is still there');

	my $file = new_path('file');
	open(my $handle, '>', $file) or die;
	print({$handle} "precious\n");
	close($handle);
	fails('a regular file', 1, [ "unix:$file", '127.0.0.1:9000' ], qr/not a socket/);
	is(-s $file, 9, 'it is still there');
	fails('no directory', 1, [ 'unix:' . new_path('none') . '/socket', '127.0.0.1:9000' ]);
	fails('a directory', 1, [ 'unix:/', '127.0.0.1:9000' ]);

	# what it had opened before it failed is gone
	my $first = new_path('first');
	fails('the second of two', 1, [ "unix:$first," . $server->address, '127.0.0.1:9000' ]);
	ok(!-e $first, 'the first socket is removed');

	my $path = '/' . 'x' x (106 - length(new_path('')));
	my $longest = new_path('') . $path =~ s/^.//r;
	ok(length($longest) <= 107, 'a path of ' . length($longest));
	my $relay = start_relay(listen => "unix:$longest", upstream => 'builtin:echo');
	ok(-S $longest, 'can be listened on');
	ends_well($relay);
	ok(!-e $longest, 'and is removed');
};

one_test 'a stale socket' => sub {
	my $path = new_path('stale');
	my $server = listen_on("unix:$path");
	$server->{address} = '';    # leave the file
	$server->close;
	ok(-S $path, 'left by somebody');
	my $relay = start_relay(listen => "unix:$path", upstream => 'builtin:echo');
	my $client = connect_to("unix:$path");
	$client->expect($client)->send(100)->finish;
	is($client->until_end . " $client->{got}", 'fin 100', 'is replaced');
	$client->close;
	ends_well($relay);
};

one_test 'other failures' => sub {
	fails('log file', 1, [ '--log', new_path('none') . '/log', $free, '127.0.0.1:9000' ],
		qr/log/);
	fails('pid file', 1, [ '-p', new_path('none') . '/pid', $free, '127.0.0.1:9000' ], qr/pid/);
	fails('unknown user', 1, [ '-u', 'no-such-user', $free, '127.0.0.1:9000' ],
		qr/no-such-user/);
	fails('unknown group', 1, [ '-u', 'root:no-such-group', $free, '127.0.0.1:9000' ],
		qr/no-such-group/);
	my ($error) = Socket::getaddrinfo('nosuch.invalid', '80');
	SKIP: {
		skip('this resolver does not know what is unknown', 4)
		    if $error != Socket::EAI_NONAME();
		fails('unknown upstream', 1, [ $free, 'nosuch.invalid:80' ], qr/nosuch\.invalid/);
		fails('unknown listener', 1, [ 'nosuch.invalid:8888', '127.0.0.1:80' ],
			qr/nosuch\.invalid/);
	}
	my ($status, $out, $err) = run({ patience => 20, nofile => 10 }, program(), $free,
		'127.0.0.1:9000');
	is($status, 71, 'too few descriptors: status');
	like($err, qr/\Amuxproxy: [ -~]*(?i:descriptor|open files)[ -~]*\n\z/, 'one line');
};

one_test 'not permitted' => sub {
	my $program = program();
	my $as_nobody = sub {
		return run({ patience => 20, uid => 65534 }, @_);
	};
	plan(skip_all => 'needs root') if $> != 0;
	my ($status) = $as_nobody->($program, '-V');
	plan(skip_all => 'nobody else may run the program here') if $status ne '0';

	my ($out, $err);
	($status, $out, $err) = $as_nobody->($program, '-u', 'root', $free, '127.0.0.1:9000');
	is($status, 77, '-u without root');
	like($err, qr/\Amuxproxy: [ -~]*root[ -~]*\n\z/, 'one line');
	SKIP: {
		open(my $file, '<', '/proc/sys/net/ipv4/ip_unprivileged_port_start')
		    or skip('no such limit', 3);
		skip('no port is privileged here', 3) if <$file> < 3;
		($status, $out, $err) = $as_nobody->($program, '127.0.0.1:2', '127.0.0.1:9000');
		is($status, 77, 'a privileged port');
		like($err, qr/\Amuxproxy: [ -~]*\n\z/, 'one line');
		like($err, qr/127\.0\.0\.1:2: .*CAP_NET_BIND_SERVICE/, 'what, and what to do');
	}
};

done_testing();
