# SPDX-License-Identifier: ISC
#
# The shared library exports the functions of mux.h, no more and no less.

use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

my $library = "$build/lib/.libs/libmux.so";

plan skip_all => 'there is no shared library' unless -e $library;
plan skip_all => 'sanitizers and coverage add symbols'
    unless build_variable('SANITIZER_FLAGS') . build_variable('COVERAGE_FLAGS') eq '';
plan skip_all => 'there is no nm' unless have('nm');

sub symbols {
	my (@arguments) = @_;
	my %names;

	open(my $nm, '-|', 'nm', @arguments) or die "cannot run nm: $!\n";
	while (<$nm>) {
		$names{$1} = 1 if /^[0-9a-f]+ [A-Z] (\S+)/;
	}
	close($nm) or die "nm @arguments failed\n";
	return sort keys %names;
}

my @declared = declared();
cmp_ok(scalar(@declared), '>', 10, 'mux.h declares functions');

# older linkers export these of every library
my @exported = grep { !/^(_init|_fini|_edata|_end|__bss_start)$/ }
    symbols('-D', '--defined-only', $library);
is_deeply(\@exported, \@declared, 'what is exported is what mux.h declares');

SKIP: {
	skip 'there is no static library', 1
	    unless -e "$build/lib/.libs/libmux.a";
	none('the static library takes no names but mux_ and mux__',
	    grep { !/^mux_|^__x86\.get_pc_thunk\./ }
	    symbols('-g', '--defined-only', "$build/lib/.libs/libmux.a"));
}
done_testing();
