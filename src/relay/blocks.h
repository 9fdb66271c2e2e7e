/* SPDX-License-Identifier: ISC */

/*
 * blocks.h - memory for queues, of one worker.
 *
 * Queues come and go with every slow reader, in a few sizes again and again.
 * A block that is given back is kept for the next queue, up to a bound, and
 * beyond that goes back to the system.  All zero is an empty pool.
 */

#ifndef RELAY_BLOCKS_H
#define RELAY_BLOCKS_H

#include <stddef.h>

/* Sizes of blocks: 4 KiB to 256 KiB, each twice the one before. */
#define BLOCK_MIN_BYTES	((size_t)4 * 1024)
#define BLOCK_KINDS	7
#define BLOCK_MAX_BYTES	(BLOCK_MIN_BYTES << (BLOCK_KINDS - 1))

struct block;

struct blocks {
	struct block *idle[BLOCK_KINDS];
	size_t idle_bytes;
};

/*
 * A block of at least size_bytes, which is at most BLOCK_MAX_BYTES; NULL with
 * ENOMEM.  Who gives it back names the same size.
 */
void *blocks_take(struct blocks *blocks, size_t size_bytes);
void blocks_give(struct blocks *blocks, void *memory, size_t size_bytes);

/* Gives all that is idle back to the system. */
void blocks_free(struct blocks *blocks);

#endif
