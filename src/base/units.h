/* SPDX-License-Identifier: ISC */

/* units.h - durations, rates and sizes with a unit, as users write them. */

#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* No limit, written `off'. */
#define DURATION_OFF	UINT64_MAX

/* So many in so long; a count of 0 is no limit. */
struct rate {
	uint64_t count;
	uint64_t per_ms;
};

/* The longest duration that can be written: a hundred years. */
#define DURATION_MAX_MS	(UINT64_C(100) * 365 * 86400 * 1000)

/*
 * Reads a whole number with one of the units ms, s, m, h and d.  Returns
 * NULL and sets *duration_ms, or returns what is wrong, a constant string,
 * and leaves *duration_ms as it was.
 */
const char *duration_parse(const char *text, uint64_t *duration_ms);

#endif
