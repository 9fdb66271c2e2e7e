# SPDX-License-Identifier: ISC
#
# What the program can be told and what it says by its end: options, signals,
# variables of the environment and exit statuses are the same in the source, in
# --help and in muxproxy.8.  Keys of the file are held together by
# tests/config/agree.t, events of the log by events.t.

use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

my $page = slurp("$src/man/muxproxy.8");
my $help = help_text(code("$src/src/config/help.c"));
my %code = map { $_ => code("$src/$_") } files(qr/\.[ch]$/, 'src');

# A string of C, in pieces, as it is printed.
sub help_text {
	my ($source) = @_;
	my ($strings) = $source =~ /\bhelp\[\] =\n(.*?");/s;

	return join('', map { "$_\n" } ($strings // '') =~ /^"(.*)\\n"/mg);
}

sub section {
	my ($name) = @_;

	return $page =~ /^\.Sh \Q$name\E\n(.*?)(?=^\.Sh |\z)/ms ? $1 : '';
}

# Passes when the hashes have the same keys and values.
sub same {
	my ($name, $got, $expected) = @_;

	is_deeply([ map { "$_ $got->{$_}" } sort keys %$got ],
	    [ map { "$_ $expected->{$_}" } sort keys %$expected ], $name);
}

# Options: each long one with its letter and whether it takes an argument.
sub options_of_code {
	my $text = $code{'src/config/options.c'};
	my ($letters) = $text =~ /short_options\[\] = ":(.*?)"/;
	my %takes = map { /(.)(:?)/ ? ($1 => $2 ne '') : () } $letters =~ /\w:?/g;
	my (%options, @differ);

	while ($text =~ /\{ "([\w-]+)", (\w+)_argument, NULL, (?:'(.)'|\w+) \}/g) {
		my ($long, $argument, $letter) = ($1, $2 eq 'required', $3);
		$options{$long} = join(' ', $letter // '', $argument ? 'ARGUMENT' : '');
		next unless defined $letter;
		push @differ, $long if $argument != (delete $takes{$letter} // 2);
	}
	none('letters are those of long options, and take the same', @differ, sort keys %takes);
	return \%options;
}

sub options_of_page {
	my ($list) = $page =~ /^The options are:\n(.*?)^\.El$/ms;
	my %options;

	while ($list =~ /^\.It (?:Fl (\w) , )?Fl \\-([\w-]+)(.*)$/mg) {
		$options{$2} = join(' ', $1 // '', $3 ne '' ? 'ARGUMENT' : '');
	}
	return \%options;
}

sub options_of_help {
	my %options;

	while ($help =~ /^  (?:-(\w), |    )--([\w-]+)((?: [A-Za-z]\S*)?)(?:  |$)/mg) {
		$options{$2} = join(' ', $1 // '', $3 ne '' ? 'ARGUMENT' : '');
	}
	return \%options;
}

my $options = options_of_code();
cmp_ok(scalar(keys %$options), '>', 20, 'there are options');
same('--help has the options', options_of_help(), $options);
same('muxproxy.8 has the options', options_of_page(), $options);

# Signals: those that are watched, and those that are dealt with otherwise.
my ($watched) = $code{'src/control/orders.c'} =~ /\} names\[\] = \{(.*?)\n\};/s;
my %watched = map { $_ => 1 } $watched =~ /\{ (SIG\w+),/g;
my %signals = (%watched,
    map { $_ => 1 } map { /\bsig(?:nal|action)\((SIG\w+)\b(?!, SIG_DFL)/g } values %code);
my %told = map { $_ => 1 } map { /\b(SIG[A-Z0-9]+)/g } section('SIGNALS') =~ /^\.It (.*)$/mg;
my ($sentence) = $help =~ /^Signals: (.*?)\n\S[^\n]*muxproxy\(8\)/ms;
my %helped = map { +"SIG$_" => 1 } $sentence =~ /\b([A-Z][A-Z0-9]{2,})\b/g;
delete $helped{SIGFILE};	# no signal
cmp_ok(scalar(keys %watched), '>', 5, 'there are signals');
same('muxproxy.8 has the signals', \%told, \%signals);
same('--help has those to be sent', \%helped, \%watched);

# Exit statuses: those of the list that somebody uses.
my ($list) = $code{'src/control/failure.h'} =~ /^enum exit_status \{(.*?)^\};/ms;
my %status = $list =~ /\b(STATUS_\w+) = (\d+)/g;
my $uses = join('', map { $code{$_} } grep { /\.c$/ } sort keys %code);
none('every exit status is used', grep { $uses !~ /\b$_\b/ } sort keys %status);
same('muxproxy.8 has the exit statuses',
    { map { $_ => 1 } section('EXIT STATUS') =~ /^\.It (\d+)$/mg },
    { map { $_ => 1 } values %status });

# Variables: by name, or by a macro that is one.
my %macros = map { /^#define\s+(\w+)\s+"(\w+)"$/mg } values %code;
my (%variables, @strange);
for my $argument (map { /\bgetenv\(([^)]*)\)/g } values %code) {
	my $name = $argument =~ /^"(\w+)"$/ ? $1 : $macros{$argument};
	defined $name ? $variables{$name} = 1 : push @strange, $argument;
}
none('variables of the environment are read by name', @strange);
cmp_ok(scalar(keys %variables), '>', 5, 'there are variables');
same('muxproxy.8 has the variables', {
    map { $_ => 1 } map { /\b([A-Z][A-Z_]+)\b/g } section('ENVIRONMENT') =~ /^\.It Ev (.*)$/mg },
    \%variables);
done_testing();
