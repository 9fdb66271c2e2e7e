/* SPDX-License-Identifier: ISC */

/*
 * crew.h - the worker of a life: it accepts by itself, or what is accepted
 * elsewhere is handed to it, as to one of several workers.
 */

#ifndef SIM_CREW_H
#define SIM_CREW_H

#include "relay/worker.h"

/* NULL, and nothing is left behind. */
struct worker *crew_create(struct mux_loop *loop, struct log *log,
    struct line *line, size_t sessions_max);
void crew_destroy(struct worker *worker);

/* Its own, or that of who accepts for it. */
struct acceptor *crew_acceptor(struct worker *worker);

/* Or leaves what waits to be accepted to others. */
void crew_drain(struct worker *worker, bool accepts_rest,
    worker_drained_fn *drained, void *arg);

/* What must be true of its accepting between two turns. */
void crew_inspect(const struct worker *worker);

#endif
