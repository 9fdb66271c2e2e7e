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
	for my $format (log_formats(code("$src/$path"))) {
		$calls++;
		push @wrong, map { "$path: $_" } wrong_in($format);
	}
}
cmp_ok($calls, '>', 10, 'the calls are found');
none('every line has the form of base/logfmt.h', @wrong);
is(scalar(wrong_in('a b=X c="X y" d=X.Xs')), 0, 'a good one');
is(scalar(wrong_in($_)), 1, "wrong: $_")
    for 'a b=X y', 'a b="X', 'a B=X', 'Upper b=X', 'a level=X';
done_testing();
