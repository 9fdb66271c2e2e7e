/* SPDX-License-Identifier: ISC */

/*
 * usage.h - what a route has in use, whichever line it has.
 *
 * A reload that changes a route gives it another line, while the sessions of
 * the old one go on.  The limits of the new line count them, so all lines of a
 * route share this.
 */

#ifndef RELAY_USAGE_H
#define RELAY_USAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bucket.h"
#include "relay/pauses.h"

struct usage {
	atomic_uint references;
	atomic_size_t sessions;		/* accepted, and not ended */
	/* of the thread that accepts */
	uint32_t number;		/* no other has it: whose sources */
	uint64_t turns;			/* of upstreams: connections so far */
	struct bucket bucket;		/* of the rate */
	struct episode episode;		/* of a limit of the route */
	bool has_denied;		/* likewise, by the lists */
	uint64_t denied_ms;
	uint64_t untold;		/* refused since that was told last */
};

/* With one reference; NULL with errno.  Any thread holds and releases it. */
struct usage *usage_create(void);
struct usage *usage_hold(struct usage *usage);
void usage_release(struct usage *usage);	/* NULL is allowed */

#endif
