#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# USR2 with a program that does not take over, whatever it does instead.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use POSIX qw(mkfifo);
use MuxTest;
use MuxTest::Plan;

# These need a program that is started by its path.
my @sandbox = ('--no-sandbox');

for my $workers (1, 2) {
	one_test "a new one that fails, $workers" => sub {
		plan(skip_all => 'impatient-muxproxy is not built')
		    if !-x builddir() . '/tests/relay/impatient-muxproxy';
		my $program = copied();
		my ($listen, $path, $pidfile) = (new_listen(), new_path('sock'), new_path('pid'));
		my $relay = MuxTest::Relay->new(program => $program, env => {
			UPGRADE_START_MS => sanitized() ? 2000 : 700 }, arguments => [ @sandbox,
			'-w', $workers, '-p', $pidfile, "$listen=builtin:echo",
			"unix:$path=builtin:echo" ]);
		my $client = connect_to($listen);
		$client->expect($client)->send(10)->until_got(10);
		my $says = "#!$^X\n" . 'open(my $s, "+<&=", $ENV{MUXPROXY_UPGRADE}); '
		    . 'my @message = <$s>;' . "\n";
		my @cases = (
			[ 'is missing', undef, 'it cannot be executed' ],
			[ 'is no program', "\0\1\2\3", 'it cannot be executed' ],
			[ 'fails', "#!/bin/sh\nexit 1\n",
				'it ended with status 1 before it served' ],
			[ 'is wrong', "#!/bin/sh\nexit 78\n",
				'it ended with status 78 before it served' ],
			[ 'crashes', "#!/bin/sh\nkill -SEGV \$\$\n",
				'it was ended by signal 11 before it served' ],
			[ 'hangs', "#!/bin/sh\nexec sleep 600\n", 'it does not serve in time' ],
			[ 'talks rubbish', $says . 'syswrite($s, "rubbish\0"); exit 0',
				'an unknown record' ],
			[ 'talks half', $says . 'syswrite($s, "kept 7\0"); exit 0',
				'it ended before it was ready' ],
			[ 'does not end its words', $says . 'syswrite($s, "ready"); exit 0',
				'a record that does not end' ],
			[ 'closes its end and hangs', $says . 'close($s); sleep 600',
				'it was ended by signal 9 before it served' ],
		);
		my $descriptors = $relay->descriptors;
		for my $case (@cases) {
			my ($how, $script, $words) = @{$case};
			replace($program, $script);
			$relay->signal('USR2');
			like($relay->wait_for_line(qr/ upgrade/),
				qr/ error upgrade-failed error="\Q$words\E" action=keep-running\z/,
					$how);
			is(calls($listen), 'served', 'it serves as before');
			is(calls("unix:$path"), 'served', 'both');
		}
		is(contents($pidfile), "$relay->{pid}\n", 'the pid file is the same');
		ok(is_locked($pidfile), 'and locked');
		ok((wait_polling { $relay->descriptors <= $descriptors } 'descriptors'),
			'no descriptor is left');
		is(children_of($relay->{pid}), '', 'no child is left');
		ok($client->send(10)->until_got(20), 'the session goes on');
		$client->finish->until_end;
		copied($program);
		my $new = upgrade($relay);
		is(calls($listen), 'served', 'one that is good takes over');
		leaves($relay);
		ends($relay, $new);
		ok(!-e $pidfile && !-e $path, 'files are gone');
	};
}

one_test 'a stop while the new one starts' => sub {
	plan(skip_all => 'impatient-muxproxy is not built')
	    if !-x builddir() . '/tests/relay/impatient-muxproxy';
	for my $signals ([ 'TERM' ], [ 'QUIT' ], [ 'QUIT', 'TERM' ]) {
		my ($program, $fifo) = (copied(), new_path('fifo'));
		my ($listen, $path, $pidfile) = (new_listen(), new_path('sock'), new_path('pid'));
		my $relay = MuxTest::Relay->new(program => $program, arguments => [ @sandbox,
			'-w', 2, '-p', $pidfile, '--shutdown-timeout', '100ms',
			"$listen=builtin:echo", "unix:$path=builtin:echo" ]);
		mkfifo($fifo, 0600) or die "mkfifo: $!\n";
		replace($program, "#!/bin/sh\necho \$\$ > $fifo\nexec sleep 600\n");
		my $client = connect_to($listen);
		$client->expect($client)->send(10)->until_got(10);
		$relay->signal('USR2');
		open(my $reader, '<', $fifo) or die "$fifo: $!\n";
		chomp(my $child = readline($reader));
		kill_later($child);
		$relay->signal($_) for @{$signals};
		like($relay->wait_for_line(qr/ upgrade/), qr/-failed error="given up/,
			'it is given up');
		like($relay->wait_for_line(qr/ drain /),
			qr/ reason=SIG$signals->[-1] sessions=1\z/, "@{$signals}");
		ok(refused($listen), 'nobody listens');
		ok(!-e $path, 'the socket is gone');
		ok($client->send(10)->until_got(20), 'the session goes on')
		    if $signals->[-1] eq 'QUIT';
		if ($signals->[-1] eq 'QUIT') {
			$client->finish->until_end;
		} else {
			is($client->until_end, 'reset', 'the session is cut');
		}
		ends_well($relay, signal => '', fds => 0);
		ok(!kill(0, $child), 'nobody is left behind');
		kill_later($child, 0);
		ok(!-e $pidfile, 'the pid file is gone');
	}
};

done_testing();
