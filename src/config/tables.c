/* SPDX-License-Identifier: ISC */

/* tables.c - the keys of a configuration file. */

#include <stddef.h>
#include <string.h>

#include "config/keys.h"
#include "config/values.h"

#define TABLE(what, list) \
	{ .about = (what), .keys = (list), \
	    .count = sizeof(list) / sizeof((list)[0]) }

/* What the kernel of Linux takes: MAX_TCP_KEEPIDLE and MAX_TCP_KEEPCNT. */
#define KEEPALIVE_SECONDS_MAX	32767
#define KEEPALIVE_COUNT_MAX	127

#define BUFFER_BYTES_MAX	(UINT64_C(1) << 30)
#define USER_TIMEOUT_MAX_MS	(UINT64_C(24) * 86400 * 1000)	/* fits an int */

#define WANTS_DURATION	"a duration, such as 500ms, 5s or 10m"
#define WANTS_OFF	"a duration, such as 5s or 10m, or off"
#define WANTS_COUNT	"a whole number, or off"
#define WANTS_RATE	"a rate, such as 200/s or 10/m, or off"
#define WANTS_BOOL	"true or false"
#define WANTS_SIZE	"a size, such as 64k or 1m"
#define WANTS_PREFIXES	"a prefix or a list of them, such as [10.0.0.0/8]"
#define WANTS_TARGET	"stderr, syslog, journald, or the path of a file"
#define WANTS_SOCKET	"a mapping, such as {keepalive-idle: 1m}"

static const struct key timeout_keys[] = {
	{ .name = "connect", .wants = WANTS_DURATION, .scalar = value_duration,
	    .offset = offsetof(struct route, connect_timeout_ms) },
	{ .name = "idle", .wants = WANTS_OFF, .scalar = value_duration_off,
	    .offset = offsetof(struct route, idle_timeout_ms) },
	{ .name = "half-close", .wants = WANTS_OFF,
	    .scalar = value_duration_off,
	    .offset = offsetof(struct route, half_close_timeout_ms) },
};
static const struct table timeout_table = TABLE("timeouts", timeout_keys);

static const struct key source_prefix_keys[] = {
	{ .name = "ipv4", .wants = "a number from 0 to 32",
	    .scalar = value_bits, .max = 32,
	    .offset = offsetof(struct route_limits, ipv4_bits) },
	{ .name = "ipv6", .wants = "a number from 0 to 128",
	    .scalar = value_bits, .max = 128,
	    .offset = offsetof(struct route_limits, ipv6_bits) },
};
static const struct table source_prefix_table =
    TABLE("source-prefix", source_prefix_keys);

static const struct key route_limit_keys[] = {
	{ .name = "connections", .wants = WANTS_COUNT, .scalar = value_limit,
	    .max = CONNECTIONS_MAX,
	    .offset = offsetof(struct route_limits, connections_max) },
	{ .name = "per-source", .wants = WANTS_COUNT, .scalar = value_limit,
	    .max = CONNECTIONS_MAX,
	    .offset = offsetof(struct route_limits, per_source_max) },
	{ .name = "accept-rate", .wants = WANTS_RATE, .scalar = value_rate,
	    .offset = offsetof(struct route_limits, accept_rate) },
	{ .name = "accept-rate-per-source", .wants = WANTS_RATE,
	    .scalar = value_rate,
	    .offset = offsetof(struct route_limits, source_rate) },
	{ .name = "source-prefix",
	    .wants = "a mapping, such as {ipv4: 24, ipv6: 56}",
	    .set = set_mapping, .inner = &source_prefix_table },
};
static const struct table route_limit_table =
    TABLE("a route's limits", route_limit_keys);

