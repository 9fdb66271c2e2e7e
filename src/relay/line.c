/* SPDX-License-Identifier: ISC */

/* line.c - a route in service, and the lanes of it. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "relay/line.h"
#include "relay/worker.h"

/* What most routes have nothing of costs a connection one look. */
static void
note_ways(struct line *line)
{
	const struct route *route = line->route;
	const struct route_limits *limits = &route->limits;

	line->is_limited = limits->connections_max != 0 ||
	    limits->accept_rate.count != 0;
	line->is_guarded = route->allow_count > 0 || route->deny_count > 0 ||
	    limits->per_source_max != 0 || limits->source_rate.count != 0;
	line->tunes_client = !tuning_is_plain(&route->client);
}

struct line *
line_create(const struct route *route, size_t workers, line_gone_fn *gone,
    void *owner)
{
	const struct pool_rules rules = {
		.connect_timeout_ms = route->connect_timeout_ms,
		.tuning = &route->upstream,
		.source = &route->source,
		.is_plain = tuning_is_plain(&route->upstream) &&
		    route->source.sa.sa_family == AF_UNSPEC,
	};
	struct line *line;

	line = calloc(1, sizeof(*line) + workers * sizeof(line->lanes[0]));
	if (line == NULL)
		return (NULL);
	line->common = pool_common_create(route->upstreams,
	    route->upstreams_count, &rules);
	line->usage = usage_create();
	if (line->common == NULL || line->usage == NULL) {
		pool_common_destroy(line->common);
		usage_release(line->usage);
		free(line);
		return (NULL);
	}
	atomic_init(&line->references, 1);
	atomic_init(&line->is_retired, false);
	line->route = route;
	line->session_fds = pool_session_fds(line->common);
	line->gone = gone;
	line->owner = owner;
	note_ways(line);
	line->lanes_count = workers;
	return (line);
}

void
line_follow(struct line *line, const struct line *before)
{
	usage_release(line->usage);
	line->usage = usage_hold(before->usage);
}

struct line *
line_hold(struct line *line)
{
	atomic_fetch_add_explicit(&line->references, 1, memory_order_relaxed);
	return (line);
}

void
line_release(struct line *line)
{
	if (line == NULL || atomic_fetch_sub(&line->references, 1) != 1)
		return;
	pool_common_destroy(line->common);
	usage_release(line->usage);
	if (line->gone != NULL)
		line->gone(line->owner);
	free(line);
}

void
line_enter(struct line *line, uint64_t now_ms)
{
	(void)line_hold(line);
	atomic_fetch_add(&line->usage->sessions, 1);
	if (line->is_limited && line->route->limits.accept_rate.count != 0)
		(void)bucket_take(&line->usage->bucket,
		    &line->route->limits.accept_rate, now_ms);
}

void
line_leave(struct line *line, struct source *source)
{
	if (source != NULL)
		source_release(source);
	atomic_fetch_sub(&line->usage->sessions, 1);
	line_release(line);
}

bool
line_is_full(const struct line *line)
{
	const uint64_t most = line->route->limits.connections_max;

	return (most != 0 && atomic_load(&line->usage->sessions) >= most);
}

uint64_t
line_wait_ms(const struct line *line, uint64_t now_ms)
{
	const struct rate *rate = &line->route->limits.accept_rate;

	if (rate->count == 0 || line_is_full(line))
		return (DURATION_OFF);
	return (bucket_wait_ms(&line->usage->bucket, rate, now_ms));
}

bool
line_accepts(const struct line *line, uint64_t now_ms)
{
	const struct rate *rate = &line->route->limits.accept_rate;

	if (!line->is_limited)
		return (true);
	return (!line_is_full(line) && (rate->count == 0 ||
	    bucket_wait_ms(&line->usage->bucket, rate, now_ms) == 0));
}

struct lane *
lane_of(struct line *line, struct worker *worker)
{
	struct lane **place = &line->lanes[worker->number - 1];
	struct lane *lane;

	assert(worker->number <= line->lanes_count);
	if (*place != NULL)
		return (*place);
	lane = calloc(1, sizeof(*lane));
	if (lane == NULL)
		return (NULL);
	lane->pool = pool_create(line->common, worker->loop, worker->log);
	if (lane->pool == NULL) {
		free(lane);
		return (NULL);
	}
	lane->line = line_hold(line);
	lane->next = worker->lanes;
	worker->lanes = lane;
	*place = lane;
	return (lane);
}

static void
lane_destroy(struct lane *lane, const struct worker *worker)
{
	const int saved_errno = errno;

	assert(lane->sessions == 0);
	lane->line->lanes[worker->number - 1] = NULL;
	pool_destroy(lane->pool);
	line_release(lane->line);
	free(lane);
	errno = saved_errno;
}

void
lanes_sweep(struct worker *worker)
{
	struct lane **link = &worker->lanes, *lane;

	while ((lane = *link) != NULL) {
		if (lane->sessions > 0 || !atomic_load(&lane->line->is_retired)) {
			link = &lane->next;
			continue;
		}
		*link = lane->next;
		lane_destroy(lane, worker);
	}
}

void
lanes_close(struct worker *worker)
{
	struct lane *lane;

	while ((lane = worker->lanes) != NULL) {
		worker->lanes = lane->next;
		lane_destroy(lane, worker);
	}
}
