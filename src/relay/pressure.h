/* SPDX-License-Identifier: ISC */

/*
 * pressure.h - the limit of memory for what is queued.
 *
 *	at ease ----> tight ----> at ease
 *	     nine tenths     less than eight tenths
 *
 * While it is tight, a flow whose last read stayed behind, and took as much as
 * the mean of all or more, is not read from: it is held until there is room, or
 * for a tenth of a second, after which a small read shows whether it passes on now.
 * Flows that pass on what they read go on, with small reads: so what is queued
 * exceeds the limit by one of these for each flow that gets stuck just then.  A
 * source that has failed is read to its end all the same.
 */

#ifndef RELAY_PRESSURE_H
#define RELAY_PRESSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mux.h"

struct endpoint;
struct session;
struct worker;

struct pressure {
	struct mux_timer *relief_timer;
	uint64_t times;			/* that it has become tight */
	bool has_warned;		/* of this, at warned_ms */
	uint64_t warned_ms;
};

/* -1 with errno */
int pressure_open(struct pressure *pressure, struct worker *worker);
void pressure_close(struct pressure *pressure);

/*
 * Where there is a limit, before a read: whether the flow from this endpoint is
 * to wait instead.
 */
bool pressure_holds(struct endpoint *source);

/*
 * Whoever does not read before it has written all would wait for ever for a
 * flow that is held: so none is held while the one against it is stuck.
 */
void pressure_let_answer(struct session *session);

/* After something was drained or dropped: whoever is held may go on, soon. */
void pressure_eased(struct worker *worker);

#endif
