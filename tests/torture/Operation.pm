# SPDX-License-Identifier: ISC
#
# Scenarios of what an operator needs: files, limits, logs, the service manager,
# confinement.
package Operation;
use strict;
use warnings;
use Changes qw(are_in_service file_of route_of echo_place);
use Exporter 'import';
use MuxTest;
use MuxTest::Manager;
use MuxTest::Net ();
use Victim qw(await comes hang path until_ended whole echo_client dial serve_echo $relay $control
    $address $plan);

our @EXPORT_OK = qw(%OPERATION);

my (@places, @peers, $manager, $socket);

sub echo_server { return listen_on('127.0.0.1', on_accept => \&serve_echo); }
sub nothing { return; }

# Routes of a file, of one that it includes by its name, and of those that a
# pattern finds.
sub included_files
{
	mkdir(path('conf.d'));
	@places = map { '127.0.0.1:' . reserve() } 1 .. 3;
	$ENV{TORTURE_PLACE} = $places[0];
	Victim::write_file('more.yaml', "routes:\n" . route_of('two', '${TORTURE_PLACE}'));
	Victim::write_file("conf.d/$_.yaml", "defaults: {limits: {connections: 100}}\nroutes:\n"
		. route_of("r$_", $places[$_])) for 1 .. 2;
	push(@places, $address, 'unix:' . path('socket'));
	return file_of(route_of('one', $address, 'allow: [127.0.0.0/8]'),
		route_of('local', 'unix:' . path('socket')))
		. 'include: [more.yaml, "conf.d/*.yaml"]' . "\n";
}

sub is_whole_file
{
	$control->end_faults;
	are_in_service(\@places);
	return;
}

# Two that stay, of two at a time; a third is reset.
sub hold_two
{
	@peers = map { dial()->send(1000) } 1 .. 2;
	$_->expect($_) for @peers;
	comes { !grep { $_->{got} < 1000 && !Victim::ended_peers($_) } @peers } 'sessions'
	    or hang('sessions do not begin');
	my @more = map { dial() } 1 .. 3;
	my $too_many = grep { $_->end eq 'open' } @peers;
	until_ended(@more) if $too_many == 2;
	$_->finish for @peers, @more;
	until_ended(@peers, @more);
	whole($_, $_) for @peers;
	die "more than two at a time\n" if $too_many == 2
	    && grep { $_->end eq 'fin' } @more;
	return;
}

# The log is moved away and opened anew, by the signal for that.
sub reopen_log
{
	return if $relay->ended;
	rename(path('log'), path('log.1'));
	$relay->signal('USR1');
	comes { $relay->ended || -e path('log') } 'a new log';
	$control->end_faults;
	# where there is no way to, there is no rule that allows it afterwards
	if (!-e path('log') && !$relay->ended && $plan !~ /\Aopen:\d+:(?:ENOENT|EACCES):/) {
		$relay->signal('USR1');
		await { -e path('log') } 'a new log' or hang('the log is not opened anew');
	}
	return;
}

# A listening socket and a place to notify, as a service manager has them.
sub managed
{
	socket($socket, MuxTest::Net::AF_INET(), MuxTest::Net::SOCK_STREAM(), 0)
	    or die "socket: $!\n";
	bind($socket, Socket::pack_sockaddr_in(0, Socket::inet_aton('127.0.0.1')))
	    && listen($socket, 100) or die "bind: $!\n";
	my ($port) = Socket::unpack_sockaddr_in(getsockname($socket));
	$manager = MuxTest::Manager->new(path('notify'));
	return "127.0.0.1:$port";
}

sub pass_socket
{
	my ($perl, @words) = MuxTest::Manager::passing('web', $socket);
	my ($at) = grep { $words[$_] eq '-e' } 0 .. $#words;
	Victim::write_file('pass', $words[ $at + 1 ]);
	splice(@words, $at, 2, path('pass'));
	return join(' ', $perl, @words);
}

sub is_ready
{
	return if $relay->ended;
	comes { $relay->ended || $manager->count('^READY=1') } 'READY=1';
	return;
}

# Two that go on when it is told to stop, and end well.
sub begin_two
{
	@peers = map { dial()->send(2000) } 1 .. 2;
	$_->expect($_) for @peers;
	await { !grep { $_->{got} < 2000 } @peers } 'sessions';
	return;
}

sub drain
{
	$relay->signal('TERM');
	comes { grep { / drain / } @{ $relay->{lines} } } 'the drain';
	$_->send(2000)->finish for @peers;
	until_ended(@peers);
	whole($_, $_) for @peers;
	comes { $relay->ended } 'its end' or hang('it does not end');
	return;
}

my $confining = qr/\A(?:prctl|cap[gs]et|landlock\w+|seccomp\w*|realpath|pipe|read_\w+|open
	|\w*alloc)\z/x;

our %OPERATION = (
	config => {
		upstreams => \&echo_place,
		file => \&included_files,
		body => \&is_whole_file,
		from_start => 1,
		kinds => qr/\A(?:open|fstat|read_file|glob|dupfd|\w*alloc|close|open_memstream)\z/,
		unless => $Changes::CHANGES{reload}{unless},
	},
	'config-stdin' => {
		upstreams => \&echo_place,
		file => sub { file_of(route_of('one', $address)) },
		stdin => 1,
		body => \&nothing,
		from_start => 1,
		kinds => qr/\A(?:fstat|read_file|dupfd)\z/,
		unless => $Changes::CHANGES{reload}{unless},
	},
	sources => {
		options => sub { ('--per-source', 2) },
		upstreams => \&echo_server,
		body => \&hold_two,
		kinds => qr/\A(?:accept4|socket|connect|setsockopt|shutdown|epoll_ctl|\w*alloc)\z/,
	},
	json => {
		options => sub { ('--log', path('log'), '--log-format', 'json') },
		upstreams => \&echo_server,
		body => \&reopen_log,
		log => 1,
		from_start => 1,
		to_end => 1,
		kinds => qr/\A(?:open|fcntl|\w*alloc|close|write)\z/,
		unless => sub { ((run(Victim::program_of({}), '-vV'))[1] // '') =~ /jansson/ ? ''
			: 'built without jansson' },
	},
	activation => {
		operand => 'systemd:web',
		listen => \&managed,
		wrapper => \&pass_socket,
		env => sub { $manager->env },
		upstreams => \&echo_server,
		body => \&is_ready,
		from_start => 1,
		to_end => 1,
		kinds => qr/\A(?:send_notify|socket|connect|fcntl|getsock\w+|\w*alloc|close)\z/,
	},
	confined => {
		workers => 2,
		options => sub { ('--pidfile', path('pid')) },
		more_listen => sub { 'unix:' . path('socket') },
		upstreams => \&echo_server,
		body => \&nothing,
		from_start => 1,
		kinds => $confining,
	},
	drain => {
		upstreams => \&echo_server,
		before => \&begin_two,
		body => \&drain,
		to_end => 1,
	},
);

1;
