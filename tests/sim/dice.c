/* SPDX-License-Identifier: ISC */

/* dice.c - splitmix64: small, and the same everywhere. */

#include "dice.h"

static uint64_t state;

void
dice_seed(uint64_t seed)
{
	state = seed;
}

size_t
dice_below(size_t count)
{
	uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((size_t)((z ^ (z >> 31)) % count));
}

bool
dice_one_in(size_t count)
{
	return (count != 0 && dice_below(count) == 0);
}

size_t
dice_size(void)
{
	static const size_t limits[] = { 1, 2, 8, 100, 4096 };

	return (1 + dice_below(limits[dice_below(5)]));
}
