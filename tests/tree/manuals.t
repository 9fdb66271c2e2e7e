# SPDX-License-Identifier: ISC
#
# Manual pages are clean, installed, and describe every function of mux.h.

use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

my @pages = map { substr($_, length($src) + 1) } sort glob("$src/man/*.[1-9]");

plan skip_all => 'there are no manual pages' unless @pages;

SKIP: {
	skip 'there is no mandoc', scalar(@pages) unless have('mandoc');
	for my $page (@pages) {
		my $output = qx(mandoc -T lint -W warning '$src/$page' 2>&1);

		is($output, '', "$page is clean");
	}
}

my $local = slurp("$src/man/local.mk");
none('every page is installed', grep { $local !~ /\Q$_\E\b/ } @pages);

my $text = join('', map { slurp("$src/$_") } grep { /\.3$/ } @pages);
none('every function of mux.h has a page',
    grep { $text !~ /^\.F[no] (?:"[^"]*\s\*?)?$_\b/m } declared());
done_testing();
