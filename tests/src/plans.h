/* SPDX-License-Identifier: ISC */

/* plans.h - plans for tests: any of them, and in what two of them differ. */

#ifndef PLANS_H
#define PLANS_H

#include "config/plan.h"

/* One that a file can have, the same for the same seed. */
struct plan *plans_any(uint64_t seed);

/* The first field that differs, or NULL; what no file has is not compared. */
const char *plans_differ(const struct plan *a, const struct plan *b);

#endif
