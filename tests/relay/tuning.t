#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Socket options and source addresses of routes, as the system has them on real
# connections; what becomes of those that cannot be; and ranges of ports.
use strict;
use warnings;
use File::Basename qw(dirname);
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;
use MuxTest::Routes;

needs_files();
plan(skip_all => 'the names of these options are those of Linux') if $^O ne 'linux';
my ($shim) = grep { -e } map { builddir() . "/tests/relay/.libs/tell-options.$_" } qw(so);
plan(skip_all => 'nothing can be preloaded here') if !defined($shim);
my $host = '127.0.0.1';
my $inside = @ARGV && $ARGV[0] eq '--own-network';

# A relay that tells of its sockets. A sandbox would forbid to ask for peers.
sub start_telling
{
	my ($workers, $more, @routes) = @_;
	my $path = new_path('told');
	my $relay = start_routes($workers, { options => ['--no-sandbox'],
		env => { LD_PRELOAD => $shim, TELL_OPTIONS => $path }, %$more }, @routes);
	$relay->{told_path} = $path;
	return $relay;
}

# What it has told last, once this peer has said so and the other one heard it.
sub options_at
{
	my ($relay, $peer, $other) = @_;
	my $wanted = length($other->{data}) + 4;
	$peer->send_bytes('tell');
	wait_until { length($other->{data}) >= $wanted } 'the word to arrive';
	my ($here, $there, $rest) = ((split(/\n/, contents($relay->{told_path})))[-1])
	    =~ /\A(\S+) (\S+)\s+(.*)\z/;
	return { here => $here, there => $there, map { /(.*?)=(.*)/ } split(/ /, $rest) };
}

