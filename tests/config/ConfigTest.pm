# SPDX-License-Identifier: ISC
#
# What tests of configuration files have in common: a directory of their own,
# which is entered, and a program that reads a file there.
package ConfigTest;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use FindBin ();
use Test::More;

our @EXPORT = (@Test::More::EXPORT, qw(source spit slurp reader reads));

my $source = abs_path("$FindBin::RealBin/../..");
my ($build) = map { abs_path($_) } grep { -x "$_/tests/config/read-file" }
    grep { defined } $ENV{MUX_BUILDDIR}, $source, glob("$source/build*");

plan skip_all => 'tests/config/read-file is not built' unless defined $build;
my $directory = tempdir(CLEANUP => 1);
chdir $directory or die "$directory: $!\n";
spit('empty.yaml', '');
plan skip_all => 'built without libfyaml' if (reads('empty.yaml'))[1] =~ /without libfyaml/;
$SIG{ALRM} = sub { die "timed out\n" };
alarm($ENV{MUX_TEST_TIMEOUT} // 120);

# So that the directory can be taken away.
END { chdir '/'; }

sub source { return $source; }
sub reader { return "$build/tests/config/read-file"; }

sub spit
{
	my ($path, $text) = @_;
	make_path(dirname($path));
	open(my $file, '>:raw', $path) or die "$path: $!\n";
	print {$file} $text;
	close($file) or die "$path: $!\n";
	return $path;
}

sub slurp
{
	my ($path) = @_;
	open(my $file, '<:raw', $path) or die "$path: $!\n";
	local $/;
	return scalar(<$file>) // '';
}

# Its status and what it says, with an environment of that alone; what
# sanitizers are told goes along.
sub reads
{
	my ($path, %environment) = @_;
	my %kept = map { $_ => $ENV{$_} } grep { /_OPTIONS\z/ } keys %ENV;
	my $wrapper = $ENV{MUX_TEST_WRAPPER} // '';
	local %ENV = (PATH => $ENV{PATH}, %kept, %environment);
	my $said = qx($wrapper '@{[reader()]}' '$path' </dev/null 2>&1);
	return ($? & 127 ? "signal $?" : $? >> 8, $said);
}

1;
