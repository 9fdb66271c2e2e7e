/* SPDX-License-Identifier: ISC */

/*
 * connect.h - one connection to whichever upstream of a pool can be reached.
 *
 * The upstreams are tried in turn, beginning with the one after the last
 * that was begun with, each for the connect timeout at the most.  No byte is
 * sent here, so every other one may still be tried (contract C6).
 */

#ifndef UPSTREAM_CONNECT_H
#define UPSTREAM_CONNECT_H

#include "upstream/pool.h"
#include "upstream/race.h"

enum connect_status {
	CONNECT_ESTABLISHED,
	CONNECT_REFUSED,
	CONNECT_TIMED_OUT,
	CONNECT_UNRESOLVED,	/* no address for the name */
	CONNECT_FAILED		/* anything else */
};

/* How it ended.  The rest is about the upstream that was tried last. */
struct connect_result {
	enum connect_status status;
	int fd;				/* the callee's; -1: none */
	const struct upstream *upstream;
	size_t tried;			/* upstreams, this one included */
	struct address address;		/* AF_UNIX: the upstream's path */
};

/*
 * Called once, always in a later turn than connect_start().  The connect is
 * gone when it is called.
 */
typedef void connect_fn(const struct connect_result *result, void *arg);

struct connect {
	struct mux_loop *loop;
	struct pool *pool;		/* NULL: not started */
	connect_fn *fn;
	void *arg;
	struct mux_timer *timer;	/* for the earliest of what is due */
	uint64_t limit_ms;		/* when this upstream is given up */
	uint64_t again_ms;		/* when to go on by itself; 0: not */
	size_t first, tried;		/* upstreams: begun with, given up */
	uint16_t port_offset;		/* into a range of ports */
	struct race race;		/* among this upstream's addresses */
	int shortage;			/* why it has to wait, errno or 0 */
	struct connect_result result;
	bool is_finished;		/* the result is only to be told */
	bool is_waiting;		/* on the upstream's waiting list */
	struct connect *next_waiting;
};

/*
 * All the memory that a start needs, so that it can be had before a client
 * is accepted.  NULL with errno.
 */
struct connect *connect_create(struct mux_loop *loop, connect_fn *fn,
    void *arg);

/*
 * To an upstream of the pool, which has to outlive the connect.  Upstreams take
 * turns at being the first that is tried; one with a range of ports is
 * connected to at port_offset in it.
 */
void connect_start(struct connect *connect, struct pool *pool, uint64_t turn,
    uint16_t port_offset);

/* Gives up, started or not; fn will not be called.  NULL is allowed. */
void connect_cancel(struct connect *connect);

/* For the pool: the look-up that the connect waited for has been answered. */
void connect_resolved(struct connect *connect);

#endif
