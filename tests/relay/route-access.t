#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The limits of sources, and who may come at all: who is reset, told, counted.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;
use MuxTest::Routes;

needs_files();

# The last of them runs in a network of its own, and has nothing but that.
my $inside = @ARGV && $ARGV[0] eq '--own-network';
my $counts_sources = counts_sources();

# Both with each number of workers, but not twice.
sub each_outside
{
	my ($name, $code) = @_;
	return $inside || each_crew($name, $code);
}

each_outside 'connections of a source' => sub {
	my ($workers) = @_;
	plan(skip_all => 'this build counts no sources') if !$counts_sources;
	my ($a, $b) = (place(), place());
	my $relay = start_routes($workers, '', [ 'a', $a, $echo, 'limits: {per-source: 2}' ],
		[ 'b', $b, $echo, 'limits: {per-source: 1, source-prefix: {ipv4: 24}}' ]);
	my @one = map { from($a, '127.0.1.1') } 1, 2;
	is(fate($_), 'in', 'up to the limit') for @one;
	is(fate(from($a, '127.0.1.1')), 'reset', 'one more is reset') for 1 .. 3;
	my @others = map { from($a, "127.0.1.$_") } 2 .. 40;
	is(join(' ', map { fate($_) } @others), join(' ', ('in') x 39), 'others are let in');
	is(fate($_), 'in', 'and those within stay') for @one;
	leave($relay, shift(@one));
	push(@one, from($a, '127.0.1.1'));
	is(fate($one[1]), 'in', 'one has ended, and one may come');
	is(fate(from($a, '127.0.1.1')), 'reset', 'but no more than that');

	# each route counts by itself, and by its own prefix
	my $first = from($b, '127.0.1.1');
	is(fate($first), 'in', 'another route');
	is(fate(from($b, '127.0.1.200')), 'reset', 'of the same prefix');
	my $second = from($b, '127.0.2.1');
	is(fate($second), 'in', 'of another');
	leave($relay, @one, @others, $first, $second);
	is(fate(my $last = from($b, '127.0.1.9')), 'in', 'all have left');
	leave($relay, $last);
	my @told = told($relay, qr/ refused /);
	is(scalar(@told), 2, 'each source is told once');
	like($told[0], qr/ warning refused route=a client=127\.0\.1\.1:\d+ reason=source-limit /,
		'of the one route');
	like($told[0], qr/ connections=1$/, 'at the first of them');
	like($told[1], qr/ route=b client=127\.0\.1\.200:\d+ reason=source-limit /, 'the other');
	ends_with_refused($relay, 5);
};

each_outside 'sources by a socket of both families' => sub {
	my ($workers) = @_;
	plan(skip_all => 'this build counts no sources') if !$counts_sources;
	plan(skip_all => 'no IPv6') if !has_ipv6();
	my $port = reserve('0.0.0.0', '[::]');
	my $relay = start_routes($workers, '', [ 'a', $port, $echo,
		'limits: {per-source: 1}; deny: 127.0.6.0/24' ]);
	my $place = "127.0.0.1:$port";
	my @in = map { from($place, $_) } '127.0.1.1', '127.0.1.2';
	is(fate($_), 'in', 'IPv4 is not cut by the prefix of IPv6') for @in;
	is(fate(from($place, $_)), 'reset', "$_ is counted") for '127.0.1.1', '127.0.1.2';
	is(fate(from($place, '127.0.6.7')), 'reset', 'and denied');
	push(@in, connect_to("[::1]:$port"));
	is(fate($in[2]), 'in', 'IPv6');
	is(fate(connect_to("[::1]:$port")), 'reset', 'likewise');
	leave($relay, @in);
	is(scalar(told($relay, qr/ refused .* client=127\.0\.1\.1:/)), 1, 'told as IPv4');
	ends_with_refused($relay, 4);
};

