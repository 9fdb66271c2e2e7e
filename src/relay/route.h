/* SPDX-License-Identifier: ISC */

/* route.h - which connections go where, under which limits, for how long. */

#ifndef RELAY_ROUTE_H
#define RELAY_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/prefix.h"
#include "base/target.h"
#include "base/tuning.h"
#include "base/units.h"

/* 0, or a rate of 0, is no limit. */
struct route_limits {
	uint64_t connections_max;	/* at a time */
	uint64_t per_source_max;	/* of one source */
	struct rate accept_rate, source_rate;
	uint8_t ipv4_bits, ipv6_bits;	/* of an address that are one source */
};

/* Immutable once a worker has it.  A timeout may be DURATION_OFF. */
struct route {
	const char *name;		/* no other has it */
	const struct target *listen;
	size_t listen_count;
	const struct target *upstreams;
	size_t upstreams_count;
	uint64_t connect_timeout_ms;	/* for each upstream that is tried */
	uint64_t idle_timeout_ms;
	uint64_t half_close_timeout_ms;
	struct route_limits limits;
	const struct prefix *allow, *deny;	/* no allow: everybody */
	size_t allow_count, deny_count;
	struct tuning client, upstream;	/* of either side's sockets */
	struct address source;		/* of upstream sockets; AF_UNSPEC: any */
};

#endif
