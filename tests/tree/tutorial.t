# SPDX-License-Identifier: ISC
#
# What doc/tutorial.md shows is there: each piece of code in the file that was
# named last before it, each program, target and manual page that it names.

use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

my $text = slurp("$src/doc/tutorial.md");
my (@missing, @unnamed, @altered, $file);
my ($pieces, $prose) = (0, '');

# Code, and the text between: alternately.
for my $part (split /^(```c\n.*?^```)$/ms, $text) {
	if ($part =~ /\A```c\n(.*)```\z/s) {
		$pieces++;
		my $begins = (split /\n/, $1)[0];
		push @unnamed, $begins unless defined $file;
		push @altered, "$file: $begins"
		    if defined $file && index(slurp("$src/$file"), $1) < 0;
		next;
	}
	$prose .= $part;
	while ($part =~ m{`([\w.-]+(?:/[\w.-]+)+)`}g) {
		$file = -f "$src/$1" ? $1 : undef;
		push @missing, $1 unless defined $file;
	}
}
cmp_ok($pieces, '>', 15, 'the tutorial shows code');
none('every file that it names exists', @missing);
none('every piece of code follows the name of a file', @unnamed);
none('and stands in it', @altered);
none('nothing else is shown as code', $text =~ /^```(?!c?$)(.*)$/mg);

my @commands = $prose =~ /^    \$ (.*)$/mg;
my %built = map { $_ => 1 } map { split / / }
    slurp("$src/examples/local.mk") =~ /^noinst_PROGRAMS \+= (.*)$/mg;
cmp_ok(scalar(@commands), '>', 2, 'it shows commands');
none('every program of the commands is built',
    grep { /^examples/ && !$built{ (split / /)[0] } } @commands);
none('and so is every program of examples that it names', grep { !$built{$_} }
    $prose =~ m{`(examples/echo-\w+)\.c`}g);
none('it names every one of them', grep { $prose !~ m{`\Q$_\E\.c`} } sort keys %built);

my $makefiles = join('', map { slurp($_) } glob("$src/*/local.mk"));
none('every target of make exists', grep { $makefiles !~ /^\Q$_\E:/m }
    $prose =~ /`make (\w+)`/g);
my $pages = slurp("$src/man/local.mk");
none('every manual page exists', grep { $pages !~ m{\bman/\Q$_\E\b} }
    map { s/\((\d)\)/.$1/r } $prose =~ /(?<![\w`])(\w+\(\d\))/g);
none('every document exists', grep { !-f "$src/$_" }
    $prose =~ /(?<!`)\b([A-Z]{5,})\b(?!`)/g);
my %declared = map { $_ => 1 } declared();
none('every function of libmux exists', grep { !$declared{$_} }
    $prose =~ /`(mux_\w+)\(\)`/g);
done_testing();
