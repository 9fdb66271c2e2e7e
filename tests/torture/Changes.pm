# SPDX-License-Identifier: ISC
#
# Scenarios in which the plan is changed, and the program, while a session goes
# on: a change that fails leaves all as it was, and can be made afterwards.
package Changes;
use strict;
use warnings;
use Exporter 'import';
use MuxTest;
use Victim qw(await comes hang path until_ended whole serve_echo $relay $control $address $plan);

our @EXPORT_OK = qw(%CHANGES are_in_service file_of route_of echo_place);

# What a shortage of memory or of descriptors may meet, of which n-th calls are
# the same in each run: not those of the log's thread, nor of waiting.
my $kinds = qr/\A(?!write|epoll_wait|nanosleep|stat\z|recv|send\z|ioctl)/;

my ($echo, $long, $gone, $new);

sub echo_place
{
	$echo = listen_on('127.0.0.1', on_accept => \&serve_echo)->address;
	return $echo;
}

sub route_of
{
	my ($name, $listen, @more) = @_;
	return join('', "  - name: $name\n    listen: \"$listen\"\n    upstreams: \"$echo\"\n",
		map { "    $_\n" } @more);
}

# Limits of time as elsewhere, but for a session that waits for its turn.
sub file_of
{
	my (@routes) = @_;
	return join('', "workers: 1\nshutdown-timeout: 300ms\ndefaults:\n",
		"  timeouts: {connect: 300ms, idle: 3s, half-close: 400ms}\nroutes:\n", @routes);
}

sub old_places { return ($gone, 'unix:' . path('gone')); }
sub new_places { return ($new, 'unix:' . path('new')); }

sub file_with
{
	my ($one, $two) = @_;
	return file_of(route_of('stays', $address), route_of('other', $one),
		route_of('local', $two));
}

sub old_file
{
	($gone, $new) = map { '127.0.0.1:' . reserve() } 1 .. 2;
	return file_with(old_places());
}

# One short session; how it went.
sub calls
{
	my ($place) = @_;
	my $client = eval { connect_to($place) } or return 'refused';
	$client->expect($client)->send(100)->finish;
	await { Victim::ended_peers($client) } "an end of $place";
	my $served = $client->end eq 'fin' && $client->{got} == 100;
	my $how = $served ? 'served' : $client->{connected} ? $client->end : 'refused';
	$client->reset;
	return $how;
}

sub are_in_service
{
	my ($places, $others) = @_;
	my %wanted = ((map { ($_ => 'refused') } @{ $others // [] }),
		map { ($_ => 'served') } @$places);
	for my $place (sort(keys(%wanted))) {
		my $how;
		await { ($how = calls($place)) eq $wanted{$place} } "$place to be $wanted{$place}"
		    or die "$place: $how instead of $wanted{$place}\n" . $relay->tail;
	}
	return;
}

sub is_old { return are_in_service([ $address, old_places() ], [ new_places() ]); }
sub is_new { return are_in_service([ $address, new_places() ], [ old_places() ]); }

# A session that goes on meanwhile, at a place that a change takes away.
sub begin_long
{
	$long = connect_to($gone);
	$long->expect($long)->send(2000);
	await { $long->{got} == 2000 || Victim::ended_peers($long) } 'a session';
	return;
}

sub end_long
{
	$long->send(2000)->finish;
	until_ended($long);
	whole($long, $long);
	die "the session that went on was cut: " . $long->end . "\n" . $relay->tail
	    if $long->end ne 'fin';
	return;
}

# Asks by a signal; whether the first line like one of these says that it was done.
sub ask
{
	my ($signal, $done, $failed) = @_;
	my $from = @{ $relay->{lines} };
	my $line;
	$relay->signal($signal);
	comes {
		my $lines = $relay->{lines};
		($line) = grep { /$done|$failed/ } @$lines[ $from .. $#$lines ];
		$line || $relay->ended;
	} "what becomes of $signal" or hang("no word of $signal");
	die "ended by $signal\n" . $relay->tail if !$line;
	return $line =~ $done;
}

sub faults_are_over
{
	Victim::stays_quiet() if $plan =~ /:on\z/;
	$control->end_faults;
	return;
}

sub change_to
{
	my ($text) = @_;
	Victim::write_file('muxproxy.yaml', $text);
	return ask('HUP', qr/ info reload /, qr/ error reload-failed /);
}

sub must_change_to
{
	my ($text) = @_;
	change_to($text) or die "cannot be reloaded afterwards\n" . $relay->tail;
	return;
}

sub change
{
	my $new_file = file_with(new_places());
	my $done = change_to($new_file);
	faults_are_over();
	if (!$done) {
		is_old();
		must_change_to($new_file);
	}
	is_new();
	must_change_to(file_with(old_places()));
	is_old();
	end_long();
	return;
}

# All that is wrong, and an include that there is not.
sub broken_file
{
	my $text = file_with(new_places()) =~ s/upstreams/upstream/r;
	return "$text    colour: red\ninclude: missing.yaml\n";
}

sub change_to_broken
{
	change_to(broken_file()) and die "a broken file was put into service\n";
	faults_are_over();
	is_old();
	must_change_to(file_with(new_places()));
	is_new();
	must_change_to(file_with(old_places()));
	end_long();
	return;
}

sub upgrade { return ask('USR2', qr/ info upgrade pid=/, qr/ error upgrade-failed /); }

sub leaves_no_process
{
	my $child = $control->child;
	return if $child == 0;
	await { !-e "/proc/$child" } 'the end of the new process'
	    or die "a process is left behind\n" . $relay->tail;
	return;
}

# The old one ends when its session has, and with all that it was.
sub succeed
{
	my $done = upgrade();
	faults_are_over();
	if (!$done) {
		leaves_no_process();
		is_old();
		die "the pid file is gone\n" . $relay->tail if !-e path('pid');
		# the session that goes on has two, at the most a pipe as well
		Victim::no_leak(4);
		upgrade() or die "cannot be upgraded afterwards\n" . $relay->tail;
	}
	my $pid = $control->child;
	end_long();
	await { $relay->ended } 'the end of the old one' or hang('the old one does not end');
	is_old();
	MuxTest::Peer::close_all();
	kill('TERM', $pid);
	await { Background::has_ended($pid) } 'the end of the new one'
	    or hang('the new one does not end');
	return;
}

sub change_of
{
	my ($body, %more) = @_;
	return {
		upstreams => \&echo_place,
		file => \&old_file,
		before => \&begin_long,
		body => $body,
		kinds => $kinds,
		%more,
	};
}

our %CHANGES = (
	reload => change_of(\&change),
	'reload-broken' => change_of(\&change_to_broken),
	# EPIPE says that the new one has gone, who would wait for the rest for ever
	upgrade => change_of(\&succeed, class => 'Succeeded', except => qr/\Asend_local:EPIPE/,
		options => sub { ('--pidfile', path('pid')) }),
	successor => change_of(\&succeed, class => 'Succeeded', who => 'successor',
		from_start => 1, options => sub { ('--pidfile', path('pid')) }),
);

$_->{unless} = sub {
	return (contents(builddir() . '/config.h') // '') =~ /^#define HAVE_FYAML 1$/m ? ''
		: 'built without libfyaml';
} for values(%CHANGES);

1;
