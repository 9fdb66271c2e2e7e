/* SPDX-License-Identifier: ISC */

/* clock.c - time, for threads that have no loop to ask. */

#include <time.h>

#include "base/clock.h"

uint64_t
clock_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}
