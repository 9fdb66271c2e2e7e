/* SPDX-License-Identifier: ISC */

/* conflicts.h - routes of a plan that are in each other's way. */

#ifndef CONFIG_CONFLICTS_H
#define CONFIG_CONFLICTS_H

#include "config/check.h"

/* A check that is going on. */
struct check {
	const struct plan *plan;
	check_fn *report;
	void *context;
	int problems;
};

/* check.c */
void check_tell(struct check *check, const struct check_place *place,
    const struct check_place *earlier, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Two routes of one name; -1 when out of memory. */
int conflicts_names(struct check *check);

/*
 * Two listeners of which one could never be bound: the same, ranges of ports
 * that overlap, and an address beside the wildcard of its family.
 */
int conflicts_listeners(struct check *check);

#endif
