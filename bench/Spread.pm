# SPDX-License-Identifier: ISC
#
# How many sessions each worker of a relay has: one that waits with epoll shows
# in /proc what it watches.
package Spread;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(watched spread);

sub processes
{
	my ($session) = @_;
	my @found;
	for my $path (glob('/proc/[0-9]*/stat')) {
		open(my $file, '<', $path) or next;
		my ($rest) = (<$file> // '') =~ /.*\) (.*)/s;
		my $its = (split(/ /, $rest // ''))[3] // 0;
		push(@found, $path =~ m{(\d+)}) if $its == $session;
	}
	return @found;
}

# The number of descriptors in each epoll set of all processes of a session.
sub watched
{
	my ($session) = @_;
	my %count;
	for my $pid (processes($session)) {
		for my $path (glob("/proc/$pid/fd/*")) {
			next if (readlink($path) // '') !~ /eventpoll/;
			my ($fd) = $path =~ m{(\d+)\z};
			open(my $file, '<', "/proc/$pid/fdinfo/$fd") or next;
			$count{"$pid/$fd"} = grep { /^tfd:/ } <$file>;
		}
	}
	return \%count;
}

# The shares of so many workers, from what was watched before and after: the
# largest by the smallest, and how many sessions they are apart.
sub spread
{
	my ($workers, $before, $after) = @_;
	my @more = sort { $b <=> $a } map { $after->{$_} - ($before->{$_} // 0) } keys(%$after);
	push(@more, (0) x ($workers - @more)) if @more < $workers;
	my ($largest, $smallest) = @more[ 0, $workers - 1 ];
	return (share => $smallest > 0 ? $largest / $smallest : 9999,
		apart => ($largest - $smallest) / 2);
}

1;
