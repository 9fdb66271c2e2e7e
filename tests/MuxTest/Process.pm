# SPDX-License-Identifier: ISC
#
# Child processes of the tests: started without a shell, their output read
# line by line in the loop, killed by their id when the test is over.
package MuxTest::Process;
use strict;
use warnings;
use Exporter 'import';
use File::Temp ();
use IO::Poll qw(POLLIN);
use POSIX qw(WNOHANG dup2 _exit);
use MuxTest::Loop qw(watch unwatch wait_until wait_polling);

our @EXPORT_OK = qw(run which kill_later);

use constant F_SETPIPE_SZ => 1031;

my (%running, %others);
my $owner = $$;

# Options: command, name, stdin, stdout, stderr (a path; 'pipe' for stdout
# and stderr, whose lines end up in {lines}), pipe_size, closed (none of the
# three at all), env, nofile, stack_kib, directory, uid.
sub new
{
	my ($class, %options) = @_;
	my $self = bless { name => $options{command}[0], stdin => '/dev/null',
		stdout => '/dev/null',
		stderr => 'pipe', lines => [], partial => {}, handles => {}, %options }, $class;
	my ($read_out, $write_out) = $self->{stdout} eq 'pipe' ? $self->make_pipe : ();
	my ($read_err, $write_err) = $self->{stderr} eq 'pipe' ? $self->make_pipe : ();
	my $pid = fork() // die "fork: $!\n";
	if ($pid == 0) {
		$self->become($write_out, $write_err);
		_exit(127);
	}
	$self->{pid} = $pid;
	$running{$pid} = $self;
	for my $handle (grep { defined } $write_out, $write_err) {
		close($handle);
	}
	for my $handle (grep { defined } $read_out, $read_err) {
		$self->{handles}{$handle} = $handle;
		$self->{partial}{$handle} = '';
		$self->{watchers}{$handle} = MuxTest::Process::Output->new($self, $handle);
	}
	$self->resume_output;
	return $self;
}

# Does not read its output for a while, or never again.
sub pause_output { unwatch($_) for values(%{ $_[0]{handles} }); return; }

sub resume_output
{
	my ($self) = @_;
	watch($self->{watchers}{$_}, $_, POLLIN) for values(%{ $self->{handles} });
	return;
}

sub forget_output
{
	my ($self) = @_;
	$self->pause_output;
	close($_) for values(%{ $self->{handles} });
	$self->{handles} = {};
	return;
}

sub make_pipe
{
	my ($self) = @_;
	pipe(my $read, my $write) or die "pipe: $!\n";
	fcntl($write, F_SETPIPE_SZ, $self->{pipe_size} // 1 << 20) if $^O eq 'linux';
	MuxTest::Net::nonblocking($read);
	return ($read, $write);
}

sub become
{
	my ($self, $out, $err) = @_;
	$SIG{$_} = 'DEFAULT' for qw(PIPE ALRM INT TERM HUP);
	POSIX::setsid() if $self->{session};
	open(my $in, '<', $self->{stdin}) or return;
	$out // open($out, '>>', $self->{stdout}) or return;
	if ($self->{stderr} eq 'stdout') {
		$err = $out;
	} elsif (!defined($err)) {
		open($err, '>>', $self->{stderr}) or return;
	}
	my @handles = ($in, $out, $err);
	dup2(fileno($handles[$_]), $_) for 0 .. 2;
	chdir($self->{directory}) or return if defined($self->{directory});
	my $env = $self->{env} // {};
	for my $name (keys(%$env)) {
		$ENV{$name} = $env->{$name};
	}
	my @command = @{ $self->{command} };
	my @limits = (($self->{nofile} ? "ulimit -n $self->{nofile}" : ()),
		($self->{stack_kib} ? "ulimit -s $self->{stack_kib}" : ()));
	unshift(@command, '/bin/sh', '-c', join(' && ', @limits, 'exec "$0" "$@"')) if @limits;
	POSIX::close($_) for $self->{closed} ? (0 .. 2) : ();
	POSIX::setgid($self->{uid}) && POSIX::setuid($self->{uid}) or return if $self->{uid};
	no warnings 'exec';
	exec { $command[0] } @command;
	return;
}

sub signal
{
	my ($self, $name) = @_;
	my $result = $self->{status} // kill($name, $self->{pid});
	wait_polling { $self->has_stopped } 'all threads to stop' if $name eq 'STOP';
	return $result;
}

# A thread that runs goes on for a while after the signal was sent.
sub has_stopped
{
	my ($self) = @_;
	for my $path (glob("/proc/$self->{pid}/task/*/stat")) {
		open(my $file, '<', $path) or next;
		return 0 if <$file> !~ /\) [TtZX] /;
	}
	return 1;
}

