# SPDX-License-Identifier: ISC
#
# Includes point one way:
#
#   main -> control -> config -> upstream, relay -> wire, base
#   relay -> upstream       src -> mux.h       lib -> nothing of src

use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

# What a room of src may include beside itself.
my %below = (
	main => [qw(control config relay upstream wire base)],
	control => [qw(config relay upstream wire base)],
	config => [qw(relay upstream wire base)],
	relay => [qw(upstream wire base)],
	upstream => [qw(wire base)],
	wire => [qw(base)],
	base => [],
);
# The rooms that are leaves or pure, and know no event loop.
my %no_loop = map { $_ => 1 } qw(base wire);

my (@unknown, @form, @direction, @loop, @lib, @sources, @examples);

sub includes {
	my ($path) = @_;
	my (@found, $line);

	for (split /\n/, slurp("$src/$path")) {
		$line++;
		push @found, [ $2, $1 eq '<', "$path:$line: $_" ]
		    if /^\s*#\s*include\s*([<"])([^>"]+)[>"]/;
	}
	return @found;
}

sub room_of {
	my ($path) = @_;

	return 'main' if $path =~ m{^src/[^/]+$};
	return $path =~ m{^src/([^/]+)/} ? $1 : '';
}

sub check_src {
	my ($path, $name, $system, $where) = @_;
	my $room = room_of($path);
	my $other = $name =~ m{^([^/]+)/[^/]+$} ? $1 : '';

	return if $name eq 'config.h';
	if ($name eq 'mux.h') {
		push @loop, $where if $no_loop{$room};
	} elsif (!$system) {
		push @form, $where if !-f "$src/src/$name" || $other eq '';
		push @direction, $where if $other ne '' && $other ne $room &&
		    !grep { $_ eq $other } @{ $below{$room} // [] };
	} elsif ($other ne '' && exists $below{$other}) {
		push @form, $where;
	}
}

sub check_lib {
	my ($name, $system, $where) = @_;

	return if $name eq 'config.h' || -f "$src/lib/$name" && !$system;
	push @lib, $where if !$system || -f "$src/src/$name" ||
	    exists $below{ ($name =~ m{^([^/]+)/})[0] // '' };
}

my @all = files(qr/\.[ch]$/, 'lib', 'src', 'examples');
for my $path (@all) {
	push @unknown, $path if $path =~ m{^src/} &&
	    !exists $below{ room_of($path) };
	for (includes($path)) {
		my ($name, $system, $where) = @$_;

		push @sources, $where if $name =~ /\.c$/;
		check_src($path, $name, $system, $where) if $path =~ m{^src/};
		check_lib($name, $system, $where) if $path =~ m{^lib/};
		push @examples, $where if $path =~ m{^examples/} &&
		    $name ne 'mux.h' && !-f "$src/examples/$name" &&
		    (!$system || $name =~ m{^mux});
	}
}

cmp_ok(scalar(@all), '>', 10, 'the sources are found');
none('every room of src has a place in the order', @unknown);
none('an include in src is written "room/file.h"', @form);
none('a room of src includes only what is below it', @direction);
none('base and wire know no event loop', @loop);
none('lib includes nothing of src', @lib);
none('examples see nothing but mux.h and each other', @examples);
none('no source file is included', @sources);
done_testing();
