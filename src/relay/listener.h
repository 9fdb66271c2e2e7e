/* SPDX-License-Identifier: ISC */

/* listener.h - a bound socket that accepts. */

#ifndef RELAY_LISTENER_H
#define RELAY_LISTENER_H

#include "relay/acceptor.h"

struct listener {
	struct acceptor *acceptor;
	int fd;			/* -1: closed */
};

/* Takes fd over; -1 with errno, and fd is still the caller's. */
int listener_open(struct listener *listener, struct acceptor *acceptor,
    int fd);
void listener_close(struct listener *listener);

/* Accepts, or not, as acceptor_accepts() says. */
void listener_update(struct listener *listener);

/* Accepts all that waits, as far as the acceptor accepts. */
void listener_accept(struct listener *listener);

#endif
