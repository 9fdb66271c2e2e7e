/* SPDX-License-Identifier: ISC */

/* sandbox-calls.h - the system calls of each role, as rules of libseccomp. */

#ifndef CONTROL_SANDBOX_CALLS_H
#define CONTROL_SANDBOX_CALLS_H

#include <seccomp.h>

#include "control/sandbox.h"

/*
 * Add the rules of a role to a filter that refuses, or allows, everything
 * else.  0, or -1 with errno.
 */
int calls_allow(scmp_filter_ctx filter, enum sandbox_role role);
int calls_refuse(scmp_filter_ctx filter, enum sandbox_role role);

#endif
