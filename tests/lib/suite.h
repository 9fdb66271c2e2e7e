/* SPDX-License-Identifier: ISC */

/*
 * suite.h - what the tests of libmux share.
 *
 * The tests are linked once with each backend that the system has.  They
 * wait for events and never for time to pass; nothing is too slow for them
 * short of the limit in tap.c.
 */

#ifndef SUITE_H
#define SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mux.h"
#include "tap.h"

/* The subjects, a file each. */
void test_clock(void);
void test_errors(void);
void test_failure(void);
void test_fds(void);
void test_heap(void);
void test_interrupts(void);
void test_loop(void);
void test_many(void);
void test_memory(void);
void test_nesting(void);
void test_resources(void);
void test_reuse(void);
void test_signals(void);
void test_threads(void);
void test_timers(void);
void test_wakeups(void);

bool backend_is(const char *name);

/* libkqueue on Linux: nearly kqueue(2), by descriptors and threads of its own. */
bool kqueue_is_emulated(void);

/* The system's clock, whatever wrap.h does to the library's. */
uint64_t clock_ns(void);

/* mux_loop_create() that cannot fail. */
struct mux_loop *new_loop(void);

/*
 * Pairs of connected non-blocking descriptors.  Of a pipe [0] is read from
 * and [1] is written to; the others go both ways.
 */
enum kind { TCP, UNIX, PIPE, KINDS };

const char *kind_name(enum kind kind);
void open_pair(enum kind kind, int fds[2]);
void close_pair(const int fds[2]);

/*
 * A non-blocking TCP listener on the loopback, on a port that the system
 * picks; a connect to it that has only been started; and the same after the
 * listener was closed, so that nobody answers.
 */
int open_listener(void);
int start_connect(int listener);
int start_refused_connect(int listener);

/* Moves a descriptor to a number that is at least `lowest'. */
int move_up(int fd, int lowest);

void put_bytes(int fd, size_t count);
void take_bytes(int fd, size_t count);
void fill(int fd);		/* until a write would block */
void drain(int fd);		/* until a read would block */

/* Closes a TCP socket so that its peer is reset. */
void reset(int fd);

/* Blocks until a read or a write would not, or until fd has failed. */
void await_input(int fd);
void await_output(int fd);
void await_failure(int fd);

int count_open(void);

/* As many descriptors are open as were before. */
void none_left_open(int before, const char *name);

/* How often a descriptor's callback was called, and what with, at last. */
struct seen {
	int calls;
	int fd;
	unsigned events;
};

/* A mux_fd_fn, whose argument is a struct seen. */
void see(struct mux_loop *loop, int fd, unsigned events, void *arg);

/* Turns until somebody is called; returns what seen->events is then. */
unsigned ring(struct mux_loop *loop, struct seen *seen);

/* Whether a turn that does not wait calls nobody. */
bool quiet(struct mux_loop *loop);

#endif