sub telling_pair
{
	my ($relay, $server, $place) = @_;
	my $client = connect_to($place // $relay->address, collect => 1)->until_connected;
	my $upstream = $server->next;
	$upstream->{collect} = 1;
	return ($client, $upstream);
}

sub has
{
	my ($options, $wanted, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is_deeply({ map { $_ => $options->{$_} } keys(%$wanted) }, $wanted, $name);
}

sub outside { return $inside || each_crew(@_); }

outside 'options of both sides' => sub {
	my ($workers) = @_;
	my $server = listen_on($host);
	my ($port, $b) = (reserve('0.0.0.0', '[::]'), place());
	my @routes = ([ 'a', $port, $server,
		'client-socket: {keepalive-idle: 61s, keepalive-interval: 7s, '
		. 'keepalive-count: 3, user-timeout: 40s, dscp: 10, congestion: reno, '
		. 'send-buffer: 50k, receive-buffer: 60k}; '
		. 'upstream-socket: {keepalive: false, keepalive-idle: 33s, dscp: ef, '
		. 'user-timeout: 1500ms, send-buffer: 70k, receive-buffer: 80k}' ],
		[ 'b', $b, $server ]);
	my $relay = start_telling($workers, {}, @routes);
	my ($client, $upstream) = telling_pair($relay, $server, "$host:$port");
	# buffers are doubled by Linux, see socket(7)
	my $of_client = { keepalive => 1, idle => 61, interval => 7, count => 3,
		'user-timeout' => 40000, tos => 40, congestion => 'reno', send => 102400,
		receive => 122880 };
	has(options_at($relay, $client, $upstream), $of_client, 'the client\'s');
	has(options_at($relay, $upstream, $client), { keepalive => 0, idle => 33, tos => 46 << 2,
		'user-timeout' => 1500, send => 143360, receive => 163840 }, 'the upstream\'s');

	# another route of the same process
	my ($other, $beyond) = telling_pair($relay, $server, $b);
	my $plain = { keepalive => 1, idle => 7200, tos => 0, 'user-timeout' => 0 };
	has(options_at($relay, $other, $beyond), $plain, 'nothing of another route');
	has(options_at($relay, $beyond, $other), $plain, 'on either side');

	# a listener that stays
	reload($relay, '', [ 'a', $port, $server,
		'client-socket: {keepalive-idle: 99s, dscp: 8}' ], $routes[1]);
	my ($next, $next_upstream) = telling_pair($relay, $server, "$host:$port");
	has(options_at($relay, $next, $next_upstream), { idle => 99, tos => 32 },
		'new ones after a reload');
	has(options_at($relay, $client, $upstream), $of_client, 'who was there keeps its own');
	$_->finish for $client, $other, $next, $upstream, $beyond, $next_upstream;
	$_->until_end for $client, $other, $next, $upstream, $beyond, $next_upstream;
	$_->close for $client, $other, $next, $upstream, $beyond, $next_upstream;
	$relay->wait_sessions(3);
	is(scalar(told($relay, qr/ untuned /)), 0, 'all could be set');
	ends_well($relay);
};

outside 'the source of connections' => sub {
	my ($workers) = @_;
	my $server = listen_on($host);
	my $place = place();
	my $relay = start_telling($workers, {}, [ 'a', $place, $server, 'source: 127.0.0.2' ]);
	my ($client, $upstream) = telling_pair($relay, $server);
	my $options = options_at($relay, $upstream, $client);
	like($options->{here}, qr/\A127\.0\.0\.2:\d+\z/, 'the upstream sees that address');
	is($options->{there}, $server->address, 'and is where it is');
	$upstream->close;
	$client->until_end;
	leave($relay, $client);
	# an address that this host has not
	reload($relay, '', [ 'a', $place, $server, 'source: 192.0.2.77' ]);
	$client = connect_to($place);
	is($client->until_end, 'reset', 'another host\'s address');
	is($relay->session_of($client)->{reason}, 'connect-failed', 'reason');
	ends_well($relay);
};

# What does not matter much is left out; what says where packets go is not.
outside 'options that cannot be' => sub {
	my ($workers) = @_;
	my $server = listen_on($host);
	my @places = map { place() } 1 .. 2;
	my $relay = start_telling($workers, {},
		[ 'a', $places[0], $server, 'upstream-socket: {congestion: nosuch, dscp: 8}' ],
		[ 'b', $places[1], $server, 'interface: nosuch0' ]);
	for (1 .. 3) {
		my ($client, $upstream) = telling_pair($relay, $server);
		has(options_at($relay, $upstream, $client), { tos => 32 }, 'all else is set');
		$_->close for $client, $upstream;
	}
	for (1 .. 3) {
		my $client = connect_to($places[1]);
		is($client->until_end, 'reset', 'nothing goes another way');
		is($relay->session_of($client)->{reason}, 'connect-failed', 'reason');
		$client->close;
	}
	is($server->{accepted}, 3, 'nor arrives');
	my $upstream = quotemeta($server->address);
	my @told = told($relay, qr/ untuned /);
	is(scalar(@told), 2, 'each is told once');
	like("@told", qr/ warning untuned upstream=$upstream option=TCP_CONGESTION error="/,
		'the one');
	like("@told", qr/ upstream=$upstream option=SO_BINDTODEVICE error="/, 'and the other');
	ends_well($relay);
};

outside 'a mark without the privilege' => sub {
	my ($workers) = @_;
	my $server = listen_on($host);
	my $place = place();
	plan(skip_all => 'is not root, who could give it up') if $> != 0;
	# where its file will be
	chmod(0711, dirname(new_path('x')));
	my $relay = start_routes($workers, { uid => 65534 },
		[ 'a', $place, $server, 'upstream-socket: {mark: 7}' ]);
	for (1 .. 2) {
		my $client = connect_to($place);
		is($client->until_end, 'reset', 'nothing goes without it');
		is($relay->session_of($client)->{reason}, 'connect-failed', 'reason');
	}
	is(scalar(told($relay, qr/ untuned upstream=.* option=SO_MARK error="/)), 1, 'told once');
	is($server->{accepted}, 0, 'nothing arrives');

	# of a listener that is there already, nothing that it accepts
	reload($relay, '', [ 'a', $place, $server, 'client-socket: {mark: 7}' ]);
	is(connect_to($place)->until_end, 'reset', 'nor comes any') for 1 .. 3;
	reload($relay, '', [ 'a', $place, $server ]);
	my ($client, $upstream) = telling_pair($relay, $server);
	$_->close for $client, $upstream;
	ends_with_refused($relay, 3);
	is(scalar(told($relay, qr/ untuned route=a option=SO_MARK error="/)), 1, 'told once');

	# a listener that cannot have it is not opened
	my $yaml = new_path('yaml');
	open(my $text, '>', $yaml) or die "$yaml: $!\n";
	print({$text} "routes: [{listen: \"$place\", upstreams: \"builtin:echo\", "
		. "client-socket: {mark: 7}}]\n");
	close($text);
	my ($status, undef, $err) = run({ uid => 65534, patience => 20 }, program(), '-f', $yaml);
	isnt($status, 0, 'a listener without it');
	like($err, qr/SO_MARK/, 'and why');
};

sub range_of
{
	my ($count) = @_;
	for (1 .. 100) {
		my $first = reserve($host);
		next if $first > 65000;
		my @servers = grep { defined }
		    map { eval { listen_on("$host:" . ($first + $_)) } } 0 .. $count - 1;
		return ($first, @servers) if @servers == $count;
		$_->close for @servers;
	}
	die "no $count ports in a row\n";
}

outside 'ranges of ports' => sub {
	my ($workers) = @_;
	my ($count, @used) = (5);
	my ($to, @servers) = range_of($count);
	my ($from, @placeholders) = range_of($count);
	$_->close for @placeholders;
	my $relay = start_telling($workers, {}, [ 'a', "$host:$from-" . ($from + $count - 1),
		"[\"$host:$to-" . ($to + $count - 1) . '"]' ]);
	for my $round (1, 2) {
		for my $i (0 .. $count - 1) {
			my ($client, $upstream) = telling_pair($relay, $servers[$i],
				"$host:" . ($from + $i));
			is(options_at($relay, $client, $upstream)->{here}, "$host:" . ($from + $i),
				'a listener of the range');
			is(options_at($relay, $upstream, $client)->{there}, $servers[$i]->address,
				'goes to its counterpart');
			push(@used, $client, $upstream);
		}
		next if $round == 2;
		reload($relay, '', [ 'a', "$host:$from-" . ($from + $count - 1),
			"[\"$host:$to-" . ($to + $count - 1) . '"]', 'deny: 192.0.2.1' ]);
	}
	is(join(' ', map { $_->{accepted} } @servers), join(' ', (2) x $count), 'each its own');
	$_->close for @used;
	$relay->wait_sessions(2 * $count);
	ends_well($relay);
};

# So few ports that each has to serve several upstreams.
sub few_ports
{
	my $range = '/proc/sys/net/ipv4/ip_local_port_range';
	open(my $file, '>', $range) or die "$range: $!\n";
	print({$file} "40000 40019\n");
	close($file) or die "$range: $!\n";
	my $next_port = 1000;
	each_crew 'ports' => sub {
		my ($workers) = @_;
		# not those of the test before, whose ends the system remembers
		my @servers = map { listen_on("$host:" . $next_port++) } 1 .. 3;
		my $relay = start_routes($workers, '', [ 'a', 'unix:' . new_path('listen'),
			'[' . join(', ', map { '"' . $_->address . '"' } @servers) . ']',
			'source: 127.0.0.2' ]);
		my @clients = map { connect_to($relay->address) } 1 .. 45;
		wait_polling { 45 == grep { $_ } map { @{ $_->{waiting} } } @servers } 'all', 20;
		is(join(' ', map { $_->{accepted} } @servers), '15 15 15', 'all arrive');
		is(scalar(grep { $_->{eof} || $_->{error} } @clients), 0, 'and stay');
		$_->close for @clients, map { @{ $_->{waiting} } } @servers;
		$relay->wait_sessions(45);
		ends_well($relay);
		$_->close for @servers;
	};
	return;
}

if ($inside) {
	my ($status) = run(which('ip'), qw(link set lo up));
	die "ip link set lo up\n" if $status != 0;
	few_ports();
} else {
	one_test 'few ports' => sub {
		my ($unshare, $ip) = map { which($_) } qw(unshare ip);
		plan(skip_all => 'needs unshare and ip') if !$unshare || !$ip;
		my @begin = ($unshare, ($> == 0 ? () : ('--user', '--map-root-user')), '--net');
		my ($possible) = run(@begin, '/bin/sh', '-c',
			'ip link set lo up && test -w /proc/sys/net/ipv4/ip_local_port_range');
		plan(skip_all => 'needs a network of its own') if $possible != 0;
		my ($status, $out, $err) = run({ patience => 60 }, @begin, $^X, $0,
			'--own-network');
		is($status, 0, 'all is well') or diag($out, $err);
	};
}

done_testing();
