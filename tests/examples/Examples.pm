# SPDX-License-Identifier: ISC

# Examples - runs the programs of examples/ and talks to them.
#
# Nothing here waits for time to pass: every step waits for what the one
# before it must bring about, and an alarm ends a test that waits in vain.

package Examples;

use strict;
use warnings;

use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use Exporter qw(import);
use File::Temp qw(tempdir);
use IO::Handle;
use IO::Select;
use IO::Socket::INET;
use POSIX qw(:sys_wait_h);
use Socket qw(AF_INET INADDR_LOOPBACK IPPROTO_TCP SOCK_STREAM SOL_SOCKET
    SO_LINGER SO_RCVBUF TCP_MAXSEG pack_sockaddr_in);

our @EXPORT = qw(spawn program servers start_server stopped_well
    listener dial random_bytes same end_socket exchange next_line rest_of freeze thaw finish
    slurp spew scratch clog close_with_reset);

my %running;

$ENV{LC_ALL} = 'C';
$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = sub { die "the test took too long\n" };
alarm(300);

END {
	my $status = $?;
	for my $pid (keys %running) {
		kill('KILL', $pid);
		waitpid($pid, 0);
	}
	$? = $status;
}

sub program {
	my ($name) = @_;
	my $directory = $ENV{MUX_BUILDDIR} // ".";
	return "$directory/examples/$name";
}

sub scratch {
	return tempdir('mux-examples-XXXXXX', TMPDIR => 1, CLEANUP => 1);
}

# spawn(\%handles, program, arguments): handles 0, 1 and 2, those of this
# process where none is given.  Returns the process number.
sub spawn {
	my ($handles, @command) = @_;

	my $pid = fork() // die "cannot fork: $!\n";
	if ($pid == 0) {
		for my $fd (0 .. 2) {
			next if !defined($handles->{$fd});
			POSIX::dup2(fileno($handles->{$fd}), $fd)
			    // POSIX::_exit(127);
		}
		{ no warnings; exec({ $command[0] } @command); }
		POSIX::_exit(127);
	}
	$running{$pid} = 1;
	return $pid;
}

# Waits for the end: the exit status, or 'signal N'.
sub finish {
	my ($pid) = @_;

	waitpid($pid, 0);
	delete $running{$pid};
	return WIFEXITED($?) ? WEXITSTATUS($?) : 'signal ' . WTERMSIG($?);
}

# The servers that have many clients at once, as far as this system has what
# they wait by.
sub servers {
	return 'echo-server', grep { -x program($_) }
	    qw(echo-select echo-poll echo-epoll);
}

