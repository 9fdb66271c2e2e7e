# SPDX-License-Identifier: ISC
#
# Mutants of a C source: every place where one small thing can be wrong.  The
# source is read as text, and counts on the house style: KNF, a statement on
# lines of its own, continuation lines by four spaces.
package Mutants;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(shuffle);

our @EXPORT_OK = qw(mutants_of spread);

my $PAREN;
$PAREN = qr/\((?:[^()]++|(??{ $PAREN }))*\)/;
my $OPERAND = qr/(?:[~&*]?(?:\w|->|\.)+(?:$PAREN)?|~?$PAREN)/;

my %COMPARE = ('<' => '<=', '<=' => '<', '>' => '>=', '>=' => '>', '==' => '!=', '!=' => '==');
my %ARITHMETIC = ('+=' => '-=', '-=' => '+=', '*=' => '/=', '/' => '*', '%' => '/', '*' => '/');

# The text with nothing in it but code, every character in its place.
sub masked
{
	my ($text) = @_;
	my $blank = sub { my ($t) = @_; $t =~ s/[^\n]/ /g; return $t; };
	my $string = sub { my ($t) = @_; $t =~ s/(?<=.)[^\n](?=.)/_/g; return $t; };
	$text =~ s{(/\*.*?\*/)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')}
	    {defined($1) ? $blank->($1) : $string->($2)}gse;
	$text =~ s/^(#(?:[^\n]*\\\n)*[^\n]*)/$blank->($1)/gme;
	$text =~ s/^(\s*assert\(.*?\);)/$blank->($1)/gmse;
	return $text;
}

# [name, from, to] of each function: from a { to a } in the first column.
sub functions
{
	my ($code) = @_;
	my @found;
	while ($code =~ /^(\w+)\([^{;]*\n\{\n(.*?)^\}/gms) {
		push(@found, [ $1, $-[2], $+[2] ]);
	}
	return @found;
}

# Lines of a function as [from, to, indent, simple]: simple are calls and
# assignments, which may be left out or change places.
sub statements
{
	my ($code, $from, $to) = @_;
	my @found;
	my $body = substr($code, $from, $to - $from);
	while ($body =~ /^(\t+)(\S[^\n]*(?:\n\1    [^\n]*)*)\n/gm) {
		my ($indent, $start, $statement) = (length($1), $from + $-[2], $2);
		$statement =~ s/\s+$//;
		my $simple = $statement =~ /;\z/
		    && $statement !~ /\A(?:[{}]|(?:\w+\s+)+\**\w|\w+\s+\*)/
		    && $statement !~ /\A(?:if|for|while|switch|return|case|default|else|do|goto)\b/
		    && $statement !~ /\A(?:break|continue|\(void\)\w+);/;
		push(@found, [ $start, $start + length($statement), $indent, $simple ]);
	}
	return @found;
}

# Whether the order of two statements cannot matter: assignments without a call
# that do not name what the other one assigns, or the same call of two things.
sub are_independent
{
	my ($one, $two) = @_;
	my ($call, $other) = map { /\A(free|FD_ZERO)\([^()]*\);\z/ ? $1 : '' } $one, $two;
	return 1 if $call ne '' && $call eq $other && $one ne $two;
	my ($left, $right) = map { /\A([\w>.\[\]-]+) (?:[-+]?=) .*;\z|\A([\w>.\[\]-]+)\+\+;\z/s
		? $1 // $2 : '' } $one, $two;
	return 0 if $left eq '' || $right eq '' || "$one$two" =~ /\b[a-z_]\w*\(/;
	return index($one, $right) < 0 && index($two, $left) < 0;
}

# Each finder calls add(kind, from, to, replacement).
sub find_statements
{
	my ($code, $add, $from, $to) = @_;
	my $last;
	for my $statement (statements($code, $from, $to)) {
		my ($start, $end, $indent, $simple) = @$statement;
		$add->('drop', $start, $end, ';') if $simple;
		if ($simple && $last && $last->[3] && $last->[2] == $indent
		    && !are_independent(map { substr($code, $_->[0], $_->[1] - $_->[0]) }
			$last, $statement)) {
			$add->('swap', $last->[0], $end, [ $last->[0], $last->[1], $start, $end ]);
		}
		$last = $statement;
	}
	return;
}

sub find_conditions
{
	my ($code, $add, $from, $to) = @_;
	pos($code) = $from;
	while ($code =~ /\b(?:if|while) ($PAREN)/g && $-[1] < $to) {
		$add->('negate', $-[1], $+[1], [ '(!', $-[1], $+[1], ')' ]);
	}
	pos($code) = $from;
	while ($code =~ /\s(&&|\|\|)\s/g && $-[1] < $to) {
		$add->('logic', $-[1], $+[1], $1 eq '&&' ? '||' : '&&');
	}
	pos($code) = $from;
	while ($code =~ /\s(<=?|>=?|==|!=)\s/g && $-[1] < $to) {
		$add->('compare', $-[1], $+[1], $COMPARE{$1});
	}
	return;
}

sub find_values
{
	my ($code, $add, $from, $to) = @_;
	pos($code) = $from;
	while ($code =~ /\b(true|false)\b/g && $-[1] < $to) {
		$add->('bool', $-[1], $+[1], $1 eq 'true' ? 'false' : 'true');
	}
	pos($code) = $from;
	while ($code =~ /\breturn \((.*?)\);/gs && $-[1] < $to) {
		next if $1 =~ /\A(?:true|false|NULL)\z/;
		$add->('return', $-[1], $+[1], $1 eq '0' ? '-1' : '0');
	}
	pos($code) = $from;
	while ($code =~ /^\t+(break|continue|return);/gm && $-[1] < $to) {
		$add->('jump', $-[1], $+[1], '');
	}
	return;
}

# A number of two digits is a measure, where one more is no mistake; and how
# many calloc(1, ...) sets aside shows in nothing.
sub find_numbers
{
	my ($code, $add, $from, $to) = @_;
	pos($code) = $from;
	while ($code =~ /(?<!calloc\()(?<![\w.])(\d)(?![\w.])/g && $-[1] < $to) {
		$add->('number', $-[1], $+[1], $1 + 1);
	}
	return;
}

sub find_signs
{
	my ($code, $add, $from, $to) = @_;
	pos($code) = $from;
	while ($code =~ / ([+-]) \(?\w/g && $-[1] < $to) {
		$add->('sign', $-[1], $+[1], $1 eq '+' ? '-' : '+');
	}
	pos($code) = $from;
	while ($code =~ /\w\)? ([-+*]=|[\/%*]) (?!\w+\)? = )/g && $-[1] < $to) {
		$add->('sign', $-[1], $+[1], $ARITHMETIC{$1});
	}
	pos($code) = $from;
	while ($code =~ /(\+\+|--)/g && $-[1] < $to) {
		$add->('sign', $-[1], $+[1], $1 eq '++' ? '--' : '++');
	}
	return;
}

sub find_flags
{
	my ($code, $add, $from, $to) = @_;
	pos($code) = $from;
	while ($code =~ /($OPERAND)(\s\|\s+)(?=($OPERAND))/g && $-[1] < $to) {
		my $after = $+[2];
		$add->('flag', $-[1], $after, '');
		$add->('flag', $-[2], $+[3], '');
		pos($code) = $after;
	}
	return;
}

# Numbers that a #define names are measures; what they are made of is not.
sub find_defines
{
	my ($text, $add) = @_;
	while ($text =~ /^#define\s+\w+\s+([^\n]*)/gm) {
		my ($from, $to) = ($-[1], $+[1]);
		my $code = masked("\n" . substr($text, 0, $to) =~ s/#/ /gr);
		$code = substr($code, 1);
		find_signs($code, $add, $from, $to);
		find_flags($code, $add, $from, $to);
		pos($text) = $to;
	}
	return;
}

# What takes the place of a piece; pieces of the text stand as two numbers.
sub replacement
{
	my ($text, $with) = @_;
	return $with unless ref($with);
	my $part = sub { substr($text, $_[0], $_[1] - $_[0]) };
	return $with->[0] . $part->($with->[1], $with->[2]) . $with->[3]
	    if $with->[0] =~ /\D/;
	my ($from1, $to1, $from2, $to2) = @$with;
	return $part->($from2, $to2) . $part->($to1, $from2) . $part->($from1, $to1);
}

# The lines that differ, with - and +.
sub difference
{
	my ($before, $after) = @_;
	my @old = split(/\n/, $before, -1);
	my @new = split(/\n/, $after, -1);
	my @changed = grep { $old[$_] ne $new[$_] } 0 .. $#old;
	my @lines = map { "-$old[$_]" } @changed;
	push(@lines, map { "+$new[$_]" } grep { $new[$_] =~ /\S/ } @changed);
	return join("\n", @lines);
}

# A mutant has as many lines as the source, so that what asserts say of lines
# stays, and an object file that differs means something else.
sub mutant
{
	my ($text, $function, $kind, $from, $to, $with) = @_;
	my $old = substr($text, $from, $to - $from);
	my $new = replacement($text, $with);
	$new .= "\n" x (($old =~ tr/\n//) - ($new =~ tr/\n//));
	my $mutated = substr($text, 0, $from) . $new . substr($text, $to);
	return { line => 1 + substr($text, 0, $from) =~ tr/\n//, kind => $kind,
		function => $function, text => $mutated,
		difference => difference($text, $mutated) };
}

# All mutants of a source, as line, kind, function, text, difference.
sub mutants_of
{
	my ($text) = @_;
	my $code = masked($text);
	my (@found, %seen);
	my $name = '-';
	my $add = sub {
		my $mutant = mutant($text, $name, @_);
		push(@found, $mutant) unless $seen{ $mutant->{text} }++;
	};
	find_defines($text, $add);
	for my $function (functions($code)) {
		($name, my ($from, $to)) = @$function;
		for my $find (\&find_statements, \&find_conditions, \&find_values,
			\&find_numbers, \&find_signs, \&find_flags) {
			$find->($code, $add, $from, $to);
		}
	}
	return @found;
}

# In an order that takes from each file and kind in turn.
sub spread
{
	my (@mutants) = @_;
	my %cells;
	push(@{ $cells{"$_->{file} $_->{kind}"} }, $_) for @mutants;
	my @cells = map { [ shuffle(@{ $cells{$_} }) ] } sort(keys(%cells));
	my @order;
	while (@cells) {
		push(@order, map { shift(@$_) } shuffle(@cells));
		@cells = grep { @$_ } @cells;
	}
	return @order;
}

1;
