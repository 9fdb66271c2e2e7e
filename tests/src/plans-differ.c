/* SPDX-License-Identifier: ISC */

/* plans-differ.c - plans for tests: in what two of them differ. */

#include <string.h>

#include "plans.h"

/* What differs first, or NULL. */
#define SAME(field)	do {						\
	if (a->field != b->field)					\
		return (#field);					\
} while (0)

#define SAME_TEXT(field)	do {					\
	if ((a->field == NULL) != (b->field == NULL) ||			\
	    (a->field != NULL && strcmp(a->field, b->field) != 0))	\
		return (#field);					\
} while (0)

static const char *
differ_targets(const struct target *a, const struct target *b, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!target_equal(&a[i], &b[i]))
			return ("a target");
	}
	return (NULL);
}

static const char *
differ_tuning(const struct tuning *a, const struct tuning *b)
{
	SAME(keepalive_off);
	SAME(keepalive_idle_s);
	SAME(keepalive_interval_s);
	SAME(keepalive_count);
	SAME(user_timeout_ms);
	SAME(send_buffer_bytes);
	SAME(receive_buffer_bytes);
	SAME(fast_open);
	SAME(mptcp);
	SAME(has_dscp);
	SAME(dscp);
	SAME(has_mark);
	SAME(mark);
	SAME_TEXT(congestion);
	SAME_TEXT(interface);
	return (NULL);
}

static const char *
differ_limits(const struct route_limits *a, const struct route_limits *b)
{
	SAME(connections_max);
	SAME(per_source_max);
	SAME(accept_rate.count);
	SAME(accept_rate.per_ms);
	SAME(source_rate.count);
	SAME(source_rate.per_ms);
	SAME(ipv4_bits);
	SAME(ipv6_bits);
	return (NULL);
}

static const char *
differ_route(const struct route *a, const struct route *b)
{
	const char *what;

	SAME_TEXT(name);
	SAME(listen_count);
	SAME(upstreams_count);
	SAME(connect_timeout_ms);
	SAME(idle_timeout_ms);
	SAME(half_close_timeout_ms);
	SAME(allow_count);
	SAME(deny_count);
	if (a->allow_count > 0 &&
	    memcmp(a->allow, b->allow, a->allow_count * sizeof(*a->allow)) != 0)
		return ("allow");
	if (a->deny_count > 0 &&
	    memcmp(a->deny, b->deny, a->deny_count * sizeof(*a->deny)) != 0)
		return ("deny");
	if (!address_equal(&a->source, &b->source))
		return ("source");
	what = differ_targets(a->listen, b->listen, a->listen_count);
	if (what == NULL)
		what = differ_targets(a->upstreams, b->upstreams,
		    a->upstreams_count);
	if (what == NULL)
		what = differ_limits(&a->limits, &b->limits);
	if (what == NULL)
		what = differ_tuning(&a->client, &b->client);
	return (what != NULL ? what : differ_tuning(&a->upstream, &b->upstream));
}

static const char *
differ_log(const struct log_plan *a, const struct log_plan *b)
{
	SAME_TEXT(events.target);
	SAME(events.format);
	SAME_TEXT(sessions.target);
	SAME(sessions.format);
	SAME(threshold);
	SAME(has_sessions);
	SAME(has_starts);
	SAME(interval_ms);
	return (NULL);
}

const char *
plans_differ(const struct plan *a, const struct plan *b)
{
	const char *what;
	size_t i;

	SAME(routes_count);
	SAME(shutdown_timeout_ms);
	SAME(workers);
	SAME(connections_max);
	SAME(memory_max_bytes);
	SAME_TEXT(pidfile);
	SAME_TEXT(user);
	SAME(is_confined);
	what = differ_log(&a->log, &b->log);
	for (i = 0; i < a->routes_count && what == NULL; i++)
		what = differ_route(&a->routes[i], &b->routes[i]);
	return (what);
}
