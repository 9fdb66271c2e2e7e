# SPDX-License-Identifier: ISC
#
# Relays with several routes, from a file that a test may change, and how
# their clients fare.
package MuxTest::Routes;
use strict;
use warnings;
use Exporter 'import';
use MuxTest;

our @EXPORT = qw($echo needs_files counts_sources place start_routes reload each_crew
    from fate told leave ends_with_refused);

our $echo = '["builtin:echo"]';
my @workers = (1, 3);

sub facts { return (run(builddir() . '/src/muxproxy', '-vV'))[1]; }
sub counts_sources { return facts() !~ /^uthash: no$/m; }

sub needs_files
{
	plan(skip_all => 'this build reads no files') if facts() =~ /^fyaml: no$/m;
	return;
}

# An address that is free.
sub place
{
	my ($host) = @_;
	$host //= '127.0.0.1';
	return "$host:" . reserve($host);
}

sub write_file
{
	my ($path, $text) = @_;
	open(my $file, '>', $path) or die "$path: $!\n";
	print({$file} $text);
	close($file) or die "$path: $!\n";
	return;
}

# What all have, and the routes, each [ name, place, upstreams, more keys ].
sub text_of
{
	my ($top, @routes) = @_;
	my @texts;
	for my $route (@routes) {
		my ($name, $listen, $upstreams, $more) = @$route;
		$upstreams = '["' . $upstreams->address . '"]' if ref($upstreams);
		push(@texts, "  - name: $name", "    listen: \"$listen\"",
			"    upstreams: $upstreams");
		push(@texts, map { "    $_" } split(/; /, $more)) if $more;
	}
	return join("\n", $top, 'routes:', @texts) . "\n";
}

# Its address is that of the first route.
sub start_routes
{
	my ($workers, $top, @routes) = @_;
	my %options = ref($top) ? %$top : (top => $top);
	my $path = new_path('yaml');
	write_file($path, text_of($options{top} // '', @routes));
	my $relay = MuxTest::Relay->new(program => program(), %options, listen => $routes[0][1],
		arguments => [ '-w', $workers, @{ $options{options} // [] }, '-f', $path ]);
	$relay->{file} = $path;
	return $relay;
}

# Has it read these, and returns what it says of that.
sub reload
{
	my ($relay, $top, @routes) = @_;
	write_file($relay->{file}, text_of($top, @routes));
	$relay->signal('HUP');
	return $relay->wait_for_line(qr/ reload routes=| reload-failed /);
}

# A test with one worker, and with several.
sub each_crew
{
	my ($name, $code) = @_;
	for my $workers (@workers) {
		each_backend "$name, $workers workers" => sub { $code->($workers); };
	}
	return;
}

sub from { return connect_to($_[0], from => $_[1]); }

# How a client fares that says something and waits for the answer.
sub fate
{
	my ($client) = @_;
	my $wanted = $client->{got} + 10;
	$client->expect($client)->send(10);
	wait_until { $client->{got} == $wanted || $client->{eof} || $client->{error} }
	'an answer';
	return $client->{got} == $wanted ? 'in' : $client->end;
}

sub told
{
	my ($relay, $what) = @_;
	return grep { /$what/ } @{ $relay->{lines} };
}

# Ends sessions of the relay and waits for their lines; of several workers,
# one that has told of an end counts it only then.
sub leave
{
	my ($relay, @clients) = @_;
	my $before = @{ $relay->{sessions} };
	$_->close for @clients;
	$relay->wait_sessions($before + @clients);
	wait_polling { $relay->ended || $relay->is_asleep } 'the workers';
	return;
}

sub ends_with_refused
{
	my ($relay, $refused) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ends_well($relay);
	return is($relay->{stop}{refused}, $refused, "so many are refused: $refused");
}

1;
