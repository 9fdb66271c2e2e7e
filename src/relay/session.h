/* SPDX-License-Identifier: ISC */

/*
 * session.h - one client connection and its upstream connection.
 *
 *	CONNECTING ---- connected ----> RELAYING
 *	    |                              |
 *	    | client reset, no upstream    | both flows DONE, or an endpoint
 *	    v                              v has failed
 *	   end                          ENDING -- all is acknowledged, or time
 *	                                          is up -------------------> end
 *
 * CONNECTING: nothing is read from the client; what it sends, also its FIN,
 * waits in its socket (C4).  Its reset is watched for when connecting takes
 * longer than most do.  ENDING: the system may still be delivering, and
 * only an acknowledgement is proof (C1).  After a failure, what had been
 * received from the failed endpoint goes to the other one first, and then
 * that one is reset too (C3).  A session ends in session_end() alone, for a
 * reason.
 *
 * Invariants, while no callback runs:
 * - reading from an endpoint is on exactly when its flow is OPEN and its
 *   queue empty; writing to it exactly when the other queue is not empty;
 *   neither while CONNECTING or resting for want of memory; else ERROR alone
 *   is watched, unless the endpoint has failed or hung up, or is a client whose
 *   connecting has just begun.
 * - a flow that is DONE has an empty queue.
 * - reason is set exactly when a flow or an endpoint has ended.
 */

#ifndef RELAY_SESSION_H
#define RELAY_SESSION_H

#include "base/address.h"
#include "relay/flow.h"
#include "relay/worker.h"
#include "upstream/connect.h"

enum session_state { SESSION_CONNECTING, SESSION_RELAYING, SESSION_ENDING };

struct endpoint {
	struct session *session;
	int fd;			/* -1: not connected yet */
	bool is_registered;	/* with the loop */
	bool has_failed;	/* reset or another error: it stays so */
	bool has_hung_up;	/* both directions have ended: nothing to watch */
	bool is_shut;		/* the end of input was passed on to it */
};

struct session {
	struct worker *worker;
	struct line *line;		/* that it came by; held */
	struct source *source;		/* that it is counted for; or NULL */
	struct session *previous, *next;	/* in worker->sessions */
	struct endpoint client, upstream;
	struct flow up, down;	/* from the client, from the upstream */
	struct connect *connect;	/* until it has told its result */
	struct mux_timer *timer;
	uint8_t state;		/* enum session_state */
	uint8_t reason;		/* enum reason: the first cause of its end */
	bool is_broken;		/* ends as soon as it is settled */
	bool is_short;		/* of memory in the system: rests for a while */
	bool has_fired;		/* the timer, which is to be armed again */
	bool has_rung;		/* an endpoint, since the last look */
	uint8_t tried;		/* upstreams, the one that answered included */
	int pending;		/* in the system for a peer, when last looked at */
	unsigned look_again_ms;	/* ENDING: when to look again */
	uint64_t id;
	uint64_t started_ms, connected_ms, ending_ms;	/* 0: not yet */
	uint64_t limit_ms;	/* that the timer is armed for */
	uint64_t moved_ms;	/* when a byte moved last, or a side ended */
	const struct upstream *server;	/* which one; NULL: none tried yet */
	struct address client_address, upstream_address;
};

/* Everything a session needs but its sockets; NULL with errno. */
struct session *session_create(struct worker *worker);
void session_destroy(struct session *session);	/* one that has not started */

/*
 * Takes over an accepted connection, whose line has a lane here.  The session
 * frees itself at its end.
 */
void session_start(struct session *session, const struct arrival *arrival);

/* What the loop calls for each endpoint. */
mux_fd_fn session_ready;

/* Resets both sides now, for this reason. */
void session_cut(struct session *session, enum reason reason);

#endif
