/* SPDX-License-Identifier: ISC */

/*
 * gate.h - who is let in, of those that were accepted.
 *
 * A limit of connections or of the rate of a whole route makes the others wait
 * in the accept queue.  A limit of one source, or a list of who may come,
 * cannot: who is to be kept out is known when it was accepted, and gets a
 * reset.
 */

#ifndef RELAY_GATE_H
#define RELAY_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "relay/arrival.h"
#include "relay/sources.h"

struct gate {
	struct log *log;
	struct sources *sources;	/* NULL: no line asks for them */
	uint64_t refused;		/* in all */
};

/* Has what a route with these limits asks for; -1 with errno. */
int gate_prepare(struct gate *gate, const struct route_limits *limits);

/* When no session is left. */
void gate_close(struct gate *gate);

/*
 * Whether it is let in; then it is counted as one of its source.  What was
 * refused is told, once in a while, and counted.
 */
bool gate_admits(struct gate *gate, struct arrival *arrival, uint64_t now_ms);

#endif
