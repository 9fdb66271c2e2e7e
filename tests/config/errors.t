#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# What is said of each wrong file of errors.txt, to the letter.  There, a case
# is a line `=== NAME', the file, a line `>>>', and what is said of it.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ConfigTest;

for my $case (split(/^=== /m, slurp(source() . '/tests/config/errors.txt'))) {
	my ($name, $text, $want) = $case =~ /\A(.*)\n((?s:.*?))^>>>\n((?s:.*))\z/m or next;
	my ($status, $said) = reads(spit('muxproxy.yaml', $text));
	# what a build lacks is no matter of the file
	$said =~ s/^.*: this muxproxy was built without .*\n(?:.*\|.*\n)*//mg;
	is($status, 78, "$name: status");
	is($said, $want, "$name: words");
}
done_testing();
