# SPDX-License-Identifier: ISC
#
# Lines of the log: what they say.
package Lines;
use strict;
use warnings;
use JSON::PP ();

# A line of JSON as if it were one of text.
sub plain
{
	my ($line) = @_;
	return $line if $line !~ /\A\{/;
	my $fields = eval { JSON::PP->new->decode($line) } or return "not JSON: $line";
	my ($time, $level, $event) = delete(@$fields{qw(time level event)});
	return join(' ', $time, $level, $event, map { my $value = $fields->{$_};
		"$_=" . ($value =~ /\A[^\s"\\]*\z/ ? $value
		: '"' . $value =~ s/(["\\])/\\$1/gr . '"') } sort(keys(%$fields)));
}

# It ended at its start, though that was told already.
sub cannot_start { return grep { /\Amuxproxy: cannot / } @{ $_[0]{lines} }; }

# What the log says beyond that all went well, counted.
sub traces
{
	my ($relay) = @_;
	my %traces;
	for my $line (@{ $relay->{lines} }) {
		if ($line !~ /\A\d{4}-\S+ (\w+) ([\w-]+)(.*)/) {
			$traces{message}++;
		} elsif ($2 eq 'session') {
			my ($rest) = $3;
			my ($reason) = $rest =~ / reason=(\S+)/ or next;
			$traces{$reason}++ if $reason !~ /-fin\z/ || $rest =~ / lost-\w+=[1-9]/;
		} elsif ($1 ne 'info') {
			$traces{$2}++;
		} elsif ($2 eq 'start' && $3 =~ / sandbox=(\S+)/) {
			$traces{"confined by $1"}++;
		}
	}
	$traces{status}++ if ($relay->{status} // '0') ne '0';
	return \%traces;
}

1;
