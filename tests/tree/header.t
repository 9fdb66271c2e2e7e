# SPDX-License-Identifier: ISC
#
# mux.h is C and C++ of every standard, by itself and with every warning, and a
# C++ program runs with libmux.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin qw($Bin);
use lib $Bin;
use Test::More;
use Tree;

alarm 300;

my $strict = '-Wall -Wextra -Wshadow -Wundef -pedantic -Werror';
my $dir = tempdir(CLEANUP => 1);

sub spit {
	my ($path, $text) = @_;

	open(my $fh, '>', $path) or die "cannot write $path: $!\n";
	print $fh $text;
	close($fh) or die "cannot write $path: $!\n";
}

sub run {
	my ($command, $name) = @_;
	my $output = qx({ $command; } </dev/null 2>&1);

	ok($? == 0, $name) or diag("$command\n$output");
	return $output;
}

# What an ELF file is for: its class and its machine.
sub machine_of {
	my ($path) = @_;

	open(my $fh, '<:raw', $path) or return '';
	read($fh, my $head, 20);
	return substr($head, 4, 1) . substr($head, 18, 2);
}

# Those of the standards that the compiler knows.
sub known {
	my ($compiler, $language, @standards) = @_;

	my $try = "$compiler -x $language -fsyntax-only";
	return grep { system("$try -std=$_ /dev/null >'$dir/log' 2>&1") == 0 } @standards;
}

# $more is what a warning of this compiler alone is called.
sub compiles {
	my ($compiler, $language, $more, @standards) = @_;

	SKIP: {
		skip "there is no $compiler", 1 unless have($compiler);
		for my $standard (known($compiler, $language, @standards)) {
			run("$compiler -std=$standard $strict $more -I'$src/lib' -x $language "
			    . "-fsyntax-only '$dir/twice'", "$compiler takes it as $standard");
		}
	}
}

# Alone, at the head of a file, and once more; programs have the values built in.
spit("$dir/twice", <<'EOT');
#include <mux.h>
#include <mux.h>
extern char mux_h[MUX_READ == 1 && MUX_WRITE == 2 && MUX_ERROR == 4 && MUX_HANGUP == 8 &&
    MUX_END == 16 ? 1 : -1];
EOT
my @c = qw(c99 c11 c17 c2x);
my @cxx = qw(c++98 c++11 c++17 c++20 c++2b);
compiles('gcc', 'c', '-Wc++-compat -Wstrict-prototypes', @c);
compiles('clang', 'c', '-Wstrict-prototypes -Wdocumentation', @c);
compiles('g++', 'c++', '-Wold-style-cast', @cxx);
compiles('clang++', 'c++', '-Wold-style-cast', @cxx);

spit("$dir/user.cc", <<'EOT');
#include <mux.h>

#include <cstdio>
#include <unistd.h>

namespace {

int ends[2];

void
on_timer(mux_timer *timer, void *)
{
	std::puts("timer");
	mux_timer_destroy(timer);
	(void)!write(ends[1], "x", 1);
}

void
on_read(mux_loop *loop, int fd, unsigned events, void *arg)
{
	std::printf("%s%s\n", static_cast<const char *>(arg),
	    (events & MUX_READ) != 0 ? " read" : "");
	mux_fd_unregister(loop, fd);
	mux_loop_stop(loop);
}

}

int
main()
{
	static char word[] = "pipe";
	mux_loop *loop = mux_loop_create();

	if (loop == NULL || pipe(ends) != 0 ||
	    mux_fd_register(loop, ends[0], MUX_READ, on_read, word) != 0)
		return (1);
	mux_timer_start(mux_timer_create(loop, on_timer, NULL), 1);
	if (mux_loop_run(loop) != 0)
		return (1);
	mux_loop_destroy(loop);
	return (0);
}
EOT

SKIP: {
	my ($cxx) = grep { have($_) } qw(c++ g++ clang++);
	skip 'there is no C++ compiler', 2 unless defined $cxx;
	skip 'there is no shared library', 2 unless -e "$build/lib/.libs/libmux.so";
	system("$cxx -x c++ -c -o '$dir/probe.o' /dev/null");
	skip "$cxx is for another machine", 2
	    unless machine_of("$build/lib/.libs/libmux.so") eq machine_of("$dir/probe.o");
	skip 'sanitizers and coverage have runtimes of their own', 2
	    unless build_variable('SANITIZER_FLAGS') . build_variable('COVERAGE_FLAGS') eq '';
	run("$cxx $strict -I'$src/lib' -o '$dir/user' '$dir/user.cc' -L'$build/lib/.libs' -lmux",
	    'a C++ program links with libmux');
	local $ENV{LD_LIBRARY_PATH} = "$build/lib/.libs";
	is(run("'$dir/user'", 'and runs'), "timer\npipe read\n", 'and is called back');
}
done_testing();
