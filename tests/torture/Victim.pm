# SPDX-License-Identifier: ISC
#
# A muxproxy that one call is taken from, and what must hold all the same.
package Victim;
use strict;
use warnings;
use Exporter 'import';
use Control;
use Faults;
use Lines;
use MuxTest;
use MuxTest::Loop;
use Unseen;

our @EXPORT_OK = qw(await comes hang path until_ended whole dial echo_client size serve_echo
    $relay $control $address $plan);

# How long anything may take that needs no limit of time to pass, and with one.
use constant PATIENCE => 1;
use constant LIMITS => qw(--connect-timeout 300ms --idle-timeout 600ms --half-close-timeout 400ms
    --shutdown-timeout 300ms);

# One process, one fault.
our ($relay, $address, $control, $plan, $directory);
my ($at_start, $shim, $queued_at_begin);

sub hang { die "hang: $_[0]\n" . ($relay ? $relay->tail : ''); }
sub path { return "$directory/$_[0]"; }

# How long we and the relay have waited for a processor, in seconds: on a busy
# machine this is nobody's fault.
sub queued
{
	my $sum = 0;
	my $child = $control ? $control->child : 0;
	for my $pid ($$, $relay ? $relay->{pid} : (), $child ? $child : ()) {
		open(my $file, '<', "/proc/$pid/schedstat") or next;
		$sum += (split(' ', <$file> // '0 0'))[1];
	}
	return $sum / 1e9;
}

# Runs the loop until the condition holds; false when it does not in time.
sub await(&$;$)
{
	my ($condition, $what, $seconds) = @_;
	return 1 if $condition->();
	local $MuxTest::Loop::WAITING_FOR = $what;
	$seconds //= PATIENCE;
	my ($begin, $queued, $step) = (now(), queued(), 0.001);
	for (;;) {
		MuxTest::Loop::turn($step);
		return 1 if $condition->();
		$step *= 2 if $step < 0.01;
		my $over = now() - $begin - $seconds;
		return 0 if $over > 0 && $over > queued() - $queued;
	}
}

# A shortage that lasts may hold up what waits for the resource, but no longer
# than itself: then it is ended, and all must go on. It lasts for longer than
# connecting may take.
my $shortage = qr/:(?:EAI_MEMORY|EMFILE|ENFILE|ENOBUFS|ENOMEM|ENOSPC|EPERM|EAGAIN):on\z/;

sub comes(&$)
{
	my ($condition, $what) = @_;
	if ($plan =~ $shortage) {
		return 1 if await { $condition->() } $what, 0.45;
		$control->end_faults;
	}
	return await { $condition->() } $what;
}

sub ended_peers { return !grep { !$_->{eof} && !$_->{error} } @_; }

sub until_ended
{
	my (@peers) = @_;
	comes { ended_peers(@peers) } 'the end' or hang('connections do not end: '
		. join(' ', map { "$_->{name}=" . $_->end . " got=$_->{got}" } @peers));
	return;
}

# A clean end of input says that everything arrived.
sub whole
{
	my ($receiver, $sender) = @_;
	return if $receiver->end ne 'fin';
	die "$receiver->{name}: a clean end after $receiver->{got} of $sender->{to_send} bytes\n"
	    if !$sender->{finish} || $receiver->{got} != $sender->{to_send};
	return;
}

sub dial { return connect_to($address); }

sub serve_echo
{
	my ($peer) = @_;
	$peer->{echo} = 1;
	$peer->{on_end} = sub { $peer->finish };
	return;
}

# Fewer bytes where they go one by one.
sub size
{
	my ($bytes) = @_;
	return $plan =~ /short:on\z/ && $bytes > 2000 ? 2000 : $bytes;
}

# A client of an echo server: what comes back is its own stream.
sub echo_client
{
	my ($bytes) = @_;
	my $client = dial();
	return $client->expect($client)->send($bytes)->finish;
}

sub serves
{
	my $client = echo_client(3000);
	await { ended_peers($client) } 'an echo';
	my $good = $client->end eq 'fin' && $client->{got} == 3000;
	my $how = $client->end . " after $client->{got} bytes";
	$client->reset;
	return $good ? '' : $how;
}

# What the command line, or the file, says.
sub arguments
{
	my ($scenario, @places) = @_;
	my @options = $scenario->{options} ? $scenario->{options}->() : ();
	if ($scenario->{file}) {
		write_file('muxproxy.yaml', $scenario->{file}->());
		return (@options, '-f', $scenario->{stdin} ? '-' : path('muxproxy.yaml'));
	}
	my @listen = $scenario->{operand} // $address;
	push(@listen, $scenario->{more_listen}->()) if $scenario->{more_listen};
	# with one thread the n-th call of a kind is the same in each run
	return (LIMITS, '-w', $scenario->{workers} // 1, @options, join(',', @listen),
		map { ref($_) ? $_->address : $_ } @places);
}

sub start
{
	my ($scenario, $numbers, @places) = @_;
	local $ENV{MUX_TEST_WRAPPER} = $scenario->{wrapper} ? $scenario->{wrapper}->() : '';
	my $class = $scenario->{class} // 'MuxTest::Relay';
	$relay = $class->new(listen => $address, started => 0, program => program_of($scenario),
		env => { LD_PRELOAD => $shim, TORTURE => $numbers,
			TORTURE_WHO => $scenario->{who} // 'first',
			TORTURE_CONTROL => $control->{path},
			$scenario->{env} ? $scenario->{env}->() : () },
		arguments => [ arguments($scenario, @places) ],
		$scenario->{stdin} ? (stdin => path('muxproxy.yaml')) : ());
	return;
}

# Whole at once, as whoever replaces a file should do it.
sub write_file
{
	my ($name, $text) = @_;
	open(my $file, '>', path("$name.new")) or die "$name: $!\n";
	print({$file} $text);
	close($file) or die "$name: $!\n";
	rename(path("$name.new"), path($name)) or die "$name: $!\n";
	return;
}

# Begins; the fault's kind is returned.
sub begin
{
	my ($scenario, $fault) = @_;
	($shim) = grep { -e } builddir() . '/tests/torture/.libs/shim.so';
	die "tests/torture/shim.la is not built\n" if !$shim;
	$control = Control->new(path('control'));
	my ($kind, $n, $error, $mode) = $fault ? split(/:/, $fault) : ('');
	my $numbers = $fault ? join(':', $kind, $n, Faults::number_of($error), $mode) : '';
	$plan = $fault // '';
	my @places = $scenario->{upstreams}->();
	$address = $scenario->{listen} ? $scenario->{listen}->() : '127.0.0.1:' . reserve();
	start($scenario, $numbers, @places);
	my $started = await { $scenario->{daemon} ? $relay->ended : has_started($scenario) }
	'its start', 2 + PATIENCE;
	# its log may be lost with a write; whether it serves is seen later
	hang('it does not start') if !$started && $kind ne 'write'
	    && !($scenario->{log} && $kind =~ /alloc/);
	Background::go($relay, $control) if $scenario->{daemon} && $relay->{status} eq '0';
	return $kind;
}

sub program_of
{
	my ($scenario) = @_;
	return builddir() . '/src/muxproxy' if !$scenario->{backend};
	return builddir() . "/tests/relay/muxproxy-$scenario->{backend}";
}

sub has_started
{
	my ($scenario) = @_;
	return 1 if $relay->{start} || $relay->ended;
	return $scenario->{log} && grep { / info start / } log_lines();
}

# A refusal to start: one line, and a documented status.
sub refused_to_start
{
	my ($scenario) = @_;
	my $status = $relay->wait;
	my @lines = grep { !/\A\d{4}-/ } @{ $relay->{lines} };
	die "ended with $status at start\n" . $relay->tail if $status !~ /\A(?:1|71|77|78)\z/;
	# all that is wrong with a file is told at once, with its lines
	return if $scenario->{file} && grep { /\Amuxproxy: | error: / } @lines;
	die "at start, not one line:\n" . $relay->tail if @lines != 1
	    || $lines[0] !~ /\Amuxproxy: /;
	return;
}

# It spins that turns more often than what it moves, and its timers, explain.
sub turns_too_often
{
	my ($turns, $moves, $seconds) = @_;
	return $turns > 80 + 4 * $moves + 250 * $seconds;
}

# While a fault lasts, nothing spins.
sub stays_quiet
{
	my ($turns, $moves) = $control->work;
	my $begin = now();
	await { 0 } 'a quiet relay', 0.05;
	my ($more_turns, $more_moves) = $control->work;
	die 'spins: ' . ($more_turns - $turns) . " turns in 0.05 s\n"
	    if turns_too_often($more_turns - $turns, $more_moves - $moves, now() - $begin);
	return;
}

# It has as many descriptors as at the start, and a few of sessions.
sub no_leak
{
	my ($more) = @_;
	return if !defined($at_start);
	await { ($relay->descriptors // 0) <= $at_start + $more } 'closed descriptors'
	    or die "descriptors leak: $at_start at start, now " . $relay->descriptor_list . "\n";
	return;
}

# It serves again, and holds nothing more than before. Expected may be what
# a run without a fault held.
sub serves_again
{
	my ($scenario, $kind, $expected) = @_;
	my $how = '';
	for (1 .. 30) {
		my $queued = queued();
		$how = serves();
		last if $how eq '' || $relay->ended;
		# on a machine that is too busy, limits of time pass without our doing
		last if !$scenario->{retry} && queued() - $queued < 0.1;
		await { 0 } 'the next look-up', 0.05;
	}
	# a loop that cannot wait ends the program, which takes its time
	await { $relay->ended } 'its end' if $how ne '' && may_end($kind);
	die "serves no echo afterwards: $how\n" . $relay->tail if $how ne '' && !$relay->ended;
	MuxTest::Peer::close_all();
	return if $relay->ended;
	no_leak(0);
	return if !defined($expected);
	await { $control->blocks <= $expected } 'memory given back'
	    or die 'memory leaks: ' . $control->blocks . " blocks instead of $expected\n";
	return;
}

sub may_end
{
	my ($kind) = @_;
	return $kind =~ /\A(?:epoll_wait|poll|select)\z/ && $control->fired;
}

# Of the log in a file, and of the one that was moved away.
sub log_lines
{
	return map { Lines::plain($_) } map { split(/\n/, contents(path($_)) // '') } qw(log.1 log);
}

# The log in a file, as if it had come by standard error.
sub read_log
{
	for my $line (log_lines()) {
		push(@{ $relay->{lines} }, $line);
		$relay->on_line($line);
	}
	return;
}

sub end_of
{
	my ($scenario, $kind) = @_;
	if (!$relay->ended) {
		$relay->signal('TERM');
		await { $relay->ended } 'its end' or hang('it does not stop');
	}
	my $status = $relay->wait;
	read_log() if $scenario->{log};
	my $may_fail = may_end($kind) || Lines::cannot_start($relay) && $control->fired;
	die "ended with $status\n" . $relay->tail
	    if $status ne '0' && !($may_fail && $status eq '71');
	return if $kind eq 'write' || $may_fail;
	my @wrong = $relay->log_faults;
	push(@wrong, $relay->total_faults) if $relay->{start};
	die join('; ', @wrong) . "\n" . $relay->tail if @wrong;
	return;
}

# A fault shows, or why it does not is known.
sub shows
{
	my ($name, $fault, $usual) = @_;
	my $traces = Lines::traces($relay);
	my ($limit) = grep { ($traces->{$_} // 0) > ($usual->{$_} // 0) } qw(idle half-close-limit);
	die "what failed once is left to a limit of time: $limit\n" . $relay->tail
	    if $limit && $fault =~ /:once\z/ && queued() - $queued_at_begin < 0.1;
	return if !$control->fired || Unseen::why_unseen("$name:$fault")
	    || grep { $traces->{$_} > ($usual->{$_} // 0) } keys(%$traces);
	die "leaves no trace\n" . $relay->tail;
}

# What is left of the relay, and of the process that took its place.
sub kill_all
{
	return if !$relay;
	my $child = $control->child;
	my $program = $child ? readlink("/proc/$child/exe") // '' : '';
	kill('KILL', $child) if $program =~ m{/muxproxy[^/]*\z};
	return if $relay->ended;
	kill('KILL', $relay->{pid});
	waitpid($relay->{pid}, 0);
	return;
}

# One run; %$usual is what one without a fault had. Returns what it had.
sub run_one
{
	my ($scenario, $fault, $usual) = @_;
	my %found;
	my $begin = now();
	my @before = times();
	$queued_at_begin = queued();
	my $kind = begin($scenario, $fault);
	$at_start = $relay->descriptors;
	$scenario->{before}->() if $scenario->{before} && !$relay->ended;
	$found{at_start} = $control->calls;
	$relay->wait if $relay->ended;	# for the last of its output
	if ($relay->ended && $control->fired && (!$relay->{start}
	    || Lines::cannot_start($relay))) {
		refused_to_start($scenario);
	} else {
		$scenario->{body}->();
		$found{calls} = $control->calls;
		stays_quiet() if $plan =~ /:on\z/ && !$relay->ended;
		$control->end_faults;
		Scenarios::others_echo();
		serves_again($scenario, $kind, $usual ? $usual->{blocks} : undef)
		    if !$relay->ended;
		$found{blocks} = $control->blocks;
		end_of($scenario, $kind);
	}
	$found{calls_to_end} = $control->calls;
	$found{blocks_left} = $control->blocks_left;
	$found{traces} = Lines::traces($relay);
	die "memory is left at exit: $found{blocks_left} blocks instead of $usual->{blocks_left}\n"
	    if $usual && $found{blocks_left} > $usual->{blocks_left} + ($scenario->{late} // 0);
	my ($turns, $moves) = $control->work;
	die "spins: $turns turns, $moves moves\n"
	    if turns_too_often($turns, $moves, now() - $begin);
	my $seconds = (times())[2] + (times())[3] - $before[2] - $before[3];
	die sprintf("spins: %.2f s of CPU time, %d moves\n", $seconds, $moves)
	    if $seconds > 0.15 + 20e-6 * $moves;
	shows($scenario->{name}, $fault, $usual->{traces}) if $fault;
	return \%found;
}

1;
