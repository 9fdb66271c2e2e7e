/* SPDX-License-Identifier: ISC */

/*
 * test-sources.c - the table of sources against a model that forgets nothing,
 * with more addresses than it may have, and with sessions on other threads.
 */

#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/bucket.h"
#include "relay/sources.h"
#include "tap.h"
#include "units.h"

#define HOSTS	9
#define ROUTES	2
#define HELD_MAX	64

#ifdef HAVE_UTHASH

static const struct route_limits routes[ROUTES] = {
	{ .per_source_max = 3, .source_rate = { 5, 1000 }, .ipv4_bits = 32,
	    .ipv6_bits = 64 },
	{ .per_source_max = 5, .source_rate = { 40, 60000 }, .ipv4_bits = 24,
	    .ipv6_bits = 48 },
};

/* Which source a host is on either route, by its number. */
static const struct host {
	const char *name;
	int source[ROUTES];
} hosts[HOSTS] = {
	{ "192.0.2.1", { 0, 0 } },
	{ "::ffff:192.0.2.1", { 0, 0 } },
	{ "192.0.2.2", { 1, 0 } },
	{ "198.51.100.1", { 2, 1 } },
	{ "2001:db8::1", { 3, 2 } },
	{ "2001:db8::2:3", { 3, 2 } },
	{ "2001:db8:0:1::1", { 4, 2 } },
	{ "2001:db8:1::1", { 5, 3 } },
	{ NULL, { 6, 4 } },		/* of the UNIX domain */
};

struct model {
	unsigned sessions;
	struct bucket bucket;
	bool was_refused;
	uint64_t refused_ms;
};

static struct model models[ROUTES][HOSTS];
static struct bucket news;

static struct {
	struct source *source;
	struct model *model;
} held[HELD_MAX];
static size_t held_count;

static struct address
peer(const char *host)
{
	struct address address = { .sa.sa_family = AF_UNIX };

	if (host != NULL && !address_parse(&address, host, 4711))
		bail_out(host);
	return (address);
}

static bool
expect(struct model *model, const struct route_limits *limits,
    uint64_t now_ms, struct source_refusal *want)
{
	const struct rate rate = { SOURCE_NEWS_PER_MINUTE, 60000 };
	bool is_new;

	if (model->sessions >= limits->per_source_max)
		want->cause = SOURCE_LIMIT;
	else if (!bucket_take(&model->bucket, &limits->source_rate, now_ms))
		want->cause = SOURCE_RATE;
	else {
		model->sessions++;
		return (true);
	}
	is_new = !model->was_refused ||
	    now_ms - model->refused_ms >= SOURCE_EPISODE_MS;
	want->is_news = is_new && bucket_take(&news, &rate, now_ms);
	if (want->is_news || !is_new) {
		model->was_refused = true;
		model->refused_ms = now_ms;
	}
	return (false);
}

static bool
admit(struct sources *sources, uint64_t now_ms)
{
	const struct host *host = &hosts[random_below(HOSTS)];
	const unsigned route = (unsigned)random_below(ROUTES);
	struct model *model = &models[route][host->source[route]];
	const struct address client = peer(host->name);
	struct source_refusal want, refusal;
	struct source *source;
	bool may;

	if (held_count == HELD_MAX)
		return (true);
	may = expect(model, &routes[route], now_ms, &want);
	source = sources_admit(sources, route, &routes[route], &client,
	    now_ms, &refusal);
	if (source == NULL)
		return (!may && refusal.cause == want.cause &&
		    refusal.is_news == want.is_news);
	held[held_count].source = source;
	held[held_count++].model = model;
	return (may);
}

static void
release(void)
{
	const size_t i = held_count == 0 ? 0 : random_below(held_count);

	if (held_count == 0)
		return;
	source_release(held[i].source);
	held[i].model->sessions--;
	held[i] = held[--held_count];
}

