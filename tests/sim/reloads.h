/* SPDX-License-Identifier: ISC */

/*
 * reloads.h - other plans in the place of the one in service, while sessions
 * go on: routes that change or stay, listeners that stay, come and go.
 */

#ifndef SIM_RELOADS_H
#define SIM_RELOADS_H

#include "relay/acceptor.h"
#include "relay/worker.h"

/* From now on, at random times, or never; route is that of the line. */
void reloads_begin(struct worker *worker, struct acceptor *acceptor,
    struct line *line, const struct route *route);

/* Nothing after this, and the line in service; for the caller to release. */
struct line *reloads_end(void);

/* What is due, between two turns. */
void reloads_turn(void);

#endif
