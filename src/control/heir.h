/* SPDX-License-Identifier: ISC */

/*
 * heir.h - the process that is to take over, as this one talks to it.
 *
 * It was started with one end of a pair of sockets; see handover.h for what is
 * said there.  It may be anything: it may hang, say nothing, or rubbish, or end.
 */

#ifndef CONTROL_HEIR_H
#define CONTROL_HEIR_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "control/handover.h"
#include "control/waiter.h"

struct heir {
	struct waiter waiter;		/* its parent, until it serves */
	int fd;				/* to talk through */
	uint64_t patience_ms;		/* until it serves */
	atomic_bool *is_given_up;	/* set by another thread */
	uint64_t end_ms;
	char end[80];			/* how it ended */
};

/*
 * Says all of this, and waits for the answer: NULL, and that is to be freed.
 * Otherwise what was wrong, which is valid as long as the heir is; the process
 * was ended then.  For a thread that may wait.
 */
const char *heir_talk(struct heir *heir, const char *bytes, size_t length,
    struct handover_answer *answer);

#endif
