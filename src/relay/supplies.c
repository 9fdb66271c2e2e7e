/* SPDX-License-Identifier: ISC */

/* supplies.c - what the flows of a worker draw from. */

#include <stdlib.h>

#include "relay/supplies.h"

/*
 * One read: of a flow of small messages or a slow reader, and of one that keeps
 * filling it.  More is what pipes are for: this is what a blocked flow holds.
 */
#define READ_MIN_BYTES	((size_t)16 * 1024)
#define READ_MAX_BYTES	((size_t)64 * 1024)

/* What is spliced at once, which is less than a pipe holds. */
#define SPLICE_MAX_BYTES	BLOCK_MAX_BYTES

int
supplies_open(struct supplies *supplies)
{
	*supplies = (struct supplies){ .read_min_bytes = READ_MIN_BYTES,
	    .read_max_bytes = READ_MAX_BYTES,
	    .splice_max_bytes = SPLICE_MAX_BYTES };
	atomic_init(&supplies->queued_max_bytes, 0);
	supplies->scratch = malloc(READ_MAX_BYTES);
	if (supplies->scratch != NULL && supplies_renew(supplies) == 0)
		return (0);
	free(supplies->scratch);
	supplies->scratch = NULL;
	return (-1);
}

void
supplies_close(struct supplies *supplies)
{
	free(supplies->scratch);
	free(supplies->reserve);
	supplies_trim(supplies);
}

void
supplies_trim(struct supplies *supplies)
{
	blocks_free(&supplies->blocks);
	pipes_free(&supplies->pipes);
}

int
supplies_renew(struct supplies *supplies)
{
	if (supplies->reserve == NULL)
		supplies->reserve = malloc(READ_MAX_BYTES);
	if (supplies->reserve != NULL)
		return (0);
	supplies->was_short = true;
	return (-1);
}
