/* SPDX-License-Identifier: ISC */

/*
 * units.h - durations, rates and sizes with a unit, as users write them.
 *
 * Each has a parser and a writer.  A parser returns NULL and sets its result,
 * or returns what is wrong, a constant string, and leaves the result as it
 * was.  A writer puts the shortest text that reads as the same into `out' of
 * at least UNIT_TEXT_SIZE bytes, and returns out.  They keep nothing and are
 * for any thread.
 */

#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* No limit, written `off'. */
#define DURATION_OFF	UINT64_MAX

/* So many in so long; a count of 0 is no limit. */
struct rate {
	uint64_t count;		/* at most RATE_COUNT_MAX */
	uint64_t per_ms;	/* a second, a minute or an hour */
};

#define RATE_COUNT_MAX	UINT64_C(1000000000)

/* The longest duration that can be written: a hundred years. */
#define DURATION_MAX_MS	(UINT64_C(100) * 365 * 86400 * 1000)

/* Room for the longest number with the longest unit. */
#define UNIT_TEXT_SIZE	sizeof("18446744073709551615ms")

/* A whole number with one of the units ms, s, m, h and d. */
const char *duration_parse(const char *text, uint64_t *duration_ms);

/* DURATION_OFF is written `off', which is for the caller to read. */
char *duration_format(char *out, size_t size, uint64_t duration_ms);

/*
 * A whole number with one of the units b, k, m, g and t, all of them powers
 * of 1024 whatever their case; 64k may be written 64KiB.  64kB is refused,
 * because it means 64000 to some and 65536 to others.
 */
const char *size_parse(const char *text, uint64_t *bytes);
char *size_format(char *out, size_t size, uint64_t bytes);

/* A whole number above 0 with /s, /m or /h, such as 200/s. */
const char *rate_parse(const char *text, struct rate *rate);

/* For what rate_parse() has read; no limit is written `off', as above. */
char *rate_format(char *out, size_t size, const struct rate *rate);

#endif
