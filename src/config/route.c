/* SPDX-License-Identifier: ISC */

/* route.c - whether two routes are the same. */

#include <string.h>

#include "base/text.h"
#include "config/plan.h"

static bool
same_targets(const struct target *a, size_t a_count, const struct target *b,
    size_t b_count)
{
	size_t i;

	if (a_count != b_count)
		return (false);
	for (i = 0; i < a_count; i++) {
		if (!target_equal(&a[i], &b[i]))
			return (false);
	}
	return (true);
}

static bool
same_rate(const struct rate *a, const struct rate *b)
{
	return (a->count == b->count && a->per_ms == b->per_ms);
}

static bool
same_prefixes(const struct prefix *a, size_t a_count, const struct prefix *b,
    size_t b_count)
{
	size_t i;

	if (a_count != b_count)
		return (false);
	for (i = 0; i < a_count; i++) {
		if (a[i].bits != b[i].bits || memcmp(a[i].bytes, b[i].bytes,
		    sizeof(a[i].bytes)) != 0)
			return (false);
	}
	return (true);
}

static bool
same_limits(const struct route_limits *a, const struct route_limits *b)
{
	return (a->connections_max == b->connections_max &&
	    a->per_source_max == b->per_source_max &&
	    same_rate(&a->accept_rate, &b->accept_rate) &&
	    same_rate(&a->source_rate, &b->source_rate) &&
	    a->ipv4_bits == b->ipv4_bits && a->ipv6_bits == b->ipv6_bits);
}

static bool
same_tuning(const struct tuning *a, const struct tuning *b)
{
	return (a->keepalive_off == b->keepalive_off &&
	    a->keepalive_idle_s == b->keepalive_idle_s &&
	    a->keepalive_interval_s == b->keepalive_interval_s &&
	    a->keepalive_count == b->keepalive_count &&
	    a->user_timeout_ms == b->user_timeout_ms &&
	    a->send_buffer_bytes == b->send_buffer_bytes &&
	    a->receive_buffer_bytes == b->receive_buffer_bytes &&
	    a->fast_open == b->fast_open && a->mptcp == b->mptcp &&
	    a->has_dscp == b->has_dscp && a->dscp == b->dscp &&
	    a->has_mark == b->has_mark && a->mark == b->mark &&
	    text_equal(a->congestion, b->congestion) &&
	    text_equal(a->interface, b->interface));
}

bool
route_equal(const struct route *a, const struct route *b)
{
	return (strcmp(a->name, b->name) == 0 &&
	    same_targets(a->upstreams, a->upstreams_count, b->upstreams,
	    b->upstreams_count) &&
	    a->connect_timeout_ms == b->connect_timeout_ms &&
	    a->idle_timeout_ms == b->idle_timeout_ms &&
	    a->half_close_timeout_ms == b->half_close_timeout_ms &&
	    same_limits(&a->limits, &b->limits) &&
	    same_prefixes(a->allow, a->allow_count, b->allow, b->allow_count) &&
	    same_prefixes(a->deny, a->deny_count, b->deny, b->deny_count) &&
	    same_tuning(&a->client, &b->client) &&
	    same_tuning(&a->upstream, &b->upstream) &&
	    a->source.sa.sa_family == b->source.sa.sa_family &&
	    (a->source.sa.sa_family == AF_UNSPEC ||
	    address_equal(&a->source, &b->source)));
}
