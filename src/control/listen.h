/* SPDX-License-Identifier: ISC */

/* listen.h - opening the sockets that the routes of a plan listen on. */

#ifndef CONTROL_LISTEN_H
#define CONTROL_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/failure.h"
#include "relay/route.h"

struct listen_socket {
	int fd;				/* -1: closed, or somebody else's */
	const struct target *target;	/* of the plan that it was opened for */
	size_t route;			/* its number in that plan */
	uint16_t port_offset;		/* in the target's range of ports */
	const char *path;		/* of a UNIX-domain socket, or NULL */
	unsigned long long device, inode;	/* of that, to know it again */
	bool is_shared;			/* was open before, and stays so */
	bool tunes_accepted;		/* not opened with the route's tuning */
};

struct listen_sockets {
	struct listen_socket *list;
	size_t count;
};

/*
 * Opens those that `open', which may be NULL, has not already; the others are
 * taken from there, and belong to both from then on.  May look names up, hence
 * not for a loop that carries sessions.  On failure the error has been told and
 * nothing is left open that was not.
 */
enum exit_status listen_open(struct listen_sockets *sockets,
    const struct route *routes, size_t routes_count,
    const struct listen_sockets *open);

/*
 * Writes the addresses of a route, or SIZE_MAX for all, as one word, joined by
 * commas; returns out.
 */
char *listen_format(char *out, size_t size,
    const struct listen_sockets *sockets, size_t route);

/*
 * Removes the files of UNIX-domain sockets, while these are still open:
 * after that, a file of the same number may be that of a successor.
 */
void listen_remove(struct listen_sockets *sockets);

/* The same for those that `kept' has not. */
void listen_remove_others(struct listen_sockets *sockets,
    const struct listen_sockets *kept);

/* Whether it is one of them. */
bool listen_has(const struct listen_sockets *sockets, int fd);

/* The files of those that were open before are not ours to remove. */
void listen_give_back(struct listen_sockets *sockets);

/* Closes what is ours alone, and removes the files before. */
void listen_close(struct listen_sockets *sockets);

/* Forgets them: they are somebody else's now. */
void listen_free(struct listen_sockets *sockets);

#endif
