/* SPDX-License-Identifier: ISC */

/*
 * sources.c - where connections come from, how many at a time and how often.
 *
 * Entries are in a hash table, and in a queue in which they are looked at: who
 * is looked at and stays goes to its end.  The hash has a key, because a
 * client often has 2^64 addresses to choose from.
 */

#include "config.h"

#include <errno.h>

#include "relay/sources.h"

#ifdef HAVE_UTHASH

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* An entry that is not added has no table: see insert(). */
#define HASH_NONFATAL_OOM	1
#define uthash_nonfatal_oom(entry)	((void)(entry))
#define uthash_malloc(bytes)	calloc(1, bytes)
#include <uthash.h>

#include "base/bucket.h"
#include "base/prefix.h"
#include "base/siphash.h"

/* An admission adds one entry at most and looks at more: so idle ones go. */
#define LOOKS		2

/* When the table is full, so many are looked at for one that can go. */
#define LOOKS_FULL	64

#define NO_ADDRESS	UINT8_MAX	/* in place of the bits of a prefix */

/* Hashed and compared as bytes, so it must have none that are not set. */
struct key {
	struct prefix prefix;
	uint8_t zero[3];
	uint32_t route;
};
_Static_assert(sizeof(struct key) == 24, "a key has no padding");

/* From a first refusal until there was none for SOURCE_EPISODE_MS. */
struct episode {
	bool has_begun;
	uint64_t refused_ms;		/* last */
};

struct source {
	struct key key;
	atomic_uint sessions;
	struct episode episode;
	struct bucket bucket;
	uint64_t full_ms;		/* when the bucket is full again */
	struct source *next;		/* in the queue */
	UT_hash_handle hh;
};

struct sources {
	struct source *table;
	struct source *first, **end;	/* of the queue */
	size_t count, max;
	struct siphash_key hash_key;
	struct episode shortage;
	struct bucket news;
};

static const struct rate news_rate = {
	.count = SOURCE_NEWS_PER_MINUTE, .per_ms = 60 * 1000
};

const char *
sources_check(const struct route_limits *limits)
{
	(void)limits;
	return (NULL);
}

struct sources *
sources_create(size_t entries_max)
{
	struct sources *sources;

	sources = calloc(1, sizeof(*sources));
	if (sources == NULL)
		return (NULL);
	if (siphash_key_create(&sources->hash_key) == -1) {
		free(sources);
		return (NULL);
	}
	sources->end = &sources->first;
	sources->max = entries_max;
	bucket_init(&sources->news, 0);
	return (sources);
}

static unsigned
hash(const struct sources *sources, const struct key *key)
{
	return ((unsigned)siphash(&sources->hash_key, key, sizeof(*key)));
}

static void
append(struct sources *sources, struct source *source)
{
	source->next = NULL;
	*sources->end = source;
	sources->end = &source->next;
}

static struct source *
take_first(struct sources *sources)
{
	struct source *source = sources->first;

	sources->first = source->next;
	if (sources->first == NULL)
		sources->end = &sources->first;
	return (source);
}

static void
drop(struct sources *sources, struct source *source)
{
	HASH_DEL(sources->table, source);
	sources->count--;
	free(source);
}

/* What other threads did with it is over, once they have counted down. */
static bool
has_sessions(struct source *source)
{
	return (atomic_load_explicit(&source->sessions,
	    memory_order_acquire) > 0);
}

void
sources_free(struct sources *sources)
{
	if (sources == NULL)
		return;
	while (sources->first != NULL)
		drop(sources, take_first(sources));
	free(sources);
}

static bool
is_over(const struct episode *episode, uint64_t now_ms)
{
	return (!episode->has_begun ||
	    now_ms - episode->refused_ms >= SOURCE_EPISODE_MS);
}

static bool
is_idle(struct source *source, uint64_t now_ms)
{
	return (!has_sessions(source) && now_ms >= source->full_ms &&
	    is_over(&source->episode, now_ms));
}

size_t
sources_sweep(struct sources *sources, size_t looks, uint64_t now_ms)
{
	struct source *source;

	if (looks > sources->count)
		looks = sources->count;
	while (looks-- > 0) {
		source = take_first(sources);
		if (is_idle(source, now_ms))
			drop(sources, source);
		else
			append(sources, source);
	}
	return (sources->count);
}

/* The one that comes first and has no session; false when none is found. */
static bool
make_room(struct sources *sources)
{
	struct source *source;
	size_t looks;

	for (looks = 0; looks < LOOKS_FULL && looks < sources->count;
	    looks++) {
		source = take_first(sources);
		if (!has_sessions(source)) {
			drop(sources, source);
			return (true);
		}
		append(sources, source);
	}
	return (false);
}

