/* SPDX-License-Identifier: ISC */

/*
 * wrap.h - the C library and the kernel as the tests want them.
 *
 * Where the linker knows --wrap, what libmux calls goes through here: a
 * clock that stands still, allocations that fail, waits and changes that
 * the kernel refuses.  Elsewhere the wrap_*_works() functions say no and
 * the tests that need them are skipped.  Everything is as it is until a
 * test asks for something else, and tests put it back.
 */

#ifndef WRAP_H
#define WRAP_H

#include <stdbool.h>
#include <stdint.h>

/* CLOCK_MONOTONIC stands still at now_ns, until it is set on or let go. */
bool wrap_clock_works(void);
void wrap_clock_freeze(uint64_t now_ns);
void wrap_clock_advance(uint64_t ns);
uint64_t wrap_clock_now(void);
void wrap_clock_thaw(void);

/*
 * The n-th allocation from here, counted from 1, fails, and with `onwards'
 * also every later one; 0 ends it.  Returns how many were asked for since
 * the call before.
 */
bool wrap_alloc_works(void);
unsigned wrap_alloc_fail(unsigned n, bool onwards);

/*
 * Instead of waiting in the kernel, calls fn with the time that the backend
 * would wait, negative for ever.  fn returns 0 for nothing ready, or an
 * errno with which the wait fails.  NULL ends it.
 */
typedef int wrap_wait_fn(int64_t timeout_ns);
bool wrap_wait_works(void);
void wrap_wait(wrap_wait_fn *fn);

/* The kernel refuses to change what it watches with this errno; 0 ends it. */
bool wrap_watch_works(void);
void wrap_watch_fail(int error);

#endif
