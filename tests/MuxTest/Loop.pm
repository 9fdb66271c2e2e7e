# SPDX-License-Identifier: ISC
#
# The event loop of the tests. An owner is an object with a method
# ready($mask); waiting is always for a condition, never for a time.
package MuxTest::Loop;
use strict;
use warnings;
use Exporter 'import';
use IO::Poll qw(POLLIN POLLOUT POLLERR POLLHUP);
use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);

our @EXPORT_OK = qw(watch unwatch wait_until wait_polling $WAITING_FOR);

our $WAITING_FOR = '';

my $poll = IO::Poll->new;
my %owner;

# Watches a handle for POLLIN, POLLOUT, both, or with 0 not any more.
sub watch
{
	my ($owner, $handle, $mask) = @_;
	return unwatch($handle) if $mask == 0;
	$owner{ fileno($handle) } = [ $owner, $handle ];
	$poll->mask($handle => $mask);
	return;
}

sub unwatch
{
	my ($handle) = @_;
	my $fd = fileno($handle);
	return if !defined($fd) || !$owner{$fd};
	delete($owner{$fd});
	$poll->remove($handle);
	return;
}

sub turn
{
	my ($seconds) = @_;
	return if $poll->poll($seconds) <= 0;
	for my $handle ($poll->handles(POLLIN | POLLOUT | POLLERR | POLLHUP)) {
		my $fd = fileno($handle) // next;
		my $entry = $owner{$fd} // next;
		next if $entry->[1] != $handle;
		$entry->[0]->ready($poll->events($handle));
	}
	return;
}

# Runs the loop until the condition holds; the alarm of the test ends a
# wait that never does.
sub wait_until(&$)
{
	my ($condition, $what) = @_;
	local $WAITING_FOR = $what;
	until ($condition->()) {
		die "nothing left that could bring: $what\n" if !%owner;
		turn(undef);
	}
	return 1;
}

# The same for a condition that no handle announces (a file, a process):
# looks again and again; false when it is not true after that many seconds.
sub wait_polling(&$;$)
{
	my ($condition, $what, $seconds) = @_;
	local $WAITING_FOR = $what;
	my $end = clock_gettime(CLOCK_MONOTONIC) + ($seconds // 30);
	until ($condition->()) {
		return 0 if clock_gettime(CLOCK_MONOTONIC) > $end;
		if (%owner) {
			turn(0.01);
		} else {
			sleep(0.01);
		}
	}
	return 1;
}

1;
