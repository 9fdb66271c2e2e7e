/* SPDX-License-Identifier: ISC */

/* test-route.c - two routes are the same when nothing differs. */

#include "config/plan.h"
#include "tap.h"
#include "units.h"

static const struct target upstreams[] = {
	{ .kind = TARGET_INET, .host = "a", .port = 1, .ports = 1 },
	{ .kind = TARGET_INET, .host = "b", .port = 1, .ports = 1 },
};
static const struct prefix prefixes[] = {
	{ .bytes = { 1 }, .bits = 8 }, { .bytes = { 2 }, .bits = 8 },
};

/* What it is compared with; each test changes a copy of it. */
static const struct route whole = {
	.name = "a", .upstreams = upstreams, .upstreams_count = 1,
	.connect_timeout_ms = 1, .idle_timeout_ms = 1,
	.half_close_timeout_ms = 1,
	.limits = { .connections_max = 1, .per_source_max = 1,
	    .accept_rate = { 1, 1 }, .source_rate = { 1, 1 }, .ipv4_bits = 1,
	    .ipv6_bits = 1 },
	.allow = prefixes, .allow_count = 1, .deny = prefixes, .deny_count = 1,
	.client = { .congestion = "a", .interface = "a" },
	.source = { .in = { .sin_family = AF_INET } },
};

#define DIFFERS(change) do {						\
	struct route route = whole;					\
	route.change;							\
	ok(!route_equal(&whole, &route), "differs: %s", #change);	\
} while (0)

static void
test_limits_differ(void)
{
	DIFFERS(limits.connections_max = 2);
	DIFFERS(limits.per_source_max = 2);
	DIFFERS(limits.accept_rate.count = 2);
	DIFFERS(limits.accept_rate.per_ms = 2);
	DIFFERS(limits.source_rate.count = 2);
	DIFFERS(limits.source_rate.per_ms = 2);
	DIFFERS(limits.ipv4_bits = 2);
	DIFFERS(limits.ipv6_bits = 2);
	DIFFERS(allow = &prefixes[1]);
	DIFFERS(allow_count = 0);
	DIFFERS(deny = &prefixes[1]);
	DIFFERS(deny_count = 2);
}

static void
test_tuning_differs(void)
{
	DIFFERS(client.keepalive_off = true);
	DIFFERS(client.keepalive_idle_s = 2);
	DIFFERS(client.keepalive_interval_s = 2);
	DIFFERS(client.keepalive_count = 2);
	DIFFERS(client.user_timeout_ms = 2);
	DIFFERS(client.send_buffer_bytes = 2);
	DIFFERS(client.receive_buffer_bytes = 2);
	DIFFERS(client.fast_open = true);
	DIFFERS(client.mptcp = true);
	DIFFERS(client.has_dscp = true);
	DIFFERS(client.dscp = 2);
	DIFFERS(client.has_mark = true);
	DIFFERS(client.mark = 2);
	DIFFERS(client.congestion = "b");
	DIFFERS(client.congestion = NULL);
	DIFFERS(client.interface = "b");
	DIFFERS(upstream.mark = 2);
}

void
test_routes(void)
{
	struct route other = whole;
	static const struct target listen = { .kind = TARGET_UNIX };

	other.listen = &listen;
	other.listen_count = 1;
	ok(route_equal(&whole, &other), "wherever they listen");
	DIFFERS(name = "b");
	DIFFERS(upstreams = &upstreams[1]);
	DIFFERS(upstreams_count = 2);
	DIFFERS(connect_timeout_ms = 2);
	DIFFERS(idle_timeout_ms = 2);
	DIFFERS(half_close_timeout_ms = 2);
	DIFFERS(source.sa.sa_family = AF_UNSPEC);
	DIFFERS(source.in.sin_addr.s_addr = 1);
	test_limits_differ();
	test_tuning_differs();
	other.source.sa.sa_family = AF_UNSPEC;
	ok(route_equal(&other, &other), "without a source");
}
