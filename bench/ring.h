/* SPDX-License-Identifier: ISC */

/*
 * ring.h - the bytes that are sent: one block of noise, endlessly repeated.
 *
 * A connection begins at a place of its own in it, so that at every position
 * of its stream both ends know what has to be there, and a byte that is lost,
 * doubled or of another connection shows.  The size is prime: no multiple of
 * a page or a buffer can be lost unnoticed.
 */

#ifndef BENCH_RING_H
#define BENCH_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RING_SIZE	262139U
#define RING_SCRATCH	RING_SIZE	/* the most that is received at once */

int ring_open(uint64_t seed);

/* Where a place is after so many bytes. */
size_t ring_after(size_t at, uint64_t bytes);

/* Up to RING_SIZE bytes from a place on. */
const char *ring_bytes(size_t at);

/* Whether received bytes are those from a place on: all, or a few of them. */
bool ring_matches(const char *bytes, size_t length, size_t at, bool all);

/* As send(2) and recv(2), but without a copy where the system can do it. */
ssize_t ring_send(int fd, size_t at, size_t length);
ssize_t ring_discard(int fd, size_t length);

/* Where everybody receives into. */
extern char ring_scratch[RING_SCRATCH];

#endif
