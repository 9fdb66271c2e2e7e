/* SPDX-License-Identifier: ISC */

/*
 * acceptor.h - the listeners of one loop, and when accepting pauses (C8).
 *
 * What it accepts it gives to a taker: the worker of the same loop, or the
 * crew, which hands it to one of several workers.
 */

#ifndef RELAY_ACCEPTOR_H
#define RELAY_ACCEPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "mux.h"
#include "relay/arrival.h"
#include "relay/gate.h"
#include "relay/pauses.h"

struct line;
struct listener;

/* A socket that listens, and whose connections it brings. */
struct listening {
	int fd;
	uint16_t port_offset;	/* in the range of ports of its LISTEN */
	struct line *line;
	bool tunes;		/* connections one by one: it was not tuned */
};

struct taker {
	/* Gets ready for one connection: NULL, or what is missing for it. */
	const char *(*prepare)(void *arg, struct line *line);
	/* Takes one over, after a prepare that has returned NULL. */
	void (*take)(void *arg, struct arrival *arrival);
	/* Accepting has paused: tell when sessions end; may be NULL. */
	void (*paused)(void *arg);
};

struct acceptor {
	struct mux_loop *loop;
	struct log *log;
	const struct taker *taker;
	void *arg;
	struct listener *listeners;	/* by their descriptors */
	size_t off_count;		/* of them: not watched now */
	size_t sessions_count;		/* taken, and not ended */
	size_t sessions_max;
	struct mux_timer *resume_timer;	/* after a shortage */
	struct mux_timer *rate_timer;	/* a route may accept again */
	struct gate gate;
	struct pauses pauses;
	bool is_short;			/* of descriptors or memory */
	bool is_closed;			/* accepts no more */
};

/* Without listeners; -1 with errno, and then nothing is left to be freed. */
int acceptor_open(struct acceptor *acceptor, struct mux_loop *loop,
    struct log *log, const struct taker *taker, void *arg);
void acceptor_free(struct acceptor *acceptor);

/*
 * From now on listens on these and no others.  Sockets that it has already
 * stay open with all that waits there; others are taken over; and those that
 * are not in the list any more are closed when what waits there has been
 * accepted, unless a list has them again before.  On failure, -1 with errno,
 * nothing has changed, and the new sockets are still the caller's.
 *
 * The list has been sorted, so that thousands, as of ranges of ports, are gone
 * through once while sessions wait.
 */
int acceptor_serve(struct acceptor *acceptor, const struct listening *list,
    size_t count);
void listening_sort(struct listening *list, size_t count);

/* Whether this socket is one of its listeners, if only until it is empty. */
bool acceptor_has(const struct acceptor *acceptor, int fd);

/* Accepts, with at most sessions_max at a time.  -1 with errno. */
int acceptor_start(struct acceptor *acceptor, size_t sessions_max);

/* Accepts what is still in the accept queues, and closes the listeners. */
void acceptor_close(struct acceptor *acceptor);

/* Closes them as they are: somebody else accepts what waits. */
void acceptor_leave(struct acceptor *acceptor);

/* Whether there may be one more. */
bool acceptor_accepts(const struct acceptor *acceptor);

/* Pauses for a shortage: until a session ends, or for a while. */
void acceptor_pause(struct acceptor *acceptor, const char *what);

/* One has begun; so many have ended. */
void acceptor_began(struct acceptor *acceptor);
void acceptor_ended(struct acceptor *acceptor, size_t count);

/* For listeners: one was accepted, or cannot be served; one is closed. */
void acceptor_take(struct acceptor *acceptor, struct arrival *arrival);
void acceptor_refuse(struct acceptor *acceptor, const struct arrival *arrival);
void acceptor_drop(struct acceptor *acceptor, struct listener *listener);

/* For listeners: the line is at a limit of its own. */
void acceptor_shut(struct acceptor *acceptor, struct line *line);

#endif
