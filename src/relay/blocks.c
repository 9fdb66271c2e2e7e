/* SPDX-License-Identifier: ISC */

/* blocks.c - memory for queues, of one worker. */

#include <assert.h>
#include <stdlib.h>

#include "relay/blocks.h"

/* What is kept for later, of all sizes together. */
#define IDLE_MAX_BYTES	((size_t)1024 * 1024)

struct block {
	struct block *next;
};

static unsigned
kind_of(size_t size_bytes)
{
	unsigned kind = 0;

	assert(size_bytes <= BLOCK_MAX_BYTES);
	while ((BLOCK_MIN_BYTES << kind) < size_bytes)
		kind++;
	return (kind);
}

void *
blocks_take(struct blocks *blocks, size_t size_bytes)
{
	const unsigned kind = kind_of(size_bytes);
	struct block *block = blocks->idle[kind];

	if (block == NULL)
		return (malloc(BLOCK_MIN_BYTES << kind));
	blocks->idle[kind] = block->next;
	blocks->idle_bytes -= BLOCK_MIN_BYTES << kind;
	return (block);
}

void
blocks_give(struct blocks *blocks, void *memory, size_t size_bytes)
{
	const unsigned kind = kind_of(size_bytes);
	struct block *block = memory;

	if (blocks->idle_bytes + (BLOCK_MIN_BYTES << kind) > IDLE_MAX_BYTES) {
		free(block);
		return;
	}
	block->next = blocks->idle[kind];
	blocks->idle[kind] = block;
	blocks->idle_bytes += BLOCK_MIN_BYTES << kind;
}

void
blocks_free(struct blocks *blocks)
{
	struct block *block;
	unsigned kind;

	for (kind = 0; kind < BLOCK_KINDS; kind++) {
		while ((block = blocks->idle[kind]) != NULL) {
			blocks->idle[kind] = block->next;
			free(block);
		}
	}
	blocks->idle_bytes = 0;
}