each_outside 'allow and deny' => sub {
	my ($workers) = @_;
	my ($a, $b, $path) = (place(), place(), 'unix:' . new_path('listen'));
	my $relay = start_routes($workers, '', [ 'a', $a, $echo,
		'allow: 127.0.0.0/16; deny: [127.0.6.6, 127.0.7.0/24]' ],
		[ 'b', $b, $echo, 'deny: 127.0.6.6' ],
		[ 'u', $path, $echo, 'allow: 192.0.2.1; deny: [0.0.0.0/1, "2001:db8::/32"]' ]);
	my @in = map { from($a, "127.0.$_") } '0.1', '6.5', '6.7', '255.1';
	push(@in, from($b, '127.1.2.3'), connect_to($path));
	is(fate($_), 'in', 'who is allowed, and who has no address') for @in;
	for my $denied ('6.6', '7.0', '7.255') {
		is(fate(from($a, "127.0.$denied")), 'reset', "127.0.$denied is denied");
	}
	is(fate(from($a, '127.1.0.1')), 'reset', 'and who is not allowed');
	is(fate(from($b, '127.0.6.6')), 'reset', 'by another route');
	is(fate($_), 'in', 'nobody else is touched') for @in;
	leave($relay, @in);
	my @told = told($relay, qr/ refused .* reason=denied connections=1$/);
	is(scalar(@told), 2, 'each route tells once');
	is(scalar(told($relay, qr/ refused /)), 2, 'whoever they are');
	ends_with_refused($relay, 5);
};

each_outside 'the rate of a source' => sub {
	my ($workers) = @_;
	plan(skip_all => 'this build counts no sources') if !$counts_sources;
	my $place = place();
	my $relay = start_routes($workers, '', [ 'a', $place, $echo,
		'limits: {accept-rate-per-source: 2/h}' ]);
	for my $number (1, 2) {
		my $client = from($place, '127.0.1.1');
		is(fate($client), 'in', 'as many as it may');
		leave($relay, $client);
	}
	is(fate(from($place, '127.0.1.1')), 'reset', 'too often') for 1 .. 4;
	my $other = from($place, '127.0.1.2');
	is(fate($other), 'in', 'another source');
	leave($relay, $other);
	my @told = told($relay, qr/ refused /);
	is(scalar(@told), 1, 'it is told once');
	like($told[0], qr/ client=127\.0\.1\.1:\d+ reason=source-rate connections=1$/, 'and how');
	ends_with_refused($relay, 4);
};

each_outside 'sources after a reload' => sub {
	my ($workers) = @_;
	plan(skip_all => 'this build counts no sources') if !$counts_sources;
	my $place = place();
	my $relay = start_routes($workers, '', [ 'a', $place, $echo, 'limits: {per-source: 1}' ]);
	my @in = from($place, '127.0.1.1');
	is(fate($in[0]), 'in', 'one');
	reload($relay, '', [ 'a', $place, $echo, 'limits: {per-source: 2}' ]);
	push(@in, from($place, '127.0.1.1'));
	is(fate($in[1]), 'in', 'one more');
	is(fate(from($place, '127.0.1.1')), 'reset', 'which makes two');
	reload($relay, '', [ 'a', $place, $echo, 'limits: {per-source: 1}' ]);
	leave($relay, shift(@in));
	is(fate(from($place, '127.0.1.1')), 'reset', 'the other is still there');
	leave($relay, shift(@in));
	push(@in, from($place, '127.0.1.1'));
	is(fate($in[0]), 'in', 'and now nobody');
	leave($relay, @in);
	ends_with_refused($relay, 2);
};

