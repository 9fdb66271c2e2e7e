/* SPDX-License-Identifier: ISC */

/*
 * queue.h - the bytes of a flow that were read and not yet written.
 *
 * Filled once while it is empty, then drained: reading pauses as long as
 * anything is queued, so a queue never grows and never wraps.  Its bytes are in
 * a block of memory or in a pipe, which it has only as long as it has bytes; all
 * zero is an empty queue.
 */

#ifndef RELAY_QUEUE_H
#define RELAY_QUEUE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "relay/supplies.h"

struct queue {
	unsigned char *bytes;	/* NULL: none, or they are in the pipe */
	struct pipe *pipe;	/* NULL: bytes are copied */
	size_t head;		/* of those, drained already */
	size_t used;
};

bool queue_is_empty(const struct queue *queue);

/*
 * Copies bytes into an empty queue.  There is a reserve, which the queue may
 * take; so this cannot fail.
 */
void queue_fill(struct queue *queue, const void *bytes, size_t count,
    struct supplies *supplies);

/*
 * Splices into an empty queue, once; what splice(2) returns, or -1 with EMFILE
 * when there is no pipe, and with EINVAL when that socket cannot be spliced.
 */
ssize_t queue_splice(struct queue *queue, int fd, struct supplies *supplies);

/*
 * Sends from the queue once; what send(2) returns.  What a socket refuses to
 * take from a pipe is moved into memory, for which there may be none: ENOMEM.
 */
ssize_t queue_drain(struct queue *queue, int fd, struct supplies *supplies);

/* Drops all that is queued. */
void queue_discard(struct queue *queue, struct supplies *supplies);

#endif
