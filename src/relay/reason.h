/* SPDX-License-Identifier: ISC */

/* reason.h - why a session ended: the closed list of contract C11. */

#ifndef RELAY_REASON_H
#define RELAY_REASON_H

enum reason {
	REASON_NONE,			/* it goes on */
	REASON_CLIENT_FIN,		/* both ended cleanly, the client first */
	REASON_UPSTREAM_FIN,
	REASON_CLIENT_RESET,
	REASON_UPSTREAM_RESET,
	REASON_CLIENT_ERROR,		/* such as a keepalive without answer */
	REASON_UPSTREAM_ERROR,
	REASON_CONNECT_REFUSED,
	REASON_CONNECT_TIMEOUT,
	REASON_CONNECT_FAILED,
	REASON_NAME_FAILED,
	REASON_IDLE,
	REASON_HALF_CLOSE_LIMIT,
	REASON_SHUTDOWN,
	REASON_SYSTEM_ERROR,
	REASON_COUNT
};

/* As the log has it: client-fin and so on. */
const char *reason_name(enum reason reason);

#endif
