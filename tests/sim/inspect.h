/* SPDX-License-Identifier: ISC */

/* inspect.h - what must be true of the relay's own state between two turns. */

#ifndef SIM_INSPECT_H
#define SIM_INSPECT_H

#include "relay/worker.h"

void inspect_worker(const struct worker *worker);

#endif
