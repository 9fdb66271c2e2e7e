# SPDX-License-Identifier: ISC
#
# What service managers are given: units of systemd that are sound and tight,
# scripts that a shell reads, a plist that is XML.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

alarm 120;
plan skip_all => 'there is no build' unless -f "$build/Makefile";

# systemd's own words: an exposure of at most 2.0, times ten
my $threshold = 20;
my $dir = tempdir(CLEANUP => 1);
my @units = qw(muxproxy.service muxproxy@.service);

sub run {
	my ($command, $name) = @_;
	my $output = qx({ $command; } </dev/null 2>&1);

	return ok($? == 0, $name) || diag("$command\n$output") && 0;
}

sub spit {
	my ($path, $text) = @_;

	open(my $fh, '>', $path) or die "cannot write $path: $!\n";
	print $fh $text;
	close($fh) or die "cannot write $path: $!\n";
}

# The calls that a unit's filter lets pass, in the order of systemd.exec(5).
sub calls_of {
	my ($text) = @_;
	my (%members, %calls, $set);

	for (split(/\n/, qx(systemd-analyze syscall-filter --no-pager 2>/dev/null))) {
		$set = $1, next if /^(@\S+)/;
		push(@{ $members{$set} }, $1) if defined($set) && /^ +([\w@-]+)$/;
	}
	my $expand;
	$expand = sub { map { /^@/ ? $expand->(@{ $members{$_} // [] }) : $_ } @_ };
	for my $list ($text =~ /^SystemCallFilter=(.*)$/mg) {
		my $is_refused = $list =~ s/^~//;
		$calls{$_} = !$is_refused for $expand->(split(' ', $list));
	}
	return grep { $calls{$_} } keys(%calls);
}

# Every end closes what was opened last.
sub is_well_formed {
	my ($text) = @_;
	my @open;

	return 0 unless $text =~ s/\A<\?xml [^<>]*\?>\s*<!DOCTYPE [^<>]*>//;
	$text =~ s/<!--(?:(?!--).)*-->//gs;
	while ($text =~ m{\G([^<>&]*)<(/?)([a-zA-Z]+)((?:\s+\w+="[^"<&]*")*)\s*(/?)>}gc) {
		return 0 if !@open && ($1 =~ /\S/ || $2);
		next if $5;
		push(@open, $3), next unless $2;
		return 0 if pop(@open) ne $3;
		last unless @open;
	}
	return !@open && substr($text, pos($text) // 0) =~ /\A\s*\z/;
}

# The keys of a plist are strings that come before their values.
sub keys_of { return $_[0] =~ m{<key>([^<>]*)</key>\s*<(?:string|true|false|dict|array|integer)}g; }

my @made = (map({ "dist/$_" } @units), map { "dist/$_" } qw(freebsd/muxproxy netbsd/muxproxy
    openbsd/muxproxy openrc/muxproxy launchd/muxproxy.plist));
run("make -s -C '$build' @made", 'all are made');
none('no path is left to be filled in', grep { slurp("$build/$_") =~ /\@\w+\@/ } @made);

# the directory of this build alone
my ($config) = slurp("$build/dist/muxproxy.service") =~ m{-f (/\S*)/muxproxy\.yaml};
none('no unit speaks of another directory', grep { slurp("$build/dist/$_") =~
    m{(?<!\S)(?!\Q$config\E)/\S*etc/muxproxy} } @units);

for my $unit (@units) {
	my $text = slurp("$build/dist/$unit");

	# not installed yet, it is where it was built
	$text =~ s{^(Exec\w+=)\S*/muxproxy(?= )}{$1$build/src/muxproxy}mg;
	spit("$dir/$unit", $text);
}
spit("$dir/muxproxy.socket", slurp("$src/dist/muxproxy.socket"));
SKIP: {
	skip 'there is no systemd-analyze', 3 * @units + 1 unless have('systemd-analyze');
	for my $unit (@units) {
		(my $instance = $unit) =~ s/@/\@mail/;
		my $output = qx(cd '$dir' && systemd-analyze verify --man=no './$instance' 2>&1);

		ok($? == 0 && $output eq '', "$unit is sound") or diag($output);
		run("cd '$dir' && systemd-analyze security --offline=true"
		    . " --threshold=$threshold './$unit'", "$unit is tight");
		my %calls = map { $_ => 1 } calls_of(slurp("$build/dist/$unit"));
		none("$unit lets it confine itself", grep { !$calls{$_} } qw(capget capset
		    landlock_add_rule landlock_create_ruleset landlock_restrict_self prctl
		    seccomp setrlimit));
	}
	my $output = qx(cd '$dir' && systemd-analyze verify --man=no ./muxproxy.socket 2>&1);
	ok($? == 0 && $output eq '', 'muxproxy.socket is sound') or diag($output);
}

# both differ in the file, and in what must not be shared
my @lines = map { my $text = slurp("$build/dist/$_");
	$text =~ s/^#.*\n| \(%i\)|-%i//mg; $text =~ s/%i\.yaml/muxproxy.yaml/gr } @units;
is($lines[1], $lines[0], 'one of many is as the only one');

run("sh -n '$build/dist/$_/muxproxy'", "the script for $_ is one")
    for qw(freebsd netbsd openbsd openrc);

my $plist = slurp("$build/dist/launchd/muxproxy.plist");
ok(is_well_formed($plist), 'the plist is XML');
ok(!is_well_formed($plist =~ s{</array>}{}r), 'and what lacks an end is not');
my $keys = () = $plist =~ /<key>/g;
is(scalar(my @found = keys_of($plist)), $keys, 'each key has a value');
ok((grep { $_ eq 'ProgramArguments' } @found), 'and the program is there');
done_testing();
