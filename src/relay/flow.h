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
 * read until the queue is empty again.  A read takes more while all that was
 * read is written at once, and less for a slow reader.  A flow of large reads
 * is spliced: its queue is a pipe then, and the rules are the same.  It has the
 * pipe only while there is something in it.  Or, on other systems, its source is
 * joined to its sink: then nothing passes through here, until the join ends.
 */

#ifndef RELAY_FLOW_H
#define RELAY_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/queue.h"

enum flow_state { FLOW_OPEN, FLOW_DRAINING, FLOW_DONE };

/* Sessions are many: members are as small as may be, and leave no gap. */
struct flow {
	uint32_t read_bytes;	/* what the next read may take; 0: the least */
	uint32_t stuck_bytes;	/* of the last read, that were not sent at once */
	uint8_t state;		/* enum flow_state */
	uint8_t large, small;	/* reads in a row that were so */
	bool is_spliced;	/* through a pipe, where there is one */
	bool is_joined;		/* the system moves what comes */
	bool is_copied;		/* always: splicing was refused */
	bool is_held;		/* not read from, for want of room; pressure.h */
	struct queue queue;
	uint64_t received_bytes;
	uint64_t sent_bytes;	/* joined: before that */
};

/* What one step found. */
enum flow_step {
	STEP_IDLE,		/* nothing to be had now */
	STEP_SHORT,		/* the system lacks memory: try again later */
	STEP_MOVED,		/* bytes moved */
	STEP_ENDED,		/* end of input, perhaps behind bytes that moved */
	STEP_SOURCE_FAILED,	/* errno says how */
	STEP_SINK_FAILED	/* errno says how */
};

bool flow_wants_input(const struct flow *flow);
bool flow_wants_output(const struct flow *flow);

/*
 * One read from the source and one write to the sink.  Only while input is
 * wanted.  `ends' is a hint that the end of input comes behind what is there:
 * then it is looked for at once, and goes out with the last bytes.  Nothing is
 * read that could not be kept: STEP_SHORT while there is no memory for a new
 * reserve.
 */
enum flow_step flow_fill(struct flow *flow, int source_fd, int sink_fd,
    struct supplies *supplies, bool ends);

/* One write from the queue.  Only while output is wanted. */
enum flow_step flow_drain(struct flow *flow, int sink_fd,
    struct supplies *supplies);

/* Counts what the system has moved since the last look; whether it has. */
bool flow_look(struct flow *flow, int source_fd);

/* Ends a join, if there is one, and counts the last of it. */
void flow_part(struct flow *flow, int source_fd);

/* Nothing more can be delivered: what is queued counts as lost. */
void flow_abandon(struct flow *flow, struct supplies *supplies);

/* Bytes that were received and not handed to the sink's socket. */
uint64_t flow_lost_bytes(const struct flow *flow);

#endif
