/* SPDX-License-Identifier: ISC */

/* memory.h - allocations of the relay: some fail, and all come back. */

#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stddef.h>

/* How many blocks the relay has. */
long memory_blocks(void);

/* For the simulation itself: zeroed, not counted, never failing. */
void *memory_take(size_t size);
void memory_give(void *block);

#endif
