# SPDX-License-Identifier: ISC
#
# A running muxproxy: its log as it comes, its sessions, its state in /proc,
# and what must hold when it has ended.
package MuxTest::Relay;
use strict;
use warnings;
use MuxTest::Loop qw(wait_until wait_polling);
use parent 'MuxTest::Process';

my $LINE = qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error) /;
# what base/logfmt.h says
my $VALUE = qr/"(?:[^"\\]|\\["\\]|\\x[0-9a-f]{2})*"|(?:[^\s"\\]|\\x[0-9a-f]{2})*/;
my $FORM = qr/[a-z][a-z-]*(?: [a-z][a-z0-9-]*=(?:$VALUE))*\z/;
my %REASON = map { $_ => 1 } qw(client-fin upstream-fin client-reset upstream-reset client-error
    upstream-error connect-refused connect-timeout connect-failed name-failed idle half-close-limit
    shutdown system-error);

# Begins with what MUX_TEST_OPTIONS has for every relay.
# Options: program, arguments, listen (the address to connect to), started
# (0: do not wait for it), and those of MuxTest::Process.
sub new
{
	my ($class, %options) = @_;
	my %env = %{ $options{env} // {} };
	if ($env{LD_PRELOAD}) {
		$env{ASAN_OPTIONS} = join(':', grep { defined } $ENV{ASAN_OPTIONS},
			'verify_asan_link_order=0');
	}
	# what is preloaded to make calls fail looks for files on threads that may open none
	my @first = (split(' ', $ENV{MUX_TEST_OPTIONS} // ''),
		$env{FAKE_FAULTS} ? '--no-sandbox' : ());
	my $self = $class->SUPER::new(name => 'muxproxy', sessions => [], lost_lines => 0,
		counts => {}, %options,
		env => \%env, command => [ split(' ', $ENV{MUX_TEST_WRAPPER} // ''),
		$options{program}, @first, @{ $options{arguments} } ]);
	return $self if !($options{started} // 1);
	$self->wait_for_line(qr/ info start /);
	$self->{baseline} = $self->descriptors;
	return $self;
}

sub address { return $_[0]{listen}; }

# "a=1 b=2" to a hash
sub fields
{
	my ($line) = @_;
	return { map { /\A([a-z-]+)=(.*)\z/ ? ($1, $2) : () } split(/ /, $line) };
}

sub on_line
{
	my ($self, $line) = @_;
	$self->{start} = fields($line) if $line =~ /${LINE}start /;
	$self->{stop} = fields($line) if $line =~ /${LINE}stop /;
	push(@{ $self->{sessions} }, fields($line)) if $line =~ /${LINE}session /;
	$self->{lost_lines} += $2 if $line =~ /${LINE}log-lost lines=(\d+)/;
	return;
}

# Waits until that many sessions have ended; returns the last.  Of very many, some
# may be told of as lines that are lost, on a machine that is busy: $may_lose.
sub wait_sessions
{
	my ($self, $count, $may_lose) = @_;
	wait_until {
		return 1 if @{ $self->{sessions} } >= $count
		    - ($may_lose ? $self->{lost_lines} : 0);
		die "muxproxy ended\n" . $self->tail if !%{ $self->{handles} };
		return 0;
	} "$count ended sessions";
	return $self->{sessions}[-1];
}

# The session of that client, by its address; waits for it.
sub session_of
{
	my ($self, $client) = @_;
	my ($found, $next) = (undef, 0);
	wait_until {
		while ($next < @{ $self->{sessions} }) {
			my $session = $self->{sessions}[ $next++ ];
			return $found = $session if $session->{client} eq $client->{local};
		}
		die "muxproxy ended\n" . $self->tail if !%{ $self->{handles} };
		return 0;
	} "the session of $client->{local}";
	return $found;
}

# The worker of each session by its number, as the log has it with -v.
sub workers_of
{
	my ($self) = @_;
	return { map { / open id=(\d+) .* worker=(\d+)/ ? ($1, $2) : () } @{ $self->{lines} } };
}

# The same, when there have been so many.
sub wait_opened
{
	my ($self, $count) = @_;
	wait_until { keys(%{ $self->workers_of }) >= $count } "$count sessions";
	return $self->workers_of;
}

# How many sessions each of so many workers has, of those with these numbers.
sub shares
{
	my ($workers, $worker_of, @ids) = @_;
	my %share = map { $_ => 0 } 1 .. $workers;
	$share{ $worker_of->{$_} }++ for @ids;
	return sort { $a <=> $b } values(%share);
}

sub reasons
{
	my ($self) = @_;
	my %count;
	$count{ $_->{reason} }++ for @{ $self->{sessions} };
	return join(' ', map { "$_=$count{$_}" } sort(keys(%count)));
}

# State of the process
sub descriptors
{
	my ($self) = @_;
	opendir(my $directory, "/proc/$self->{pid}/fd") or return undef;
	return scalar(grep { !/^\./ } readdir($directory));
}

sub descriptor_list
{
	my ($self) = @_;
	return join(', ', map { readlink($_) // () } glob("/proc/$self->{pid}/fd/*"));
}

sub proc_status
{
	my ($self, $field) = @_;
	open(my $file, '<', "/proc/$self->{pid}/status") or return undef;
	return (map { /^\Q$field\E:\s*(.*)/ ? $1 : () } <$file>)[0];
}

sub resident_kib { return ($_[0]->proc_status('VmRSS') // '') =~ /(\d+) kB/ ? $1 : undef; }

sub cpu_ticks
{
	my ($self) = @_;
	open(my $file, '<', "/proc/$self->{pid}/stat") or return undef;
	my @fields = split(/ /, (<$file> =~ /\) (.*)/)[0]);
	return $fields[11] + $fields[12];
}

# Quiet: uses no more than one tick in half a second, at the latest after what
# it still had to do; a state is watched here, so this takes its time.
sub quiet
{
	my ($self) = @_;
	return 1 if !defined($self->cpu_ticks);
	for (1 .. 5) {
		my $before = $self->cpu_ticks;
		wait_polling { 0 } 'a quiet relay', 0.5;
		return 1 if $self->cpu_ticks - $before <= 1;
	}
	return 0;
}

# Nanoseconds of processor time of all its threads: exact while it sleeps, and
# unchanged when it did not run at all.  undef where they are not counted.
sub cpu_ns
{
	my ($self) = @_;
	my $sum;
	for my $path (glob("/proc/$self->{pid}/task/*/schedstat")) {
		open(my $file, '<', $path) or next;
		$sum += (split(/ /, <$file>))[0];
	}
	return $sum;
}

# Whether all its threads sleep.
sub is_asleep
{
	my ($self) = @_;
	for my $path (glob("/proc/$self->{pid}/task/*/stat")) {
		open(my $file, '<', $path) or next;
		return 0 if <$file> !~ /\) S /;
	}
	return 1;
}

# Waits until it sleeps through a twentieth of a second, but for a look now and
# then: quicker than quiet(), and not deceived when others have the processor.
sub rests
{
	my ($self) = @_;
	return $self->quiet if !defined($self->cpu_ns);
	for (1 .. 100) {
		my ($before, $asleep) = ($self->cpu_ns, $self->is_asleep);
		wait_polling { 0 } 'a relay that rests', 0.05;
		return 1 if $asleep && $self->is_asleep && $self->cpu_ns - $before < 1e6;
	}
	return 0;
}

# Waits until it rests and takes no more of what these peers send.
sub takes_no_more
{
	my ($self, @peers) = @_;
	my $sent = sub { join(' ', map { $_->{sent} } @peers) };
	return wait_polling {
		my $before = $sent->();
		$self->rests && $sent->() eq $before;
	} 'a stop';
}

# The same as rests() to the figure: for how many ns it runs in so many seconds of rest.
sub runs_within
{
	my ($self, $seconds) = @_;
	return 0 if !defined($self->cpu_ns);
	$self->rests;
	# the main thread looks once whether workers have taken all
	wait_polling { 0 } 'its last look', 0.15 if $self->{start}{workers} > 1;
	my $before = $self->cpu_ns;
	wait_polling { 0 } 'a quiet relay', $seconds;
	return $self->cpu_ns - $before;
}

# Whether it spins: while something is short it tries again now and then, which
# takes some hundredths of the time, and a spin takes all of it.
sub spins
{
	my ($self) = @_;
	return !$self->quiet if !defined($self->cpu_ns);
	my $before = $self->cpu_ns;
	wait_polling { 0 } 'a relay that does little', 0.5;
	return $self->cpu_ns - $before > 0.2e9;
}

# How often its threads have gone to sleep.  Unlike its time, that is the same
# on a machine that is slow or busy.
sub sleeps
{
	my ($self) = @_;
	my $sum = 0;
	for my $path (glob("/proc/$self->{pid}/task/*/status")) {
		open(my $file, '<', $path) or next;
		$sum += /^voluntary_ctxt_switches:\s*(\d+)/ ? $1 : 0 while <$file>;
	}
	return $sum;
}

# The same in so many seconds of rest.
sub wakes_within
{
	my ($self, $seconds) = @_;
	$self->rests;
	my $before = $self->sleeps;
	wait_polling { 0 } 'a quiet relay', $seconds;
	return $self->sleeps - $before;
}

# Waits until it holds no more descriptors than at its start.
sub at_baseline
{
	my ($self, $more) = @_;
	return 1 if !defined($self->{baseline});
	return wait_polling { $self->descriptors <= $self->{baseline} + ($more // 0) }
	'descriptors to be closed', 10;
}

# Ends it and returns what is wrong, '' when nothing is. Options: signal (''
# when it is already ending), status, fds => 0 when sessions may be open.
sub stop
{
	my ($self, %options) = @_;
	my @wrong;
	if (!$self->ended) {
		push(@wrong, 'open descriptors: ' . $self->descriptor_list)
		    if ($options{fds} // 1) && !$self->at_baseline;
		my $signal = $options{signal} // 'TERM';
		$self->signal($signal) if $signal ne '';
	}
	return join('; ', @wrong, $self->aftermath(%options));
}

# What must hold once it has ended, whoever ended it.
sub aftermath
{
	my ($self, %options) = @_;
	my @wrong;
	my $status = $self->wait;
	my $wanted = $options{status} // 0;
	push(@wrong, "ended with $status instead of $wanted") if $status ne $wanted;
	push(@wrong, 'no start line') if !$self->{start};
	push(@wrong, $self->log_faults, $self->total_faults);
	push(@wrong, "\n" . $self->tail) if @wrong;
	return @wrong;
}

sub log_faults
{
	my ($self) = @_;
	my (@wrong, %seen);
	for my $line (@{ $self->{lines} }) {
		push(@wrong, "sanitizer: $line") if $line =~ /Sanitizer|runtime error:/;
		push(@wrong, 'control bytes: '
			. $line =~ s/([^ -~])/sprintf('\\x%02x', ord($1))/ger)
		    if $line =~ /[^ -~]/;
		push(@wrong, "not a log line: $line") if $line !~ /$LINE$FORM/;
	}
	for my $session (@{ $self->{sessions} }) {
		push(@wrong, "second line of session $session->{id}") if $seen{ $session->{id} }++;
		push(@wrong, "unknown reason $session->{reason}") if !$REASON{ $session->{reason} };
	}
	return @wrong > 5 ? @wrong[ 0 .. 4 ] : @wrong;
}

# The stop line against the sum of the sessions.
sub total_faults
{
	my ($self) = @_;
	my $stop = $self->{stop} // return 'no stop line';
	return if $self->{quiet_log};
	my %sum = (sessions => scalar(@{ $self->{sessions} }));
	for my $field (qw(up down lost-up lost-down)) {
		$sum{$field} = 0;
		$sum{$field} += $_->{$field} // 0 for @{ $self->{sessions} };
	}
	return map { ($stop->{$_} // 'missing') eq $sum{$_}
		? () : "stop line says $_=" . ($stop->{$_} // '(nothing)')
			. ", sessions say $sum{$_}" }
	    sort(keys(%sum));
}

1;
