/* SPDX-License-Identifier: ISC */

/* test-crowd.c - the table of sources when there is no memory for it. */

#include "config.h"

#include <errno.h>

#include "refusals.h"
#include "refuse.h"
#include "relay/sources.h"
#include "tap.h"

#ifdef HAVE_UTHASH

static struct source *
admit(struct sources *sources, uint32_t number,
    struct source_refusal *refusal)
{
	const struct route_limits limits = { .per_source_max = 2,
	    .ipv4_bits = 32, .ipv6_bits = 64 };
	struct address client = { .sa = { .sa_family = AF_INET } };

	client.in.sin_addr.s_addr = htonl(number);
	return (sources_admit(sources, 0, &limits, &client, 1000, refusal));
}

/* The table grows on the way, which it can do without. */
static bool
lives(void)
{
	struct sources *sources = sources_create(2000);
	struct source_refusal refusal;
	struct source *source;
	uint32_t i, refused = 0;

	for (i = 0; sources != NULL && i < 1000; i++) {
		source = admit(sources, i, &refusal);
		if (source != NULL)
			continue;
		if (refusal.cause != SOURCE_NO_MEMORY)
			return (false);
		refused++;
	}
	sources_free(sources);
	return (refused <= 1);
}

void
test_crowd(void)
{
	struct sources *sources;
	struct source *first, *second;
	struct source_refusal refusal;
	unsigned i, good = 0;

	refuse(CALL_calloc, 1, ENOMEM);
	ok(sources_create(10) == NULL && errno == ENOMEM, "no table");
	(void)refuse_end();
	sources = sources_create(10);
	refuse(CALL_calloc, 1, ENOMEM);
	ok(admit(sources, 1, &refusal) == NULL &&
	    refusal.cause == SOURCE_NO_MEMORY, "no entry");
	is((long long)refuse_end(), 1, "for lack of memory");
	first = admit(sources, 1, &refusal);
	refuse(CALL_calloc, 0, ENOMEM);
	second = admit(sources, 1, &refusal);
	ok(second == first && first != NULL &&
	    admit(sources, 1, &refusal) == NULL &&
	    refusal.cause == SOURCE_LIMIT,
	    "who has an entry needs no more");
	is((long long)refuse_end(), 0, "of it");
	sources_free(sources);
	for (i = 1; i <= 1000; i++) {
		refuse(CALL_calloc, i, ENOMEM);
		good += lives();
		good += refuse_end();
	}
	is((long long)good, 2000, "any one piece may be missing");
}

#else

void
test_crowd(void)
{
	skip("built without uthash", "no table of sources");
}

#endif
