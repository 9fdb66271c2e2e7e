/* SPDX-License-Identifier: ISC */

/* names.h - whether the names of upstreams exist, before they are used. */

#ifndef CONTROL_NAMES_H
#define CONTROL_NAMES_H

#include "control/failure.h"
#include "relay/line.h"

/*
 * Looks up the names of all upstreams that these lines have, turning the loop
 * for two seconds at the most, since a name server that is slow must not keep
 * anything from starting.  A name that is known not to exist is nearly always a
 * typing error: a failure, which has been told.  A look-up that merely fails or
 * is late is none.
 */
enum exit_status names_check(struct line *const *lines, size_t count,
    struct mux_loop *loop, struct log *log);

#endif
