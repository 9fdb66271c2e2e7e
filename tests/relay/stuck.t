#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# A worker that is stuck, or has no memory, does not take new connections with
# it; and the program ends in time, with a reset for what it leaves behind.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use Errno qw(ENOMEM);
use Fcntl qw(O_WRONLY O_NONBLOCK);
use POSIX qw(mkfifo);
use MuxTest;

my $shim = shim('fake-faults');

# Has the worker of a session hang, in the relay's own call; returns what to
# close for it to go on.
sub hang
{
	my ($faults, $client, $number) = @_;
	my $writer;
	$client->send_bytes("hang$number");
	wait_polling { sysopen($writer, "$faults/hang$number", O_WRONLY | O_NONBLOCK) }
	'a worker that hangs';
	return $writer;
}

sub each_hanging
{
	my ($name, $code, $limit) = @_;
	each_backend $name => sub {
		plan(skip_all => 'fake-faults is not built') if !defined($shim);
		plan(skip_all => 'a sanitizer has calls for itself') if sanitized();
		my $faults = new_directory();
		mkfifo("$faults/hang$_", 0600) || die "mkfifo: $!\n" for 1 .. 2;
		my @upstreams;
		my $server = listen_on('127.0.0.1', on_accept => sub {
			push(@upstreams, $_[0]);
			$_[0]{discard} = 1;
			$_[0]{on_end} = sub { $_[0]{error} ? $_[0]->close : $_[0]->finish };
		});
		my $relay = start_relay(upstream => $server, options => [ '-v', '-w', 2,
			'--shutdown-timeout', $limit // '100ms' ],
			env => { LD_PRELOAD => $shim, FAKE_FAULTS => $faults });
		$code->($relay, $faults, \@upstreams);
	};
	return;
}

each_hanging 'a stuck worker' => sub {
	my ($relay, $faults) = @_;
	my $stuck = connect_to($relay->address);
	my $writer = hang($faults, $stuck, 1);
	my @clients = map { connect_to($relay->address)->send(100)->finish } 1 .. 20;
	is(scalar(grep { $_->until_end eq 'fin' } @clients), 20, 'the other serves all');
	is(join(' ', MuxTest::Relay::shares(2, $relay->wait_opened(21), 2 .. 21)), '0 20',
		'all by itself');
	ok($relay->rests, 'and it rests');

	close($writer);
	$stuck->finish;
	is($stuck->until_end, 'fin', 'it goes on');
	$relay->wait_sessions(21);
	wait_polling {
		connect_to($relay->address)->finish->until_end;
		!grep { $_ == 0 } MuxTest::Relay::shares(2, $relay->workers_of,
			2 .. $relay->{sessions}[-1]{id});
	} 'it to get its share again';
	pass('and gets its share again');
	MuxTest::Peer::close_all();
	ends_well($relay);
};

each_hanging 'all workers are stuck' => sub {
	my ($relay, $faults) = @_;
	my @stuck = map { connect_to($relay->address) } 1 .. 2;
	my @writers = map { hang($faults, $stuck[ $_ - 1 ], $_) } 1 .. 2;
	my @clients;
	wait_polling {
		# with select there is room for a few hundred, and then another pause
		push(@clients, connect_to($relay->address)->send(100)->finish) if @clients < 100;
		grep { / accept-paused error="no worker answers"/ } @{ $relay->{lines} };
	} 'a pause';
	close($_) for @writers;
	is((grep { $_->until_end ne 'fin' } @clients), 0, 'who waited is served');
	$_->finish for @stuck;
	is($_->until_end, 'fin', 'and so are they') for @stuck;
	$relay->wait_sessions(2 + @clients);
	MuxTest::Peer::close_all();
	ends_well($relay);
};

each_hanging 'a worker is stuck at a drain' => sub {
	my ($relay, $faults) = @_;
	my $stuck = connect_to($relay->address);
	my $writer = hang($faults, $stuck, 1);

	# some of these are given to it, since it is not late yet
	$relay->signal('STOP');
	my @clients = map { connect_to($relay->address)->send(100)->finish } 1 .. 6;
	$_->until_connected for @clients;
	$relay->signal($_) for 'TERM', 'CONT';
	is(join(' ', map { $_->until_end } @clients), join(' ', ('fin') x 6),
		'the other serves all');
	close($writer);
	$stuck->finish;
	is($stuck->until_end, 'fin', 'it goes on');
	ends_well($relay, signal => '', fds => 0);
	is($relay->reasons, 'client-fin=7', 'reasons');
}, '8s';

each_hanging 'no memory for those that were accepted' => sub {
	my ($relay, $faults) = @_;
	open(my $file, '>', "$faults/calloc") or die "$faults: $!\n";
	print({$file} ENOMEM + 0);
	close($file);
	my @clients = map { connect_to($relay->address) } 1 .. 4;
	$relay->wait_for_line(qr/ accept-paused error=/);
	$relay->signal('TERM');
	my %ends;
	$ends{ $_->until_end }++ for @clients;
	is_deeply(\%ends, { reset => 4 }, 'they are reset at a stop');
	ends_well($relay, signal => '', fds => 0);
	is($relay->{stop}{sessions}, scalar(@{ $relay->{sessions} }), 'are counted');
	like($relay->reasons, qr/\Ashutdown=[1-4]\z/, 'and told');
};

each_hanging 'a worker is stuck for good' => sub {
	my ($relay, $faults, $upstreams) = @_;
	my $stuck = connect_to($relay->address);
	my $writer = hang($faults, $stuck, 1);
	wait_until { @{$upstreams} == 1 } 'its upstream';
	my @clients = map { connect_to($relay->address)->send(100) } 1 .. 4;
	$relay->wait_opened(5);
	$relay->signal('TERM');
	is($_->until_end, 'reset', 'those of the other are reset') for @clients;
	is($relay->wait, 1, 'it ends, as a failure');
	ok((grep { / error stuck workers=1 sessions=1 / } @{ $relay->{lines} }), 'and says why');
	is($relay->{stop}{sessions}, 4, 'with the totals of the other');
	is($relay->reasons, 'shutdown=4', 'reasons');
	is($stuck->until_end, 'reset', 'the client of the stuck one is reset');
	is($upstreams->[0]->until_end, 'reset', 'and so is its upstream');
	close($writer);
};

each_hanging 'all workers are stuck for good' => sub {
	my ($relay, $faults, $upstreams) = @_;
	my @stuck = map { connect_to($relay->address) } 1 .. 2;
	my @writers = map { hang($faults, $stuck[ $_ - 1 ], $_) } 1 .. 2;
	wait_until { @{$upstreams} == 2 } 'their upstreams';

	# what comes now is given to them, since none is late yet
	$relay->signal('STOP');
	my @waiting = map { connect_to($relay->address)->until_connected } 1 .. 4;
	$relay->signal('CONT');
	my $ended = wait_polling { $relay->signal('TERM'); $relay->ended } 'its end', 10;
	ok($ended, 'more signals do not keep it');
	$relay->signal('KILL') if !$ended;
	is($relay->wait, 1, 'it ends, as a failure');
	ok((grep { / error stuck workers=2 sessions=6 / } @{ $relay->{lines} }), 'and says why');
	is(join(' ', map { $_->until_end } @stuck, @{$upstreams}), join(' ', ('reset') x 4),
		'clients and upstreams are reset');
	is(join(' ', map { $_->until_end } @waiting), join(' ', ('reset') x 4),
		'those in the mailboxes too');
	close($_) for @writers;
};

done_testing();
