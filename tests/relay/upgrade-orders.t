#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# USR2, and what is asked of the program while the other one starts; and whose
# child that is.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use POSIX qw(mkfifo);
use MuxTest;
use MuxTest::Manager;
use MuxTest::Plan;

my $has_program = -x builddir() . '/tests/relay/impatient-muxproxy';

# A relay of one route, whose program is then replaced by one that says who it is,
# waits until it is let go on, and is the same program.
sub start_slow
{
	my (@options) = @_;
	my ($program, $real, $fifo) = (copied(), copied(), new_path('fifo'));
	my $listen = new_listen();
	my $relay = start_planned(program => $program, listen => $listen,
		options => [ '--no-sandbox', @options ], routes => [
			route_of('a', $listen, 'builtin:echo') ]);
	mkfifo($_, 0600) || die "mkfifo: $!\n" for $fifo, "$fifo-on";
	replace($program, "#!/bin/sh\necho \$\$ >$fifo\nread line <$fifo-on\n"
	    . "exec $real \"\$@\"\n");
	return ($relay, $fifo);
}

sub parent_of
{
	my ($pid) = @_;
	return ((contents("/proc/$pid/status") // '') =~ /^PPid:\s*(\d+)$/m)[0];
}

one_test 'signals while the other one starts' => sub {
	plan(skip_all => 'built without libfyaml') if !has_files();
	plan(skip_all => 'impatient-muxproxy is not built') if !$has_program;
	my ($relay, $fifo) = start_slow();
	my $listen = $relay->{listen};
	$relay->signal('USR2');
	open(my $reader, '<', $fifo) or die "$fifo: $!\n";
	chomp(my $new = readline($reader));
	kill_later($new);

	# the one that serves does not know that the other has read the file
	$relay->signal($_) for qw(HUP USR1 USR2);
	$relay->wait_for_line(qr/ signal name=SIGUSR1 /);
	open(my $on, '>', "$fifo-on") or die "$fifo-on: $!\n";
	print({$on} "\n");
	close($on);
	my $has = sub {
		my ($count, $pattern) = @_;
		return grep({ /$pattern/ } @{ $relay->{lines} }) >= $count;
	};
	ok((wait_until { $has->(1, qr/ info upgrade pid=$new\z/) } 'it'), 'it takes over');
	ok((wait_until { $has->(2, qr/ signal name=SIGHUP action=reload\z/) } 'HUP') &&
		(wait_until { $has->(1, qr/ info reload routes=1 /) } 'a reload'),
		'it is told to read the file again');
	ok((wait_until { $has->(2, qr/ signal name=SIGUSR1 /) } 'USR1'), 'and to open its log');
	is(calls($listen), 'served', 'it serves');
	leaves($relay);
	ok(!$has->(2, qr/ info upgrade /), 'one upgrade');
	ends($relay, successor($relay, $new));
};

one_test 'signals to the other one while it starts' => sub {
	plan(skip_all => 'built without libfyaml') if !has_files();
	plan(skip_all => 'impatient-muxproxy is not built') if !$has_program;
	my ($relay, $fifo) = start_slow();
	$relay->signal('USR2');
	open(my $reader, '<', $fifo) or die "$fifo: $!\n";
	chomp(my $new = readline($reader));
	kill_later($new);
	kill('HUP', $new);
	open(my $on, '>', "$fifo-on") or die "$fifo-on: $!\n";
	print({$on} "\n");
	close($on);
	for my $line (qr/ info upgrade pid=$new\z/, qr/ signal name=SIGHUP action=reload\z/) {
		ok((wait_until { grep { /$line/ } @{ $relay->{lines} } } "$line"), "it lives");
	}
	is(calls($relay->{listen}), 'served', 'who serves');
	leaves($relay);
	ends($relay, successor($relay, $new));
};

# Who watches it has to learn at once when it ends.
each_backend 'whose child it is' => sub {
	plan(skip_all => 'needs /proc') if !-e "/proc/$$/status";
	my $relay = start_relay(listen => new_listen(), upstream => 'builtin:echo',
		options => [ '-w', 2 ]);
	my $client = connect_to($relay->{listen});
	$client->expect($client)->send(10)->until_got(10);
	my $new = upgrade($relay);
	isnt(parent_of($new->{pid}), $relay->{pid}, 'not of the one before');
	is(children_of($relay->{pid}), '', 'which has no child left');
	kill('KILL', $new->{pid});
	ok((wait_polling { (contents("/proc/$new->{pid}/status") // '') !~ /^State:\s*[^Z]/m }
		'its end'), 'it is ended');
	isnt(parent_of($new->{pid}) // 0, $relay->{pid}, 'and is no zombie of ours');
	ok($client->send(10)->until_got(20), 'the session of the old one goes on');
	$client->finish->until_end;
	leaves($relay);
	kill_later($new->{pid}, 0);
};

# One that is busy just then; what it does not know ends it all.
each_backend 'a manager that learns late who is the main process' => sub {
	my $manager = MuxTest::Manager->new(new_path('notify'));
	my $relay = start_relay(listen => new_listen(), upstream => 'builtin:echo',
		env => { $manager->env });
	$manager->wait_for(qr/^READY=1$/m);
	$manager->fill;
	my $new = upgrade($relay);
	$relay->wait_for_line(qr/ stop reason=SIGUSR2 /);
	$manager->resume;
	ok($manager->wait_for(qr/^MAINPID=$new->{pid}$/m), 'it is told all the same');
	leaves($relay);
	ends($relay, $new);
	$manager->close;
};

done_testing();
