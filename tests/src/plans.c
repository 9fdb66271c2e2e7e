/* SPDX-License-Identifier: ISC */

/* plans.c - plans for tests: any of them. */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "config/check.h"
#include "plans.h"
#include "tap.h"

static uint64_t state;

/* splitmix64: from one seed, the same everywhere */
static uint64_t
below(uint64_t bound)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((z ^ (z >> 31)) % bound);
}

static bool
one_in(unsigned n)
{
	return (below(n) == 0);
}

/* Bits that YAML has a meaning for, one after the other. */
static const char *
any_text(struct plan *plan, const char *before)
{
	static const char *const bits[] = { "a", "Z", "0", "9", "no", "on",
	    "~", "-", "- ", ": ", ":", " #", "#", " ", "\"", "'", "\\", "$",
	    "${HOME}", "$$", "{", "}", "[", "]", ",", "&", "*", "!", "|", ">",
	    "%", "@", "`", "?", "=", "<<",
	    "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc2\x85",
	    "\xe2\x80\xa8", "\xef\xbb\xbf", "1e3", "0x10", "null", "..", "/" };
	char text[128];
	uint64_t count = 1 + below(8);

	(void)snprintf(text, sizeof(text), "%s", before);
	while (count-- > 0)
		(void)strcat(text, bits[below(sizeof(bits) /
		    sizeof(bits[0]))]);
	return (plan_copy(plan, strcat(text, "x")));
}

static uint64_t
any_duration(bool or_off)
{
	static const uint64_t units[] = { 1, 1000, 60000, 3600000, 86400000 };

	return (or_off && one_in(5) ? DURATION_OFF :
	    (1 + below(1000)) * units[below(5)]);
}

static void
any_rate(struct rate *rate)
{
	static const uint64_t periods[] = { 1000, 60000, 3600000 };

	if (one_in(2))
		*rate = (struct rate){ .count = 1 + below(RATE_COUNT_MAX),
		    .per_ms = periods[below(3)] };
}

/* The port is counted up: no two listeners have the same. */
static struct target
any_target(struct plan *plan, bool is_listener, unsigned *next_port,
    unsigned ports)
{
	static const char *const hosts[] = { "", "localhost", "::1",
	    "192.0.2.1", "unix", "builtin", "systemd", "no", "1e3x", "null" };
	struct target target = { .kind = TARGET_INET };
	const uint64_t kind = below(6);

	if (kind == 0) {
		target.kind = TARGET_UNIX;
		(void)snprintf(target.path, sizeof(target.path), "%u%.60s",
		    (*next_port)++, any_text(plan, "/"));
	} else if (kind == 1 && is_listener) {
		target.kind = TARGET_SYSTEMD;
		(void)snprintf(target.host, sizeof(target.host), "%s %u",
		    hosts[1], (*next_port)++);
	} else if (kind == 1) {
		target.kind = TARGET_BUILTIN;
		target.service = (enum target_service)below(3);
	} else {
		(void)strcpy(target.host, hosts[is_listener ? below(10) :
		    1 + below(9)]);
		target.port = (uint16_t)*next_port;
		target.ports = (uint16_t)ports;
		*next_port += ports;
	}
	return (target);
}

static const struct prefix *
any_prefixes(struct plan *plan, size_t *count)
{
	static const char *const texts[] = { "10.0.0.0/8", "::/0", "0.0.0.0/0",
	    "2001:db8::/32", "192.0.2.7", "::1", "198.51.100.0/25" };
	struct prefix *list;
	size_t i;

	*count = (size_t)below(4);
	list = plan_alloc(plan, 4 * sizeof(*list));
	for (i = 0; i < *count; i++) {
		if (prefix_parse(&list[i], texts[below(7)]) != NULL)
			bail_out("prefix_parse");
	}
	*count = prefixes_sort(list, *count);
	return (list);
}

static void
any_tuning(struct plan *plan, struct tuning *tuning)
{
	if (one_in(4))
		tuning->keepalive_off = true;
	else if (one_in(2)) {
		tuning->keepalive_idle_s = (uint32_t)(1 + below(32767));
		tuning->keepalive_interval_s = (uint32_t)(1 + below(32767));
		tuning->keepalive_count = (uint32_t)(1 + below(127));
	}
	if (one_in(2))
		tuning->user_timeout_ms = (uint32_t)(1 + below(1000000));
	if (one_in(2))
		tuning->send_buffer_bytes = (uint32_t)(4096 + below(1 << 24));
	if (one_in(2))
		tuning->receive_buffer_bytes = (uint32_t)(1 << 16);
	tuning->fast_open = one_in(3);
	tuning->has_dscp = one_in(2);
	if (tuning->has_dscp)
		tuning->dscp = (uint8_t)below(64);
	if (one_in(3))
		tuning->congestion = plan_copy(plan, one_in(2) ? "cubic" : "no");
#ifdef __linux__
	tuning->mptcp = one_in(3);
	tuning->has_mark = one_in(2);
	if (tuning->has_mark)
		tuning->mark = (uint32_t)below(UINT32_MAX);
#endif
}

