/* SPDX-License-Identifier: ISC */

/* arrival.h - an accepted connection, on its way to a session. */

#ifndef RELAY_ARRIVAL_H
#define RELAY_ARRIVAL_H

#include <stdint.h>

#include "base/address.h"

struct line;
struct source;

/*
 * From its accept to the end of its session it holds the line, and counts as
 * one of its sessions, and of its source's: line_enter(), line_leave().
 */
struct arrival {
	int fd;
	uint16_t port_offset;	/* of the listener, in its range of ports */
	struct address client;
	struct line *line;
	struct source *source;	/* NULL: nobody counts its connections */
	uint64_t id;		/* of the session to be, for the log */
	uint64_t turn;		/* among those of its route */
};

#endif
