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

#include "base/address.h"
#include "base/log.h"
#include "mux.h"

struct listener;

struct taker {
	/* Gets ready for one connection: NULL, or what is missing for it. */
	const char *(*prepare)(void *arg);
	/* Takes one over, after a prepare that has returned NULL. */
	void (*take)(void *arg, int fd, const struct address *client);
	/* Accepting has paused: tell when sessions end; may be NULL. */
	void (*paused)(void *arg);
};

struct acceptor {
	struct mux_loop *loop;
	struct log *log;
	const struct taker *taker;
	void *arg;
	struct listener *listeners;
	size_t listeners_count;
	size_t sessions_count;		/* taken, and not ended */
	size_t sessions_max;
	struct mux_timer *resume_timer;	/* after a shortage */
	bool is_short;			/* of descriptors or memory */
	bool is_closed;			/* accepts no more */
	bool has_warned;		/* that accepting pauses, at warned_ms */
	uint64_t warned_ms;
};

/*
 * Takes over the listening sockets in fds, none or more; on failure (-1 with
 * errno) they stay the caller's, and nothing is left to be freed.
 */
int acceptor_open(struct acceptor *acceptor, struct mux_loop *loop,
    struct log *log, const int *fds, size_t fds_count,
    const struct taker *taker, void *arg);
void acceptor_free(struct acceptor *acceptor);

/* Begins to accept, with at most sessions_max at a time.  -1 with errno. */
int acceptor_start(struct acceptor *acceptor, size_t sessions_max);

/* Accepts what is still in the accept queues, and closes the listeners. */
void acceptor_close(struct acceptor *acceptor);

/* Whether there may be one more. */
bool acceptor_accepts(const struct acceptor *acceptor);

/* Pauses for a shortage: until a session ends, or for a while. */
void acceptor_pause(struct acceptor *acceptor, const char *what);

/* One has begun; so many have ended. */
void acceptor_began(struct acceptor *acceptor);
void acceptor_ended(struct acceptor *acceptor, size_t count);

#endif