/* Pauses that make entries idle come between much that happens at once. */
static void
test_model(void)
{
	struct sources *sources = sources_create(100);
	uint64_t now_ms = 1000;
	size_t i, j, good = 0;

	for (i = 0; i < ROUTES; i++) {
		for (j = 0; j < HOSTS; j++)
			bucket_init(&models[i][j].bucket, now_ms);
	}
	bucket_init(&news, now_ms);
	for (i = 0; i < 200000; i++) {
		now_ms += random_below(20);
		if (random_below(500) == 0)
			now_ms += random_below(100000);
		if (random_below(5) < 3)
			good += admit(sources, now_ms);
		else {
			release();
			good++;
		}
	}
	is((long long)good, 200000, "all answers are those of the model");
	while (held_count > 0)
		release();
	is((long long)sources_sweep(sources, 100, now_ms + 100000), 0,
	    "nothing is left of it");
	sources_free(sources);
}

static const struct route_limits crowd = { .per_source_max = 1,
    .source_rate = { 2, 1000 }, .ipv4_bits = 32, .ipv6_bits = 64 };

static struct source *
admit_number(struct sources *sources, size_t number, uint64_t now_ms,
    struct source_refusal *refusal)
{
	struct address client = { .in6 = { .sin6_family = AF_INET6 } };

	client.in6.sin6_addr.s6_addr[0] = 0x20;
	client.in6.sin6_addr.s6_addr[5] = (uint8_t)(number >> 16);
	client.in6.sin6_addr.s6_addr[6] = (uint8_t)(number >> 8);
	client.in6.sin6_addr.s6_addr[7] = (uint8_t)number;
	return (sources_admit(sources, 0, &crowd, &client, now_ms, refusal));
}

static void
test_million(void)
{
	const size_t million = 1000000;
	struct sources *sources = sources_create(2 * million);
	struct source_refusal refusal;
	struct source *source;
	size_t i, admitted = 0;

	/* all at once, then as many again a second later */
	for (i = 0; i < million; i++) {
		source = admit_number(sources, i, 1000, &refusal);
		admitted += source != NULL;
		if (source != NULL)
			source_release(source);
	}
	is((long long)admitted, (long long)million, "a million addresses");
	is((long long)sources_sweep(sources, 0, 1000), (long long)million,
	    "have an entry each");
	for (i = 0; i < million; i++) {
		source = admit_number(sources, 0, 2000 + 1000 * i, &refusal);
		admitted += source != NULL;
		if (source != NULL)
			source_release(source);
	}
	is((long long)admitted, 2 * (long long)million,
	    "one of them comes again and again");
	ok(sources_sweep(sources, 0, 1000) <= 1,
	    "and meets the others swept away");
	sources_free(sources);
}

static void
test_full(void)
{
	struct sources *sources = sources_create(3);
	struct source *list[4];
	struct source_refusal refusal;
	size_t i, admitted = 0;

	for (i = 0; i < 3; i++)
		list[i] = admit_number(sources, i, 10, &refusal);
	ok(list[0] != NULL && list[1] != NULL && list[2] != NULL &&
	    admit_number(sources, 3, 10, &refusal) == NULL &&
	    refusal.cause == SOURCE_NO_MEMORY && refusal.is_news,
	    "a table with sessions everywhere is full");
	ok(admit_number(sources, 4, 20, &refusal) == NULL &&
	    !refusal.is_news, "which is news once");
	ok(admit_number(sources, 4, 20 + SOURCE_EPISODE_MS, &refusal) ==
	    NULL && refusal.is_news, "an episode");
	source_release(list[1]);
	list[3] = admit_number(sources, 3, 10, &refusal);
	ok(list[3] != NULL, "the place of one without sessions can be had");
	source_release(list[3]);
	for (i = 100; i < 1100; i++) {
		list[3] = admit_number(sources, i, 10, &refusal);
		admitted += list[3] != NULL;
		if (list[3] != NULL)
			source_release(list[3]);
	}
	is((long long)admitted, 1000, "as often as one likes");
	is((long long)sources_sweep(sources, 0, 0), 3, "and it does not grow");
	ok(admit_number(sources, 0, 10, &refusal) == NULL &&
	    refusal.cause == SOURCE_LIMIT,
	    "who has a session is not forgotten");
	sources_free(sources);
}

