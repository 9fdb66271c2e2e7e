/* SPDX-License-Identifier: ISC */

/* loop.h - the parts of a loop, as the files of this library share them. */

#ifndef MUX_LOOP_H
#define MUX_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"
#include "mux.h"

#define MUX__NS_PER_MS	UINT64_C(1000000)

/* Reports taken from the kernel in one turn; level triggering brings the rest. */
#define MUX__BATCH	256

/*
 * One descriptor's registration, found by its number.  What the kernel
 * reported is noted in `fired' and taken from there when its turn comes;
 * unregistering clears it, so a number that is closed and given out again
 * within one batch starts clean.
 */
struct mux__slot {
	mux_fd_fn *fn;		/* NULL: not registered */
	void *arg;
	uint8_t interest;	/* what the kernel waits for; 0: at rest */
	uint8_t fired;
};

struct mux__fds {
	struct mux__slot *slots;	/* indexed by descriptor */
	size_t count;
};

/*
 * A binary heap, earliest deadline first, that always has room for every
 * timer that exists, so that starting one cannot fail.
 */
struct mux__timers {
	struct mux_timer **heap;
	size_t used;		/* running timers */
	size_t created;		/* existing timers, at most `room' */
	size_t room;
	uint64_t next_sequence;	/* order of starts */
};

/*
 * The self-pipe through which other threads and signal handlers interrupt a
 * wait, and what they may have to say.
 */
struct mux__wakeups {
	int read_fd, write_fd;
	struct mux_wakeup *all;	/* every wake-up of the loop */
	struct mux_wakeup *due;	/* those of this turn, still to be called */
};

struct mux_loop {
	struct mux__backend *backend;
	struct mux__fds fds;
	struct mux__timers timers;
	struct mux__wakeups wakeups;
	uint64_t now_ns;	/* CLOCK_MONOTONIC when the last wait ended */
	int calls;		/* callbacks made in this turn */
	bool in_turn;
	bool stopping;
	struct mux__ready ready[MUX__BATCH];
};

/* realloc(3) of an array; ENOMEM when its size cannot be expressed. */
void *mux__resize(void *array, size_t count, size_t size);

/* clock.c: nanoseconds of CLOCK_MONOTONIC. */
uint64_t mux__clock_ns(void);

/* fds.c */
void mux__fds_dispatch(struct mux_loop *loop, int count);
void mux__fds_free(struct mux__fds *fds);

/* timers.c */
int64_t mux__timers_wait_ns(const struct mux_loop *loop, uint64_t now_ns);
void mux__timers_dispatch(struct mux_loop *loop, uint64_t sequence_limit);
void mux__timers_free(struct mux__timers *timers);

/* wakeups.c */
int mux__wakeups_open(struct mux_loop *loop);
void mux__wakeups_close(struct mux_loop *loop);
void mux__wakeups_ready(struct mux_loop *loop, int fd, unsigned events,
    void *arg);

/* signals.c */
void mux__signals_dispatch(struct mux_loop *loop);
void mux__signals_release(struct mux_loop *loop);

#endif
