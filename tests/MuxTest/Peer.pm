# SPDX-License-Identifier: ISC
#
# One connection of a test: sends its own keyed stream or given bytes, and
# checks what it receives against the stream of the other side.
package MuxTest::Peer;
use strict;
use warnings;
use Errno qw(EAGAIN EINTR ECONNRESET EPIPE);
use IO::Poll qw(POLLIN POLLOUT POLLERR POLLHUP);
use Socket qw(SOL_SOCKET SO_ERROR SO_LINGER MSG_OOB);
use MuxTest::Loop qw(watch unwatch wait_until);
use MuxTest::Stream qw(stream_slice stream_key stream_of_head stream_check HEAD_SIZE);

use constant { CHUNK => 1 << 16, TIOCOUTQ => 0x5411 };

our %OPEN;    # every open peer, for the end of a test

# Options: name; collect (keep what comes in {data}), echo (send it back),
# discard (only count it), on_end (called at its end of input or error).
sub new
{
	my ($class, $socket, %options) = @_;
	my $self = bless {
		socket => $socket, name => 'peer', reading => 1, connected => !$options{connecting},
		key => undef, rx => undef, queue => '', to_send => 0, sent => 0, got => 0,
		head => '', data => '', eof => 0, error => 0, finish => 0, finished => 0,
		connecting => 0, %options
	}, $class;
	$OPEN{ $self + 0 } = $self;
	$self->update;
	return $self;
}

