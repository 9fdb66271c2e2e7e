/* SPDX-License-Identifier: ISC */

/* flow.c - one direction of a session. */

#include <sys/types.h>
#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/socket.h"
#include "relay/flow.h"
#include "relay/joins.h"

#ifndef MSG_MORE
#define MSG_MORE	0
#endif

/* So many reads in a row change the way that bytes take. */
#define LARGE_READS	4
#define SMALL_READS	8

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

/* Whether a read of so many bytes says that the flow is better spliced. */
static void
note_size(struct flow *flow, size_t count, const struct supplies *supplies)
{
	/* 12 KiB: to move pages costs less from there on than to copy twice */
	const size_t large = supplies->read_max_bytes / 16 * 3;

	if (count >= large) {
		flow->small = 0;
		if (flow->large < LARGE_READS)
			flow->large++;
	} else {
		flow->large = 0;
		if (count >= large / 4)
			flow->small = 0;
		else if (flow->small < SMALL_READS)
			flow->small++;
	}
}

/* Reads more of a flow that fills its reads, and less for a slow reader. */
static void
adapt(struct flow *flow, size_t asked, size_t count, size_t left,
    const struct supplies *supplies)
{
	const size_t most = supplies->read_max_bytes;

	if (left == 0 && count == asked)
		flow->read_bytes = (uint32_t)(asked < most / 2 ? asked * 2 :
		    most);
	else if (left > count / 2 && asked > supplies->read_min_bytes)
		flow->read_bytes = (uint32_t)(asked / 2);
	note_size(flow, count, supplies);
}

/*
 * Sends what was just read; queues the rest.  Bytes were received, so this is
 * movement also when the system lacks memory: writing the queue finds out.
 */
static enum flow_step
pass_on(struct flow *flow, int sink_fd, struct supplies *supplies,
    size_t count)
{
	const unsigned char *bytes = supplies->scratch;
	/* an end of input that follows goes into the same segment */
	const int more = flow->state == FLOW_DRAINING ? MSG_MORE : 0;
	ssize_t n;

	n = send(sink_fd, bytes, count, MSG_NOSIGNAL | more);
	if (n == -1) {
		if (step_of(errno, STEP_SINK_FAILED) == STEP_SINK_FAILED)
			return (STEP_SINK_FAILED);
		n = 0;
	}
	flow->sent_bytes += (uint64_t)n;
	if ((size_t)n < count)
		queue_fill(&flow->queue, bytes + n, count - (size_t)n,
		    supplies);
	return (STEP_MOVED);
}

/*
 * Looks for the end of input behind what was read.  Returns how many bytes
 * more came instead; *error is how the source has failed, or 0.
 */
static size_t
look_for_end(struct flow *flow, int source_fd, unsigned char *bytes,
    size_t room, int *error)
{
	ssize_t n;

	*error = 0;
	n = recv(source_fd, bytes, room, 0);
	if (n == 0)
		flow->state = FLOW_DRAINING;
	else if (n == -1 && step_of(errno, STEP_SOURCE_FAILED) ==
	    STEP_SOURCE_FAILED)
		*error = errno;
	return (n > 0 ? (size_t)n : 0);
}

static enum flow_step
fill_by_copying(struct flow *flow, int source_fd, int sink_fd,
    struct supplies *supplies, bool ends)
{
	const size_t asked = flow->read_bytes != 0 ? flow->read_bytes :
	    supplies->read_min_bytes;
	unsigned char *bytes = supplies->scratch;
	enum flow_step step;
	int error = 0;
	ssize_t n;

	if (supplies_renew(supplies) == -1)
		return (STEP_SHORT);
	n = recv(source_fd, bytes, asked, 0);
	if (n == -1)
		return (step_of(errno, STEP_SOURCE_FAILED));
	if (n == 0) {
		flow->state = FLOW_DRAINING;
		return (STEP_ENDED);
	}
	if (ends && (size_t)n < asked)
		n += (ssize_t)look_for_end(flow, source_fd, bytes + n,
		    asked - (size_t)n, &error);
	flow->received_bytes += (uint64_t)n;
	step = pass_on(flow, sink_fd, supplies, (size_t)n);
	adapt(flow, asked, (size_t)n, flow->queue.used, supplies);
	if (step == STEP_SINK_FAILED || (error == 0 &&
	    flow->state == FLOW_OPEN))
		return (step);
	errno = error;
	return (error != 0 ? STEP_SOURCE_FAILED : STEP_ENDED);
}

