# SPDX-License-Identifier: ISC
#
# What make install puts where, that programs build with it, and that
# uninstall takes all of it away.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Find qw(find);
use File::Temp qw(tempdir);
use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

alarm 300;
plan skip_all => 'there is no build' unless -f "$build/Makefile";

my $dir = tempdir(CLEANUP => 1);
my $root = "$dir/root";
my $flags = join(' ', map { build_variable($_) } qw(SANITIZER_FLAGS COVERAGE_FLAGS));
my $libs = join(' ', map { build_variable($_) } qw(KQUEUE_LIBS LIBS));
my $cc = build_variable('CC');

sub run {
	my ($command, $name) = @_;
	my $output = qx({ $command; } </dev/null 2>&1);
	my $good = ok($? == 0, $name);

	diag("$command\n$output") unless $good;
	return $output;
}

sub installed {
	my @found;

	return () unless -d $root;
	find({ no_chdir => 1, wanted => sub {
		push @found, substr($_, length($root)) if -l || -f;
	} }, $root);
	return sort @found;
}

sub spit {
	my ($path, $text) = @_;

	open(my $fh, '>', $path) or die "cannot write $path: $!\n";
	print $fh $text;
	close($fh) or die "cannot write $path: $!\n";
}

# The completions of those shells that have a directory for them.
sub completions {
	my %name = (bash => 'muxproxy', fish => 'muxproxy.fish', zsh => '_muxproxy');
	my @files;

	for my $shell (keys %name) {
		my $place = build_variable("${shell}compdir");
		$place =~ s/^\$\{datadir\}/\/share/;
		push @files, "$place/$name{$shell}" if $place ne '';
	}
	return @files;
}

sub expected {
	my $libtool = qx('$build/libtool' --config);
	my @files = qw(/include/mux.h /lib/libmux.la /lib/pkgconfig/libmux.pc);

	push @files, '/bin/muxproxy' if -f "$src/src/main.c";
	push @files, map { "/lib/systemd/system/$_" } qw(muxproxy.service muxproxy@.service)
	    if build_variable('systemdsystemunitdir') ne '';
	push @files, map { "/share/doc/muxproxy/examples/$_" } qw(muxproxy.socket muxproxy.yaml);
	push @files, map { "/share/doc/muxproxy/$_" } qw(NEWS README tutorial.md);
	push @files, '/share/muxproxy/muxproxy.schema.json', completions();
	push @files, '/lib/libmux.a' if $libtool =~ /^build_old_libs=yes/m;
	push @files, '/lib/libmux.so'
	    if $libtool =~ /^build_libtool_libs=yes/m;
	push @files, map { m{([^/]+\.(\d))$}; "/share/man/man$2/$1" }
	    glob("$src/man/*.[1-9]"), glob("$build/man/*.[1-9]");
	my %seen;	# the two are one in a build within the source
	return sort grep { !$seen{$_}++ } @files;
}

run("make -C '$build' install DESTDIR='$root'", 'make install');
my ($header) = grep { m{/include/mux\.h$} } installed();
BAIL_OUT('mux.h was not installed') unless defined $header;
my $prefix = dirname(dirname($header));
my ($pc) = grep { m{/libmux\.pc$} } installed();
my $libdir = $root . dirname(dirname($pc));

# one name for each thing, whatever the system calls it
my %seen;
my @names = grep { !$seen{$_}++ } map {
	s{^\Q$prefix\E}{}; s{^/lib[^/]*/([^/]*-linux-[^/]*/)?}{/lib/};
	s{/libmux\.(?:so|\d*\.?dylib)[.\d]*$}{/libmux.so}; $_
} installed();
is_deeply([ sort @names ], [ expected() ], 'the files that are installed');

SKIP: {
	skip 'there is no pkg-config', 3 unless have('pkg-config');
	local $ENV{PKG_CONFIG_PATH} = $root . dirname($pc);
	local $ENV{PKG_CONFIG_SYSROOT_DIR} = $root;
	run('pkg-config --validate libmux', 'libmux.pc is valid');
	like(run('pkg-config --cflags --libs libmux', 'pkg-config answers'),
	    qr/-lmux\b/, 'and names the library');
}

spit("$dir/user.c", <<'EOT');
#include <mux.h>

#include <stdio.h>

int
main(void)
{
	struct mux_loop *loop = mux_loop_create();

	if (loop == NULL)
		return (1);
	mux_loop_destroy(loop);
	return (puts(mux_backend_name()) == EOF);
}
EOT

my $compile = "$cc $flags -I'$root$prefix/include' -o";
my $backend = build_variable('MUX_BACKEND_NAME');

SKIP: {
	skip 'there is no shared library', 3
	    unless grep { m{/libmux\.so$} } installed();
	local $ENV{LD_LIBRARY_PATH} = $libdir;
	run("$compile '$dir/shared' '$dir/user.c' -L'$libdir' -lmux",
	    'a program builds with the shared library');
	is(run("'$dir/shared'", 'and runs'), "$backend\n", 'as configured');
}
SKIP: {
	skip 'there is no static library', 3 unless -f "$libdir/libmux.a";
	run("$compile '$dir/static' '$dir/user.c' '$libdir/libmux.a' $libs",
	    'a program builds with the static library');
	is(run("'$dir/static'", 'and runs'), "$backend\n", 'as configured');
}

run("make -C '$build' uninstall DESTDIR='$root'", 'make uninstall');
none('leaves nothing behind', installed());
done_testing();
