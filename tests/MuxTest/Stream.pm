# SPDX-License-Identifier: ISC
#
# Keyed pseudo-random streams: any piece of any stream can be made from its
# key and offset, so that a lost, doubled, moved or foreign byte shows.
package MuxTest::Stream;
use strict;
use warnings;
no warnings 'portable';
use Exporter 'import';

our @EXPORT_OK = qw(stream_slice stream_key stream_of_head stream_check $SEED HEAD_SIZE);

use constant { BLOCK => 4096, HEAD_SIZE => 8, BASE => 1 << 18 };

our $SEED = $ENV{MUX_TEST_SEED} // (time() ^ ($$ << 12)) & 0x7fffffff;

my ($base, %key_of_head, $last_key);

sub make_base
{
	srand($SEED);
	$base = pack('L*', map { int(rand(2**32)) } 1 .. BASE / 4);
}

# One 4 KiB block: eight bytes that name key and index, then random bytes
# from a place that depends on both.
sub block
{
	my ($key, $index) = @_;
	use integer;
	my $hash = ($SEED << 20) ^ $key * 0x1E3779B97F4A7C15 ^ $index * 0x42B2AE3D27D4EB4F;
	$hash ^= ($hash >> 31) & 0x1ffffffff;
	$hash *= 0x3F58476D1CE4E5B9;
	$hash ^= ($hash >> 29) & 0x7ffffffff;
	return pack('q', $hash)
	    . substr($base, ($hash & 0x3fffffff) % (BASE - BLOCK), BLOCK - HEAD_SIZE);
}

sub stream_slice
{
	my ($key, $offset, $length) = @_;
	make_base() if !defined($base);
	return '' if $length <= 0;
	my $first = int($offset / BLOCK);
	my $last = int(($offset + $length - 1) / BLOCK);
	my $blocks = join('', map { block($key, $_) } $first .. $last);
	return substr($blocks, $offset - $first * BLOCK, $length);
}

# A key that no other stream of this process has.
sub stream_key
{
	my $key = ++$last_key;
	$key_of_head{ stream_slice($key, 0, HEAD_SIZE) } = $key;
	return $key;
}

# The key of the stream that begins with these bytes.
sub stream_of_head
{
	my ($bytes) = @_;
	return $key_of_head{ substr($bytes, 0, HEAD_SIZE) };
}

# undef when the bytes are right, else what is wrong with them.
sub stream_check
{
	my ($key, $offset, $bytes) = @_;
	my $wanted = stream_slice($key, $offset, length($bytes));
	return undef if $bytes eq $wanted;

	($bytes ^ $wanted) =~ /[^\0]/;
	my $at = $-[0];
	my $sample = substr($bytes, $at, 16);
	my ($found, @whose) = (-1);
	if (length($sample) >= 8) {
		my $start = $offset + $at > 2**20 ? $offset + $at - 2**20 : 0;
		$found = index(stream_slice($key, $start, 2**21), $sample);
		$found += $start if $found >= 0;
		@whose = grep { index(stream_slice($_, 0, 2**18), $sample) >= 0 } 1 .. $last_key
		    if $found < 0 && $last_key < 64;
	}
	return sprintf('stream %d differs at byte %d (got %s, wanted %s%s)', $key, $offset + $at,
		unpack('H*', $sample), unpack('H*', substr($wanted, $at, 16)),
		$found >= 0 ? "; that is byte $found of it" : @whose
			? "; that is of stream @whose" : '');
}

1;
