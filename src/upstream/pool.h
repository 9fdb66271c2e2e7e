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
#include "base/tuning.h"
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
	struct addresses *first;	/* known before any pool was; or NULL */
	atomic_bool is_down;		/* the last connect failed */
	atomic_bool is_stale;		/* the last look-up failed */
	atomic_bool is_untuned;		/* the system refused what is to be set */
};

/* How to connect; what it points to must outlive the pools. */
struct pool_rules {
	uint64_t connect_timeout_ms;	/* for each upstream that is tried */
	const struct tuning *tuning;	/* of the sockets */
	const struct address *source;	/* AF_UNSPEC: any */
	bool is_plain;			/* nothing is to be set of either */
};

/* What the pools of all loops have in common. */
struct pool_common {
	struct resolver *resolver;
	struct pool_rules rules;
	const struct target *targets;
	size_t count;
	struct upstream_notes notes[];
};

struct pool {
	struct mux_loop *loop;
	struct log *log;
	struct pool_common *common;
	struct asker *asker;		/* NULL when no upstream has a name */
	struct builtins builtins;
	size_t count;
	struct upstream upstreams[];
};

/* The targets stay the caller's and must outlive the pools; NULL with errno. */
struct pool_common *pool_common_create(const struct target *targets,
    size_t count, const struct pool_rules *rules);

/* No pool may be left. */
void pool_common_destroy(struct pool_common *common);	/* NULL is allowed */

/* As one loop sees it; log is for what is told of upstreams. */
struct pool *pool_create(struct pool_common *common, struct mux_loop *loop,
    struct log *log);

/* No connect may be left. */
void pool_destroy(struct pool *pool);

/*
 * For a check before anything is served: looks all names up; whether answers
 * are to come, while the loop turns; and then the first upstream whose name is
 * known not to exist, or NULL.  A look-up that fails for another reason is no
 * verdict.
 */
void pool_ask_names(struct pool *pool);
bool pool_is_asking(const struct pool *pool);
const struct upstream *pool_unknown_name(const struct pool *pool);

/*
 * Has all pools to come begin with what this one knows, so that each has good
 * addresses from the first.  Before any other thread has the common.
 */
void pool_share_names(const struct pool *pool);

/* Descriptors that a session with the costliest of the targets holds. */
size_t pool_session_fds(const struct pool_common *common);

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

/* Notes what of a route's tuning the system has refused; logs it once. */
void upstream_report_untuned(struct upstream *upstream, const char *what,
    int error);

/* Notes how connecting went; logs when that changes, for all loops once. */
void upstream_report(struct upstream *upstream, const char *failure);

#endif