# Accepted, refused, or waiting: as a model of it says that keeps lists.
each_outside 'random clients and a model' => sub {
	my ($workers) = @_;
	plan(skip_all => 'this build counts no sources') if !$counts_sources;
	my ($most, $each) = (12, 3);
	my $place = place();
	my $relay = start_routes($workers, '', [ 'a', $place, $echo,
		"limits: {connections: $most, per-source: $each}; deny: 127.0.9.9" ]);
	my (@in, @queue, %count);
	my ($refused, $ended, $wrong) = (0, 0, '');
	my @sources = ((map { "127.0.9.$_" } 1 .. 6), '127.0.9.9');

	# What the relay has to do, given the room that there is.
	my $settle = sub {
		while (@in < $most && @queue) {
			my $client = shift(@queue);
			my $source = $client->{source};
			my $is_in = $source ne '127.0.9.9' && ($count{$source} // 0) < $each;
			my $fate = fate($client);
			$wrong ||= "$source: $fate" if $fate ne ($is_in ? 'in' : 'reset');
			$refused++ if !$is_in;
			next if !$is_in;
			$count{$source}++;
			push(@in, $client);
		}
	};
	for my $step (1 .. 200) {
		my $source = $sources[ rand(@sources) ];
		my $client = from($place, $source);
		$client->{source} = $source;
		push(@queue, $client->until_connected);
		$settle->();
		$wrong ||= 'more than may be' if grep { $_->{got} } @queue;
		while (@in && (rand() < 0.45 || @queue > 5)) {
			my $leaving = splice(@in, rand(@in), 1);
			$count{ $leaving->{source} }--;
			leave($relay, $leaving);
			$ended++;
			$settle->();
		}
	}
	while (@in) {
		my $leaving = shift(@in);
		$count{ $leaving->{source} }--;
		leave($relay, $leaving);
		$ended++;
		$settle->();
	}
	is($wrong, '', 'all fare as the model says');
	is($refused + $ended, 200, 'all of them');
	cmp_ok($refused, '>', 20, 'some are refused');
	is(scalar(@{ $relay->{sessions} }), $ended, 'who is refused is no session');
	ends_with_refused($relay, $refused);
};

# Addresses of other networks than the loopback's, of which IPv6 has one.
sub own_network
{
	each_crew 'IPv6' => sub {
		my ($workers) = @_;
		my $port = 8888;
		my $relay = start_routes($workers, '', [ 'a', "[::1]:$port", $echo,
			'limits: {per-source: 1}' ], [ 'b', '[::1]:8889', $echo,
			'limits: {per-source: 1, source-prefix: {ipv6: 48}}; '
		    . 'deny: "2001:db8:9::/48"' ]);
		my @in = map { from("[::1]:$port", "[$_]") } '2001:db8:1:1::1', '2001:db8:1:2::1';
		is(fate($_), 'in', 'two networks') for @in;
		is(fate(from("[::1]:$port", '[2001:db8:1:1::2]')), 'reset', 'the same network');
		push(@in, from('[::1]:8889', '[2001:db8:1:1::1]'));
		is(fate($in[2]), 'in', 'another route');
		is(fate(from('[::1]:8889', '[2001:db8:1:2::1]')), 'reset', 'by its own prefix');
		is(fate(from('[::1]:8889', '[2001:db8:9::1]')), 'reset', 'denied');
		push(@in, connect_to('[::1]:8889'));
		is(fate($in[3]), 'in', 'who else comes');
		leave($relay, @in);
		like((told($relay, qr/ refused /))[0],
			qr/ client=\[2001:db8:1:1::2\]:\d+ reason=source-limit /, 'it is told');
		ends_with_refused($relay, 3);
	};
	return;
}

if ($inside) {
	for my $command ('link set lo up', map { "-6 address add $_/128 dev lo nodad" }
		qw(2001:db8:1:1::1 2001:db8:1:1::2 2001:db8:1:2::1 2001:db8:9::1)) {
		my ($status, $out, $err) = run(which('ip'), split(/ /, $command));
		die "ip $command: $err\n" if $status != 0;
	}
	own_network();
} else {
	one_test 'a network of its own' => sub {
		my ($unshare, $ip) = map { which($_) } qw(unshare ip);
		plan(skip_all => 'this build counts no sources') if !$counts_sources;
		plan(skip_all => 'needs unshare and ip') if !$unshare || !$ip;
		my @begin = ($unshare, ($> == 0 ? () : ('--user', '--map-root-user')), '--net');
		my ($possible) = run(@begin, $ip, '-6', 'address', 'add', '2001:db8::1/128',
			'dev', 'lo', 'nodad');
		plan(skip_all => 'needs a network of its own, with IPv6') if $possible != 0;
		my ($status, $out, $err) = run({ patience => 60 }, @begin, $^X, $0,
			'--own-network');
		is($status, 0, 'all is well') or diag($out, $err);
	};
}

done_testing();
