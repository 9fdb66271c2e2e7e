/* SPDX-License-Identifier: ISC */

/*
 * resolver.h - name look-ups that never hold up a loop.
 *
 * The system's getaddrinfo(3), so that /etc/hosts, nsswitch.conf and mDNS
 * count, on helper threads.  A look-up that hangs occupies one of them, and
 * nothing else.
 */

#ifndef UPSTREAM_RESOLVER_H
#define UPSTREAM_RESOLVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "mux.h"

/* More addresses of one name are not looked at. */
#define ADDRESSES_MAX	32

/* What a name stood for: no duplicates, families in turn (RFC 8305, 4). */
struct addresses {
	unsigned references;
	size_t count;
	struct address list[];
};

struct resolver;

/*
 * Called on the loop's thread.  error is 0 or one of EAI_*; addresses is
 * the callee's, with one reference, and NULL on error.
 */
typedef void resolver_fn(void *arg, int error, struct addresses *addresses);

/* With `threads' helpers; NULL with errno on failure. */
struct resolver *resolver_create(struct mux_loop *loop, unsigned threads);

/* Look-ups under way are dropped; their callbacks are not called. */
void resolver_destroy(struct resolver *resolver);

/*
 * Starts looking up a name of at most TARGET_HOST_MAX characters; fn is
 * called in a later turn.  -1 with errno when it cannot be started.
 */
int resolver_lookup(struct resolver *resolver, const char *host,
    uint16_t port, resolver_fn *fn, void *arg);

/*
 * The same at once, for start-up, when there is no loop to hold up: returns
 * 0 and sets *addresses, or one of EAI_*.
 */
int resolver_lookup_now(const char *host, uint16_t port,
    struct addresses **addresses);

struct addresses *addresses_hold(struct addresses *addresses);
void addresses_release(struct addresses *addresses);	/* NULL is allowed */

#endif
