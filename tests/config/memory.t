#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Reading a file with less memory than it takes, at each point where that ends:
# in our code, in libfyaml's and in the C library's.  It is an error, and never
# the end of a process that may carry sessions.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin, "$FindBin::RealBin/..";
use ConfigTest;
use MuxTest qw(builddir program run sanitized);

my ($shim) = grep { -e } map { builddir() . "/tests/config/.libs/fake-memory.$_" }
	qw(so dylib);
plan(skip_all => 'fake-memory is not built') if !defined($shim);
plan(skip_all => 'sanitizers have their own memory') if sanitized();

my %files = (
	good => "workers: 2\nlog: {target: /tmp/x, format: json}\ninclude: '*.yml'\nroutes:\n"
	    . "  - &a {name: \"\${NAME:-a}\", listen: [1, 'unix:/tmp/x'], upstreams: [\"a:1\"]}\n"
	    . "  - {<<: *a, name: b, listen: 2, allow: [10.0.0.0/8], source: 127.0.0.1}\n",
	wrong => "routes:\n  - listen: 1\n    upstream: a:1\n",
	broken => "routes: [{listen: 1, 'a\n- : {\n",
);
my $STEP = 192;	# bytes; the widest that libfyaml 0.7.12 once crashed in was 320

# How it ends with so many bytes to parse the file in, and what it says then.
sub ends
{
	my ($path, $bytes) = @_;
	return run({ env => { LD_PRELOAD => $shim, FAKE_MEMORY => $bytes } }, program(), '-t',
		'-f', $path);
}

for my $name (sort(keys(%files))) {
	my $path = spit("$name.yaml", $files{$name});
	my ($enough) = ends($path, 1_000_000);
	is($enough, $name eq 'good' ? 0 : 78, "a $name file, with enough memory");
	my ($bytes, @wrong) = (0);
	for (; $bytes < 100_000; $bytes += $STEP) {
		my ($status, undef, $said) = ends($path, $bytes);
		last if $status eq $enough && $said !~ /memory/;
		push(@wrong, "$bytes: $status $said")
		    if $status !~ /^7[18]$/ || $said !~ /out of memory|Cannot allocate/
		    || $said =~ /fy_/;
	}
	is(join('', @wrong), '', "a $name file, with less");
	ok($bytes > 1024 && $bytes < 100_000, "$bytes bytes are enough");
}
done_testing();
