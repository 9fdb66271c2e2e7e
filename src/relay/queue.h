/* SPDX-License-Identifier: ISC */

/*
 * queue.h - the bytes of a flow that were read and not yet written.
 *
 * Filled once while it is empty, then drained: reading pauses as long as
 * anything is queued, so a queue never grows and never wraps.  It has
 * memory only while it has bytes, exactly as many, and all zero is an empty
 * queue.  When there is no memory it takes a reserve that was allocated
 * before.
 */

#ifndef RELAY_QUEUE_H
#define RELAY_QUEUE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

struct queue {
	unsigned char *bytes;
	size_t head;		/* of those, drained already */
	size_t used;
};

bool queue_is_empty(const struct queue *queue);

/*
 * Copies bytes into an empty queue.  *reserve is from malloc(3) and has room
 * for them; the queue may take it, leaving NULL there; so this cannot fail.
 */
void queue_fill(struct queue *queue, const void *bytes, size_t count,
    void **reserve);

/* Sends from the queue once; what send(2) returns. */
ssize_t queue_drain(struct queue *queue, int fd);

/* Drops all that is queued. */
void queue_discard(struct queue *queue);

#endif
