# SPDX-License-Identifier: ISC
#
# The file "equivalent" holds mutants that no test can find. An entry has file,
# function and kind, the lines that differ, and the reason; a blank line ends it.
package Equivalent;
use strict;
use warnings;

sub key_of
{
	my ($where, $difference) = @_;
	return "$where\n" . $difference =~ s/^([-+])\s+/$1/gmr;
}

sub read
{
	my ($class, $text) = @_;
	my (%reasons, %seen);
	for my $entry (split(/\n\n+/, $text)) {
		my @lines = grep { !/^#/ } split(/\n/, $entry) or next;
		my $where = shift(@lines);
		my $difference = join("\n", grep { /^[-+]/ } @lines);
		$reasons{ key_of($where, $difference) } = join(' ', grep { !/^[-+]/ } @lines);
	}
	return bless { reasons => \%reasons, seen => \%seen }, $class;
}

# Why no test can find the mutant, or undef.
sub reason
{
	my ($self, $source, $mutant) = @_;
	my $key = key_of("$source $mutant->{function} $mutant->{kind}", $mutant->{difference});
	$self->{seen}{$key} = 1;
	return $self->{reasons}{$key};
}

# Entries that no mutant has asked for.
sub stale
{
	my ($self) = @_;
	return grep { !$self->{seen}{$_} } sort(keys(%{ $self->{reasons} }));
}

1;
