/* SPDX-License-Identifier: ISC */

/* targets.h - the upstreams that a simulated relay is given. */

#ifndef SIM_TARGETS_H
#define SIM_TARGETS_H

#include "base/target.h"

#define TARGETS_MAX	3

/* Fills in one to TARGETS_MAX; how many. */
size_t targets_choose(struct target *upstreams);

#endif
