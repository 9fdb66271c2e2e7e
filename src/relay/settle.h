/* SPDX-License-Identifier: ISC */

/*
 * settle.h - what follows from a session's state: what is waited for, for
 * how long, what is passed on, and whether the session ends.
 *
 * Callbacks note what happened, and call session_settle() as the last thing
 * they do with a session, unless all that happened is that bytes were passed on
 * whole.
 */

#ifndef RELAY_SETTLE_H
#define RELAY_SETTLE_H

#include "relay/session.h"

/* The first cause counts; but a clean end of one side is not yet the end. */
void session_note_reason(struct session *session, enum reason reason);

/* A byte has moved, or a side has ended: limits begin anew. */
void session_note_movement(struct session *session);

/* The session cannot go on. */
void session_break_off(struct session *session, enum reason reason);

/* The system lacks memory: nothing is tried for a while. */
void session_rest(struct session *session);

/*
 * An endpoint can no longer be written to; what it had sent before may still
 * be there to be read, up to the error or the end of input.
 */
void endpoint_failed(struct endpoint *endpoint, int error);

/* Starts the timer for the earliest of what is due. */
void session_arm_timer(struct session *session);

/* What a peer has taken from the system counts as moved. */
void session_look_for_movement(struct session *session);

/* Brings everything in line with the state, or ends the session. */
void session_settle(struct session *session);

#endif
