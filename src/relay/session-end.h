/* SPDX-License-Identifier: ISC */

/* session-end.h - the end of a session, and what the log says of it. */

#ifndef RELAY_SESSION_END_H
#define RELAY_SESSION_END_H

#include "relay/session.h"

/* Two lines for those who want to know more. */
void log_open(const struct session *session);
void log_connected(const struct session *session);

/*
 * Ends the session for session->reason: closes both sides, cleanly when both
 * flows ended so and by reset in every other case, counts and logs it, and
 * frees it.
 */
void session_end(struct session *session);

#endif
