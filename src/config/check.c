/* SPDX-License-Identifier: ISC */

/* check.c - what is wrong with a plan as a whole. */

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/check.h"
#include "config/conflicts.h"
#include "relay/sources.h"

void
check_tell(struct check *check, const struct check_place *place,
    const struct check_place *earlier, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	check->problems++;
	check->report(check->context, place, earlier, false, text);
}

/* What is wrong with one key of a route. */
static void tell_route(struct check *check, size_t route, const char *key,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

static void
tell_route(struct check *check, size_t route, const char *key,
    const char *format, ...)
{
	const struct check_place place = { route, key, CHECK_NONE };
	char text[1024];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	check_tell(check, &place, NULL, "%s", text);
}

static void
tell_missing(struct check *check, size_t route, const char *key,
    const char *text)
{
	const struct check_place place = { route, key, CHECK_NONE };

	check->problems++;
	check->report(check->context, &place, NULL, true, text);
}

static void
check_targets(struct check *check, size_t number)
{
	const struct route *route = &check->plan->routes[number];
	struct check_place place = { number, "upstreams", UPSTREAMS_MAX };

	if (route->listen_count == 0)
		tell_missing(check, number, "listen",
		    "a route has to listen somewhere; add listen, such as "
		    "listen: 8888");
	if (route->upstreams_count == 0)
		tell_missing(check, number, "upstreams",
		    "a route needs an upstream; add upstreams, such as "
		    "upstreams: [localhost:9000]");
	if (route->upstreams_count > UPSTREAMS_MAX)
		check_tell(check, &place, NULL, "the route has %zu upstreams, "
		    "and at most %d are possible", route->upstreams_count,
		    UPSTREAMS_MAX);
}

/* A range of ports goes to as many. */
static void
check_ranges(struct check *check, size_t number)
{
	const struct route *route = &check->plan->routes[number];
	struct check_place place = { number, "upstreams", 0 };
	char why[TARGET_PAIRS_SIZE];
	size_t i;

	for (; place.index < route->upstreams_count; place.index++) {
		for (i = 0; i < route->listen_count; i++) {
			if (!target_pairs(&route->listen[i],
			    &route->upstreams[place.index], why, sizeof(why)))
				break;
		}
		if (i < route->listen_count)
			check_tell(check, &place, NULL, "%s", why);
	}
}

/* An upstream of the other family cannot be reached from the address. */
static void
check_source(struct check *check, size_t number)
{
	const struct route *route = &check->plan->routes[number];
	struct check_place place = { number, "upstreams", 0 };
	struct address address;
	const struct target *target;

	for (; route->source.sa.sa_family != AF_UNSPEC &&
	    place.index < route->upstreams_count; place.index++) {
		target = &route->upstreams[place.index];
		if (target->kind == TARGET_INET &&
		    address_parse(&address, target->host, 1) &&
		    address.sa.sa_family != route->source.sa.sa_family)
			check_tell(check, &place, NULL, "this upstream is of "
			    "IPv%c and the route's source of IPv%c, so it can "
			    "never be reached",
			    address.sa.sa_family == AF_INET ? '4' : '6',
			    route->source.sa.sa_family == AF_INET ? '4' : '6');
	}
}

/* Whether a rate lets more in than another; neither is 0. */
static bool
is_faster(const struct rate *a, const struct rate *b)
{
	return (a->count * b->per_ms > b->count * a->per_ms);
}

static void
check_limits(struct check *check, size_t number)
{
	const struct route_limits *limits =
	    &check->plan->routes[number].limits;
	const uint64_t all = check->plan->connections_max;

	if (all != 0 && limits->connections_max > all)
		tell_route(check, number, "limits.connections", "%llu "
		    "connections can never be reached: all routes together "
		    "are limited to %llu",
		    (unsigned long long)limits->connections_max,
		    (unsigned long long)all);
	if (limits->connections_max != 0 &&
	    limits->per_source_max > limits->connections_max)
		tell_route(check, number, "limits.per-source", "%llu of one "
		    "source can never be reached: the route is limited to "
		    "%llu connections",
		    (unsigned long long)limits->per_source_max,
		    (unsigned long long)limits->connections_max);
	if (limits->accept_rate.count != 0 && limits->source_rate.count != 0 &&
	    is_faster(&limits->source_rate, &limits->accept_rate))
		tell_route(check, number, "limits.accept-rate-per-source",
		    "the rate of one source can never be reached: accept-rate "
		    "of the route is lower");
}

/* What this build lacks. */
static void
check_sources(struct check *check, size_t number)
{
	const struct route_limits *limits =
	    &check->plan->routes[number].limits;
	const char *lacks = sources_check(limits);

	if (lacks == NULL)
		return;
	if (limits->per_source_max != 0)
		tell_route(check, number, "limits.per-source", "%s", lacks);
	if (limits->source_rate.count != 0)
		tell_route(check, number, "limits.accept-rate-per-source",
		    "%s", lacks);
}

/* What this system lacks; once, where both sides have it. */
static void
check_sockets(struct check *check, size_t number)
{
	const struct route *route = &check->plan->routes[number];
	const char *client, *upstream;

	client = tuning_check(&route->client, TUNING_LISTENER);
	upstream = tuning_check(&route->upstream, TUNING_UPSTREAM);
	if (client != NULL)
		tell_route(check, number, upstream == client ? "socket" :
		    "client-socket", "%s", client);
	if (upstream != NULL && upstream != client)
		tell_route(check, number, route->upstream.interface != NULL &&
		    upstream == tuning_check(&(struct tuning){ .interface =
		    route->upstream.interface }, TUNING_UPSTREAM) ?
		    "interface" : "upstream-socket", "%s", upstream);
}

static void
check_log(struct check *check)
{
#ifdef HAVE_JANSSON
	(void)check;
#else
	const struct log_plan *log = &check->plan->log;
	static const char lacks[] =
	    "this muxproxy was built without jansson, and writes text alone";

	if (log->events.format == LOG_JSON)
		tell_route(check, CHECK_NONE, "log.format", "%s", lacks);
	else if (log->has_sessions && log->sessions.format == LOG_JSON)
		tell_route(check, CHECK_NONE, "log.sessions.format", "%s",
		    lacks);
#endif
}

/* Who is denied is not let in, whatever allow says. */
static void
check_access(struct check *check, size_t number)
{
	const struct route *route = &check->plan->routes[number];
	char allowed[PREFIX_TEXT_SIZE], denied[PREFIX_TEXT_SIZE];
	size_t i, j;

	for (i = 0; i < route->allow_count; i++) {
		for (j = 0; j < route->deny_count; j++) {
			if (prefix_covers(&route->deny[j],
			    &route->allow[i]))
				break;
		}
		if (j < route->deny_count)
			tell_route(check, number, "allow", "%s can never be "
			    "let in: deny has %s",
			    prefix_format(allowed, sizeof(allowed),
			    &route->allow[i]), prefix_format(denied,
			    sizeof(denied), &route->deny[j]));
	}
}

int
check_plan(const struct plan *plan, check_fn *report, void *context)
{
	struct check check = { plan, report, context, 0 };
	size_t i;

	if (plan->routes_count == 0)
		tell_missing(&check, CHECK_NONE, "routes", "there is no "
		    "route; add one, such as routes: [{listen: 8888, "
		    "upstreams: localhost:9000}]");
	check_log(&check);
	for (i = 0; i < plan->routes_count; i++) {
		check_targets(&check, i);
		check_ranges(&check, i);
		check_source(&check, i);
		check_limits(&check, i);
		check_sources(&check, i);
		check_sockets(&check, i);
		check_access(&check, i);
	}
	if (conflicts_names(&check) == -1 || conflicts_listeners(&check) == -1)
		return (-1);
	return (check.problems);
}
