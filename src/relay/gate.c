/* SPDX-License-Identifier: ISC */

/* gate.c - who is let in, of those that were accepted. */

#include <inttypes.h>

#include "base/logfmt.h"
#include "base/prefix.h"
#include "relay/gate.h"
#include "relay/line.h"

/*
 * So many sources are remembered at a time; a table as large as there can be
 * sessions refuses nobody for want of room.
 */
#define SOURCES_MAX	((size_t)512 * 1024)

/* What is refused again and again is told this often. */
#define TELL_AGAIN_MS	(60 * 1000)

static bool
limits_sources(const struct route_limits *limits)
{
	return (limits->per_source_max != 0 || limits->source_rate.count != 0);
}

int
gate_prepare(struct gate *gate, const struct route_limits *limits)
{
	if (gate->sources == NULL && limits_sources(limits))
		gate->sources = sources_create(SOURCES_MAX);
	return (gate->sources == NULL && limits_sources(limits) ? -1 : 0);
}

void
gate_close(struct gate *gate)
{
	sources_free(gate->sources);
	gate->sources = NULL;
}

/* With how many were refused by this line since it was told last. */
static void
tell(struct gate *gate, const struct arrival *arrival, const char *reason)
{
	struct line *line = arrival->line;
	struct usage *usage = line->usage;
	char name[LOG_TEXT_MAX / 4], client[ADDRESS_TEXT_SIZE];

	log_line(gate->log, SEVERITY_WARNING, "refused route=%s client=%s "
	    "reason=%s connections=%" PRIu64,
	    logfmt_string(name, sizeof(name), line->route->name),
	    address_format(client, sizeof(client), &arrival->client), reason,
	    usage->untold);
	usage->untold = 0;
}

static bool
refuse(struct gate *gate, const struct arrival *arrival, const char *reason,
    bool is_news)
{
	gate->refused++;
	arrival->line->usage->untold++;
	if (is_news)
		tell(gate, arrival, reason);
	return (false);
}

static bool
is_denied(const struct arrival *arrival)
{
	const struct route *route = arrival->line->route;

	return (!prefix_allows(route->allow, route->allow_count, route->deny,
	    route->deny_count, &arrival->client));
}

/* Whoever is denied, one line tells of all: there may be many of them. */
static bool
denial_is_news(struct usage *usage, uint64_t now_ms)
{
	if (usage->has_denied && now_ms - usage->denied_ms < TELL_AGAIN_MS)
		return (false);
	usage->has_denied = true;
	usage->denied_ms = now_ms;
	return (true);
}

bool
gate_admits(struct gate *gate, struct arrival *arrival, uint64_t now_ms)
{
	static const char *const reasons[] = {
		[SOURCE_LIMIT] = "source-limit",
		[SOURCE_RATE] = "source-rate",
		[SOURCE_NO_MEMORY] = "sources-memory",
	};
	struct line *line = arrival->line;
	struct source_refusal refusal;

	if (!line->is_guarded)
		return (true);
	if (is_denied(arrival))
		return (refuse(gate, arrival, "denied",
		    denial_is_news(line->usage, now_ms)));
	if (!limits_sources(&line->route->limits))
		return (true);
	arrival->source = sources_admit(gate->sources, line->usage->number,
	    &line->route->limits, &arrival->client, now_ms, &refusal);
	if (arrival->source != NULL)
		return (true);
	return (refuse(gate, arrival, reasons[refusal.cause],
	    refusal.is_news));
}