static const struct key socket_keys[] = {
	{ .name = "keepalive", .wants = WANTS_BOOL, .scalar = value_not_bool,
	    .offset = offsetof(struct tuning, keepalive_off) },
	{ .name = "keepalive-idle", .wants = WANTS_DURATION,
	    .scalar = value_seconds, .max = KEEPALIVE_SECONDS_MAX,
	    .offset = offsetof(struct tuning, keepalive_idle_s) },
	{ .name = "keepalive-interval", .wants = WANTS_DURATION,
	    .scalar = value_seconds, .max = KEEPALIVE_SECONDS_MAX,
	    .offset = offsetof(struct tuning, keepalive_interval_s) },
	{ .name = "keepalive-count", .wants = "a number from 1 to 127",
	    .scalar = value_count32, .max = KEEPALIVE_COUNT_MAX,
	    .offset = offsetof(struct tuning, keepalive_count) },
	{ .name = "user-timeout", .wants = WANTS_DURATION,
	    .scalar = value_duration32, .max = USER_TIMEOUT_MAX_MS,
	    .offset = offsetof(struct tuning, user_timeout_ms) },
	{ .name = "send-buffer", .wants = WANTS_SIZE, .scalar = value_size32,
	    .max = BUFFER_BYTES_MAX,
	    .offset = offsetof(struct tuning, send_buffer_bytes) },
	{ .name = "receive-buffer", .wants = WANTS_SIZE,
	    .scalar = value_size32, .max = BUFFER_BYTES_MAX,
	    .offset = offsetof(struct tuning, receive_buffer_bytes) },
	{ .name = "fast-open", .wants = WANTS_BOOL, .scalar = value_bool,
	    .offset = offsetof(struct tuning, fast_open) },
	{ .name = "dscp", .wants = "a number from 0 to 63, or a name such as ef",
	    .scalar = value_dscp, .max = 63 },
	{ .name = "mark", .wants = "a number, such as 1 or 0x10",
	    .scalar = value_mark, .max = UINT32_MAX },
	{ .name = "congestion", .wants = "the name of an algorithm, such as bbr",
	    .scalar = value_congestion,
	    .offset = offsetof(struct tuning, congestion) },
	{ .name = "mptcp", .wants = WANTS_BOOL, .scalar = value_bool,
	    .offset = offsetof(struct tuning, mptcp) },
};
static const struct table socket_table =
    TABLE("a socket's options", socket_keys);

/* What is wrong is told once, though it is read for both sides. */
static void
set_sockets(const struct reading *reading, const struct key *key,
    const struct node *value, void *object)
{
	struct route *route = object;
	const bool fast_open = route->upstream.fast_open;

	set_mapping(reading, key, value, &route->client);
	set_mapping(reading, key, value, &route->upstream);
	/* which is for listeners alone, see base/tuning.h */
	route->upstream.fast_open = fast_open;
}

/* The defaults are those from `timeouts' on. */
#define ROUTE_ALONE	3

static const struct key route_keys[] = {
	{ .name = "name", .wants = "a name", .scalar = value_text,
	    .offset = offsetof(struct route, name) },
	{ .name = "listen", .wants = "a port, ADDRESS:PORT or unix:PATH, or "
	    "a list of them", .scalar = value_listen, .is_list = true },
	{ .name = "upstreams", .wants = "HOST:PORT or unix:PATH, or a list "
	    "of them", .scalar = value_upstream, .is_list = true },
	{ .name = "timeouts", .wants = "a mapping, such as {connect: 5s}",
	    .set = set_mapping, .inner = &timeout_table },
	{ .name = "limits", .wants = "a mapping, such as {connections: 5000}",
	    .set = set_mapping, .inner = &route_limit_table,
	    .offset = offsetof(struct route, limits) },
	{ .name = "allow", .wants = WANTS_PREFIXES, .scalar = value_allow,
	    .is_list = true, .may_be_empty = true },
	{ .name = "deny", .wants = WANTS_PREFIXES, .scalar = value_deny,
	    .is_list = true, .may_be_empty = true },
	{ .name = "source", .wants = "a numeric address, such as 192.0.2.1",
	    .scalar = value_source, .offset = offsetof(struct route, source) },
	{ .name = "interface", .wants = "the name of a device, such as eth0",
	    .scalar = value_interface,
	    .offset = offsetof(struct route, upstream.interface) },
	{ .name = "socket", .wants = WANTS_SOCKET, .set = set_sockets,
	    .inner = &socket_table },
	{ .name = "client-socket", .wants = WANTS_SOCKET, .set = set_mapping,
	    .inner = &socket_table, .offset = offsetof(struct route, client) },
	{ .name = "upstream-socket", .wants = WANTS_SOCKET,
	    .set = set_mapping, .inner = &socket_table,
	    .offset = offsetof(struct route, upstream) },
};
const struct table keys_route = TABLE("a route", route_keys);
const struct table keys_defaults = {
	.about = "defaults",
	.keys = route_keys + ROUTE_ALONE,
	.count = sizeof(route_keys) / sizeof(route_keys[0]) - ROUTE_ALONE,
};

