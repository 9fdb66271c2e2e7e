#!/usr/bin/env perl
# SPDX-License-Identifier: ISC

# The manual of libmux is complete and true: every function of mux.h has a
# page under its name whose SYNOPSIS is the declaration, and the program in
# EXAMPLES of libmux(3) compiles without a warning and works.

use strict;
use warnings;

use Test::More;

use FindBin;
use lib $FindBin::Bin;
use Examples;

my $source = $ENV{MUX_SRCDIR} // "$FindBin::Bin/../..";
my $build = $ENV{MUX_BUILDDIR} // '.';

sub page {
	my ($name) = @_;
	for my $path ("$source/man/$name.3", "$build/man/$name.3") {
		return slurp($path) if -e $path;
	}
	return '';
}

sub section {
	my ($page, $name) = @_;
	return $page =~ /^\.Sh \Q$name\E\n(.*?)(?=^\.Sh |\z)/ms ? $1 : '';
}

# Declarations with single blanks, by the name of what they declare.
sub declarations {
	my ($text) = @_;
	my %found;

	$text =~ s{/\*.*?\*/}{}gs;
	$text =~ s/^#.*$//mg;
	while ($text =~ /^((?:\w[\w *]*?[ *])(mux_\w+)\(([^()]*)\));/mg) {
		my ($declaration, $name) = ($1, $2);
		$declaration =~ s/\s+/ /g;
		$found{$name} = $declaration;
	}
	return \%found;
}

# The same of a SYNOPSIS, from .Ft, .Fn, .Fo, .Fa and .Fc.
sub synopsis {
	my ($text) = @_;
	my (%found, $type, $name, @arguments);

	for my $line (split(/\n/, $text)) {
		$type = $1 if $line =~ /^\.Ft (.*)/;
		push(@arguments, $1) if $line =~ /^\.Fa "(.*)"/;
		($name, @arguments) = ($1) if $line =~ /^\.Fo (\w+)/;
		if ($line =~ /^\.Fn (\w+)(.*)/) {
			my $rest = $2;
			$name = $1;
			@arguments = $rest =~ /"(.*?)"/g;
		}
		next if $line !~ /^\.F[nc]\b/;
		my $blank = $type =~ /\*$/ ? '' : ' ';
		$found{$name} = "$type$blank$name(" .
		    join(', ', @arguments) . ')';
	}
	return \%found;
}

my $declared = declarations(slurp("$source/lib/mux.h"));
cmp_ok(scalar(keys %$declared), '>', 20, 'mux.h has functions');

for my $name (sort keys %$declared) {
	my $text = page($name);
	if ($declared->{$name} =~ /^typedef/) {
		my ($group) = $name =~ /^(mux_[a-z]+)_fn$/;
		$text = page($group . ($group =~ /fd$/ ? '_register' :
		    $group =~ /signal$/ ? '_watch' : '_create'));
	} elsif ($text =~ m{\A\.so man3/(\w+)\.3\n\z}) {
		$text = page($1);
	}
	like(section($text, 'NAME'), qr/^\.Nm \Q$name\E\b/m, "$name: NAME")
	    if $declared->{$name} !~ /^typedef/;
	is(synopsis(section($text, 'SYNOPSIS'))->{$name}, $declared->{$name},
	    "$name: SYNOPSIS");
}

for my $path (glob("$source/man/*mux*.3")) {
	my $found = synopsis(section(slurp($path), 'SYNOPSIS'));
	my @unknown = grep { !exists($declared->{$_}) } sort keys %$found;
	my ($file) = $path =~ m{([^/]+)\z};
	is("@unknown", '', "$file: nothing that mux.h does not have");
}

# The program, built as the tree is.
{
	my %make = slurp("$build/Makefile") =~ /^(\w+) = (.*)$/mg;
	my $directory = scratch();
	my ($program) = section(page('libmux'), 'EXAMPLES') =~
	    /^\.Bd -literal\n(.*?)^\.Ed$/ms;
	ok(defined($program), 'libmux(3) has a program');
	$program =~ s/\\e/\\/g;
	$program =~ s/\\-/-/g;
	$program =~ s/\\&//g;
	spew("$directory/input.c", $program);
	my $command = join(' ', "cd '$build' &&",
	    './libtool --quiet --tag=CC --mode=link', $make{CC}, '-std=gnu11',
	    @make{qw(CFLAGS WARN_CFLAGS SANITIZER_FLAGS)}, "-I'$source/lib'",
	    "-o '$directory/input' '$directory/input.c' lib/libmux.la");
	my $said = qx{$command 2>&1};
	is($?, 0, 'the program compiles') or diag($said);
	is($said, '', 'without a warning');

	pipe(my $in, my $to) or die;
	pipe(my $from, my $out) or die;
	my $pid = spawn({ 0 => $in, 1 => $out }, "$directory/input");
	close($in);
	close($out);
	syswrite($to, 'hello');
	close($to);
	is(rest_of($from), "5 bytes\nend\n", 'the program works');
	is(finish($pid), 0, 'the program ends');
}

done_testing();
