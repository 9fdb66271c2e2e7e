/* SPDX-License-Identifier: ISC */

/*
 * mux.h - wait for descriptors, timers, signals and other threads, on one
 * thread.
 *
 * Functions that return a pointer return NULL, and those that return int
 * return -1, with errno set, when they fail; nothing has changed then.
 * Functions that return void cannot fail and keep errno.  Misuse, such as
 * destroying a loop from one of its own callbacks, is an assertion.
 *
 * A loop and all that belongs to it is for one thread.  The one exception
 * is mux_wakeup_send().  Inside any callback anything may be created,
 * changed or destroyed, also the object being called and any other that is
 * due in the same turn; only the loop itself may not be destroyed there.
 * A loop is not to be used in a child after fork(2).
 *
 * A turn of the loop is: wait, read the clock, call for the descriptors
 * that are ready (signals and wake-ups come with them), then call for the
 * timers that were due when the turn began.
 */

#ifndef MUX_H
#define MUX_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is declared here is all that the shared library exports. */
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

struct mux_loop;
struct mux_timer;
struct mux_wakeup;

/*
 * READ, WRITE and ERROR may be asked for; all five are reported.
 *
 * Events are level-triggered.  A failure or a hang-up is reported as every
 * event that was asked for, so that the next read or write tells what it
 * is, and as ERROR or HANGUP beside that where the system can tell them
 * apart.  Data that arrived before a hang-up is still there to be read.
 *
 * END beside READ says that the peer has ended its direction: behind what can
 * be read now there is the end of input.  Not every backend tells, and it
 * must not be waited for: reading finds the end anyway.
 *
 * ERROR asked for alone notices a failure, such as a connection reset,
 * while nothing is to be read or written.  It is reported once, and the
 * registration then rests until it is modified.
 */
enum mux_event {
	MUX_READ   = 1 << 0,	/* a read or an accept will not block */
	MUX_WRITE  = 1 << 1,	/* a write will not block, or a connect ended */
	MUX_ERROR  = 1 << 2,	/* the descriptor has failed */
	MUX_HANGUP = 1 << 3,	/* both directions have ended; reported only */
	MUX_END    = 1 << 4	/* the end of input has come; reported only */
};

typedef void mux_fd_fn(struct mux_loop *loop, int fd, unsigned events,
    void *arg);
typedef void mux_timer_fn(struct mux_timer *timer, void *arg);
typedef void mux_signal_fn(struct mux_loop *loop, int signo, void *arg);
typedef void mux_wakeup_fn(struct mux_wakeup *wakeup, void *arg);

/*
 * The kernel interface below every loop: "epoll", "kqueue", "poll" or
 * "select", and the number from which on descriptors cannot be watched
 * (FD_SETSIZE for select, INT_MAX for the others).
 */
const char *mux_backend_name(void);
int mux_backend_fd_limit(void);

/* Loops. */
struct mux_loop *mux_loop_create(void);

/*
 * A loop on an epoll or kqueue descriptor that exists already and watches
 * nothing.  The loop owns fd from here on; on failure it stays the
 * caller's.  ENOTSUP where the backend has no descriptor, EINVAL where fd
 * is none of its kind.
 */
struct mux_loop *mux_loop_fromfd(int fd);

/*
 * No timer and no wake-up of the loop may be left.  Descriptors may be:
 * they stay open and are the caller's.  NULL is allowed.
 */
void mux_loop_destroy(struct mux_loop *loop);

/* Turns until mux_loop_stop(); EBUSY inside a callback. */
int mux_loop_run(struct mux_loop *loop);

/*
 * One turn that waits timeout_ms at the most, for ever when it is -1.
 * Returns the number of callbacks made.  EBUSY inside a callback.
 */
int mux_loop_once(struct mux_loop *loop, int timeout_ms);

/*
 * Makes mux_loop_run() return at the end of this turn; outside of it, makes
 * the next mux_loop_run() return at once.
 */
void mux_loop_stop(struct mux_loop *loop);

/*
 * Milliseconds of CLOCK_MONOTONIC, rounded down, as read when this turn's
 * wait ended: the same for all callbacks of a turn.
 */
uint64_t mux_loop_now_ms(const struct mux_loop *loop);

/*
 * The epoll or kqueue descriptor, readable when the loop has something to
 * do other than timers; ENOTSUP where there is none.
 */
int mux_loop_fileno(const struct mux_loop *loop);

/*
 * Descriptors.  Each has at most one registration in a loop, which must end
 * before the descriptor is closed; the descriptor stays the caller's.  With
 * events 0 the registration rests, at no cost.
 *
 * EEXIST: registered already.  ENOENT: modify without register.  EINVAL:
 * unknown events.  EBADF: no descriptor.  ERANGE: beyond
 * mux_backend_fd_limit().  EPERM: of a kind that cannot be watched, such as
 * a regular file, where the backend says so.
 */
int mux_fd_register(struct mux_loop *loop, int fd, unsigned events,
    mux_fd_fn *fn, void *arg);
int mux_fd_modify(struct mux_loop *loop, int fd, unsigned events);

/* Another function is called from now on; ENOENT without a registration. */
int mux_fd_rebind(struct mux_loop *loop, int fd, mux_fd_fn *fn, void *arg);
void mux_fd_unregister(struct mux_loop *loop, int fd);

/*
 * Timers are one-shot; starting a running timer moves it.  A timer never
 * fires before delay_ms have passed since it was started, and one that was
 * started during a turn fires in a later turn.  Timers due in the same turn
 * fire in the order of their deadlines, then of their starts.
 */
struct mux_timer *mux_timer_create(struct mux_loop *loop, mux_timer_fn *fn,
    void *arg);
void mux_timer_start(struct mux_timer *timer, uint64_t delay_ms);
void mux_timer_stop(struct mux_timer *timer);
bool mux_timer_running(const struct mux_timer *timer);
void mux_timer_destroy(struct mux_timer *timer);	/* NULL is allowed */

/*
 * Signals come as plain callbacks; those of one number that arrive before
 * the callback runs count as one.  A signal is watched by one loop at a
 * time (EBUSY).  Unwatching restores the disposition found before.  Other
 * threads of the process should block the signals that a loop watches.
 */
int mux_signal_watch(struct mux_loop *loop, int signo, mux_signal_fn *fn,
    void *arg);
void mux_signal_unwatch(struct mux_loop *loop, int signo);

/* Wake-ups.  Sends that arrive before the callback runs count as one. */
struct mux_wakeup *mux_wakeup_create(struct mux_loop *loop, mux_wakeup_fn *fn,
    void *arg);
void mux_wakeup_send(struct mux_wakeup *wakeup);	/* any thread, any signal handler */
void mux_wakeup_destroy(struct mux_wakeup *wakeup);	/* NULL is allowed */

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