static const struct key session_keys[] = {
	{ .name = "target", .wants = WANTS_TARGET, .scalar = value_target,
	    .offset = offsetof(struct log_plan, sessions.target) },
	{ .name = "format", .wants = "text or json", .scalar = value_format,
	    .offset = offsetof(struct log_plan, sessions.format) },
	{ .name = "start", .wants = WANTS_BOOL, .scalar = value_bool,
	    .offset = offsetof(struct log_plan, has_starts) },
	{ .name = "interval", .wants = WANTS_OFF, .scalar = value_duration_off,
	    .offset = offsetof(struct log_plan, interval_ms) },
};
static const struct table session_table = TABLE("log.sessions", session_keys);

/* A mapping has them on, and says more of them. */
static const char *
value_sessions(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	struct log_plan *log = field;

	return (value_bool(reading, key, text, &log->has_sessions));
}

static void
set_sessions(const struct reading *reading, const struct key *key,
    const struct node *value, void *object)
{
	struct log_plan *log = object;
	const struct key alone = { .name = key->name, .wants = key->wants,
	    .scalar = value_sessions };

	if (value->kind == NODE_MAPPING) {
		log->has_sessions = true;
		set_mapping(reading, key, value, log);
	} else
		keys_set(reading, &alone, value, log);
}

/* Sessions are written like events, unless they say otherwise later. */
static const char *
value_formats(const struct reading *reading, const struct key *key,
    const char *text, void *field)
{
	struct log_plan *log = field;
	const char *why;

	why = value_format(reading, key, text, &log->events.format);
	log->sessions.format = log->events.format;
	return (why);
}

static const struct key log_keys[] = {
	{ .name = "target", .wants = WANTS_TARGET, .scalar = value_target,
	    .offset = offsetof(struct log_plan, events.target) },
	{ .name = "format", .wants = "text or json", .scalar = value_formats },
	{ .name = "level", .wants = "debug, info, warning or error",
	    .scalar = value_level,
	    .offset = offsetof(struct log_plan, threshold) },
	{ .name = "sessions", .wants = "true, false, or a mapping, such as "
	    "{format: json}", .set = set_sessions, .inner = &session_table },
};
static const struct table log_table = TABLE("log", log_keys);

static const struct key limit_keys[] = {
	{ .name = "connections", .wants = WANTS_COUNT, .scalar = value_limit,
	    .max = CONNECTIONS_MAX,
	    .offset = offsetof(struct plan, connections_max) },
	{ .name = "memory", .wants = "a size, such as 512m, or off",
	    .scalar = value_memory,
	    .offset = offsetof(struct plan, memory_max_bytes) },
};
static const struct table limit_table = TABLE("limits", limit_keys);

/* What an included file may have comes last. */
#define MAIN_ALONE	7

static const struct key file_keys[] = {
	{ .name = "workers", .wants = "a number of threads, or auto",
	    .scalar = value_workers, .max = WORKERS_MAX,
	    .offset = offsetof(struct plan, workers) },
	{ .name = "user", .wants = "USER or USER:GROUP", .scalar = value_user,
	    .offset = offsetof(struct plan, user) },
	{ .name = "pidfile", .wants = "the path of a file",
	    .scalar = value_path, .offset = offsetof(struct plan, pidfile) },
	{ .name = "sandbox", .wants = WANTS_BOOL, .scalar = value_bool,
	    .offset = offsetof(struct plan, is_confined) },
	{ .name = "shutdown-timeout", .wants = WANTS_OFF,
	    .scalar = value_shutdown,
	    .offset = offsetof(struct plan, shutdown_timeout_ms) },
	{ .name = "limits", .wants = "a mapping, such as {connections: 10000}",
	    .set = set_mapping, .inner = &limit_table },
	{ .name = "log", .wants = "a mapping, such as {format: json}",
	    .set = set_mapping, .inner = &log_table,
	    .offset = offsetof(struct plan, log) },
	{ .name = "defaults", .wants = "a mapping, such as {timeouts: {idle: "
	    "10m}}", .inner = &keys_defaults },
	{ .name = "routes", .wants = "a list of routes, each of which begins "
	    "with a hyphen", .inner = &keys_route },
	{ .name = "include", .wants = "a path or a list of them, such as "
	    "conf.d/*.yaml", .is_list = true },
};
const struct table keys_file = TABLE("the file", file_keys);
const struct table keys_included = {
	.about = "an included file",
	.keys = file_keys + MAIN_ALONE,
	.count = sizeof(file_keys) / sizeof(file_keys[0]) - MAIN_ALONE,
};
