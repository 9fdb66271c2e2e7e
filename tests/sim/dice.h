/* SPDX-License-Identifier: ISC */

/* dice.h - everything that is left to chance comes from one seed. */

#ifndef SIM_DICE_H
#define SIM_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void dice_seed(uint64_t seed);
size_t dice_below(size_t count);		/* 0 to count - 1 */
bool dice_one_in(size_t count);			/* never for 0 */
size_t dice_size(void);				/* of a queue: mostly small */

#endif
