# SPDX-License-Identifier: ISC
#
# The completions of each shell know the options of the program, all of them and
# no other, and what their values and operands may be.  They are asked as the
# shell asks them, see complete.bash, complete.fish and complete.zsh.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

alarm 300;
plan skip_all => 'there is no program' unless -x "$build/src/muxproxy";

my $completions = "$src/dist/completions";
my %file = (bash => "$completions/muxproxy", fish => "$completions/muxproxy.fish",
    zsh => "$completions/_muxproxy");
my %check = (bash => '-n', fish => '--no-execute', zsh => '-n');

# what asks each for the answers to the lines of standard input
my %ask = (
	bash => "bash --norc --noprofile '$Bin/complete.bash' '$file{bash}' :=",
	'bash without breaks' => "bash --norc --noprofile '$Bin/complete.bash' '$file{bash}' ''",
	fish => "fish --no-config '$Bin/complete.fish' '$file{fish}'",
	zsh => "zsh -f '$Bin/complete.zsh' '$completions'",
);

# Files to be found by a path that is short, and settings of nobody.
my $dir = tempdir(CLEANUP => 1);
mkdir("$dir/$_") or die "cannot make $dir/$_: $!\n" for qw(home some);
for my $name (qw(some/file.yaml other.log)) {
	open(my $fh, '>', "$dir/$name") or die "cannot write $dir/$name: $!\n";
}
local @ENV{qw(HOME XDG_CONFIG_HOME XDG_DATA_HOME)} = ("$dir/home") x 3;
local $ENV{TERM} = 'dumb';

# From the help to every option: its names, and what stands for its value.
sub options {
	my @options;

	for (split(/\n/, qx('$build/src/muxproxy' --help))) {
		next unless /^  (?:(-\w), |    )(--[\w-]+)(?: ([A-Z]\S*|[a-z]+\|\S+))?(?:\s|$)/;
		push(@options, { names => [ grep { defined } $1, $2 ], value => $3 });
	}
	return @options;
}

my @options = options();
my @long = sort map { grep { /^--/ } @{ $_->{names} } } @options;
my @all = sort map { @{ $_->{names} } } @options;
cmp_ok(scalar(@options), '>', 20, 'the help has options');

# What is to be answered; a line ends where the cursor is.
my @builtin = map { "builtin:$_" } qw(chargen discard echo);
my @upstream = (@builtin, 'unix:');
my @listen = qw(systemd: unix:);
my @cases = (
	[ 'muxproxy -' => @all ],
	[ 'muxproxy --' => @long ],
	[ 'muxproxy --no' => '--no-sandbox' ],
	[ './some/muxproxy --ver' => '--verbose', '--version' ],
	[ 'muxproxy -q --dump' => '--dump-config' ],
	[ 'muxproxy ' => @listen ],
	[ 'muxproxy sys' => 'systemd:' ],
	[ 'muxproxy -w 2 --allow 10.0.0.0/8 u' => 'unix:' ],
	[ 'muxproxy -Dw 2 u' => 'unix:' ],
	[ 'muxproxy -w2 --allow=::/0 u' => 'unix:' ],
	[ 'muxproxy 8888 ' => @upstream ],
	[ 'muxproxy 8888 builtin:' => @builtin ],
	[ 'muxproxy -w 2 8888 a:1 builtin:e' => 'builtin:echo' ],
	[ 'muxproxy 8888 localh' ],
	[ 'muxproxy 8888=' => map { "8888=$_" } @upstream ],
	[ 'muxproxy 8888,unix:/x=builtin:d' => '8888,unix:/x=builtin:discard' ],
	[ 'muxproxy 8888=builtin:echo,builtin:c' => '8888=builtin:echo,builtin:chargen' ],
	[ 'muxproxy 8888=a:1 s' => 'systemd:' ],
	[ 'muxproxy 8888=a:1 99=builtin:e' => '99=builtin:echo' ],
	[ 'muxproxy 8888 unix:oth' => 'unix:other.log' ],
	[ 'muxproxy 8888=unix:oth' => '8888=unix:other.log' ],
	[ 'muxproxy unix:some/f' => 'unix:some/file.yaml' ],
	[ 'muxproxy -f some/f' => 'some/file.yaml' ],
	[ 'muxproxy --config some/f' => 'some/file.yaml' ],
	[ 'muxproxy --config=some/f' => '--config=some/file.yaml' ],
	[ 'muxproxy -p oth' => 'other.log' ],
	[ 'muxproxy -f some/file.yaml ' ],
	[ 'muxproxy --config=some/file.yaml 8888 ' ],
	[ 'muxproxy -u roo' => 'root' ],
	[ 'muxproxy --user root:dae' => 'root:daemon' ],
	[ 'muxproxy --log sys' => 'syslog' ],
	[ 'muxproxy --log=j' => '--log=journald' ],
	[ 'muxproxy --log some/f' => 'some/file.yaml' ],
	[ 'muxproxy --log-format ' => 'json', 'text' ],
	[ 'muxproxy --log-format=' => '--log-format=json', '--log-format=text' ],
	[ 'muxproxy --log-format=t' => '--log-format=text' ],
	[ 'muxproxy --source ' ],
	[ 'muxproxy --connect-timeout ' ],
	[ 'muxproxy -w ' => 'auto' ],
	map({ [ "muxproxy --$_-timeout o" => 'off' ] } qw(half-close idle shutdown)),
);

# An option with a value has no operand behind it, one without has.
my %valued = map { my $option = $_; map { $_ => $option->{value} } @{ $option->{names} } } @options;
my @behind = grep { !/^(?:-h|-V|--help|--version)$/ } @all;

# The answers of a shell to some lines, each as one text.
sub answers {
	my ($shell, @lines) = @_;
	my @answers = ('');

	open(my $fh, '>', "$dir/lines") or die "cannot write $dir/lines: $!\n";
	print $fh map { "$_\n" } @lines;
	close($fh) or die "cannot write $dir/lines: $!\n";
	my $output = qx(cd '$dir' && $ask{$shell} <'$dir/lines' 2>&1);
	my @blocks = split(/^\.$/m, $output);
	return map { join(' ', sort map { s{[\s/]+$}{}r } grep { /\S/ } split(/\n/)) } @blocks;
}

for my $shell (sort keys %ask) {
	my ($program) = $shell =~ /^(\w+)/;

	SKIP: {
		skip "there is no $shell", 4 + @cases unless have($program);
		is(qx($program $check{$program} '$file{$program}' 2>&1), '', "$shell reads it");
		my @answers = answers($shell, map { $_->[0] } @cases);
		for (@cases) {
			my ($line, @expected) = @$_;

			my $answer = shift(@answers);
			# where nothing else can be, zsh goes on with options
			$answer = '' if $shell eq 'zsh' && !@expected && $answer !~ /(?:^| )[^-]/;
			is($answer, join(' ', @expected), "$shell: $line");
		}
		is(join(' ', @answers), '', "$shell answers each line once");
		@answers = answers($shell, map { "muxproxy $_ s" } @behind);
		my %has_operand = map { $_ => scalar(shift(@answers) =~ /systemd:/) } @behind;
		none("$shell has a value behind each option that takes one",
		    grep { $valued{$_} && $has_operand{$_} } @behind);
		none("and behind no other", grep { !$valued{$_} && !$has_operand{$_} } @behind);
	}
}
done_testing();
