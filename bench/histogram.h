/* SPDX-License-Identifier: ISC */

/* histogram.h - how often each duration occurred, to 1.6 % of its value. */

#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

/* 64 steps in each power of two, up to 2^40 ns, 18 minutes */
#define HISTOGRAM_STEPS	64
#define HISTOGRAM_CELLS	(HISTOGRAM_STEPS * 36)

struct histogram {
	uint64_t count;
	uint64_t longest_ns;
	uint64_t cells[HISTOGRAM_CELLS];
};

void histogram_add(struct histogram *histogram, uint64_t duration_ns);

/* The duration that a share of all, such as 0.99, did not exceed. */
uint64_t histogram_quantile_ns(const struct histogram *histogram,
    double share);

#endif
