# SPDX-License-Identifier: ISC
#
# What is going on when a call fails. A scenario has upstreams() before the
# start and body() after it; further: options, listen and more_listen, operand
# (how the command line says it), file (the text of a file instead of these), stdin
# (the file comes there), before (what is done before calls are counted), who (the
# process that is counted), except (a call and error that make no sense), wrapper,
# env, class, backend; workers, if more than one; kinds, the only ones that fail;
# from_start, those of the start fail too; to_end, those of the end too; log, it is
# in path('log'); daemon, it is one; retry, serving again may need more than one
# try; late, so many blocks of memory may be given back too late to be seen.
package Scenarios;
use strict;
use warnings;
use Exporter 'import';
use Changes qw(%CHANGES);
use MuxTest;
use Operation qw(%OPERATION);
use Victim qw(await comes hang path until_ended whole dial echo_client size serve_echo $relay
    $control $address);

our @EXPORT_OK = qw(%SCENARIOS);

my ($client, $server, @upstreams, @fillers, $port);

# From now on the servers echo, whatever they did for the scenario.
sub others_echo { $client = undef; return; }

sub echo_server
{
	my ($place) = @_;
	return $server = listen_on($place // '127.0.0.1', on_accept => \&serve_echo);
}

sub nothing { return; }

sub echo_of
{
	my (@sizes) = @_;
	return sub {
		my @clients = map { echo_client(size($_)) } @sizes;
		until_ended(@clients);
		whole($_, $_) for @clients;
	};
}

# A server for a scenario that has a client: the other end of that does what the
# code says, and everyone else hears an echo.
sub serve_client
{
	my ($code) = @_;
	$server = listen_on('127.0.0.1', on_accept => sub {
		my ($peer) = @_;
		return serve_echo($peer) if !$client;
		push(@upstreams, $peer);
		$peer->expect($client);
		$client->expect($peer);
		$code->($peer);
	});
	return $server;
}

sub exchange_by
{
	my ($first) = @_;
	my $bytes = sub { size(50_000) };
	return {
		upstreams => sub {
			return serve_client(sub {
				my ($peer) = @_;
				$peer->send($bytes->())->finish if $first eq 'upstream';
				$peer->{on_end} = sub { $peer->send($bytes->())->finish }
				    if $first eq 'client';
			});
		},
		body => sub {
			$client = dial();
			$client->key;
			$client->send($bytes->())->finish if $first eq 'client';
			$client->{on_end} = sub { $client->send($bytes->())->finish }
			    if $first eq 'upstream';
			until_ended($client);
			until_ended(@upstreams);
			whole($client, $upstreams[-1]) if @upstreams;
			whole($_, $client) for @upstreams;
		},
	};
}

sub reset_by
{
	my ($first) = @_;
	return {
		upstreams => sub { serve_client(sub { $_[0]->send(5000); }) },
		body => sub {
			$client = dial();
			$client->send(5000);
			comes {
				Victim::ended_peers($client) || @upstreams && $client->{got} == 5000
				    && $upstreams[-1]{got} == 5000
			} 'bytes' or hang('no bytes');
			my ($one, @others) = $first eq 'client' ? ($client, @upstreams)
				: ($upstreams[-1], $client);
			$one->reset if $one;
			until_ended(@others);
			for my $other (@others) {
				die "$other->{name}: a clean end instead of a reset\n"
				    if $other->end eq 'fin';
			}
		},
	};
}

# Nobody can be reached: a reset it must be.
sub refused
{
	my $refused = dial();
	$refused->send(100);
	until_ended($refused);
	die "a clean end instead of a reset\n" if $refused->end eq 'fin';
	return;
}

# Stops while three clients send what nobody takes.
sub stop_under_load
{
	my @clients = map { dial()->send(3_000_000) } 1 .. 3;
	comes { @upstreams == 3 || grep { Victim::ended_peers($_) } @clients } 'sessions'
	    or hang('sessions do not begin');
	comes { !grep { $_->{sent} < 100_000 && !Victim::ended_peers($_) } @clients } 'load';
	$relay->signal('TERM');
	await { $relay->ended } 'its end' or hang('it does not stop');
	$_->resume for @upstreams;
	until_ended(@clients, @upstreams);
	for my $peer (@clients, @upstreams) {
		die "$peer->{name}: a clean end of a stream that was cut\n" if $peer->end eq 'fin';
	}
	return;
}

# The log is moved away and opened anew.
sub reopen_log
{
	return if $relay->ended;
	$relay->signal('HUP');
	comes {
		$relay->ended || (contents(path('log')) // '') =~ / signal name=SIGHUP/
	} 'its word';
	return;
}

# UNIX sockets have no reset: that a session was cut, the log alone tells.
sub echo_by_unix
{
	my @clients = map { echo_client(size($_)) } 10, 60_000;
	until_ended(@clients);
	return;
}

# A user that is not root, with its group, or undef.
sub other_user
{
	my (undef, undef, undef, $gid) = getpwnam('nobody') or return undef;
	my $group = getgrgid($gid) // return undef;
	return "nobody:$group";
}

# What waits in another way, in a program of its own.
sub backend_scenario
{
	my ($backend) = @_;
	my $scenario = {
		backend => $backend,
		upstreams => \&echo_server,
		body => echo_of(10, 60_000),
		from_start => 1,
		kinds => qr{\A(?:$backend|nanosleep|realloc|calloc|malloc|fcntl)\z},
	};
	$scenario->{unless} = sub {
		return -x Victim::program_of($scenario) ? '' : 'is not built';
	};
	return ($backend => $scenario);
}

our %SCENARIOS = (
	start => {
		options => sub { ('--pidfile', path('pid')) },
		more_listen => sub { ('unix:' . path('socket'), 'localhost:' . reserve()) },
		upstreams => \&echo_server,
		body => \&nothing,
		from_start => 1,
		to_end => 1,
	},
	'log-file' => {
		options => sub { ('--log', path('log')) },
		upstreams => \&echo_server,
		body => \&reopen_log,
		log => 1,
		from_start => 1,
		to_end => 1,
		kinds => qr/\A(?:open|write|write_pipe|fcntl|close|read\w*|malloc)\z/,
	},
	daemon => {
		options => sub { ('-D', '--log', path('log')) },
		upstreams => \&echo_server,
		body => \&nothing,
		log => 1,
		daemon => 1,
		from_start => 1,
		kinds => qr/\A(?:fork|pipe|dup2|chdir|open|read_blocking|write_pipe|close|fcntl
			|socket|epoll_create1)\z/x,
	},
	user => {
		options => sub { ('--user', other_user(), '--log', path('log'),
			'--pidfile', path('pid')) },
		upstreams => \&echo_server,
		body => \&nothing,
		log => 1,
		from_start => 1,
		to_end => 1,
		kinds => qr/\A(?:getpwnam|getgrnam|initgroups|get\w*groups|get\w*grouplist
			|getres[ug]id|setgid|setuid|fchown|fstat|stat|flock|unlink|ftruncate)\z/x,
		unless => sub { $> != 0 ? 'needs root' : other_user() ? '' : 'there is no nobody' },
	},
	echo => {
		upstreams => \&echo_server,
		body => echo_of(10, 100_000),
	},
	bulk => {
		upstreams => \&echo_server,
		body => echo_of(6_000_000),
		kinds => qr/\A(?:pipe2|splice_\w+|malloc)\z/,
	},
	unix => {
		listen => sub { 'unix:' . path('listen') },
		upstreams => sub { echo_server('unix:' . path('echo')) },
		kinds => qr/\A(?!epoll_wait)/,
		body => \&echo_by_unix,
	},
	builtin => {
		upstreams => sub { 'builtin:echo' },
		body => echo_of(10, 30_000),
	},
	# without names: when their helpers end is left to chance; and a loop that
	# fails ends the program at any moment of its start: tests/src/test-process.c
	'start-workers' => {
		workers => 2,
		options => sub { ('--log', path('log')) },
		upstreams => \&echo_server,
		body => \&nothing,
		log => 1,
		from_start => 1,
		to_end => 1,
		kinds => qr/\A(?:pthread\w+|pipe|fcntl|epoll_c\w+|\w*alloc|nanosleep)\z/,
	},
	workers => {
		workers => 2,
		upstreams => \&echo_server,
		body => echo_of((2000) x 6),
		kinds => qr/\A(?:accept4|socket|connect|epoll_ctl|fcntl|\w*alloc)\z/,
	},
	'half-close-client' => exchange_by('client'),
	'half-close-upstream' => exchange_by('upstream'),
	'reset-client' => reset_by('client'),
	'reset-upstream' => reset_by('upstream'),
	refused => {
		upstreams => sub { '127.0.0.1:' . ($port = reserve()) },
		body => sub {
			refused();
			echo_server("127.0.0.1:$port");
		},
	},
	slow => {
		upstreams => sub {
			@fillers = fill_backlog('127.0.0.1');
			return ($fillers[0]->address, echo_server()->address);
		},
		body => echo_of(5000),
	},
	limit => {
		options => sub { ('--max-connections', 2) },
		upstreams => \&echo_server,
		body => echo_of((2000) x 4),
	},
	stop => {
		upstreams => sub {
			$server = listen_on('127.0.0.1', on_accept => sub {
				push(@upstreams, $_[0]->pause);
			});
		},
		body => \&stop_under_load,
		to_end => 1,
	},
	names => {
		upstreams => sub { echo_server()->address =~ /(:\d+)$/; "late.test$1" },
		body => sub {
			refused();
			$control->know_names;
		},
		retry => 1,
		late => 3,	# helpers are detached
		from_start => 1,
		kinds => qr/\A(?:getaddrinfo|pthread\w+|pipe|fcntl|\w*alloc|write_pipe|read\w*)\z/,
	},
	(map { backend_scenario($_) } qw(poll select)),
	%CHANGES,
	%OPERATION,
);

$SCENARIOS{$_}{name} = $_ for keys(%SCENARIOS);

1;
