/* SPDX-License-Identifier: ISC */

/* route.h - which connections go where, and for how long. */

#ifndef RELAY_ROUTE_H
#define RELAY_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "base/target.h"

/* Immutable once a worker has it.  A limit may be DURATION_OFF. */
struct route {
	const struct target *listen;
	size_t listen_count;
	const struct target *upstreams;
	size_t upstreams_count;
	uint64_t connect_timeout_ms;	/* for each upstream that is tried */
	uint64_t idle_timeout_ms;
	uint64_t half_close_timeout_ms;
};

#endif
