# SPDX-License-Identifier: ISC
#
# Tables and JSON: medians over the rounds, and the medians of the ratios that
# muxproxy had to each peer within a round.
package Report;
use strict;
use warnings;
use Exporter 'import';
use JSON::PP ();
use Rows qw(metric);

our @EXPORT_OK = qw(median value_of ratio table verdicts write_json);

sub median
{
	my @sorted = sort { $a <=> $b } grep { defined } @_;
	return undef if !@sorted;
	my $middle = int(@sorted / 2);
	return @sorted % 2 ? $sorted[$middle] : ($sorted[ $middle - 1 ] + $sorted[$middle]) / 2;
}

# What one round of a peer says of a metric.
sub round_value
{
	my ($round, $name) = @_;
	return undef if !defined($round) || defined($round->{failed});
	my ($title, $key, $factor) = metric($name);
	return defined($round->{$key}) ? $factor * $round->{$key} : undef;
}

# The median of a metric; $rounds are the rounds of one peer.
sub value_of
{
	my ($rounds, $name) = @_;
	return median(map { round_value($_, $name) } @$rounds);
}

# The median of ours to theirs, round by round.
sub ratio
{
	my ($ours, $theirs, $name) = @_;
	return undef if !$ours || !$theirs;
	my @ratios;
	for my $i (0 .. $#$ours) {
		my ($mine, $other) = map { round_value($_->[$i], $name) } $ours, $theirs;
		push(@ratios, $mine / $other) if defined($mine) && $other;
	}
	return median(@ratios);
}

sub cell
{
	my ($value, $digits) = @_;
	return defined($value) ? sprintf("%.${digits}f", $value) : '-';
}

# Who was the limit, in most of the rounds.
sub limit_of
{
	my ($rounds) = @_;
	my (%count, @failed);
	for my $round (grep { defined } @$rounds) {
		push(@failed, $round->{failed}) if defined($round->{failed});
		$count{ $round->{limit} }++ if !defined($round->{failed});
	}
	return $failed[0] if @failed;
	return (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys(%count))[0] // '-';
}

# One row: a line for each peer; behind each metric the ratio to ours.
sub table
{
	my ($row, $results, @names) = @_;
	my @metrics = @{ $row->{metrics} };
	my @lines = ([ 'relay', (map { (metric($_))[0], 'ratio' } @metrics), 'limit' ]);
	my $ours = $results->{muxproxy};
	for my $name (grep { $results->{$_} } @names) {
		my $rounds = $results->{$name};
		my @cells;
		for my $metric (@metrics) {
			my $compared = $ours && $name ne 'muxproxy' && $metric ne 'user';
			push(@cells, cell(value_of($rounds, $metric), (metric($metric))[4]),
				$compared ? cell(ratio($ours, $rounds, $metric), 2) : '');
		}
		push(@lines, [ $name, @cells, limit_of($rounds) ]);
	}
	return "$row->{name}: $row->{title}\n" . aligned(@lines);
}

# What was asked of muxproxy in a row, and what was found.
sub verdicts
{
	my ($row, $results, @names) = @_;
	my $text = '';
	for my $goal (@{ $row->{goals} // [] }) {
		my ($metric, $bound, $whom) = @$goal;
		my ($title, $more) = (metric($metric))[ 0, 3 ];
		my $found = found($row, $results, $metric, $whom, @names) // next;
		my $reached = $more ? $found >= $bound : $found <= $bound;
		my $of = $whom eq 'itself' ? '' : ' of ' . ($whom =~ s{row:}{}r);
		$text .= sprintf("  %s at %s %g%s: %.3g, %s\n", $title, $more ? 'least' : 'most',
			$bound, $of, $found, $reached ? 'reached' : 'missed');
	}
	return $text;
}

sub found
{
	my ($row, $results, $metric, $whom, @names) = @_;
	my $rounds = $results->{ $row->{name} } // return undef;
	my $ours = $rounds->{muxproxy} // return undef;
	return value_of($ours, $metric) if $whom eq 'itself';
	return ratio($ours, $results->{$1}{muxproxy}, $metric) if $whom =~ /^row:(.*)/;
	return ratio($ours, $rounds->{$whom}, $metric) if $whom ne 'best';
	my @ratios = sort { $a <=> $b } grep { defined }
	    map { ratio($ours, $rounds->{$_}, $metric) }
	    grep { !/^(?:muxproxy|direct)/ } @names;
	return (metric($metric))[3] ? $ratios[0] : $ratios[-1];
}

sub aligned
{
	my (@lines) = @_;
	my @width;
	for my $line (@lines) {
		for my $i (0 .. $#$line) {
			my $length = length($line->[$i]);
			$width[$i] = $length if $length > ($width[$i] // 0);
		}
	}
	my $text = '';
	for my $line (@lines) {
		my ($name, @cells) = @$line;
		my $last = pop(@cells);
		$text .= sprintf("  %-*s", $width[0], $name);
		$text .= sprintf('  %*s', $width[ $_ + 1 ], $cells[$_]) for 0 .. $#cells;
		$text .= "  $last\n";
	}
	return $text;
}

sub write_json
{
	my ($path, $facts) = @_;
	open(my $file, '>', $path) or die "$path: $!\n";
	print({$file} JSON::PP->new->pretty->canonical->encode($facts));
	close($file) or die "$path: $!\n";
	return;
}

1;