/* All of IPv6 may be one source, but a peer without address is another. */
static void
test_nobody(void)
{
	const struct route_limits limits = { .per_source_max = 1 };
	const struct address clients[] = { peer("2001:db8::1"),
	    peer("192.0.2.1"), peer(NULL),
	    { .sa = { .sa_family = AF_UNSPEC } } };
	struct sources *sources = sources_create(10);
	struct source_refusal refusal;
	size_t i, admitted = 0;

	for (i = 0; i < 4; i++)
		admitted += sources_admit(sources, 0, &limits, &clients[i],
		    10, &refusal) != NULL;
	is((long long)admitted, 3, "peers without an address are a source");
	sources_free(sources);
}

/* Told once an episode, and by all of them together so often. */
static void
test_news(void)
{
	struct sources *sources = sources_create(1000);
	struct source_refusal refusal;
	size_t i, told = 0;

	for (i = 0; i < 500; i++)
		(void)admit_number(sources, i, 1000, &refusal);
	for (i = 0; i < 500; i++) {
		if (admit_number(sources, i, 1000, &refusal) == NULL)
			told += refusal.is_news;
	}
	is((long long)told, SOURCE_NEWS_PER_MINUTE,
	    "of a flood some are told");
	told = 0;
	for (i = 0; i < 500; i++) {
		if (admit_number(sources, i, 31000, &refusal) == NULL)
			told += refusal.is_news;
	}
	is((long long)told, SOURCE_NEWS_PER_MINUTE / 2,
	    "and then others, as time goes by");
	sources_free(sources);
	sources_free(NULL);
}

#define THREADS	3
#define RING	64

/* What is admitted here is ended there. */
static _Atomic(struct source *) ring[THREADS][RING];
static atomic_bool is_over;

static void *
end_sessions(void *arg)
{
	_Atomic(struct source *) *mine = arg;
	struct source *source;
	bool last;
	size_t i;

	do {
		last = atomic_load(&is_over);
		for (i = 0; i < RING; i++) {
			source = atomic_exchange(&mine[i], NULL);
			if (source != NULL)
				source_release(source);
		}
	} while (!last);
	return (NULL);
}

static void
test_threads(void)
{
	static const struct route_limits limits = { .per_source_max = 1000,
	    .ipv4_bits = 32, .ipv6_bits = 64 };
	struct sources *sources = sources_create(1000);
	struct address client = peer("192.0.2.0");
	pthread_t threads[THREADS];
	struct source_refusal refusal;
	struct source *source;
	size_t i;

	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, end_sessions,
		    ring[i]) != 0)
			bail_out("pthread_create");
	}
	for (i = 0; i < 100000; i++) {
		client.in.sin_addr.s_addr = htonl((uint32_t)random_below(50));
		source = sources_admit(sources, 0, &limits, &client, 1000 + i,
		    &refusal);
		if (source == NULL)
			bail_out("a connection was not admitted");
		source = atomic_exchange(&ring[i % THREADS][random_below(
		    RING)], source);
		if (source != NULL)
			source_release(source);
	}
	atomic_store(&is_over, true);
	for (i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	is((long long)sources_sweep(sources, 1000, 1000000), 0,
	    "sessions end on any thread, and nothing is left");
	sources_free(sources);
}

void
test_sources(void)
{
	ok(sources_check(&crowd) == NULL, "this build has limits for sources");
	test_model();
	test_million();
	test_full();
	test_nobody();
	test_news();
	test_threads();
}

#else

void
test_sources(void)
{
	const struct route_limits plain = { .connections_max = 1 },
	    limited = { .per_source_max = 1 }, slow = { .source_rate = { 1,
	    1000 } };

	ok(sources_check(&plain) == NULL && strstr(sources_check(&limited),
	    "uthash") != NULL && sources_check(&slow) != NULL,
	    "this build says that it has no limits for sources");
	errno = 0;
	ok(sources_create(1) == NULL && errno == ENOTSUP, "nor a table");
}

#endif
