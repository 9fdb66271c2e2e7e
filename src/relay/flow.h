/* SPDX-License-Identifier: ISC */

/*
 * flow.h - one direction of a session, which does not know which.
 *
 *	OPEN ------> DRAINING ------> DONE
 *	 | source ended    | queue empty, and the end was passed on
 *	 +-----------------+------------> DONE: the sink failed
 *
 * Bytes go from the source's socket into the worker's scratch buffer and at
 * once to the sink's; only what does not fit is queued, and then nothing is
 * read until the queue is empty again.
 */

#ifndef RELAY_FLOW_H
#define RELAY_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/queue.h"

enum flow_state { FLOW_OPEN, FLOW_DRAINING, FLOW_DONE };

struct flow {
	enum flow_state state;
	struct queue queue;
	uint64_t received_bytes;
	uint64_t sent_bytes;
};

/* What one step found. */
enum flow_step {
	STEP_IDLE,		/* nothing to be had now */
	STEP_SHORT,		/* the system lacks memory: try again later */
	STEP_MOVED,		/* bytes moved */
	STEP_ENDED,		/* the source has no more: end of input */
	STEP_SOURCE_FAILED,	/* errno says how */
	STEP_SINK_FAILED	/* errno says how */
};

/* What the flows of a worker share, one at a time. */
struct scratch {
	void *bytes;		/* what was read */
	void *reserve;		/* for a queue when memory is short; NULL: used up */
	size_t size_bytes;	/* of each */
};

bool flow_wants_input(const struct flow *flow);
bool flow_wants_output(const struct flow *flow);

/*
 * One read from the source and one write to the sink.  Only while input is
 * wanted.  Nothing is read that could not be kept: STEP_SHORT while
 * there is no memory for a new reserve.
 */
enum flow_step flow_fill(struct flow *flow, int source_fd, int sink_fd,
    struct scratch *scratch);

/* One write from the queue.  Only while output is wanted. */
enum flow_step flow_drain(struct flow *flow, int sink_fd);

/* Nothing more can be delivered: what is queued counts as lost. */
void flow_abandon(struct flow *flow);

/* Bytes that were received and not handed to the sink's socket. */
uint64_t flow_lost_bytes(const struct flow *flow);

#endif
