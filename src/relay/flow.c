/* SPDX-License-Identifier: ISC */

/* flow.c - one direction of a session. */

#include <sys/types.h>
#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/socket.h"
#include "relay/flow.h"

bool
flow_wants_input(const struct flow *flow)
{
	return (flow->state == FLOW_OPEN && queue_is_empty(&flow->queue));
}

bool
flow_wants_output(const struct flow *flow)
{
	return (!queue_is_empty(&flow->queue));
}

/* What an error of a read or a write means; the socket is `failed' by it. */
static enum flow_step
step_of(int error, enum flow_step failed)
{
	if (error == EAGAIN || error == EINTR)
		return (STEP_IDLE);
	return (socket_is_short(error) ? STEP_SHORT : failed);
}

/*
 * Sends what was just read; queues the rest.  Bytes were received, so this is
 * movement also when the system lacks memory: writing the queue finds out.
 */
static enum flow_step
pass_on(struct flow *flow, int sink_fd, struct scratch *scratch, size_t count)
{
	const unsigned char *bytes = scratch->bytes;
	ssize_t n;

	n = send(sink_fd, bytes, count, MSG_NOSIGNAL);
	if (n == -1) {
		if (step_of(errno, STEP_SINK_FAILED) == STEP_SINK_FAILED)
			return (STEP_SINK_FAILED);
		n = 0;
	}
	flow->sent_bytes += (uint64_t)n;
	if ((size_t)n < count)
		queue_fill(&flow->queue, bytes + n, count - (size_t)n,
		    &scratch->reserve);
	return (STEP_MOVED);
}

enum flow_step
flow_fill(struct flow *flow, int source_fd, int sink_fd,
    struct scratch *scratch)
{
	ssize_t n;

	assert(flow_wants_input(flow));
	if (scratch->reserve == NULL)
		scratch->reserve = malloc(scratch->size_bytes);
	if (scratch->reserve == NULL)
		return (STEP_SHORT);
	n = recv(source_fd, scratch->bytes, scratch->size_bytes, 0);
	if (n == -1)
		return (step_of(errno, STEP_SOURCE_FAILED));
	if (n == 0) {
		flow->state = FLOW_DRAINING;
		return (STEP_ENDED);
	}
	flow->received_bytes += (uint64_t)n;
	return (pass_on(flow, sink_fd, scratch, (size_t)n));
}

enum flow_step
flow_drain(struct flow *flow, int sink_fd)
{
	ssize_t n;

	assert(flow_wants_output(flow));
	n = queue_drain(&flow->queue, sink_fd);
	if (n == -1)
		return (step_of(errno, STEP_SINK_FAILED));
	flow->sent_bytes += (uint64_t)n;
	return (STEP_MOVED);
}

void
flow_abandon(struct flow *flow)
{
	queue_discard(&flow->queue);
	flow->state = FLOW_DONE;
}

uint64_t
flow_lost_bytes(const struct flow *flow)
{
	return (flow->received_bytes - flow->sent_bytes);
}
