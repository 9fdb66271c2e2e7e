/* SPDX-License-Identifier: ISC */

/* queue.c - the bytes of a flow that were read and not yet written. */

#include <sys/types.h>
#include <sys/socket.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/socket.h"
#include "relay/queue.h"

bool
queue_is_empty(const struct queue *queue)
{
	return (queue->used == 0);
}

void
queue_fill(struct queue *queue, const void *bytes, size_t count,
    void **reserve)
{
	assert(queue_is_empty(queue));
	assert(*reserve != NULL);
	queue->bytes = malloc(count);
	if (queue->bytes == NULL) {
		queue->bytes = *reserve;
		*reserve = NULL;
	}
	memcpy(queue->bytes, bytes, count);
	queue->head = 0;
	queue->used = count;
}

ssize_t
queue_drain(struct queue *queue, int fd)
{
	ssize_t n;

	n = send(fd, queue->bytes + queue->head, queue->used, MSG_NOSIGNAL);
	if (n <= 0)
		return (n);
	queue->head += (size_t)n;
	queue->used -= (size_t)n;
	if (queue->used == 0)
		queue_discard(queue);
	return (n);
}

void
queue_discard(struct queue *queue)
{
	free(queue->bytes);
	*queue = (struct queue){ .bytes = NULL };
}
