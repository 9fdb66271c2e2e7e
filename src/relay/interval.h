/* SPDX-License-Identifier: ISC */

/*
 * interval.h - a line of the log, at an interval, of each session that lives.
 *
 * A worker walks through its sessions, a few in a turn, once in an interval;
 * sessions have no timer for it, and the way of a byte does not know of it.
 */

#ifndef RELAY_INTERVAL_H
#define RELAY_INTERVAL_H

#include <stdint.h>

#include "mux.h"

struct session;
struct worker;

struct interval {
	struct mux_timer *timer;
	struct session *next;	/* of the round under way; NULL: there is none */
	uint64_t round_ms;	/* when that, or the last one, began */
	unsigned awaited_ms;	/* the interval that the timer was set for */
};

int interval_open(struct interval *interval, struct worker *worker);
void interval_close(struct interval *interval);

/*
 * There is a session, or the log may want something else now: begins the
 * rounds, if that is to be.  For the thread of the worker.
 */
void interval_update(struct worker *worker);

/* This session ends. */
void interval_forget(struct interval *interval, const struct session *session);

#endif
