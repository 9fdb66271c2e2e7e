/* SPDX-License-Identifier: ISC */

/*
 * crew.h - all workers.
 *
 * One worker runs on the main thread and accepts for itself, so nothing is
 * handed over.  Several have threads of their own; the main thread accepts,
 * and gives each connection to the worker with the fewest sessions.
 */

#ifndef CONTROL_CREW_H
#define CONTROL_CREW_H

#include "control/logger.h"
#include "relay/worker.h"

struct crew;

/* Logs that a crew of that many workers writes to: their logger has as many. */
size_t crew_logs(size_t workers);

/* Workers, and the main thread's loop.  NULL with errno. */
struct crew *crew_create(struct mux_loop *loop, struct logger *logger,
    size_t workers);

/* After crew_end(), when that has left no thread behind.  NULL is allowed. */
void crew_destroy(struct crew *crew);

/* Listens on these and no others from now on; see acceptor_serve(). */
int crew_serve(struct crew *crew, const struct listening *list, size_t count);

/* Whether it has this socket still; see acceptor_has(). */
bool crew_has(struct crew *crew, int fd);

/* Accepts, with at most sessions_max at a time.  -1 with errno. */
int crew_accept(struct crew *crew, size_t sessions_max);

/* Lines have been retired: what workers keep for them is not needed. */
void crew_sweep(struct crew *crew);

/* Shares so many pipes out for splicing; before the start. */
void crew_allow_pipes(struct crew *crew, size_t pipes_max);

/* So much may be queued, in parts that are equal; 0: no limit. */
void crew_limit_memory(struct crew *crew, uint64_t max_bytes);

/* Starts the threads.  NULL; or what cannot be done, with errno. */
const char *crew_start(struct crew *crew);

/* Turns the main loop until it is stopped, or a loop has failed: -1, errno. */
int crew_run(struct crew *crew);

/*
 * Asks all workers to turn their loops; returns the number of the first that
 * has not since it was asked last, or 0.  One on the main loop always has.
 */
size_t crew_stuck(struct crew *crew);

/* Sessions that have not ended. */
size_t crew_sessions(struct crew *crew);

/* Connections that were accepted and not let in, see gate.h. */
uint64_t crew_refused(struct crew *crew);

/* How often accepting has paused, see pauses.h; of members that have ended. */
uint64_t crew_pauses(struct crew *crew);

/*
 * Accepts what has come, or leaves that to others, and no more, and calls
 * drained when all sessions have ended; or, after a cut, when a worker does not
 * get to end its own.
 */
void crew_drain(struct crew *crew, bool accepts_rest,
    worker_drained_fn *drained, void *arg);

/* Resets all sessions, for this reason. */
void crew_cut(struct crew *crew, enum reason reason);

/*
 * Ends the threads, and adds up what was counted.  Returns how many did not
 * come to their end within a second, and are left behind.
 */
size_t crew_end(struct crew *crew, struct counters *sum);

/*
 * When it has left some behind: resets what is in their mailboxes, and has the
 * end of the process reset what they serve, which only they could close.
 */
void crew_leave(struct crew *crew);

#endif
