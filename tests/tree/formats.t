# SPDX-License-Identifier: ISC
#
# Every line of the log has the form of base/logfmt.h: an event, and key=value
# where a value is one word or stands in quotes.

use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

# Names that JSON has for what stands before a line.
my %taken = map { $_ => 1 } qw(time level event text);

# The text of the first strings behind a call, as one, with X for what is
# formatted; macros of inttypes.h end in no blank, so they are part of it.
sub format_of {
	my ($source, $macros) = @_;

	$source =~ s/\b($macros->{names})\b/$macros->{text}{$1}/g;
	$source =~ s/\bPRI\w+\b/"lu"/g;
	$source =~ s/\bPACKAGE_VERSION\b/"0"/g;
	my ($strings) = $source =~ /\G[^"]*?((?:"(?:[^"\\]|\\.)*"\s*)+)/s or return;
	my $text = join('', $strings =~ /"((?:[^"\\]|\\.)*)"/gs);
	$text =~ s/\\(["\\])/$1/g;
	$text =~ s/%[-0-9.*]*(?:l|ll|z|j)?[a-z]/X/g;
	return $text;
}

# Macros of a file that are formats.
sub macros_of {
	my ($text) = @_;
	my %text = $text =~ /^#define\s+(\w+_FORMAT)\s+(".*)$/mg;

	return { names => join('|', sort keys %text) || 'NONE', text => \%text };
}

# What is wrong with a format.
sub wrong_in {
	my ($format) = @_;
	my ($event, @rest) = split / (?=(?:[^"]*"[^"]*")*[^"]*$)/, $format;
	my @wrong;

	push @wrong, "event '$event'" if $event !~ /^[a-z][a-z-]*$/;
	for my $field (@rest) {
		# fields that were put together elsewhere
		next if $field =~ /^X+$/;
		push @wrong, "'$field'" if $field !~ /^[a-z][a-z0-9-]*=(?:"[^"\\]*"|[^\s"\\]*)$/;
		push @wrong, "'$field': JSON has another" if $field =~ /^(\w+)=/ && $taken{$1};
	}
	return map { "$_ in: $format" } @wrong;
}

my ($calls, @wrong) = (0);
for my $path (grep { $_ ne 'src/base/log.c' } files(qr/\.c$/, 'src')) {
	my $text = code("$src/$path");
	my $macros = macros_of($text);

	while ($text =~ /\blog_(?:session_)?line\(([^;]*);/g) {
		my $format = format_of($1, $macros);

		$calls++;
		push @wrong, map { "$path: $_" } defined $format ? wrong_in($format)
		    : "no format in: $1";
	}
}
cmp_ok($calls, '>', 10, 'the calls are found');
none('every line has the form of base/logfmt.h', @wrong);
is(scalar(wrong_in('a b=X c="X y" d=X.Xs')), 0, 'a good one');
is(scalar(wrong_in($_)), 1, "wrong: $_")
    for 'a b=X y', 'a b="X', 'a B=X', 'Upper b=X', 'a level=X';
done_testing();
