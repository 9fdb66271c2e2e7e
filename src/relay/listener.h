/* SPDX-License-Identifier: ISC */

/*
 * listener.h - a bound socket that accepts.
 *
 *	OPEN ----> CLOSING ----> closed
 *	     retired      its accept queue is empty
 */

#ifndef RELAY_LISTENER_H
#define RELAY_LISTENER_H

#include "relay/acceptor.h"

struct listener {
	struct acceptor *acceptor;
	struct listener *next;		/* in acceptor->listeners */
	struct listener **link;		/* what points to it there */
	struct line *line;		/* what it accepts for; held */
	int fd;
	uint16_t port_offset;		/* in the range that the line listens on */
	bool tunes;			/* what it accepts, wholly */
	bool is_untuned;		/* not all could be set, which was told */
	bool is_on;			/* watched */
	bool is_closing;
	bool is_new;			/* while the set of listeners changes */
};

/* Takes the socket over; NULL with errno, and it is still the caller's. */
struct listener *listener_open(struct acceptor *acceptor,
    const struct listening *listening);

/* Closes it, whatever may wait in its accept queue; or leaves the socket open. */
void listener_close(struct listener *listener);
void listener_return(struct listener *listener);

/* It accepts for this line from now on. */
void listener_assign(struct listener *listener,
    const struct listening *listening);

/* Accepts, or not, as the acceptor and the line say. */
void listener_update(struct listener *listener);

/* Accepts all that waits, as far as limits allow; whether nobody is left. */
bool listener_accept(struct listener *listener);

/* The same, and closes when all that waited has been accepted: now, or later. */
void listener_retire(struct listener *listener);

#endif
