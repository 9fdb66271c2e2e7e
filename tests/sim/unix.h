/* SPDX-License-Identifier: ISC */

/* unix.h - where UNIX-domain sockets differ. */

#ifndef SIM_UNIX_H
#define SIM_UNIX_H

#include "socks.h"

bool side_is_unix(const struct side *side);
void unix_shut(struct side *side);
void unix_close(struct side *side);
int unix_connect(struct conn *conn);	/* 0, or why not */

#endif
