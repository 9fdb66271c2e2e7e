#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Reload after reload, and other signals, while connections come and long ones
# go on: none is refused, reset or cut, and each byte is checked.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/..";
use MuxTest;
use MuxTest::Plan;

plan(skip_all => 'built without libfyaml') if !has_files();

# New connections all the time, so many at once, over these addresses in turn.
package Rush;
use MuxTest;

sub new
{
	my ($class, $at_once, @addresses) = @_;
	my $self = bless { addresses => \@addresses, started => 0, right => 0, open => 0,
		goes_on => 1, wrong => [] }, $class;
	$self->add for 1 .. $at_once;
	return $self;
}

sub add
{
	my ($self) = @_;
	my $number = $self->{started}++;
	my $client = eval { connect_to($self->{addresses}[ $number % @{ $self->{addresses} } ]) };
	if (!$client) {
		push(@{ $self->{wrong} }, $@);
		return;
	}
	$self->{open}++;
	$client->expect($client)->send(1 + $number * 37 % 5000)->finish;
	$client->{on_end} = sub {
		my ($ended) = @_;
		if ($ended->{eof} && $ended->{got} == $ended->{to_send}) {
			$self->{right}++;
		} else {
			push(@{ $self->{wrong} }, $ended->end .
				" $ended->{got} of $ended->{to_send}");
		}
		$ended->close;
		$self->{open}--;
		$self->add if $self->{goes_on};
	};
	return;
}

# Lets so many more come.
sub more
{
	my ($self, $count) = @_;
	my $before = $self->{started};
	wait_until { $self->{started} >= $before + $count || @{ $self->{wrong} } } 'more to come';
	return;
}

sub end
{
	my ($self) = @_;
	$self->{goes_on} = 0;
	wait_until { $self->{open} == 0 } 'the last connections';
	return;
}

package main;

# Streams that go on: each has something under way whenever it is looked at.
sub feed
{
	for my $client (@_) {
		$client->send(200_000) if $client->{to_send} - $client->{sent} < 100_000;
	}
	return;
}

sub ended_well
{
	my ($rush, @long) = @_;
	$rush->end;
	is("@{ $rush->{wrong} }[0 .. ($#{ $rush->{wrong} } > 4 ? 4 : $#{ $rush->{wrong} })]", '',
		'none is refused, reset or cut');
	is($rush->{right}, $rush->{started}, "all of $rush->{started} are served");
	$_->finish for @long;
	$_->until_end for @long;
	is(scalar(grep { $_->{eof} && $_->{got} == $_->{to_send} } @long), scalar(@long),
		'long ones are whole');
	return;
}

for my $workers (1, 2) {
	each_backend "reload after reload, $workers" => sub {
		my ($one, $two, $other) = (new_listen(), new_path('sock'), new_listen());
		my $plan = sub {
			my ($number) = @_;
			return (route_of('a', $one, 'builtin:echo',
				'timeouts: {idle: ' . (100 + $number) . 's}'),
				route_of('b', "unix:$two", 'builtin:echo'),
				$number % 2 ? route_of('c', $other, 'builtin:echo') : ());
		};
		my $relay = start_planned(routes => [ $plan->(0) ], options => [ '-w', $workers ]);
		my @long = map { my $client = connect_to($_ % 2 ? $one : "unix:$two");
			$client->expect($client) } 1 .. 10;
		my $rush = Rush->new(20, $one, "unix:$two");
		my $times = $ENV{MUX_TEST_RELOADS} // (quick() ? 20 : 200);
		for my $number (1 .. $times) {
			feed(@long);
			$rush->more(10);
			my $line = reload_as($relay, $plan->($number));
			my $wanted = $number % 2 ? 'routes=3 kept=1' : 'routes=2 kept=1';
			like($line, qr/ $wanted /, 'reloaded') if $line !~ / $wanted /;
		}
		ended_well($rush, @long);
		is($relay->reasons =~ s/client-fin=\d+//r, '', 'and for no other reason')
		    if $relay->wait_sessions($rush->{started} + @long, 1);
		ends_well($relay);
	};
}

# Whatever the order, the last good plan is in service in the end.
each_backend 'signals and broken files' => sub {
	my ($one, $two) = map { new_listen() } 1 .. 2;
	my $route = sub { route_of('a', $one, 'builtin:echo', "timeouts: {idle: $_[0]s}") };
	my $relay = start_planned(routes => [ $route->(100) ], options => [ '-w', 2 ]);
	my @long = map { my $client = connect_to($one); $client->expect($client) } 1 .. 5;
	my $rush = Rush->new(10, $one);
	for my $round (1 .. (quick() ? 3 : 20)) {
		for my $number (1 .. 20) {
			write_file($relay->{file}, $number % 3 == 0 ? "routes: [\n"
				: $number % 3 == 1 ? "routes:\n" . $route->(100 + $number)
				: "routes:\n" . $route->(100) .
					route_of('b', $two, 'builtin:echo'));
			$relay->signal($_) for ('HUP') x ($number % 4), 'USR1';
		}
		feed(@long);
		$rush->more(5);
		my $goes = $round % 2 ? route_of('b', $two, 'builtin:echo') : '';
		write_file($relay->{file}, "routes:\n" . $route->(1000 + $round) . $goes);
		$relay->signal('HUP');
		ok((wait_polling { (refused($two) || 0) == ($goes eq '' ? 1 : 0) } 'the plan'),
			"round $round ends with the last good plan");
	}
	write_file($relay->{file}, "routes:\n" . $route->(100) . route_of('b', $two,
		'builtin:echo'));
	$relay->signal('HUP');
	ok((wait_polling { !refused($two) } 'the last plan'), 'the last plan is in service');
	write_file($relay->{file}, "routes: [\n");
	$relay->signal('HUP') for 1 .. 5;
	$relay->wait_for_line(qr/ error reload-failed /, from => scalar(@{ $relay->{lines} }));
	ok(!refused($two), 'and stays');
	ended_well($rush, @long);
	$relay->{baseline} += 1;
	ends_well($relay);
};

# Both kinds of change at once.
each_backend 'reloads and upgrades' => sub {
	my $one = new_listen();
	my $route = sub { route_of('a', $one, 'builtin:echo', "timeouts: {idle: $_[0]s}") };
	my $relay = start_planned(routes => [ $route->(100) ], options => [ '-w', 2 ]);
	my $process = $relay;
	my @long = map { my $client = connect_to($one); $client->expect($client) } 1 .. 5;
	my $rush = Rush->new(10, $one);
	for my $round (1 .. (quick() ? 2 : 8)) {
		for my $number (1 .. 3) {
			write_file($relay->{file}, "routes:\n" . $route->(100 * $round + $number));
			kill('HUP', $process->{pid});
			feed(@long);
			$rush->more(20);
		}
		kill('USR2', $process->{pid});
		my ($pid) = $relay->wait_for_line(qr/ upgrade pid=\d+\z/) =~ /(\d+)\z/;
		$process = MuxTest::Plan::successor($relay, $pid);
	}
	ended_well($rush, @long);
	wait_polling { $relay->ended } 'the first to end';
	is($relay->{status}, 0, 'the first left well');
	kill('TERM', $process->{pid});
	wait_until { !%{ $relay->{handles} } } 'the end of the log';
	MuxTest::Process::kill_later($process->{pid}, 0);
	is(scalar(grep { /Sanitizer|failed/ } @{ $relay->{lines} }), 0, 'nothing failed');
};

done_testing();
