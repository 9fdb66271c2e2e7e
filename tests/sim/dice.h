/* SPDX-License-Identifier: ISC */

/*
 * dice.h - everything that is left to chance comes from one seed, by
 * splitmix64: small, and the same everywhere.
 */

#ifndef SIM_DICE_H
#define SIM_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern uint64_t dice_state;

static inline void
dice_seed(uint64_t seed)
{
	dice_state = seed;
}

/* 0 to count - 1, for a count below 2^32. */
static inline size_t
dice_below(size_t count)
{
	uint64_t z = (dice_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((size_t)(((z ^ (z >> 31)) >> 32) * count >> 32));
}

/* Never for 0. */
static inline bool
dice_one_in(size_t count)
{
	return (count != 0 && dice_below(count) == 0);
}

size_t dice_size(void);				/* of a queue: mostly small */

#endif
