/* SPDX-License-Identifier: ISC */

/*
 * supplies.h - what the flows of a worker draw from: the buffer for reading,
 * blocks and pipes for queues.
 */

#ifndef RELAY_SUPPLIES_H
#define RELAY_SUPPLIES_H

#include <stdbool.h>
#include <stddef.h>

#include "relay/blocks.h"
#include "relay/pipes.h"

/* What the flows of a worker draw from, one at a time. */
struct supplies {
	void *scratch;		/* where reads put bytes; read_max_bytes */
	void *reserve;		/* a block for a queue when memory is short; NULL: used up */
	bool was_short;		/* of memory, and nobody has been told */
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

/* Sees to it that there is a reserve; -1 with ENOMEM. */
int supplies_renew(struct supplies *supplies);

#endif
