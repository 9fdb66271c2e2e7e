/* SPDX-License-Identifier: ISC */

/*
 * supplies.h - what the flows of a worker draw from: the buffer for reading,
 * blocks and pipes for queues.
 */

#ifndef RELAY_SUPPLIES_H
#define RELAY_SUPPLIES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "relay/blocks.h"
#include "relay/pipes.h"

/* What the flows of a worker draw from, one at a time. */
struct supplies {
	void *scratch;		/* where reads put bytes; read_max_bytes */
	void *reserve;		/* a block for a queue when memory is short; NULL: used up */
	bool was_short;		/* of memory, and nobody has been told */
	bool is_tight;		/* by the limit of memory, see pressure.h */
	atomic_size_t queued_max_bytes;	/* that limit; any thread sets it; 0: none */
	size_t queued_bytes;	/* in all queues, of memory and pipes */
	size_t read_min_bytes, read_max_bytes;	/* of one read */
	size_t splice_max_bytes;	/* that are spliced at once */
	struct blocks blocks;
	struct pipes pipes;
};

/* 0; or -1 with errno, and nothing is left behind. */
int supplies_open(struct supplies *supplies);
void supplies_close(struct supplies *supplies);

/* Gives back what is idle, when nobody is there who might want it. */
void supplies_trim(struct supplies *supplies);

/* The limit of memory, as a thread sees it that does not need to hurry. */
static inline size_t
supplies_max_bytes(const struct supplies *supplies)
{
	return (atomic_load_explicit(&supplies->queued_max_bytes,
	    memory_order_relaxed));
}

/* Sees to it that there is a reserve; -1 with ENOMEM. */
int supplies_renew(struct supplies *supplies);

#endif
