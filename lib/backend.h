/* SPDX-License-Identifier: ISC */

/*
 * backend.h - what every kernel interface must do; configure links exactly
 * one backend-*.c.
 *
 * A backend keeps the kernel's set of descriptors and nothing else: no
 * callbacks, no timers, no knowledge of what is done with a report.  It may
 * report an event that nobody waits for any more, and report the same
 * descriptor twice in one batch; the core sorts both out.
 */

#ifndef MUX_BACKEND_H
#define MUX_BACKEND_H

#include <stdint.h>

struct mux__backend;

struct mux__ready {
	int fd;
	unsigned events;	/* of MUX_READ, WRITE, ERROR, HANGUP and END */
};

extern const char mux__backend_name[];
extern const int mux__backend_fd_limit;	/* lowest fd that cannot be watched */

struct mux__backend *mux__backend_open(void);

/*
 * Takes over an empty queue that exists already; ENOTSUP where the interface
 * has no descriptor.  Releasing gives it back, closing closes it.
 */
struct mux__backend *mux__backend_adopt(int fd);
void mux__backend_release(struct mux__backend *backend);
void mux__backend_close(struct mux__backend *backend);

/* The interface's descriptor; -1 with ENOTSUP where there is none. */
int mux__backend_fileno(const struct mux__backend *backend);

/*
 * Changes what is waited for on fd from `before' to `after', sets of
 * MUX_READ, WRITE and ERROR of which 0 means that the kernel does not know
 * fd at all, so that a hang-up, which no mask suppresses, cannot ring.  Adds,
 * modifies and removes; before differs from after.  All or nothing.
 * Removing cannot fail and keeps errno.
 */
int mux__backend_watch(struct mux__backend *backend, int fd, unsigned before,
    unsigned after);

/*
 * Waits until something is ready, or for timeout_ns, rounded up to what the
 * interface can express and cut at its longest wait; for ever when negative.
 * Returns how many entries of ready, which has room for max, were filled; -1
 * with EINTR among others.
 */
int mux__backend_wait(struct mux__backend *backend, struct mux__ready *ready,
    int max, int64_t timeout_ns);

/* clock.c, for backends that wait in milliseconds: rounds up; -1 for ever. */
int mux__timeout_ms(int64_t timeout_ns);

#endif
