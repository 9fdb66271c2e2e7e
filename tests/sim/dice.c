/* SPDX-License-Identifier: ISC */

/* dice.c - what is left to chance. */

#include "dice.h"

uint64_t dice_state;

size_t
dice_size(void)
{
	static const size_t limits[] = { 1, 2, 8, 100, 4096 };

	return (1 + dice_below(limits[dice_below(5)]));
}
