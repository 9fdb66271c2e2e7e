/* SPDX-License-Identifier: ISC */

/* listen.h - opening the sockets that a route listens on, at start-up. */

#ifndef CONTROL_LISTEN_H
#define CONTROL_LISTEN_H

#include <stddef.h>

#include "control/failure.h"
#include "relay/route.h"

struct listen_socket {
	int fd;				/* -1: a worker has it */
	const char *path;		/* of a UNIX-domain socket, or NULL */
	unsigned long long device, inode;	/* of that, to know it again */
};

struct listen_sockets {
	struct listen_socket *list;
	size_t count;
};

/*
 * Opens all; may look names up, hence only for start-up.  On failure the
 * error has been written and nothing is left open.
 */
enum exit_status listen_open(struct listen_sockets *sockets,
    const struct route *route);

/* Writes the addresses as one word, joined by commas; returns out. */
char *listen_format(char *out, size_t size,
    const struct listen_sockets *sockets);

/*
 * Removes the files of UNIX-domain sockets, while these are still open:
 * after that, a file of the same number may be that of a successor.
 */
void listen_remove(struct listen_sockets *sockets);

/* Closes what is still ours, and removes the files before. */
void listen_close(struct listen_sockets *sockets);

#endif
