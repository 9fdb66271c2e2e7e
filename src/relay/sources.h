/* SPDX-License-Identifier: ISC */

/*
 * sources.h - where connections come from, how many at a time and how often.
 *
 * A source is an address, cut to the first bits that a route says, and mapped
 * IPv4 is IPv4; each route has sources of its own.  All peers of the UNIX
 * domain, and those whose address is not known, are one source of a route.
 *
 * The table belongs to the thread that accepts.  Only source_release() is for
 * others: a session, on whatever thread it ends, gives back what was admitted
 * for it.  An entry stays as long as it has sessions or remembers something
 * about the rate, and is then found idle and freed, a few at each admission.
 *
 * An entry takes about 130 bytes.  When there are as many as may be, the next
 * source takes the place of one without sessions, whose rate is forgotten; if
 * some that were looked at all have sessions, it is refused.  So a table that
 * is larger than the limit of connections refuses nobody for lack of room.
 */

#ifndef RELAY_SOURCES_H
#define RELAY_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "relay/route.h"

struct source;
struct sources;

enum source_cause {
	SOURCE_LIMIT,	/* it has as many connections as it may */
	SOURCE_RATE,	/* it came too often */
	SOURCE_NO_MEMORY	/* of the system, or room in the table */
};

struct source_refusal {
	enum source_cause cause;
	bool is_news;		/* to be told */
};

/*
 * A refusal is news when its source was refused nothing for this long; and of
 * all sources together there is news at most so often, whoever floods.
 */
#define SOURCE_EPISODE_MS	UINT64_C(60000)
#define SOURCE_NEWS_PER_MINUTE	60

/*
 * What this build cannot do of `limits', a constant string, or NULL: sources
 * need uthash.
 */
const char *sources_check(const struct route_limits *limits);

/* For as many entries, at least one.  NULL with errno; ENOTSUP, see above. */
struct sources *sources_create(size_t entries_max);

/* When nobody has a source any more; NULL is allowed. */
void sources_free(struct sources *sources);

/*
 * One more connection of the client, on the route that is told by any number
 * of its own, which a reload should keep.  Returns its source, to be released
 * at the end of the session, or NULL and why not.
 */
struct source *sources_admit(struct sources *sources, uint32_t route,
    const struct route_limits *limits, const struct address *client,
    uint64_t now_ms, struct source_refusal *refusal);

/* For any thread, which must not use the source after it. */
void source_release(struct source *source);

/*
 * Looks at so many entries, in turn, and frees those that are idle; returns
 * how many there are after that.  Each admission looks at two.
 */
size_t sources_sweep(struct sources *sources, size_t looks, uint64_t now_ms);

#endif
