/* SPDX-License-Identifier: ISC */

/*
 * joins.h - a source that the system itself joins to its sink: SO_SPLICE of
 * OpenBSD and FreeBSD.
 *
 * From join_begin() on all that comes is moved, in its order and with the
 * sink's backpressure, and nothing is to be read, until the source has ended or
 * one of both has failed.  Then the source becomes ready to be read.
 */

#ifndef RELAY_JOINS_H
#define RELAY_JOINS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether this build joins at all. */
extern const bool joins_exist;

/* False: these two cannot be joined. */
bool join_begin(int source_fd, int sink_fd);

/* How many bytes were moved since it began, also when it has ended since. */
uint64_t join_moved_bytes(int source_fd);

/* The source is the program's again. */
void join_end(int source_fd);

#endif
