#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# quickstart on a machine that lacks everything: a package manager that is none
# brings a compiler, and what there is besides is seen with it.

use strict;
use warnings;

use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

alarm 60;
my $cc = $ENV{CC} // 'cc';
my @headers = grep { system("echo '#include <$_.h>' | $cc -x c -fsyntax-only - 2>/dev/null") == 0 }
    qw(jansson seccomp uthash);
plan skip_all => 'there is no library to be seen' unless @headers;

my $dir = tempdir(CLEANUP => 1);

sub script {
	my ($name, @lines) = @_;

	open(my $fh, '>', "$dir/$name") or die "cannot write $name: $!\n";
	print $fh join("\n", '#!/bin/sh', @lines), "\n";
	close($fh) or die "cannot write $name: $!\n";
	chmod(0755, "$dir/$name");
}

mkdir("$dir/build");
mkdir("$dir/build/src");
copy("$src/quickstart", "$dir/quickstart") or die "cannot copy quickstart: $!\n";
script('configure.ac');
script('configure', "echo 'all:' >Makefile", ': >config.status');
script('build/src/muxproxy', 'echo started');
script('apt-get', "case \$* in *gcc*) printf '#!/bin/sh\\nexec $cc \"\$@\"\\n' >$dir/fake-cc",
	"chmod +x $dir/fake-cc;; esac");
script($_) for qw(systemctl update-rc.d);
script('sudo', 'test "$1" != -n || shift', 'exec "$@"');
# as old as configure, which is not to be made anew
utime(1, 1, "$dir/configure.ac");

my $output = qx(PATH='$dir':"\$PATH" CC='$dir/fake-cc' \\
    sh '$dir/quickstart' run 8888 builtin:echo </dev/null 2>&1);
is($?, 0, 'builds and runs') or diag($output);
like($output, qr/^quickstart: missing: .*\bcc\b/m, 'a compiler was missing');
like($output, qr/^started$/m, 'and was brought');
my ($without) = $output =~ /^quickstart: built without: (.*)/m;
none('nothing is said to be missing that is there',
	grep { ($without // '') =~ /\b$_\b/ } @headers);
done_testing();
