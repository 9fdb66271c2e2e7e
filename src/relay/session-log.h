/* SPDX-License-Identifier: ISC */

/* session-log.h - what the log says of a session. */

#ifndef RELAY_SESSION_LOG_H
#define RELAY_SESSION_LOG_H

#include "relay/session.h"

/* Bytes that reached the other host, and those received that did not. */
struct tally {
	uint64_t delivered_bytes, lost_bytes;
};

/* For those who want to know more, or for all: log_start_severity(). */
void session_log_open(const struct session *session);
void session_log_connected(const struct session *session);

/* At an interval: what was passed on so far. */
void session_log_alive(const struct session *session);

/* The one line that every session has. */
void session_log_end(const struct session *session, const struct tally *up,
    const struct tally *down);

#endif
