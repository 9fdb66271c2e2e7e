# SPDX-License-Identifier: ISC
#
# Tests of the whole program. A test file says
#
#     use MuxTest;
#     each_backend 'what is tested' => sub { ... };
#     done_testing();
#
# and the block runs once for each backend, with an alarm, and with all its
# peers, servers and processes taken away afterwards.
#
# Environment: MUX_BUILDDIR, MUX_BACKEND (the configured one), MUX_BACKENDS
# (all), MUX_TEST_QUICK=1 (less of everything), MUX_TEST_SEED, MUX_TEST_TIMEOUT,
# MUX_TEST_WRAPPER (a command that runs the relay, such as valgrind).
package MuxTest;
use strict;
use warnings;
use Exporter 'import';
use File::Temp ();
use FindBin ();
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
use MuxTest::Loop qw(wait_until wait_polling);
use MuxTest::Net qw(reserve listen_on connect_to has_ipv6 fill_backlog);
use MuxTest::Peer;
use MuxTest::Process qw(run which kill_later);
use MuxTest::Relay;
use MuxTest::Stream;

our @EXPORT = (@Test::More::EXPORT, qw(each_backend one_test start_relay pair program builddir
    new_path reserve listen_on connect_to has_ipv6 fill_backlog wait_until wait_polling run which
    kill_later quick ends_well sanitized now need new_directory random_file contents same_files
    start_server caller_of echoes shim));

$SIG{PIPE} = 'IGNORE';
$SIG{$_} = sub { exit(1); } for qw(TERM INT HUP);

my $builddir = $ENV{MUX_BUILDDIR};
my ($backend, $temporary, $paths) = ('', undef, 0);

sub now { return clock_gettime(CLOCK_MONOTONIC); }
sub quick { return $ENV{MUX_TEST_QUICK}; }

# Where it was built: told by make, else looked for.
sub builddir
{
	return $builddir if defined($builddir);
	my $top = "$FindBin::RealBin/../..";
	($builddir) = grep { -x "$_/src/muxproxy" } glob("$top $top/build $top/build-*");
	return $builddir //= $top;
}

# The library to preload that stands in for calls of the system; undef when it
# is not built here.
sub shim
{
	my ($name) = @_;
	return (grep { -e } map { builddir() . "/tests/relay/.libs/$name.$_" } qw(so dylib))[0];
}

# The program of the current backend, or the configured one.
sub program
{
	my $own = builddir() . "/tests/relay/muxproxy-$backend";
	return $own if $backend ne '' && -x $own;
	return builddir() . '/src/muxproxy';
}