sub update
{
	my ($self) = @_;
	my $socket = $self->{socket} // return;
	my $mask = 0;
	if ($self->{connecting}) {
		$mask = POLLOUT;
	} else {
		$mask |= POLLIN if $self->{reading} && !$self->{eof} && !$self->{error};
		$mask |= POLLOUT if $self->wants_to_send;
	}
	return if $mask == ($self->{mask} // 0);
	$self->{mask} = $mask;
	watch($self, $socket, $mask);
	return;
}

sub wants_to_send
{
	my ($self) = @_;
	return !$self->{error} && !$self->{finished}
	    && ($self->{finish} || $self->{queue} ne '' || $self->{sent} < $self->{to_send});
}

# Orders: each returns the peer.
sub key { my ($self) = @_; return $self->{key} //= stream_key(); }

sub send
{
	my ($self, $count) = @_;
	$self->key;
	$self->{to_send} += $count;
	$self->update;
	return $self;
}

sub send_bytes
{
	my ($self, $bytes) = @_;
	$self->{queue} .= $bytes;
	$self->update;
	return $self;
}

# Sends one urgent byte, now.
sub send_urgent
{
	my ($self, $byte) = @_;
	defined(CORE::send($self->{socket}, $byte, MSG_OOB)) or die "$self->{name}: MSG_OOB: $!\n";
	return $self;
}

# Shuts its write side after everything ordered before.
sub finish { my ($self) = @_; $self->{finish} = 1; $self->update; return $self; }
sub pause { my ($self) = @_; $self->{reading} = 0; $self->update; return $self; }
sub resume { my ($self) = @_; $self->{reading} = 1; $self->update; return $self; }
sub expect { my ($self, $other) = @_; $self->{rx} = $other->key; return $self; }

sub close
{
	my ($self) = @_;
	my $socket = delete($self->{socket}) // return $self;
	unwatch($socket);
	CORE::close($socket);
	delete($OPEN{ $self + 0 });
	return $self;
}

# Closes with a reset.
sub reset
{
	my ($self) = @_;
	return $self if !$self->{socket};
	setsockopt($self->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0))
	    or die "SO_LINGER: $!\n";
	return $self->close;
}

# Bytes that its kernel has not got acknowledged yet; undef where unknown.
sub unacknowledged
{
	my ($self) = @_;
	my $count = pack('i', 0);
	return undef if $^O ne 'linux' || !ioctl($self->{socket}, TIOCOUTQ, $count);
	return unpack('i', $count);
}

sub ready
{
	my ($self, $mask) = @_;
	if ($self->{connecting}) {
		my $error = unpack('i', getsockopt($self->{socket}, SOL_SOCKET, SO_ERROR));
		$self->{connecting} = 0;
		$self->{connected} = !$error;
		$self->fails($error) if $error;
		$self->update;
		return;
	}
	$self->do_receive if $self->{reading} && $mask & (POLLIN | POLLERR | POLLHUP);
	$self->do_send
	    if $self->{socket} && $self->wants_to_send && $mask & (POLLOUT | POLLERR | POLLHUP);
	$self->update;
	return;
}

sub fails
{
	my ($self, $error) = @_;
	$self->{error} = $error;
	$self->{on_end}->($self) if $self->{on_end};
	return;
}

# A write that fails leaves what has already come to be read; its error has
# been reported then, and the read that follows only says that nothing is left.
sub do_send
{
	my ($self) = @_;
	for (1 .. 4) {
		my $left = $self->{to_send} - $self->{sent};
		my $keyed = $self->{queue} eq '' && $left > 0;
		if ($self->{queue} eq '' && !$keyed) {
			return if !$self->{finish} || $self->{finished};
			shutdown($self->{socket}, 1);
			$self->{finished} = 1;
			return;
		}
		my $bytes = $keyed
		    ? stream_slice($self->{key}, $self->{sent}, $left < CHUNK ? $left : CHUNK)
		    : $self->{queue};
		my $count = syswrite($self->{socket}, $bytes);
		if (!defined($count)) {
			return if $!{EAGAIN} || $!{EINTR};
			my $error = $! + 0;
			$self->{finished} = 1;
			$self->{write_error} = $error;
			$self->fails($error) if $self->{eof};
			return;
		}
		if ($keyed) {
			$self->{sent} += $count;
		} else {
			substr($self->{queue}, 0, $count, '');
			$self->{sent_bytes} += $count;
		}
		return if $count < length($bytes);
	}
	return;
}

sub do_receive
{
	my ($self) = @_;
	my $count = sysread($self->{socket}, my $bytes, $self->{at_once} // 1 << 18);
	if (!defined($count)) {
		$self->fails($! + 0) if !$!{EAGAIN} && !$!{EINTR};
	} elsif ($count == 0 && $self->{write_error}) {
		$self->fails($self->{write_error});
	} elsif ($count == 0) {
		$self->{eof} = 1;
		$self->{on_end}->($self) if $self->{on_end};
	} else {
		$self->receives($bytes);
	}
	return;
}

sub receives
{
	my ($self, $bytes) = @_;
	if ($self->{echo}) {
		$self->{queue} .= $bytes;
	} elsif ($self->{collect}) {
		$self->{data} .= $bytes;
	} elsif (!$self->{discard}) {
		if (!defined($self->{rx})) {
			$self->{head} .= $bytes;
			$self->{got} += length($bytes);
			return if length($self->{head}) < HEAD_SIZE;
			$self->{rx} = stream_of_head($self->{head})
			    // die "$self->{name}: foreign bytes " . unpack('H32', $self->{head})
			    . "\n";
			$self->{got} = 0;
			($bytes, $self->{head}) = ($self->{head}, '');
		}
		my $wrong = stream_check($self->{rx}, $self->{got}, $bytes);
		die "$self->{name}: $wrong\n" if defined($wrong);
	}
	$self->{got} += length($bytes);
	return;
}

# Waits
sub until_got
{
	my ($self, $count) = @_;
	wait_until { $self->{got} >= $count || $self->{eof} || $self->{error} }
	"$self->{name} to get $count bytes";
	return $self->{got} == $count;
}

sub until_sent
{
	my ($self) = @_;
	wait_until { !$self->wants_to_send } "$self->{name} to send everything";
	return $self;
}

sub until_end
{
	my ($self) = @_;
	wait_until { $self->{eof} || $self->{error} } "the end of input of $self->{name}";
	return $self->end;
}

sub until_connected
{
	my ($self) = @_;
	wait_until { !$self->{connecting} } "$self->{name} to be connected";
	return $self;
}

# "fin", "reset", another error's text, or "open"
sub end
{
	my ($self) = @_;
	return 'fin' if $self->{eof};
	return 'open' if !$self->{error};
	return 'reset' if $self->{error} == ECONNRESET || $self->{error} == EPIPE;
	local $! = $self->{error};
	return "$!";
}

sub close_all
{
	$_->close for values(%OPEN);
	return;
}

1;
