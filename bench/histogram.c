/* SPDX-License-Identifier: ISC */

/*
 * histogram.c - log-linear: what is below 64 ns has a cell for each value,
 * and every power of two from there on has 64 cells.
 */

#include "histogram.h"

static unsigned
cell_of(uint64_t value)
{
	unsigned cell, shift;

	if (value < HISTOGRAM_STEPS)
		return ((unsigned)value);
	shift = 57U - (unsigned)__builtin_clzll(value);
	cell = shift * HISTOGRAM_STEPS + (unsigned)(value >> shift);
	return (cell < HISTOGRAM_CELLS ? cell : HISTOGRAM_CELLS - 1);
}

/* The largest value of a cell: no quantile is told too small. */
static uint64_t
value_of(unsigned cell)
{
	unsigned shift;

	if (cell < 2 * HISTOGRAM_STEPS)
		return (cell);
	shift = cell / HISTOGRAM_STEPS - 1;
	return (((uint64_t)(cell - shift * HISTOGRAM_STEPS + 1) << shift) - 1);
}

void
histogram_add(struct histogram *histogram, uint64_t duration_ns)
{
	histogram->cells[cell_of(duration_ns)]++;
	histogram->count++;
	if (duration_ns > histogram->longest_ns)
		histogram->longest_ns = duration_ns;
}

uint64_t
histogram_quantile_ns(const struct histogram *histogram, double share)
{
	const uint64_t rank = (uint64_t)(share * (double)histogram->count);
	uint64_t seen = 0, value;
	unsigned i;

	for (i = 0; i < HISTOGRAM_CELLS; i++) {
		seen += histogram->cells[i];
		if (seen > rank) {
			value = value_of(i);
			return (value < histogram->longest_ns ? value :
			    histogram->longest_ns);
		}
	}
	return (histogram->longest_ns);
}
