/* SPDX-License-Identifier: ISC */

/* session-end.h - the end of a session. */

#ifndef RELAY_SESSION_END_H
#define RELAY_SESSION_END_H

#include "relay/session.h"

/*
 * Ends the session for session->reason: closes both sides, cleanly when both
 * flows ended so and by reset in every other case, counts and logs it, and
 * frees it.
 */
void session_end(struct session *session);

#endif
