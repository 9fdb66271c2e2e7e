/* SPDX-License-Identifier: ISC */

/* usage.c - what a route has in use, whichever line it has. */

#include <stdlib.h>

#include "relay/usage.h"

/* Whatever thread makes them. */
static atomic_uint_least32_t numbers;

struct usage *
usage_create(void)
{
	struct usage *usage;

	usage = calloc(1, sizeof(*usage));
	if (usage == NULL)
		return (NULL);
	atomic_init(&usage->references, 1);
	atomic_init(&usage->sessions, 0);
	usage->number = atomic_fetch_add(&numbers, 1);
	bucket_init(&usage->bucket, 0);
	return (usage);
}

struct usage *
usage_hold(struct usage *usage)
{
	atomic_fetch_add_explicit(&usage->references, 1, memory_order_relaxed);
	return (usage);
}

void
usage_release(struct usage *usage)
{
	if (usage != NULL && atomic_fetch_sub(&usage->references, 1) == 1)
		free(usage);
}
