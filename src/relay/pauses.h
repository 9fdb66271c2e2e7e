/* SPDX-License-Identifier: ISC */

/*
 * pauses.h - what is told of accepting that pauses at a limit (C8).
 *
 * A limit where connections come and go is reached again and again.  That is
 * one episode: its first pause is told, further ones are counted, and its end
 * is told when accepting has gone on for a while without one more.
 */

#ifndef RELAY_PAUSES_H
#define RELAY_PAUSES_H

#include <stdbool.h>
#include <stdint.h>

#include "mux.h"

struct acceptor;
struct line;

/* Of one limit; on the clock of the loop that accepts. */
struct episode {
	uint64_t pauses;	/* so far; 0: there is no episode */
	uint64_t began_ms;
	bool is_calm;		/* accepting has gone on, since calm_ms */
	uint64_t calm_ms;
};

struct pauses {
	struct episode episode;		/* of all routes together */
	struct mux_timer *timer;	/* an episode may be over */
	bool is_open;			/* there is one, if of a route */
	uint64_t count;			/* of all episodes */
};

/* Of an acceptor with a loop, and else of zeroes; -1 with errno. */
int pauses_open(struct acceptor *acceptor);
void pauses_close(struct acceptor *acceptor);

/* Accepting pauses, for all routes or for that of one line. */
void pauses_note(struct acceptor *acceptor, const char *what);
void pauses_note_line(struct acceptor *acceptor, struct line *line,
    const char *what);

/* There are others: notes those that are reached, where that is news. */
void pauses_note_limits(struct acceptor *acceptor);

/* To be called after every change of what is accepted. */
void pauses_look(struct acceptor *acceptor);

#endif
