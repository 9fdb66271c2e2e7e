# SPDX-License-Identifier: ISC
#
# What the tests of the tree share: where it is, and what is in it.

package Tree;

use strict;
use warnings;

use Cwd qw(abs_path getcwd);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Find qw(find);

our @EXPORT = qw($src $build files slurp code log_formats build_variable
    declared have none);

our $src = $ENV{MUX_SRCDIR} // abs_path(dirname(__FILE__) . '/../..');
our $build = $ENV{MUX_BUILDDIR} // (-f 'config.status' ? getcwd()
    : "$src/build");

# A make above must not reach the makes and compilers that a test starts.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL DESTDIR)};

my @rooms = qw(lib src examples tests bench);

# Paths below the source tree, of these rooms or all, that match.
sub files {
	my ($pattern, @in) = @_;
	my @found;

	@in = grep { -d "$src/$_" } @in ? @in : @rooms;
	find({ no_chdir => 1, wanted => sub {
		push @found, substr($_, length($src) + 1) if -f && /$pattern/;
	} }, map { "$src/$_" } @in) if @in;
	return sort @found;
}

sub slurp {
	my ($path) = @_;

	open(my $fh, '<', $path) or die "cannot read $path: $!\n";
	local $/;
	return <$fh> // '';
}

# A C source without its comments; lines keep their numbers.
sub code {
	my $text = slurp($_[0]);

	$text =~ s{(/\*.*?\*/)}{ (my $c = $1) =~ tr/\n//cd; $c }gse;
	$text =~ s{//[^\n]*}{}g;
	return $text;
}

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

# The formats of all lines of the log in a source.
sub log_formats {
	my ($text) = @_;
	my $macros = macros_of($text);
	my @formats;

	while ($text =~ /\blog_(?:session_)?line\(([^;]*);/g) {
		my $call = $1;
		push @formats, format_of($call, $macros) // "no format in: $call";
	}
	return @formats;
}

# The value of a variable in the Makefile of the build.
sub build_variable {
	my ($name) = @_;

	return slurp("$build/Makefile") =~ /^\Q$name\E = *(.*?) *$/m ? $1 : '';
}

# The functions that mux.h declares.
sub declared {
	my $text = code("$src/lib/mux.h");

	$text =~ s/^\s*#.*//mg;
	$text =~ s/\btypedef\b[^;]*;//g;
	my %names = map { $_ => 1 } $text =~ /\b(mux_\w+)\s*\(/g;
	return sort keys %names;
}

sub have {
	my ($command) = @_;

	return grep { -x "$_/$command" } split /:/, $ENV{PATH};
}

# Passes when there are no offenders, and shows them when there are.
sub none {
	my ($name, @offenders) = @_;

	Test::More::is(join("\n", @offenders), '', $name);
}

1;