sub backends
{
	return split(' ', $ENV{MUX_BACKENDS}) if defined($ENV{MUX_BACKENDS});
	my @found = map { /muxproxy-(\w+)\z/ ? $1 : () } glob(builddir()
		. '/tests/relay/muxproxy-*');
	return @found ? sort(@found) : ($ENV{MUX_BACKEND} // '');
}

# A path in a directory that goes away with the test.
sub new_path
{
	my ($name) = @_;
	$temporary //= File::Temp->newdir('muxXXXXXX', DIR => -w '/tmp' ? '/tmp' : undef);
	return "$temporary/" . ++$paths . "-$name";
}

sub each_backend
{
	my ($name, $code) = @_;
	for my $each (backends()) {
		$backend = $each;
		my $own = builddir() . "/tests/relay/muxproxy-$each";
		if (-x $own || $each eq ($ENV{MUX_BACKEND} // '')) {
			one_test("$name ($each)", $code);
		} else {
			SKIP: { skip("muxproxy-$each is not built", 1); }
		}
	}
	$backend = '';
	return;
}

# One subtest that cannot hang and leaves nothing behind.
sub one_test
{
	my ($name, $code) = @_;
	subtest $name => sub {
		local $SIG{ALRM} = sub {
			die "timed out waiting for $MuxTest::Loop::WAITING_FOR\n";
		};
		alarm($ENV{MUX_TEST_TIMEOUT} // 120);
		my $ended = eval { $code->($backend); 1 };
		my $error = $@;
		alarm(0);
		if (!$ended) {
			fail('ran to its end');
			diag($error, map { $_->tail } MuxTest::Process::all());
		}
		diag("MUX_TEST_SEED=$MuxTest::Stream::SEED") if !Test::More->builder->is_passing;
		MuxTest::Peer::close_all();
		MuxTest::Process::kill_all();
		MuxTest::Server::close_all();
	};
	return;
}

# Starts a relay and waits until it listens. Options: listen (a host, or a
# whole LISTEN; default 127.0.0.1 and a reserved port), upstream (an address,
# server, or a list of them), options (list), and those of MuxTest::Relay.
sub start_relay
{
	my (%options) = @_;
	my $listen = $options{listen} // '127.0.0.1';
	$listen .= ':' . reserve($listen) if $listen =~ /^(?:[\d.]+\.[\d.]+|\[[^,]*\])$/;
	my @upstreams = ref($options{upstream}) eq 'ARRAY' ? @{ $options{upstream} }
		: $options{upstream};
	my @arguments = (@{ $options{options} // [] }, $listen,
		map { ref($_) ? $_->address : $_ } @upstreams);
	return MuxTest::Relay->new(program => program(), %options, listen => $listen,
		arguments => \@arguments);
}

# A client of the relay and the upstream connection that belongs to it, each
# expecting the stream of the other.
sub pair
{
	my ($relay, $server, %options) = @_;
	my $client = connect_to($relay->address, %options);
	my $upstream = $server->next;
	$client->until_connected;
	$client->expect($upstream);
	$upstream->expect($client);
	return ($client, $upstream);
}

# A client alone, whose upstream sends everything back, and a round of it.
sub caller_of
{
	my ($relay) = @_;
	my $client = connect_to($relay->address);
	return $client->expect($client);
}

sub echoes
{
	my ($client, $count) = @_;
	my $wanted = $client->{got} + $count;
	return $client->send($count)->until_got($wanted);
}

# Stops the relay and says whether everything was as it must be.
sub ends_well
{
	my ($relay, %options) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is($relay->stop(%options), '', $options{name} // 'the relay ended well');
}

# For tests with real programs: their paths, or the whole file is skipped.
sub need
{
	my (@programs) = @_;
	my @missing = grep { !defined(which($_)) } @programs;
	plan(skip_all => "not installed: @missing") if @missing;
	return map { which($_) } @programs;
}

sub new_directory
{
	my $path = new_path('directory');
	mkdir($path, 0755) or die "$path: $!\n";
	return $path;
}

# A file of that many bytes, which no compression and no luck reproduces.
sub random_file
{
	my ($size) = @_;
	my $path = new_path('random');
	open(my $file, '>:raw', $path) or die "$path: $!\n";
	my $key = MuxTest::Stream::stream_key();
	for (my $at = 0; $at < $size; $at += 1 << 20) {
		my $length = $size - $at < 1 << 20 ? $size - $at : 1 << 20;
		print({$file} MuxTest::Stream::stream_slice($key, $at, $length));
	}
	close($file) or die "$path: $!\n";
	return $path;
}

sub contents
{
	my ($path) = @_;
	open(my $file, '<:raw', $path) or return undef;
	local $/;
	return <$file> // '';
}

sub same_files
{
	my ($one, $other) = map { contents($_) } @_;
	return defined($one) && defined($other) && $one eq $other;
}

# Starts a server in the foreground and waits until it accepts at that port.
sub start_server
{
	my ($port, @command) = @_;
	my $server = MuxTest::Process->new(command => \@command, stdout => 'pipe');
	wait_polling {
		die "$command[0] ended\n" . $server->tail if $server->ended;
		my $probe = connect_to("127.0.0.1:$port")->until_connected;
		my $up = $probe->{connected};
		$probe->close;
		$up;
	} "$command[0] to listen" or die "$command[0] does not listen\n" . $server->tail;
	return $server;
}

# Whether the program was built with a sanitizer (which needs memory).
sub sanitized
{
	my ($status, $facts) = run(program(), '-vV');
	open(my $file, '<:raw', program()) or return 0;
	local $/;
	return $facts =~ /sanitiz/i && <$file> =~ /__[at]san_init/;
}

1;
