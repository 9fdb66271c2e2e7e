#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# Files that are too large, too deep, or no text, and those that cannot be
# read: each is refused with words, in little time and memory.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ConfigTest;

my $good = "routes: [{listen: 1, upstreams: 'a:1'}]\n";

# The place and the words alone.
sub refuses
{
	my ($text, $want, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($status, $said) = reads(spit('x.yaml', $text));
	is($status, 78, "$name: status");
	return is((split(/\n/, $said))[0] // '', "x.yaml$want", $name);
}

sub accepts
{
	my ($text, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is((reads(spit('x.yaml', $text)))[1], "1 routes\n", $name);
}

my $too_deep = 'lists and mappings are nested too deeply';
my $too_many = 'with what its aliases stand for, the file has more than a million values';
my $no_utf8 = 'this byte is not UTF-8, in which a configuration is written';
my $mib = 1024 * 1024;
accepts($good . '#' x (16 * $mib - length($good)), '16 MiB');
refuses($good . '#' x (16 * $mib - length($good) + 1),
	': error: cannot be read: it has more than 16 MiB', 'a byte more');
refuses('[' x 1_000_000, ':1:33: error: ' . $too_deep, 'brackets');
refuses('- ' x 100_000, ':1:65: error: ' . $too_deep, 'hyphens');
refuses(join('', map { ' ' x $_ . "a:\n" } 0 .. 999), ':33:33: error: ' . $too_deep,
	'blanks');
my $ladder = "a0: &a0 {}\n" . join('', map {
	"a$_: &a$_ {<<: *a" . ($_ - 1) . "}\n" } 1 .. 40);
refuses($ladder, ':32:16: error: ' . $too_deep, 'aliases of aliases');
my $laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" . join('', map {
	"a$_: &a$_ [" . join(', ', ('*a' . ($_ - 1)) x 10) . "]\n" } 1 .. 12);
refuses($laughs, ':6:55: error: ' . $too_many, 'laughs');
my $merges = "a0: &a0 {x: y}\n" . join('', map {
	"a$_: &a$_ {<<: [" . join(', ', ('*a' . ($_ - 1)) x 10) . "]}\n" } 1 .. 12);
refuses($merges, ':7:30: error: ' . $too_many, 'merges');
refuses(join("\n", map { "- &a$_ x" } 1 .. 1001),
	':1001:10: error: there are more than a thousand anchors', 'anchors');
refuses('[' . 'a,' x 1_000_000 . ']', ':1:2000000: error: ' . $too_many, 'values')
	if !$ENV{MUX_TEST_QUICK};

# what is merged is a mapping, or a list of them
my ($status, $said) = reads(spit('x.yaml', <<'EOT'));
routes:
  - {name: a, listen: 1, upstreams: 'a:1', timeouts: &a {connect: 1s}}
  - {name: b, listen: 2, upstreams: 'a:1', timeouts: &b {idle: 2s}}
  - {name: c, listen: 3, upstreams: 'a:1', timeouts: {<<: [*a, *b], half-close: 3s}}
EOT
is("$status $said", "0 3 routes\n", 'a list of mappings is merged');
($status, $said) = reads(spit('x.yaml', "routes: [{listen: 1, upstreams: [\${A}:1]}]\n"));
like($said, qr/\Ax\.yaml:1:\d+: error: .* has to be quoted/, 'a variable among brackets');

accepts("\xef\xbb\xbf$good", 'a mark before UTF-8');
accepts($good =~ s/\n/\r\n/r, 'lines of other systems');
refuses("$good# \xc3\x28", ':2:3: error: ' . $no_utf8, 'Latin-1');
refuses("\xff\xfer\0o\0", ':1:1: error: ' . $no_utf8, 'UTF-16');
refuses("$good\0", ':2:1: error: there is a NUL byte; a configuration is text in UTF-8', 'NUL');
refuses("$good\033[2J", ':2:1: error: there is a control character, \\x1b; '
	. 'in double quotes it may be written like that', 'control characters');

is((reads('nowhere.yaml'))[1],
	"nowhere.yaml: error: cannot be read: No such file or directory\n", 'no file');
mkdir('directory');
is((reads('directory'))[1], "directory: error: cannot be read: Is a directory\n", 'a directory');
is((reads('-'))[1], "<stdin>: error: there is no route; add one, such as routes: "
	. "[{listen: 8888, upstreams: localhost:9000}]\n", 'standard input that is empty');
spit('x.yaml', $good);
is(scalar(qx('@{[reader()]}' - <x.yaml)), "1 routes\n", 'standard input');
system('mkfifo', 'pipe') == 0 or die "mkfifo: $?\n";
($status, $said) = reads(spit('y.yaml', "include: pipe\n"));
like($said, qr/'pipe' cannot be read: it is not a regular file/,
	'a pipe is not included, and not waited for');
SKIP: {
	skip('root may read everything', 1) if $> == 0;
	chmod(0, 'x.yaml');
	is((reads('x.yaml'))[1],
		"x.yaml: error: cannot be read: Permission denied\n", 'permission');
}
done_testing();
