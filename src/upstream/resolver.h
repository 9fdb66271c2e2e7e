/* SPDX-License-Identifier: ISC */

/*
 * resolver.h - name look-ups that never hold up a loop.
 *
 * The system's getaddrinfo(3), so that /etc/hosts, nsswitch.conf and mDNS
 * count, on helper threads, one for each name: a look-up that hangs occupies
 * one of them, and nothing else.  All loops share one resolver, and those
 * that ask for a name at the same time share the look-up.
 */

#ifndef UPSTREAM_RESOLVER_H
#define UPSTREAM_RESOLVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/target.h"
#include "mux.h"

/* More addresses of one name are not looked at. */
#define ADDRESSES_MAX	32

/* What a name stood for: no duplicates, families in turn (RFC 8305, 4). */
struct addresses {
	unsigned references;
	size_t count;
	struct address list[];
};

struct resolver;		/* the helpers */
struct asker;			/* a loop that asks them */

/*
 * Called on the loop's thread.  error is 0 or one of EAI_*; addresses is
 * the callee's, with one reference, and NULL on error.
 */
typedef void resolver_fn(void *arg, int error, struct addresses *addresses);

/* With a helper for each target that has a name; NULL with errno. */
struct resolver *resolver_create(const struct target *targets, size_t count);

/* No asker may be left.  Look-ups under way are left to themselves. */
void resolver_destroy(struct resolver *resolver);	/* NULL is allowed */

/* NULL with errno. */
struct asker *asker_create(struct resolver *resolver, struct mux_loop *loop);

/* What was not answered will not be; callbacks are not called. */
void asker_destroy(struct asker *asker);	/* NULL is allowed */

/*
 * Starts looking up the name of targets[number], which has one; fn is called
 * in a later turn.  -1 with errno when it cannot be started.
 */
int asker_lookup(struct asker *asker, size_t number, resolver_fn *fn,
    void *arg);

/*
 * The same at once, for start-up, when there is no loop to hold up: returns
 * 0 and sets *addresses, or one of EAI_*.
 */
int resolver_lookup_now(const char *host, uint16_t port,
    struct addresses **addresses);

/* NULL when out of memory. */
struct addresses *addresses_copy(const struct addresses *addresses);
struct addresses *addresses_hold(struct addresses *addresses);
void addresses_release(struct addresses *addresses);	/* NULL is allowed */

#endif
