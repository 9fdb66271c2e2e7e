/* SPDX-License-Identifier: ISC */

/*
 * pool.h - the upstreams of a route as one loop sees them: which one is
 * next, what its name stood for last, and whether it answers.
 */

#ifndef UPSTREAM_POOL_H
#define UPSTREAM_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/target.h"
#include "mux.h"
#include "upstream/builtin.h"
#include "upstream/resolver.h"

/* How long an answer of the resolver is used without asking again. */
#define NAMES_FRESH_MS	1000

struct connect;

struct upstream {
	struct pool *pool;
	const struct target *target;
	char *name;			/* one word, for the log */
	struct addresses *addresses;	/* last good ones; NULL: none yet */
	bool is_literal;		/* addresses need no look-up, ever */
	bool looking_up, was_asked;
	int lookup_error;		/* of the last look-up, EAI_* or 0 */
	uint64_t asked_ms;		/* when that was answered */
	struct connect *waiting;	/* for the look-up under way */
};

/* What was last told of an upstream: each change is told once, by one loop. */
struct upstream_notes {
	atomic_bool is_down;		/* the last connect failed */
	atomic_bool is_stale;		/* the last look-up failed */
};

/* What the pools of all loops have in common. */
struct pool_common {
	struct resolver *resolver;
	size_t count;
	struct upstream_notes notes[];
};

struct pool {
	struct mux_loop *loop;
	struct log *log;
	struct pool_common *common;
	struct asker *asker;		/* NULL when no upstream has a name */
	struct builtins builtins;
	uint64_t connect_timeout_ms;	/* for each upstream that is tried */
	size_t count;
	struct upstream upstreams[];
};

/* The targets stay the caller's and must outlive the pools; NULL with errno. */
struct pool_common *pool_common_create(const struct target *targets,
    size_t count);

/* No pool may be left. */
void pool_common_destroy(struct pool_common *common);	/* NULL is allowed */

/* For the same targets. */
struct pool *pool_create(struct pool_common *common, struct mux_loop *loop,
    struct log *log, const struct target *targets,
    uint64_t connect_timeout_ms);

/* No connect may be left. */
void pool_destroy(struct pool *pool);

/*
 * For start-up, before the loop carries sessions: looks all names up, turns
 * the loop for at most wait_ms until they are answered, and returns the
 * first upstream whose name is known not to exist, or NULL.  A look-up that
 * fails for another reason, or takes longer, is no verdict.
 */
const struct upstream *pool_check_names(struct pool *pool, int wait_ms);

/* Descriptors that a session with the costliest upstream holds. */
size_t pool_session_fds(const struct pool *pool);

/*
 * The upstream's addresses, or the promise of an answer.  With ASKED, the
 * caller is on the waiting list and connect_resolved() is called later;
 * addresses, if there are any, are the last good ones.
 */
enum names_state { NAMES_KNOWN, NAMES_ASKED, NAMES_FAILED };
enum names_state upstream_names(struct upstream *upstream,
    struct connect *connect);

/* Takes a connect off the waiting list, if it is on it. */
void upstream_forget(struct upstream *upstream, struct connect *connect);

/* Notes how connecting went; logs when that changes, for all loops once. */
void upstream_report(struct upstream *upstream, const char *failure);

#endif