/* Large reads are spliced from now on, and small ones copied again. */
static void
choose_way(struct flow *flow)
{
	if (flow->is_spliced)
		flow->is_spliced = flow->small < SMALL_READS;
	else
		flow->is_spliced = flow->large == LARGE_READS &&
		    !flow->is_copied;
}

/*
 * True when something came through a pipe, or the source has failed: `step'
 * is what that was.  Else reading tells more: splice(2) says neither whether
 * nothing is an end, nor does it pass an urgent byte.
 */
static bool
fill_by_splicing(struct flow *flow, int source_fd, int sink_fd,
    struct supplies *supplies, enum flow_step *step)
{
	ssize_t n;

	n = queue_splice(&flow->queue, source_fd, supplies);
	if (n > 0) {
		flow->received_bytes += (uint64_t)n;
		note_size(flow, (size_t)n, supplies);
		*step = flow_drain(flow, sink_fd, supplies);
		if (*step != STEP_SINK_FAILED)
			*step = STEP_MOVED;
		return (true);
	}
	if (n == -1 && errno != EAGAIN && errno != EINTR && errno != EINVAL &&
	    errno != EMFILE) {
		*step = step_of(errno, STEP_SOURCE_FAILED);
		return (true);
	}
	flow->is_copied = n == -1 && errno == EINVAL;
	flow->is_spliced = false;
	flow->large = 0;
	return (false);
}

/* From here on nothing has to be read, but for the end, which has not come. */
static void
try_to_join(struct flow *flow, int source_fd, int sink_fd)
{
	if (!queue_is_empty(&flow->queue))
		return;
	flow->is_joined = join_begin(source_fd, sink_fd);
	flow->is_copied = !flow->is_joined;
	flow->is_spliced = false;
	flow->large = 0;
}

bool
flow_look(struct flow *flow, int source_fd)
{
	const uint64_t before = flow->received_bytes;

	if (!flow->is_joined)
		return (false);
	flow->received_bytes = flow->sent_bytes + join_moved_bytes(source_fd);
	return (flow->received_bytes != before);
}

void
flow_part(struct flow *flow, int source_fd)
{
	if (!flow->is_joined)
		return;
	join_end(source_fd);
	(void)flow_look(flow, source_fd);
	flow->sent_bytes = flow->received_bytes;
	flow->is_joined = false;
}

enum flow_step
flow_fill(struct flow *flow, int source_fd, int sink_fd,
    struct supplies *supplies, bool ends)
{
	const bool by_pipe = flow->is_spliced && !joins_exist;
	enum flow_step step;

	assert(flow_wants_input(flow));
	flow_part(flow, source_fd);
	if (!by_pipe || !fill_by_splicing(flow, source_fd, sink_fd, supplies,
	    &step))
		step = fill_by_copying(flow, source_fd, sink_fd, supplies,
		    ends);
	flow->stuck_bytes = (uint32_t)flow->queue.used;
	choose_way(flow);
	if (flow->is_spliced && joins_exist && step == STEP_MOVED)
		try_to_join(flow, source_fd, sink_fd);
	return (step);
}

enum flow_step
flow_drain(struct flow *flow, int sink_fd, struct supplies *supplies)
{
	ssize_t n;

	assert(flow_wants_output(flow));
	n = queue_drain(&flow->queue, sink_fd, supplies);
	if (n == -1)
		return (step_of(errno, STEP_SINK_FAILED));
	flow->sent_bytes += (uint64_t)n;
	return (STEP_MOVED);
}

void
flow_abandon(struct flow *flow, struct supplies *supplies)
{
	queue_discard(&flow->queue, supplies);
	flow->state = FLOW_DONE;
}

uint64_t
flow_lost_bytes(const struct flow *flow)
{
	return (flow->received_bytes - flow->sent_bytes);
}
