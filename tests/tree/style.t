# SPDX-License-Identifier: ISC
#
# The rules of style that a machine can hold.

use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Text::Tabs qw(expand);
use Tree;

my $file_limit = 400;
my $function_limit = 60;
my $column_limit = 100;
my (@licence, @long_file, @long_function, @blanks, @columns, @marks);

sub check_lines {
	my ($path, $is_c, @lines) = @_;
	my $number = 0;

	for (@lines) {
		my $where = "$path:" . ++$number;

		push @blanks, $where if /\s$/;
		push @columns, $where if length(expand($_)) > $column_limit;
		push @marks, $where if $is_c && /\b(?:TODO|FIXME|XXX)\b/;
	}
}

# A function is from a { to a } in the first column.
sub check_functions {
	my ($path, @lines) = @_;
	my ($start, $name);

	for my $i (0 .. $#lines) {
		$name = $1 if $lines[$i] =~ /^(\w+)\(/;
		$start = $i if $lines[$i] =~ /^\{/;
		next unless $lines[$i] =~ /^\}/ && defined $start;
		push @long_function, "$path: $name: " . ($i - $start - 1)
		    if $i - $start - 1 > $function_limit;
		undef $start;
	}
}

# Not the wrappers of libtool, in a build below the sources.
# text_error() is for every thread, strerror(3) is not.
sub asks_strerror {
	my ($path) = @_;
	my $number = 0;

	return map { ++$number; /\bstrerror\s*\(/ ? "$path:$number" : () }
	    split /\n/, code("$src/$path");
}

sub is_script { return slurp("$src/$_[0]") =~ m{\A#!/}; }

my @files = (files(qr/\.(?:[cht]|p[lm]|mk)$/),
    grep { is_script($_) } files(qr{/[\w-]+$}));
for my $path (@files) {
	my $is_c = $path =~ /\.[ch]$/;
	my $text = slurp("$src/$path");
	my @lines = split /\n/, $text, -1;

	push @blanks, "$path: its end" if $text !~ /[^\n]\n\z/;
	pop @lines;
	push @licence, $path if "@lines[0 .. ($#lines < 2 ? $#lines : 2)]"
	    !~ /SPDX-License-Identifier: ISC/;
	push @long_file, "$path: " . @lines if @lines > $file_limit;
	check_lines($path, $is_c, @lines);
	check_functions($path, @lines) if $is_c;
}

cmp_ok(scalar(@files), '>', 10, 'the sources are found');
none('every file names its licence', @licence);
none("no file has more than $file_limit lines", @long_file);
none("no function has more than $function_limit lines", @long_function);
none("no line has more than $column_limit columns", @columns);
none('no line ends in blanks, and every file in one newline', @blanks);
none('nothing but text_error() puts errors into words',
    map { asks_strerror($_) } files(qr/\.[ch]$/, qw(lib src)));
none('no work is left behind in comments', @marks);
done_testing();
