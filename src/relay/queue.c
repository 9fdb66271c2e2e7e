/* SPDX-License-Identifier: ISC */

/* queue.c - the bytes of a flow that were read and not yet written. */

#include <sys/types.h>
#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/socket.h"
#include "relay/queue.h"

bool
queue_is_empty(const struct queue *queue)
{
	return (queue->used == 0);
}

/* The block goes; it was as large as what was filled in. */
static void
free_bytes(struct queue *queue, struct supplies *supplies)
{
	if (queue->bytes != NULL)
		blocks_give(&supplies->blocks, queue->bytes,
		    queue->head + queue->used);
	queue->bytes = NULL;
	queue->head = queue->used = 0;
}

void
queue_fill(struct queue *queue, const void *bytes, size_t count,
    struct supplies *supplies)
{
	assert(queue_is_empty(queue) && supplies->reserve != NULL);
	queue->bytes = blocks_take(&supplies->blocks, count);
	if (queue->bytes == NULL) {
		queue->bytes = supplies->reserve;
		supplies->reserve = NULL;
		supplies->was_short = true;
	}
	memcpy(queue->bytes, bytes, count);
	queue->head = 0;
	queue->used = count;
	supplies->queued_bytes += count;
}

ssize_t
queue_splice(struct queue *queue, int fd, struct supplies *supplies)
{
	struct pipes *pipes = &supplies->pipes;
	struct pipe *pipe = pipes_take(pipes);
	ssize_t n;

	assert(queue_is_empty(queue));
	if (pipe == NULL) {
		errno = EMFILE;
		return (-1);
	}
	n = pipe_fill(pipes, pipe, fd, supplies->splice_max_bytes);
	if (n > 0) {
		queue->pipe = pipe;
		queue->used = (size_t)n;
		supplies->queued_bytes += (size_t)n;
	} else
		pipes_give(pipes, pipe, true);
	return (n);
}

/* Moves what is in the pipe into memory, all or nothing. */
static int
copy_from_pipe(struct queue *queue, struct supplies *supplies)
{
	const size_t count = queue->used;
	unsigned char *bytes = blocks_take(&supplies->blocks, count);
	size_t copied = 0;
	ssize_t n;

	if (bytes == NULL)
		return (-1);
	while (copied < count) {
		n = pipe_read(queue->pipe, bytes + copied, count - copied);
		if (n > 0)
			copied += (size_t)n;
		else
			assert(n == -1 && errno == EINTR);
	}
	pipes_give(&supplies->pipes, queue->pipe, true);
	*queue = (struct queue){ .bytes = bytes, .used = count };
	return (0);
}

static ssize_t
drain_pipe(struct queue *queue, int fd, struct supplies *supplies)
{
	struct pipes *pipes = &supplies->pipes;
	ssize_t n;

	n = pipe_drain(pipes, queue->pipe, fd, queue->used);
	if (n > 0) {
		queue->used -= (size_t)n;
		supplies->queued_bytes -= (size_t)n;
	}
	if (queue->used == 0) {
		pipes_give(pipes, queue->pipe, true);
		queue->pipe = NULL;
	}
	return (n);
}

ssize_t
queue_drain(struct queue *queue, int fd, struct supplies *supplies)
{
	ssize_t n;

	if (queue->pipe != NULL) {
		n = drain_pipe(queue, fd, supplies);
		if (n != -1 || errno != EINVAL)
			return (n);
		if (copy_from_pipe(queue, supplies) == -1)
			return (-1);
	}
	n = send(fd, queue->bytes + queue->head, queue->used, MSG_NOSIGNAL);
	if (n <= 0)
		return (n);
	queue->head += (size_t)n;
	queue->used -= (size_t)n;
	supplies->queued_bytes -= (size_t)n;
	if (queue->used == 0)
		free_bytes(queue, supplies);
	return (n);
}

void
queue_discard(struct queue *queue, struct supplies *supplies)
{
	supplies->queued_bytes -= queue->used;
	if (queue->pipe != NULL)
		pipes_give(&supplies->pipes, queue->pipe, false);
	queue->pipe = NULL;
	free_bytes(queue, supplies);
}
