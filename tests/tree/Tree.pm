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

our @EXPORT = qw($src $build files slurp code build_variable declared
    have none);

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
