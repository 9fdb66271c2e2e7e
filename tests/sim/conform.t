# SPDX-License-Identifier: ISC
#
# The simulated kernel against the real one: the same short scripts of calls
# on both, and what they return is the same. Where it differs, the simulation
# is wrong.
#
#	MUX_TEST_SEED=SEED MUX_TEST_SCRIPTS=1 perl conform.t
#
# shows one script again.

use strict;
use warnings;

use IO::Handle;
use POSIX ();
use Test::More;

my $processes = 8;	# they mostly wait for acknowledgements
my $shown = 12;		# lines before a difference
my $scripts = $ENV{MUX_TEST_SCRIPTS} // 4000;
my $limit_s = 60 + $scripts / 20;
my $late = 0;
my @pids;

# A program of which all descriptors but the first three are free.
sub begin {
	my (@command) = @_;

	pipe(my $out, my $in) or die "pipe: $!";
	my $pid = fork() // die "fork: $!";
	if ($pid == 0) {
		POSIX::dup2(fileno($in), 1);
		POSIX::close($_) for 3 .. 63;
		exec(@command) or POSIX::_exit(127);
	}
	close($in);
	push @pids, $pid;
	return { pid => $pid, out => $out, name => $command[0] };
}

# The lines of the next script; none at the end.
sub next_script {
	my ($program) = @_;
	my @lines;

	while (defined(my $line = readline($program->{out}))) {
		chomp($line);
		push @lines, $line;
		last if $line =~ /^end/;
	}
	return @lines;
}

# What led to the first difference, or nothing.
sub difference {
	my ($real, $simulated) = @_;

	for my $i (0 .. $#$real) {
		my $other = $simulated->[$i] // 'nothing';

		next if $real->[$i] eq $other;
		return join("\n", $real->[0], @$real[($i > $shown ? $i - $shown : 1) .. $i - 1],
		    "real:      $real->[$i]", "simulated: $other");
	}
	return;
}

sub compare {
	my ($first, $count) = @_;
	my ($real, $simulated) = map { begin("$ENV{MUX_BUILDDIR}/tests/sim/conform-$_",
	    $first, $count) } qw(real sim);

	return sub {
		my @differences;

		for (1 .. $count) {
			my @is = next_script($real);
			my @said = next_script($simulated);

			if (($is[-1] // '') eq 'end late') {
				$late++;
				next;
			}
			push @differences, difference(@is ? \@is : ['no script'], \@said) // ();
		}
		for ($real, $simulated) {
			close($_->{out});
			waitpid($_->{pid}, 0);
			my $pid = $_->{pid};
			@pids = grep { $_ != $pid } @pids;
			push @differences, "$_->{name}: status $?" if $? != 0;
		}
		return @differences;
	};
}

sub check {
	my ($first, $count) = @_;
	my $share = int(($count + $processes - 1) / $processes);
	my (@runs, @differences);

	for (my $at = 0; $at < $count; $at += $share) {
		push @runs, compare($first + $at, $count - $at < $share ? $count - $at : $share);
	}
	@differences = map { $_->() } @runs;
	is(scalar(@differences), 0, "$count scripts from seed $first");
	diag($differences[0]) if @differences;
	return;
}

$SIG{ALRM} = sub { kill('KILL', @pids); die "too late\n"; };
alarm($limit_s);
if (defined $ENV{MUX_TEST_SEED}) {
	check($ENV{MUX_TEST_SEED}, $scripts);
} else {
	check(1, $scripts / 2);
	check(1_000_000 + int(rand(1_000_000_000)), $scripts / 2);
}
cmp_ok($late, '<=', $scripts / 10, 'few scripts were too late to be compared');
note("$late were late");
done_testing();
