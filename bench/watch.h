/* SPDX-License-Identifier: ISC */

/* watch.h - what the relay uses, from /proc. */

#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch_sample {
	unsigned processes;	/* 0: nothing is known */
	uint64_t cpu_ns;	/* of all threads, and of children that ended */
	uint64_t user_ns, system_ns;	/* in ticks of the clock */
	uint64_t waited_ns;	/* for a processor, while others had it */
	uint64_t memory;	/* bytes that are no file's */
};

/* Sums up all processes of a session; the memory too, which takes longer. */
void watch_session(long session, struct watch_sample *sample, bool memory);

/* How long this process waited for a processor. */
uint64_t watch_own_wait_ns(void);

#endif
