/* SPDX-License-Identifier: ISC */

/*
 * echo.h - what the servers of doc/tutorial.md have in common: all but the
 * waiting.
 *
 * A connection has a queue for what was read and not yet sent back.  While
 * that is empty it waits for input, else for output; what is to be waited for
 * follows from the queue alone.
 */

#ifndef ECHO_H
#define ECHO_H

#include <stdbool.h>
#include <stddef.h>

#define TIMEOUT_MS	3000

struct connection {
	int fd;
	unsigned long long received;
	size_t start, end;		/* of what is queued */
	char queue[65536];
};

struct listener {
	int fd;
	bool rests;			/* nobody can be accepted for now */
};

/* On 127.0.0.1 and the port that is the only argument; or ends the program. */
int listen_on(int argc, char *argv[]);

/* The same, with a descriptor that does not block. */
struct listener listener_open(int argc, char *argv[]);

/* Nothing was ready in time. */
void listener_idle(struct listener *listener);

/* NULL: there is nobody, or nobody can be accepted and the listener rests. */
struct connection *connection_accept(struct listener *listener);

/* Output, or else input. */
bool connection_wants_output(const struct connection *c);

/* Reads or writes, once; false when the connection is over and to be closed. */
bool connection_move(struct connection *c);

/* Room again: the listener need not rest. */
void connection_close(struct connection *c, struct listener *listener);

#endif