# A server on a port of the system's choice, said in its first line; with
# other arguments than usual, or a limit of descriptors.
sub start_server {
	my ($name, %how) = @_;
	my $usual = $name eq 'echo-server' ? ['127.0.0.1'] : [];
	my @command = (program($name), 0, @{ $how{arguments} // $usual });

	unshift(@command, '/bin/sh', '-c',
	    "ulimit -n $how{limit} && exec \"\$@\"", 'sh') if $how{limit};
	pipe(my $out, my $out_writer) or die "cannot make a pipe: $!\n";
	pipe(my $err, my $err_writer) or die "cannot make a pipe: $!\n";
	my $pid = spawn({ 1 => $out_writer, 2 => $err_writer }, @command);
	close($out_writer);
	close($err_writer);
	my ($port) = (next_line($out) // '') =~ /^listening on \S+ port (\d+)$/
	    or die "$name does not listen\n";
	return { name => $name, pid => $pid, port => $port, out => $out,
	    err => $err };
}

# Told to stop: echo-server does as a program should, the others just end.
sub stopped_well {
	my ($server) = @_;

	kill('TERM', $server->{pid});
	Test::More::is(finish($server->{pid}), $server->{name} eq 'echo-server' ?
	    0 : 'signal ' . POSIX::SIGTERM(), "$server->{name}: ends when told");
	return;
}

sub listener {
	return IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
	    // die "cannot listen: $!\n";
}

# A connection; a narrow one has segments so small that the buffer of the
# server, which is measured by them, holds only a part of what it writes.
sub dial {
	my ($server, $narrow) = @_;

	socket(my $socket, AF_INET, SOCK_STREAM, 0)
	    or die "cannot make a socket: $!\n";
	if ($narrow) {		# both are announced by connect()
		setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 4096)
		    or die "cannot set SO_RCVBUF: $!\n";
		setsockopt($socket, IPPROTO_TCP, TCP_MAXSEG, 536)
		    or die "cannot set TCP_MAXSEG: $!\n";
	}
	connect($socket, pack_sockaddr_in($server->{port}, INADDR_LOOPBACK))
	    or die "cannot connect: $!\n";
	return $socket;
}

# Bytes that look random and are the same in each run.
sub random_bytes {
	my ($length, $seed) = @_;
	my $words = '';

	srand($seed // $length);
	$words .= pack('L', int(rand(2**32))) for 1 .. 16384;
	my $bytes = '';
	for (my $i = 0; length($bytes) < $length; $i++) {
		$bytes .= substr($words, ($i * 7) % 1021) . pack('N', $i);
	}
	return substr($bytes, 0, $length);
}

# is() would print megabytes
sub same {
	my ($got, $expected, $name) = @_;

	Test::More::ok($got eq $expected, $name)
	    or Test::More::diag('got ' . length($got) . ' bytes, expected ' .
	    length($expected));
	return;
}

sub end_socket { return shutdown($_[0], 1) }

# One line without its end, or undef.  Not readline(), which reads ahead.
sub next_line {
	my ($handle) = @_;
	my $line = '';

	while (1) {
		my $n = sysread($handle, my $byte, 1);
		next if !defined($n) && $! == EINTR;
		return undef if !$n;
		return $line if $byte eq "\n";
		$line .= $byte;
	}
}

sub rest_of {
	my ($handle) = @_;
	my $bytes = '';

	while (1) {
		my $n = sysread($handle, $bytes, 65536, length($bytes));
		next if !defined($n) && $! == EINTR;
		return $bytes if !$n;
	}
}

# Sends $data into $to, ends that direction by calling $end, and returns what
# comes out of $from until its end; all at the same time.
sub exchange {
	my ($to, $from, $data, $end) = @_;
	my $got = '';
	my $sent = 0;
	my $readers = IO::Select->new($from);
	my $writers = IO::Select->new();

	$to->blocking(0);
	$from->blocking(0);
	$sent < length($data) ? $writers->add($to) : $end->($to);
	while (1) {
		my ($readable, $writable) =
		    IO::Select->select($readers, $writers, undef);
		next if !defined($readable);
		if (@$writable) {
			my $n = syswrite($to, $data, 65536, $sent);
			return $got if !defined($n) &&
			    $! != EAGAIN && $! != EWOULDBLOCK && $! != EINTR;
			$sent += $n // 0;
			if ($sent == length($data)) {
				$writers->remove($to);
				$end->($to);
			}
		}
		if (@$readable) {
			my $n = sysread($from, $got, 65536, length($got));
			return $got if (defined($n) ? $n == 0 :
			    $! != EAGAIN && $! != EWOULDBLOCK && $! != EINTR);
		}
	}
}

# Keeps a process from running until thaw(), so that everything sent to it
# meanwhile arrives as one.
sub freeze {
	my ($pid) = @_;
	kill('STOP', $pid);
	# not WIFSTOPPED: perl's $? has no room for it
	return waitpid($pid, WUNTRACED) == $pid && kill(0, $pid);
}

sub thaw {
	my ($pid) = @_;
	kill('CONT', $pid);
	return;
}

# A connection that sends of $data until the server can neither send it back
# nor read more; and how much that was.
sub clog {
	my ($server, $data) = @_;
	my $slow = dial($server);
	my $sent = 0;

	$slow->blocking(0);
	# full may be full for a moment only: each answer to another connection
	# gives the server a turn in which to read from this one
	my $probe = dial($server);
	for (my $full = 0; $full < 20 && $sent < length($data);) {
		my $n = syswrite($slow, $data, 65536, $sent);
		$sent += $n // 0;
		$full = defined($n) ? 0 : $full + 1;
		syswrite($probe, "still there\n");
		next_line($probe) eq 'still there' or last;
	}
	return ($slow, $sent);
}

sub close_with_reset {
	my ($socket) = @_;
	setsockopt($socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0))
	    or die "cannot set SO_LINGER: $!\n";
	close($socket);
	return;
}

sub spew {
	my ($path, $bytes) = @_;
	open(my $file, '>:raw', $path) or die "cannot write $path: $!\n";
	print {$file} $bytes;
	close($file) or die "cannot write $path: $!\n";
	return;
}

sub slurp {
	my ($path) = @_;
	open(my $file, '<:raw', $path) or die "cannot read $path: $!\n";
	local $/;
	return scalar(<$file>) // '';
}

1;
