/* SPDX-License-Identifier: ISC */

/* reason.c - why a session ended, in words. */

#include "relay/reason.h"

static const char *const names[REASON_COUNT] = {
	[REASON_NONE] = "none",
	[REASON_CLIENT_FIN] = "client-fin",
	[REASON_UPSTREAM_FIN] = "upstream-fin",
	[REASON_CLIENT_RESET] = "client-reset",
	[REASON_UPSTREAM_RESET] = "upstream-reset",
	[REASON_CLIENT_ERROR] = "client-error",
	[REASON_UPSTREAM_ERROR] = "upstream-error",
	[REASON_CONNECT_REFUSED] = "connect-refused",
	[REASON_CONNECT_TIMEOUT] = "connect-timeout",
	[REASON_CONNECT_FAILED] = "connect-failed",
	[REASON_NAME_FAILED] = "name-failed",
	[REASON_IDLE] = "idle",
	[REASON_HALF_CLOSE_LIMIT] = "half-close-limit",
	[REASON_SHUTDOWN] = "shutdown",
	[REASON_SYSTEM_ERROR] = "system-error",
};

const char *
reason_name(enum reason reason)
{
	return (names[reason]);
}
