/* SPDX-License-Identifier: ISC */

/*
 * plan.h - all that the program was told to do.
 *
 * A plan is filled by who reads the command line or a file, and immutable from
 * then on.  A reload makes another one; what began with the old one keeps it.
 */

#ifndef CONFIG_PLAN_H
#define CONFIG_PLAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "relay/route.h"

#define WORKERS_MAX	256
#define CONNECTIONS_MAX	UINT64_C(100000000)
#define UPSTREAMS_MAX	64	/* of a route */

enum log_format { LOG_TEXT, LOG_JSON };

/* Where lines of one kind go, and how they look. */
struct log_stream {
	const char *target;	/* stderr, syslog, journald, or a path; NULL: default */
	enum log_format format;
};

struct log_plan {
	struct log_stream events;
	struct log_stream sessions;	/* target NULL: with the events */
	enum log_severity threshold;
	bool has_sessions;		/* a line at the end of each session */
	bool has_starts;		/* and at its start */
	uint64_t interval_ms;		/* and so often; DURATION_OFF: never */
};

struct plan {
	atomic_uint references;
	struct memory *memory;		/* all that it points to */
	const char *file;		/* that it is from; NULL: the command line */
	struct route *routes;
	size_t routes_count;
	uint64_t shutdown_timeout_ms;	/* DURATION_OFF: no limit */
	uint64_t workers;		/* 0: as many as are of use */
	uint64_t connections_max;	/* 0: as many as descriptors allow */
	uint64_t memory_max_bytes;	/* for queues; 0: no limit */
	struct log_plan log;
	const char *pidfile;		/* NULL: none */
	const char *user;		/* USER or USER:GROUP; NULL: stay */
	bool is_daemon;
	bool is_confined;		/* by the sandbox */
};

/* With the defaults, no route, and one reference; NULL with errno. */
struct plan *plan_create(void);
struct plan *plan_hold(struct plan *plan);
void plan_release(struct plan *plan);	/* NULL is allowed */

/*
 * Memory that the plan has until it is freed: zeroed, a copy of text, or
 * `count' entries of `size' bytes in the place of the first of them at list,
 * as realloc(3).  NULL when out of memory.
 */
void *plan_alloc(struct plan *plan, size_t bytes);
char *plan_copy(struct plan *plan, const char *text);
void *plan_grow(struct plan *plan, const void *list, size_t count,
    size_t size);

/* target_parse_listen() or target_parse_upstream(). */
typedef const char *plan_parse_fn(struct target *target, const char *text);

/*
 * Adds what the text says to a list of targets, or sets *problem, NULL: none.
 * False for want of memory.
 */
bool plan_add_target(struct plan *plan, const struct target **list,
    size_t *count, plan_parse_fn *parse, const char *text,
    const char **problem);

/* One more route with the defaults, at the end of the list; or NULL. */
struct route *plan_add_route(struct plan *plan);

/* A route that says nothing by itself. */
void plan_default_route(struct route *route);

/* Whether two routes say the same, but for where they listen. */
bool route_equal(const struct route *a, const struct route *b);

#endif
