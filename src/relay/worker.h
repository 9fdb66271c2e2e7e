/* SPDX-License-Identifier: ISC */

/*
 * worker.h - one loop with the sessions it carries, and what they share: the
 * lanes of the routes, memory and pipes for queues, the counters.
 */

#ifndef RELAY_WORKER_H
#define RELAY_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "mux.h"
#include "relay/acceptor.h"
#include "relay/flow.h"
#include "relay/interval.h"
#include "relay/line.h"
#include "relay/pressure.h"
#include "relay/reason.h"

struct session;

struct counters {
	uint64_t sessions;		/* accepted */
	uint64_t up_bytes, down_bytes;	/* delivered */
	uint64_t lost_up_bytes, lost_down_bytes;
	uint64_t reasons[REASON_COUNT];
};

/* Called when a draining worker has no session left. */
typedef void worker_drained_fn(void *arg);

/* Called when a session has ended, and its descriptors are closed. */
typedef void worker_ended_fn(void *arg);

struct worker {
	size_t number;			/* from 1, for the log */
	struct mux_loop *loop;
	struct log *log;
	struct lane *lanes;		/* of the routes it has had sessions of */
	struct mux_timer *sweep_timer;	/* of those that nobody needs any more */
	struct acceptor acceptor;
	struct session *sessions;	/* all of them */
	struct interval interval;	/* lines of those that live */
	struct session *spare;		/* ready for the next accept */
	bool is_draining;		/* accepts no more */
	worker_drained_fn *drained;
	void *drained_arg;
	worker_ended_fn *ended;		/* NULL: nobody wants to know */
	void *ended_arg;
	struct counters counters;
	struct supplies supplies;
	struct pressure pressure;	/* of memory for what is queued */
};

/* loop and log stay the caller's and must outlive it.  NULL with errno. */
struct worker *worker_create(size_t number, struct mux_loop *loop,
    struct log *log);

/* No session may be left. */
void worker_destroy(struct worker *worker);

/*
 * Begins to accept what its acceptor serves, with at most sessions_max at a
 * time.  -1 with errno.
 */
int worker_start(struct worker *worker, size_t sessions_max);

/* So much may be queued, about; 0: no limit.  For any thread. */
void worker_limit_memory(struct worker *worker, size_t max_bytes);

/* Lets flows be spliced through that many pipes; none until it is called. */
void worker_allow_pipes(struct worker *worker, size_t pipes_max);

/*
 * Accepts what is still in the accept queues, or leaves it to others, closes
 * the listeners, and calls drained when the last session has ended; at once
 * when there is none.
 */
void worker_drain(struct worker *worker, bool accepts_rest,
    worker_drained_fn *drained, void *arg);

/*
 * For a connection that was accepted elsewhere: whether it can be taken now,
 * and taking it over then; id is its number among all.
 */
bool worker_is_ready(struct worker *worker, struct line *line);
void worker_take(struct worker *worker, const struct arrival *arrival);

/* Instead of taking it over: a session that ends at once, for this reason. */
void worker_refuse(struct worker *worker, const struct arrival *arrival,
    enum reason reason);

/* Has ended called whenever a session has ended. */
void worker_tell_ends(struct worker *worker, worker_ended_fn *ended,
    void *arg);

/* Resets every session, for this reason. */
void worker_cut(struct worker *worker, enum reason reason);

/* For sessions. */
void worker_pause(struct worker *worker, const char *what);
void worker_add(struct worker *worker, struct session *session);
void worker_remove(struct worker *worker, struct session *session);

#endif
