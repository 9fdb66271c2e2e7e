# SPDX-License-Identifier: ISC
#
# What the shim and the driver share, and relays that are more than one process.
package Background;
use strict;
use warnings;
use MuxTest;
use parent -norequire, 'MuxTest::Relay';

# A relay that went on in a child of its own

sub go
{
	my ($relay, $control) = @_;
	$relay->wait;
	@$relay{qw(pid status)} = ($control->child, undef);
	return bless $relay;
}

sub ended
{
	my ($self) = @_;
	return 1 if defined($self->{status});
	return 0 if !has_ended($self->{pid});
	# of a child of another only its log tells the status
	my $log = MuxTest::contents(Victim::path('log')) // '';
	$self->{status} = $log =~ / info stop / ? 0 : 'no stop';
	return 1;
}

sub signal { return kill($_[1], $_[0]{pid}); }

sub has_ended
{
	my ($pid) = @_;
	open(my $file, '<', "/proc/$pid/stat") or return 1;
	return (<$file> // '') !~ /\) [^ZX]/;
}

# A relay and the one that takes its place, with one log: what they say at
# their ends is added up, and each has a session 1.
package Succeeded;
use parent -norequire, 'MuxTest::Relay';

sub on_line
{
	my ($self, $line) = @_;
	my ($start, $stop) = @$self{qw(start stop)};
	$self->SUPER::on_line($line);
	$self->{start} = $start if $start;
	return if !$stop || $self->{stop} == $stop;
	$self->{stop}{$_} += $stop->{$_} for qw(sessions up down lost-up lost-down);
	return;
}

# What a new one says of why it does not start comes there as well, and may come
# within a line of the old one.
sub log_faults
{
	return grep { !/\A(?:second line of session|not a log line)/ } $_[0]->SUPER::log_faults;
}

# The file that the shim maps
package Control;

use constant { SIZE => 4096, HEAD => 9 };

sub new
{
	my ($class, $path) = @_;
	open(my $file, '+>:raw', $path) or die "$path: $!\n";
	syswrite($file, "\0" x SIZE);
	return bless { file => $file, path => $path }, $class;
}

sub put
{
	my ($self, $index, $value) = @_;
	sysseek($self->{file}, 4 * $index, 0);
	return syswrite($self->{file}, pack('L', $value));
}

sub end_faults { return $_[0]->put(0, 1); }
sub know_names { return $_[0]->put(1, 1); }

sub bytes
{
	my ($self) = @_;
	sysseek($self->{file}, 0, 0);
	sysread($self->{file}, my $bytes, SIZE);
	return $bytes;
}

sub head { return unpack('L5 l2 L2', $_[0]->bytes); }
sub fired { return ($_[0]->head)[2]; }
sub work { return ($_[0]->head)[ 3, 4 ]; }
sub blocks { return ($_[0]->head)[5]; }
sub blocks_left { return ($_[0]->head)[6]; }
sub child { return ($_[0]->head)[7]; }

sub calls
{
	my ($self) = @_;
	my $bytes = $self->bytes;
	my $kinds = ($self->head)[8];
	return { map { unpack('Z24 L', substr($bytes, 4 * HEAD + 28 * $_, 28)) } 0 .. $kinds - 1 };
}

1;
