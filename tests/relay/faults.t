#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# What the system refuses is waited out, or ends the session that it concerns
# for its reason (C8, C11); when it works again, so does the relay.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use Errno qw(ECONNABORTED EMFILE ENFILE ENOBUFS ENOMEM ENOSYS EPERM EPROTO ETIMEDOUT);
use MuxTest;

my $shim = shim('fake-faults');

# Calls the code with a relay whose calls can be made to fail, and its server,
# which sends everything back.
sub each_faulty
{
	my ($name, $code) = @_;
	SKIP: {
		skip('fake-faults is not built', 1) if !defined($shim);
		each_backend $name => sub {
			plan(skip_all => 'a sanitizer has realloc for itself') if sanitized();
			my $faults = new_directory();
			my $server = listen_on('127.0.0.1', on_accept => sub {
				$_[0]{echo} = 1;
				$_[0]{on_end} = sub { $_[0]{error} ? $_[0]->close : $_[0]->finish };
			});
			my $relay = start_relay(upstream => $server,
				env => { LD_PRELOAD => $shim, FAKE_FAULTS => $faults });
			$code->($relay, $faults, $server);
			ends_well($relay);
		};
	}
	return;
}

sub begin_fault
{
	my ($faults, $call, $error) = @_;
	open(my $file, '>', "$faults/$call.new") or die "$faults: $!\n";
	print({$file} $error + 0);
	close($file);
	return rename("$faults/$call.new", "$faults/$call");
}

sub end_fault { my ($faults, $call) = @_; return unlink("$faults/$call"); }

each_faulty 'accepting fails' => sub {
	my ($relay, $faults, $server) = @_;
	my $served = caller_of($relay);
	ok(echoes($served, 100), 'one is served');
	my $ended = 0;
	for my $error (ECONNABORTED, EPROTO, EMFILE, ENFILE, ENOBUFS, ENOMEM) {
		begin_fault($faults, 'accept4', $error);
		my @clients = map { caller_of($relay)->until_connected } 1 .. 5;
		$relay->wait_for_line(qr/ accept-paused error=/) if $error == ECONNABORTED;
		ok($relay->rests, "accepting fails with $error, and it rests");
		ok(echoes($served, 50_000), 'what is served is not hurt');
		is($server->{accepted}, 1 + $ended, 'nobody was let in');

		my $at = now();
		end_fault($faults, 'accept4');
		is(scalar(grep { echoes($_, 100) } @clients), 5, 'all are served in the end');
		cmp_ok(now() - $at, '<', 1, 'within a second');
		$_->finish->until_end for @clients;
		$relay->wait_sessions($ended += 5);
		$_->close for @clients;
	}
	$served->finish->until_end;
	is($relay->wait_sessions(31)->{reason}, 'client-fin', 'so is the first');
	is($relay->reasons, 'client-fin=31', 'reasons');
	my ($paused, $resumed) = map { my $event = $_;
		scalar(grep { / accept-$event / } @{ $relay->{lines} }) } qw(paused resumed);
	cmp_ok($paused, '<=', 1 + $resumed, 'and it is told once, unless it was over meanwhile');
	$served->close;
};

each_faulty 'reading fails' => sub {
	my ($relay, $faults) = @_;
	my $client = caller_of($relay);
	ok(echoes($client, 100), 'it is served');
	begin_fault($faults, 'recv', ETIMEDOUT);
	$client->send(1);
	is($client->until_end, 'reset', 'the client is reset');
	my $session = $relay->wait_sessions(1);
	is("@$session{qw(reason up down)}", 'client-error 100 100', 'reason');
	end_fault($faults, 'recv');
	$client->close;
};

# A filter of system calls may, and there are kernels without it.
each_faulty 'splicing is refused' => sub {
	my ($relay, $faults) = @_;
	my $size = 32 << 20;
	my $early = caller_of($relay);
	ok(echoes($early, $size), 'what may have been spliced');
	for my $error (ENOSYS, EPERM) {
		begin_fault($faults, 'splice', $error);
		my $client = caller_of($relay);
		ok(echoes($client, $size), "with $error all arrives");
		is($client->finish->until_end, 'fin', 'and so does the end');
		$client->close;
	}
	ok(echoes($early, $size), 'also of the one before');
	$early->finish->until_end;
	$early->close;
	$relay->wait_sessions(3);
	is($relay->reasons, 'client-fin=3', 'reasons');
};

each_faulty 'a descriptor cannot be watched' => sub {
	my ($relay, $faults) = @_;
	my @served = map { caller_of($relay) } 1 .. 20;
	is(scalar(grep { echoes($_, 100) } @served), 20, 'twenty are served');
	begin_fault($faults, 'realloc', ENOMEM);
	my @more = map { caller_of($relay)->send(100) } 1 .. 20;
	$relay->wait_for_line(qr/ accept-paused error=/);
	ok(!$relay->spins, 'others wait, and it does not spin');
	is(scalar(grep { echoes($_, 1000) } @served), 20, 'what is served is not hurt');

	end_fault($faults, 'realloc');
	my $client = caller_of($relay);
	my $at = now();
	ok(echoes($client, 100), 'a new one is served');
	cmp_ok(now() - $at, '<', 1, 'within a second');
	$_->until_got(100) for @more;
	$_->finish->until_end for $client, @served, @more;
	$relay->wait_sessions(41);
	is($relay->reasons, 'client-fin=41', 'all ended well');
	$_->close for $client, @served, @more;
};

# It ends with a session of the worker, and not by the clock.
each_faulty 'a worker lacks something' => sub {
	my (undef, $faults, $server) = @_;
	my $relay = start_relay(upstream => $server, options => [ '-w', 2 ],
		env => { LD_PRELOAD => $shim, FAKE_FAULTS => $faults });
	my @served = map { caller_of($relay) } 1 .. 10;
	is(scalar(grep { echoes($_, 100) } @served), 10, 'ten are served');
	for my $episode (1, 2) {
		begin_fault($faults, 'realloc', ENOMEM);
		my (@more, $told);
		until ($told) {
			push(@more, caller_of($relay)->until_connected);
			$told = wait_polling { $episode == grep { / accept-paused / }
				@{ $relay->{lines} } } 'a pause', 0.2;
		}
		end_fault($faults, 'realloc');
		$_->finish->until_end for splice(@served, 0, 5);
		ok(echoes($_, 100), 'all are served') for @more;
		push(@served, @more);
		last if $episode == 2;
		$relay->wait_for_line(qr/ accept-resumed pauses=\d+ duration=/);
		pass('the end of it is told');
	}
	$_->finish->until_end for @served;
	$_->close for @served;
	ends_well($relay);
	cmp_ok($relay->{stop}{pauses}, '>=', 2, 'and both are counted');
};

done_testing();
