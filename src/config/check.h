/* SPDX-License-Identifier: ISC */

/*
 * check.h - what is wrong with a plan as a whole, wherever it came from.
 *
 * Who read it knows where each part was written: places are told as the keys
 * of a configuration file, and as indices.
 */

#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config/plan.h"

#define CHECK_NONE	SIZE_MAX

struct check_place {
	size_t route;		/* CHECK_NONE: of the plan */
	const char *key;	/* such as "limits.per-source" */
	size_t index;		/* of a list; CHECK_NONE: of none */
};

/*
 * Is called for each problem.  `earlier' is the place that it is in conflict
 * with, or NULL.  is_missing says that there is nothing at the place.
 */
typedef void check_fn(void *context, const struct check_place *place,
    const struct check_place *earlier, bool is_missing, const char *text);

/* Returns how many problems there are; -1 when out of memory. */
int check_plan(const struct plan *plan, check_fn *report, void *context);

#endif
