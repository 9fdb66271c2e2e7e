/* SPDX-License-Identifier: ISC */

/* targets.h - what a simulated relay is given: upstreams, sizes, pipes. */

#ifndef SIM_TARGETS_H
#define SIM_TARGETS_H

#include "base/target.h"
#include "relay/worker.h"

#define TARGETS_MAX	3

/* Fills in one to TARGETS_MAX; how many. */
size_t targets_choose(struct target *upstreams);

/* Limits and lists of a route, of which some keep clients out. */
void targets_limit(struct route *route);

/* How the worker reads, and through how many pipes it may splice. */
void targets_splice(struct worker *worker);

#endif
