# SPDX-License-Identifier: ISC
#
# The system calls of a relay for each operation, or each 10^6 bytes, counted by
# strace; what it does to start and to stop is not among them.
package Calls;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(strace_words read_calls calls_per calls_table);

sub strace_words
{
	my ($strace, $output) = @_;
	return ($strace, '-f', '-c', '-o', $output);
}

# The counts by name, from what `strace -c' wrote.
sub read_calls
{
	my ($path) = @_;
	my %count;
	open(my $file, '<', $path) or return \%count;
	while (my $line = <$file>) {
		my @fields = split(' ', $line);
		next if @fields < 5 || $fields[0] !~ /^[\d.]+$/ || $fields[-1] eq 'total';
		$count{ $fields[-1] } += $fields[3];
	}
	return \%count;
}

# What is left of the counts when those without work are taken away, by
# operation.
sub calls_per
{
	my ($rest, $work, $answer) = @_;
	my $operations = $answer->{total_ops} || $answer->{total_bytes} / 1e6 || return {};
	my %each;
	for my $name (keys(%$work)) {
		my $more = $work->{$name} - ($rest->{$name} // 0);
		$each{$name} = $more / $operations if $more / $operations >= 0.05;
	}
	$each{total} += $each{$_} for grep { $_ ne 'total' } keys(%each);
	return \%each;
}

# Calls down, relays across; the most frequent first.
sub calls_table
{
	my ($row, $results, @names) = @_;
	my %most;
	for my $each (values(%$results)) {
		for my $name (keys(%$each)) {
			$most{$name} = $each->{$name} if $each->{$name} > ($most{$name} // 0);
		}
	}
	my $unit = grep({ /^(?:ping|rush)=/ } @{ $row->{load} }) ? 'operation' : 'MB';
	my $text = "$row->{name}: system calls per $unit\n" . sprintf('  %-16s', '')
	    . join('', map { sprintf('%16s', $_) } @names) . "\n";
	for my $name (sort { $most{$b} <=> $most{$a} || $a cmp $b } keys(%most)) {
		$text .= sprintf('  %-16s', $name) . join('', map {
			defined($results->{$_}{$name}) ? sprintf('%16.2f', $results->{$_}{$name})
				: sprintf('%16s', '-')
		} @names) . "\n";
	}
	return $text;
}

1;
