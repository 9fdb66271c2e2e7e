/* SPDX-License-Identifier: ISC */

/* identity.h - becoming another user, for good. */

#ifndef CONTROL_IDENTITY_H
#define CONTROL_IDENTITY_H

#include <sys/types.h>

#include "control/failure.h"

struct identity {
	uid_t uid;
	gid_t gid;
	char name[256];
};

/* Looks USER or USER:GROUP up.  On failure the error has been written. */
enum exit_status identity_find(struct identity *identity, const char *option);

/*
 * Becomes that user with its groups, and makes sure that nothing of root is
 * left and that there is no way back.  While it is the only thread.  On failure
 * the error has been written.
 */
enum exit_status identity_assume(const struct identity *identity);

#endif
