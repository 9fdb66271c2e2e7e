# SPDX-License-Identifier: ISC
#
# A picture of what the relays cost and do, by gnuplot: what muxproxy needs is 1.
package Picture;
use strict;
use warnings;
use Exporter 'import';
use Report qw(ratio);
use Rows qw(metric);

our @EXPORT_OK = qw(draw);

my %colour = (haproxy => '#4c78a8', 'haproxy-splice' => '#9ecae9', nginx => '#54a24b',
	socat => '#f58518', rinetd => '#b279a2', pen => '#eeca3b', redir => '#9d755d',
	simpleproxy => '#bab0ac', muxproxy => '#e45756');
my $tallest = 4;

# The panels: for each row that has one of these, the first of them.
my @panels = (
	[ 'processor time per operation or byte', qw(cpu_op cpu_gb) ],
	[ 'operations or bytes per second', qw(throughput rate) ],
	[ 'p99 of the time an operation takes', qw(p99) ],
	[ 'memory of an idle session', qw(memory) ],
);

sub metric_of
{
	my ($row, @names) = @_;
	for my $name (@names) {
		return $name if grep { $_ eq $name } @{ $row->{metrics} };
	}
	return undef;
}

# Rows of a panel, each with the values of all relays; undef where unknown.
sub panel_lines
{
	my ($rows, $results, $names, @metrics) = @_;
	my @lines;
	for my $row (@$rows) {
		my $metric = metric_of($row, @metrics) // next;
		my $rounds = $results->{ $row->{name} } // next;
		next if !$rounds->{muxproxy} || $row->{spread};
		my @values = map {
			my $ratio = $rounds->{$_} ? ratio($rounds->{$_}, $rounds->{muxproxy},
				$metric) : undef;
			$ratio;
		} @$names;
		push(@lines, [ $row->{name}, @values ]) if grep { defined } @values;
	}
	return @lines;
}

# What is too tall is cut, and says how tall it is.
sub panel_script
{
	my ($title, $names, @lines) = @_;
	my @known = grep {
		my $column = $_ + 1;
		grep { defined($_->[$column]) } @lines;
	} 0 .. $#$names;
	$names = [ @$names[@known] ];
	@lines = map { [ $_->[0], @$_[ map { $_ + 1 } @known ] ] } @lines;
	my $script = "\$data << END\n";
	my @labels;
	for my $i (0 .. $#lines) {
		my ($name, @values) = @{ $lines[$i] };
		$script .= join(' ', "\"$name\"", map { $_ // 'NaN' } @values) . "\n";
		for my $j (0 .. $#values) {
			next if !defined($values[$j]) || $values[$j] <= $tallest;
			my $x = $i + ($j - $#values / 2) / (@values + 1);
			my $label = 'set label "%.1f" at %.3f,%.2f center font ",8" front';
			push(@labels, sprintf($label, $values[$j], $x, $tallest * 0.95));
		}
	}
	return join("\n", "${script}END", 'unset label', @labels,
		"set title \"$title (muxproxy = 1)\"",
		'plot ' . join(', ', map {
			my $column = $_ + 2;
			"\$data using $column:xtic(1) title \"$names->[$_]\" linecolor rgb "
				. "\"$colour{ $names->[$_] }\""
		} 0 .. $#$names)) . "\n";
}

# Writes PREFIX.svg and PREFIX.png; returns the names of those written.
sub draw
{
	my ($gnuplot, $prefix, $facts, $rows, $results, @names) = @_;
	@names = ('muxproxy', grep { !/^(?:muxproxy|direct)/ } @names);
	my @scripts;
	for my $panel (@panels) {
		my ($title, @metrics) = @$panel;
		my @lines = panel_lines($rows, $results, \@names, @metrics);
		push(@scripts, panel_script($title, \@names, @lines)) if @lines;
	}
	return () if !@scripts;
	my $height = 300 * @scripts;
	my @written;
	for my $terminal ([ 'svg', 'svg' ], [ 'pngcairo', 'png' ]) {
		my ($kind, $suffix) = @$terminal;
		open(my $pipe, '|-', $gnuplot) or return @written;
		print({$pipe} <<"END", @scripts, "unset multiplot\n");
set terminal $kind size 1000,$height font "sans,11" background "white"
set output "$prefix.$suffix"
set style data histograms
set style histogram clustered gap 1
set style fill solid noborder
set yrange [0:$tallest]
set grid ytics linecolor rgb "#dddddd"
set border 3
set tics nomirror
set xtics rotate by 15 right
set key outside right top
set multiplot layout @{[ scalar(@scripts) ]},1 title "$facts" font ",10"
END
		push(@written, "$prefix.$suffix") if close($pipe);
	}
	return @written;
}

1;
