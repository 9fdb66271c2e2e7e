/* SPDX-License-Identifier: ISC */

/* clock.c - the time, and how long a wait is in other units. */

#include <limits.h>
#include <time.h>

#include "loop.h"

uint64_t
mux__clock_ns(void)
{
	struct timespec ts;

	/* cannot fail: the clock is required and the address is good */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 * MUX__NS_PER_MS +
	    (uint64_t)ts.tv_nsec);
}

/* Whole milliseconds, rounded up, as epoll_wait(2) and poll(2) take them. */
int
mux__timeout_ms(int64_t timeout_ns)
{
	const int64_t ns_per_ms = MUX__NS_PER_MS;

	if (timeout_ns < 0)
		return (-1);
	if (timeout_ns > INT_MAX * ns_per_ms)
		return (INT_MAX);
	return ((int)((timeout_ns + ns_per_ms - 1) / ns_per_ms));
}
