/* SPDX-License-Identifier: ISC */

/*
 * race.h - connecting to whichever address of one upstream answers first.
 *
 * Each address is started when the one before has failed or 250 ms have
 * passed (RFC 8305, 5), 50 after a report that meant nothing; the first that
 * is established wins.  A shortage of
 * descriptors or memory fails no address: the same is started again later.
 */

#ifndef UPSTREAM_RACE_H
#define UPSTREAM_RACE_H

#include <stddef.h>
#include <stdint.h>

#include "mux.h"
#include "upstream/resolver.h"

/* A shortage may be over by then. */
#define RACE_RETRY_MS	50

enum race_status {
	RACE_ON,	/* attempts are open, or one is due at next_ms */
	RACE_WON,	/* fd is connected to address */
	RACE_LOST	/* every address has failed; error is of the last */
};

struct pool_rules;

struct attempt {
	struct race *race;
	int fd;			/* -1: over */
	bool rests;		/* after a report that meant nothing */
};

/* Called when the status may have changed, except by race_step() itself. */
typedef void race_fn(struct race *race, enum race_status status, void *arg);

/* All zero is no race. */
struct race {
	struct mux_loop *loop;
	race_fn *fn;
	void *arg;
	struct addresses *addresses;
	const struct pool_rules *rules;	/* of the sockets */
	const char *untuned;		/* what of them was refused; or NULL */
	int untuned_error;		/* and why, errno */
	uint16_t port_offset;		/* added to the port of each */
	struct attempt *attempts;	/* one for each of them */
	struct attempt single;		/* all there is for one address */
	size_t started, open;		/* attempts: begun, under way */
	uint64_t next_ms;		/* when the next is due; 0: not */
	int fd;				/* the winner's, the caller's to take */
	struct address address;		/* tried last, and the winner's */
	int error;			/* errno of the last failure */
};

/* What a race is begun with. */
struct race_start {
	struct addresses *addresses;	/* held by the race */
	const struct pool_rules *rules;
	uint16_t port_offset;
	race_fn *fn;
	void *arg;
};

/* -1 with errno; race_step() is what starts it. */
int race_begin(struct race *race, struct mux_loop *loop,
    const struct race_start *start);

/* Starts what is due now. */
enum race_status race_step(struct race *race);

/* Closes all that did not win.  May be called at any time, also twice. */
void race_end(struct race *race);

/* Whether an error is a shortage here, and not the upstream's doing. */
bool race_is_shortage(int error);

#endif
