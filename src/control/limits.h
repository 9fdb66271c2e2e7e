/* SPDX-License-Identifier: ISC */

/* limits.h - how many descriptors there are, and how many sessions fit. */

#ifndef CONTROL_LIMITS_H
#define CONTROL_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "control/failure.h"

/*
 * Raises the soft limit of descriptors to the hard one, but not beyond what
 * the backend can watch, so that a descriptor which could not be watched
 * never comes to be.
 */
void limits_raise(void);

/*
 * How many workers are of use: one for each core that we may run on, but not
 * more than can have sessions, which are sessions_max (0: unknown) at the
 * most.
 */
size_t limits_workers(uint64_t sessions_max);

/* What is inherited or opened at the start, beside listeners, is less. */
#define LIMITS_FDS_OPENED	1024

/* Descriptors below `end' that are in use now. */
uint64_t limits_fds_in_use(uint64_t end);

/*
 * Beside those in use, sets *sessions_max to `wanted', or to what descriptors
 * allow when that is 0.  On failure the error has been told.
 */
enum exit_status limits_sessions(size_t *sessions_max, uint64_t wanted,
    size_t fds_per_session, uint64_t fds_in_use);

/* Has the end of the process reset every connection, whoever serves it. */
void limits_reset_sockets(void);

/* How many pipes for splicing the limit of descriptors leaves room for. */
size_t limits_pipes(void);

#endif