static void
any_limits(struct route_limits *limits)
{
	if (one_in(2))
		limits->connections_max = 1 + below(1000);
	if (one_in(2))
		limits->per_source_max = 1 + below(10);
	any_rate(&limits->accept_rate);
	any_rate(&limits->source_rate);
	limits->ipv4_bits = (uint8_t)(1 + below(32));
	limits->ipv6_bits = (uint8_t)(1 + below(128));
}

static void
any_route(struct plan *plan, unsigned *next_port)
{
	struct route *route = plan_add_route(plan);
	const unsigned ports = one_in(3) ? 2 + (unsigned)below(20) : 1;
	unsigned next_up = 1000;
	struct target *list;
	char name[32];
	size_t i;

	(void)snprintf(name, sizeof(name), "%u", *next_port);
	route->name = any_text(plan, name);
	route->listen_count = 1 + (size_t)below(3);
	route->upstreams_count = 1 + (size_t)below(3);
	route->listen = list = plan_alloc(plan, 3 * sizeof(*list));
	for (i = 0; i < route->listen_count; i++)
		list[i] = any_target(plan, true, next_port, ports);
	route->upstreams = list = plan_alloc(plan, 3 * sizeof(*list));
	for (i = 0; i < route->upstreams_count; i++)
		list[i] = any_target(plan, false, &next_up, 1);
	route->connect_timeout_ms = any_duration(false);
	route->idle_timeout_ms = any_duration(true);
	route->half_close_timeout_ms = any_duration(true);
	any_limits(&route->limits);
	route->allow = any_prefixes(plan, &route->allow_count);
	route->deny = any_prefixes(plan, &route->deny_count);
	if (one_in(2) && !address_parse(&route->source,
	    one_in(2) ? "192.0.2.1" : "2001:db8::1", 0))
		bail_out("address_parse");
	if (one_in(3))
		route->upstream.interface = plan_copy(plan, "eth0");
	any_tuning(plan, &route->client);
	any_tuning(plan, &route->upstream);
}

static const char *
any_log(struct plan *plan)
{
	static const char *const names[] = { "stderr", "syslog", "journald" };

	return (one_in(2) ? names[below(3)] : any_text(plan, "/"));
}

/* Where there is no JSON, no file can ask for it. */
static enum log_format
any_format(void)
{
#ifdef HAVE_JANSSON
	return (one_in(2) ? LOG_JSON : LOG_TEXT);
#else
	return (LOG_TEXT);
#endif
}

static struct plan *
any_plan(void)
{
	struct plan *plan = plan_create();
	unsigned next_port = 1;
	uint64_t count;

	if (plan == NULL)
		bail_out("plan_create");
	for (count = 1 + below(4); count > 0; count--)
		any_route(plan, &next_port);
	plan->shutdown_timeout_ms = one_in(8) ? 0 : any_duration(true);
	plan->workers = below(WORKERS_MAX + 1);
	plan->connections_max = one_in(2) ? 0 : 1000 + below(9000);
	plan->memory_max_bytes = one_in(2) ? 0 : (1 + below(999)) << 20;
	if (one_in(2))
		plan->pidfile = any_text(plan, "/");
	if (one_in(2))
		plan->user = plan_copy(plan, one_in(2) ? "no" : "a:b");
	plan->is_confined = one_in(2);
	plan->log.threshold = (enum log_severity)below(4);
	if (one_in(2))
		plan->log.events.target = any_log(plan);
	plan->log.events.format = plan->log.sessions.format = any_format();
	plan->log.has_sessions = one_in(2);
	if (!plan->log.has_sessions)
		return (plan);
	if (one_in(2))
		plan->log.sessions.target = any_log(plan);
	plan->log.sessions.format = any_format();
	plan->log.has_starts = one_in(2);
	plan->log.interval_ms = any_duration(true);
	return (plan);
}

static void
ignore(void *context, const struct check_place *place,
    const struct check_place *earlier, bool is_missing, const char *text)
{
	(void)context;
	(void)place;
	(void)earlier;
	(void)is_missing;
	(void)text;
}

/* Some ask for what can never be, such as a limit above another. */
struct plan *
plans_any(uint64_t seed)
{
	struct plan *plan;

	state = seed;
	for (;;) {
		plan = any_plan();
		if (check_plan(plan, ignore, NULL) == 0)
			return (plan);
		plan_release(plan);
	}
}
