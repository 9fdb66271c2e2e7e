/* SPDX-License-Identifier: ISC */

/*
 * line.h - a route in service: what all threads share of it.
 *
 * A reload takes lines out of service and brings others; a line lives until
 * the last connection that came by it has ended, and everything of its route
 * with it.  A lane is a line as one worker runs it, with a pool on its loop:
 * it comes to be with the first connection that the worker gets, and goes when
 * the line is retired and the last of its sessions there has ended.
 */

#ifndef RELAY_LINE_H
#define RELAY_LINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "relay/route.h"
#include "relay/sources.h"
#include "relay/usage.h"
#include "upstream/pool.h"

struct worker;

/* Called when a line is gone, with what its route belongs to; any thread. */
typedef void line_gone_fn(void *owner);

struct lane {
	struct lane *next;		/* in worker->lanes */
	struct line *line;		/* held */
	struct pool *pool;
	size_t sessions;
};

struct line {
	atomic_uint references;
	atomic_bool is_retired;		/* brings no more connections */
	const struct route *route;
	struct usage *usage;		/* held */
	struct pool_common *common;
	size_t session_fds;		/* descriptors of each session */
	bool is_limited;		/* by its own limits, in whatever way */
	bool is_guarded;		/* not everybody is let in always */
	bool tunes_client;		/* its sockets are not as all are */
	line_gone_fn *gone;
	void *owner;
	size_t lanes_count;
	struct lane *lanes[];		/* each is for its worker alone */
};

/*
 * For so many workers, with one reference; the route belongs to owner, for
 * which gone (or NULL) is called in the end.  NULL with errno; then it is not
 * called.
 */
struct line *line_create(const struct route *route, size_t workers,
    line_gone_fn *gone, void *owner);

/*
 * Before it is in service: the route had another line before, whose sessions
 * its limits count, too.
 */
void line_follow(struct line *line, const struct line *before);

struct line *line_hold(struct line *line);
void line_release(struct line *line);	/* NULL is allowed */

/*
 * A connection comes by it, and holds it; its session has ended, and with it
 * what the source (NULL: nobody counts) has been admitted.
 */
void line_enter(struct line *line, uint64_t now_ms);
void line_leave(struct line *line, struct source *source);

/*
 * The accepting thread's: whether its own limits allow for one more, and when
 * they may, if that is a matter of time; DURATION_OFF: it is not.
 */
bool line_accepts(const struct line *line, uint64_t now_ms);
bool line_is_full(const struct line *line);
uint64_t line_wait_ms(const struct line *line, uint64_t now_ms);

/* On the worker's thread: its lane, made if there is none; NULL with errno. */
struct lane *lane_of(struct line *line, struct worker *worker);

/* Ends those lanes of a worker that nobody needs any more. */
void lanes_sweep(struct worker *worker);

/* Ends all lanes; no session may be left. */
void lanes_close(struct worker *worker);

#endif