# True once the process is gone; {status} is then its exit status, or
# "SIG" and a number.
sub ended
{
	my ($self) = @_;
	return 1 if defined($self->{status});
	my $pid = waitpid($self->{pid}, WNOHANG);
	return 0 if $pid == 0;
	$self->{status} = $? & 127 ? 'SIG' . ($? & 127) : $? >> 8;
	delete($running{ $self->{pid} });
	return 1;
}

# Waits for its end and for the last of its output; returns the status.
sub wait
{
	my ($self) = @_;
	wait_polling { $self->ended } "the end of $self->{name}", 3600;
	wait_until { !%{ $self->{handles} } } "the last output of $self->{name}";
	return $self->{status};
}

# Waits for a line that was not there before, and returns it.
sub wait_for_line
{
	my ($self, $pattern, %options) = @_;
	my $next = $options{from} // $self->{seen} // 0;
	my $line;
	wait_until {
		while ($next < @{ $self->{lines} }) {
			$line = $self->{lines}[ $next++ ];
			return 1 if $line =~ $pattern;
		}
		if (!%{ $self->{handles} }) {
			die "$self->{name} ended without a line like $pattern\n" . $self->tail;
		}
		return 0;
	} "a line like $pattern of $self->{name}";
	$self->{seen} = $next;
	return $line;
}

sub tail
{
	my ($self) = @_;
	my @lines = @{ $self->{lines} };
	splice(@lines, 0, -12) if @lines > 12;
	return join('', map { "  $self->{name}: $_\n" } @lines);
}

sub all { return values(%running); }

sub kill_all
{
	return if $$ != $owner;
	local ($?, $!);
	for my $process (values(%running)) {
		next if $process->ended;
		kill('KILL', $process->{pid});
		waitpid($process->{pid}, 0);
		delete($running{ $process->{pid} });
		unwatch($_) for values(%{ $process->{handles} });
	}
	kill('KILL', $_) for keys(%others);
	%others = ();
	return;
}

# A process that is not a child (a daemon), to be killed at the end too;
# with 0 not any more.
sub kill_later
{
	my ($pid, $on) = @_;
	die "no process to kill: $pid\n" if $pid !~ /^[1-9]\d*\z/;	# 0 is all of us
	delete($others{$pid});
	$others{$pid} = 1 if $on // 1;
	return;
}

END { kill_all(); }

# Runs a command to its end: (status, stdout, stderr). First may come the
# options of new(), `output' instead of a file for stdout, and `patience', the
# seconds after which it is killed (for what may start to serve by mistake).
sub run
{
	my (@command) = @_;
	my %options = ref($command[0]) ? %{ shift(@command) } : ();
	my @output = map { File::Temp->new(TEMPLATE => 'outXXXXXX', TMPDIR => 1) } 1 .. 2;
	my $process = MuxTest::Process->new(command => \@command,
		stdout => $options{output} // "$output[0]", stderr => "$output[1]", %options);
	if (!wait_polling { $process->ended } "the end of $process->{name}",
		$options{patience} // 3600) {
		$process->signal('KILL');
	}
	my $status = $process->wait;
	return ($status, map { local $/; <$_> // '' } @output);
}

sub which
{
	my ($program) = @_;
	for my $directory (split(/:/, $ENV{PATH}), '/usr/sbin', '/sbin', '/usr/local/sbin') {
		return "$directory/$program" if -x "$directory/$program" && -f _;
	}
	return undef;
}

package MuxTest::Process::Output;
use strict;
use warnings;
use MuxTest::Loop qw(unwatch);

sub new
{
	my ($class, $process, $handle) = @_;
	return bless { process => $process, handle => $handle }, $class;
}

sub ready
{
	my ($self) = @_;
	my ($process, $handle) = @$self{qw(process handle)};
	my $count = sysread($handle, my $bytes, 1 << 16);
	return if !defined($count);
	my $partial = \$process->{partial}{$handle};
	if ($count == 0) {
		push(@{ $process->{lines} }, $$partial) if $$partial ne '';
		delete($process->{handles}{$handle});
		unwatch($handle);
		return close($handle);
	}
	$$partial .= $bytes;
	while ($$partial =~ s/\A([^\n]*)\n//) {
		push(@{ $process->{lines} }, $1);
		$process->on_line($1) if $process->can('on_line');
	}
	return;
}

1;