static struct source *
insert(struct sources *sources, const struct key *key, unsigned hashed,
    uint64_t now_ms)
{
	struct source *source;

	if (sources->count >= sources->max && !make_room(sources))
		return (NULL);
	source = calloc(1, sizeof(*source));
	if (source == NULL)
		return (NULL);
	source->key = *key;
	atomic_init(&source->sessions, 0);
	bucket_init(&source->bucket, now_ms);
	HASH_ADD_BYHASHVALUE(hh, sources->table, key, sizeof(source->key),
	    hashed, source);
	if (source->hh.tbl == NULL) {
		free(source);
		return (NULL);
	}
	append(sources, source);
	sources->count++;
	return (source);
}

static void
set_key(struct key *key, uint32_t route, const struct route_limits *limits,
    const struct address *client)
{
	memset(key, 0, sizeof(*key));
	key->route = route;
	if (!prefix_of(&key->prefix, client, limits->ipv4_bits,
	    limits->ipv6_bits))
		key->prefix.bits = NO_ADDRESS;
}

/* Returns NULL, which is what is admitted. */
static struct source *
refuse(struct sources *sources, struct episode *episode, uint64_t now_ms,
    enum source_cause cause, struct source_refusal *refusal)
{
	const bool is_new = is_over(episode, now_ms);

	*refusal = (struct source_refusal){ .cause = cause, .is_news = is_new &&
	    bucket_take(&sources->news, &news_rate, now_ms) };
	/* what could not be told now may be told the next time */
	if (refusal->is_news || !is_new)
		*episode = (struct episode){ true, now_ms };
	return (NULL);
}

static bool
is_at_limit(struct source *source, const struct route_limits *limits)
{
	return (limits->per_source_max != 0 && atomic_load_explicit(
	    &source->sessions, memory_order_relaxed) >=
	    limits->per_source_max);
}

struct source *
sources_admit(struct sources *sources, uint32_t route,
    const struct route_limits *limits, const struct address *client,
    uint64_t now_ms, struct source_refusal *refusal)
{
	struct source *source;
	struct key key;
	unsigned hashed;

	(void)sources_sweep(sources, LOOKS, now_ms);
	set_key(&key, route, limits, client);
	hashed = hash(sources, &key);
	HASH_FIND_BYHASHVALUE(hh, sources->table, &key, sizeof(key), hashed,
	    source);
	if (source == NULL)
		source = insert(sources, &key, hashed, now_ms);
	if (source == NULL)
		return (refuse(sources, &sources->shortage, now_ms,
		    SOURCE_NO_MEMORY, refusal));
	if (is_at_limit(source, limits))
		return (refuse(sources, &source->episode, now_ms,
		    SOURCE_LIMIT, refusal));
	if (!bucket_take(&source->bucket, &limits->source_rate, now_ms))
		return (refuse(sources, &source->episode, now_ms,
		    SOURCE_RATE, refusal));
	source->full_ms = now_ms + bucket_fill_ms(&source->bucket,
	    &limits->source_rate, now_ms);
	atomic_fetch_add_explicit(&source->sessions, 1, memory_order_relaxed);
	return (source);
}

void
source_release(struct source *source)
{
	atomic_fetch_sub_explicit(&source->sessions, 1, memory_order_release);
}

#else

const char *
sources_check(const struct route_limits *limits)
{
	if (limits->per_source_max == 0 && limits->source_rate.count == 0)
		return (NULL);
	return ("this muxproxy was built without uthash, and has no limits "
	    "per source");
}

/* So nobody has a table, and there is nothing that the others could do. */
struct sources *
sources_create(size_t entries_max)
{
	(void)entries_max;
	errno = ENOTSUP;
	return (NULL);
}

void
sources_free(struct sources *sources)
{
	(void)sources;
}

struct source *
sources_admit(struct sources *sources, uint32_t route,
    const struct route_limits *limits, const struct address *client,
    uint64_t now_ms, struct source_refusal *refusal)
{
	(void)sources;
	(void)route;
	(void)limits;
	(void)client;
	(void)now_ms;
	*refusal = (struct source_refusal){ .cause = SOURCE_NO_MEMORY };
	return (NULL);
}

void
source_release(struct source *source)
{
	(void)source;
}

size_t
sources_sweep(struct sources *sources, size_t looks, uint64_t now_ms)
{
	(void)sources;
	(void)looks;
	(void)now_ms;
	return (0);
}

#endif
