/* SPDX-License-Identifier: ISC */

/*
 * dispatch.h - accepting on the main thread for several workers: each
 * connection goes to the one with the fewest sessions.
 */

#ifndef CONTROL_DISPATCH_H
#define CONTROL_DISPATCH_H

#include "relay/acceptor.h"

struct chief;
struct member;
struct parcel;

/* Called when what has come is given out, and nobody's mail goes to others. */
typedef void dispatch_closed_fn(void *arg);

struct dispatch {
	struct mux_loop *loop;		/* the main thread's */
	struct acceptor acceptor;
	struct chief *chief;
	struct member *const *members;
	size_t count;
	size_t turn;			/* member to begin with, of equals */
	struct member *chosen;		/* for the next connection */
	struct parcel *parcel;		/* and what it will come in */
	struct parcel *waiting;		/* for descriptors; NULL: none does */
	uint64_t accepted;
	struct mux_timer *look_timer;	/* at members that have been asked */
	dispatch_closed_fn *closed;	/* NULL: told, or not closing */
	void *closed_arg;
};

/* On failure, -1 with errno, nothing is left to be freed. */
int dispatch_open(struct dispatch *dispatch, struct mux_loop *loop,
    struct log *log, struct member *const *members, size_t count,
    struct chief *chief);
void dispatch_free(struct dispatch *dispatch);

/* Takes note of sessions that have ended, and goes on if it waited for that. */
void dispatch_recount(struct dispatch *dispatch);

/*
 * Gives out what has come, with what waits in the accept queues or without,
 * and accepts no more; calls closed when each has taken its mail, or is late
 * and others have it.
 */
void dispatch_close(struct dispatch *dispatch, bool accepts_rest,
    dispatch_closed_fn *closed, void *arg);

/* Gives up: what was accepted stays with whom it was given to. */
void dispatch_stop(struct dispatch *dispatch);

#endif
