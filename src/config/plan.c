/* SPDX-License-Identifier: ISC */

/* plan.c - the memory of a plan, and what it says when nobody says anything. */

#include <stdlib.h>
#include <string.h>

#include "config/plan.h"

/* One piece of it, in a list of all. */
struct memory {
	struct memory *next;
	max_align_t bytes[];
};

void
plan_default_route(struct route *route)
{
	*route = (struct route){
		.connect_timeout_ms = 5 * 1000,
		.idle_timeout_ms = 60 * 60 * 1000,
		.half_close_timeout_ms = 60 * 1000,
		.limits = { .ipv4_bits = 32, .ipv6_bits = 64 },
		.source = { .sa = { .sa_family = AF_UNSPEC } },
	};
}

struct plan *
plan_create(void)
{
	struct plan *plan;

	plan = calloc(1, sizeof(*plan));
	if (plan == NULL)
		return (NULL);
	atomic_init(&plan->references, 1);
	plan->shutdown_timeout_ms = 8 * 1000;
	plan->log.threshold = SEVERITY_INFO;
	plan->log.has_sessions = true;
	plan->log.interval_ms = DURATION_OFF;
	plan->is_confined = true;
	return (plan);
}

struct plan *
plan_hold(struct plan *plan)
{
	atomic_fetch_add(&plan->references, 1);
	return (plan);
}

void
plan_release(struct plan *plan)
{
	struct memory *piece, *next;

	if (plan == NULL || atomic_fetch_sub(&plan->references, 1) != 1)
		return;
	for (piece = plan->memory; piece != NULL; piece = next) {
		next = piece->next;
		free(piece);
	}
	free(plan);
}

void *
plan_alloc(struct plan *plan, size_t bytes)
{
	struct memory *piece;

	piece = calloc(1, sizeof(*piece) + bytes);
	if (piece == NULL)
		return (NULL);
	piece->next = plan->memory;
	plan->memory = piece;
	return (piece->bytes);
}

char *
plan_copy(struct plan *plan, const char *text)
{
	const size_t size = strlen(text) + 1;
	char *copy;

	copy = plan_alloc(plan, size);
	return (copy == NULL ? NULL : memcpy(copy, text, size));
}

/* The old list stays until the end: lists double, so this is bounded. */
void *
plan_grow(struct plan *plan, const void *list, size_t count, size_t size)
{
	void *larger;

	/* there is room up to the next power of two */
	if (count > 1 && ((count - 1) & (count - 2)) != 0)
		return ((void *)(uintptr_t)list);
	larger = plan_alloc(plan, count <= 1 ? size : 2 * (count - 1) * size);
	if (larger != NULL && count > 1)
		memcpy(larger, list, (count - 1) * size);
	return (larger);
}

bool
plan_add_target(struct plan *plan, const struct target **list, size_t *count,
    plan_parse_fn *parse, const char *text, const char **problem)
{
	struct target *targets;

	*problem = NULL;
	targets = plan_grow(plan, *list, *count + 1, sizeof(*targets));
	if (targets == NULL)
		return (false);
	*list = targets;
	*problem = parse(&targets[*count], text);
	*count += *problem == NULL;
	return (true);
}

struct route *
plan_add_route(struct plan *plan)
{
	struct route *routes, *route;

	routes = plan_grow(plan, plan->routes, plan->routes_count + 1,
	    sizeof(*routes));
	if (routes == NULL)
		return (NULL);
	plan->routes = routes;
	route = &routes[plan->routes_count++];
	plan_default_route(route);
	return (route);
}
