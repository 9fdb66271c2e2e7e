/* SPDX-License-Identifier: ISC */

/* bind.h - sockets that listen. */

#ifndef CONTROL_BIND_H
#define CONTROL_BIND_H

#include <stdbool.h>

#include "base/address.h"

/* They return -1 with errno. */

/* An IPv6 address may take connections of both families. */
int bind_address(const struct address *address, bool both_families);

/*
 * A UNIX-domain socket, in the place of one that a process which is gone has
 * left behind; but not of one that is in use.
 */
int bind_path(const char *path);

#endif
