/* SPDX-License-Identifier: ISC */

/* bind.h - sockets that listen. */

#ifndef CONTROL_BIND_H
#define CONTROL_BIND_H

#include <stdbool.h>

#include "base/address.h"
#include "base/tuning.h"

/*
 * They return -1 with errno, and say what of the tuning the system has refused
 * (NULL: nothing; a constant string), whether the socket can do without it or
 * not.
 */
struct bind_refusal {
	const char *untuned;
	int why;
};

/* An IPv6 address may take connections of both families. */
int bind_address(const struct address *address, bool both_families,
    const struct tuning *tuning, struct bind_refusal *refusal);

/*
 * A UNIX-domain socket, in the place of one that a process which is gone has
 * left behind; but not of one that is in use.
 */
int bind_path(const char *path, const struct tuning *tuning,
    struct bind_refusal *refusal);

#endif
