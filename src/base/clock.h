/* SPDX-License-Identifier: ISC */

/* clock.h - time, for threads that have no loop to ask. */

#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC, rounded down (C9).  Any thread. */
uint64_t clock_now_ms(void);

#endif
