/* SPDX-License-Identifier: ISC */

/*
 * builtin.h - small servers inside the program (echo, discard, chargen; RFC
 * 862 to 864), so that it can be tried with nothing else installed.
 *
 * Each is the other end of a socket pair and served by the same loop: to a
 * session it is an upstream like any other.
 */

#ifndef UPSTREAM_BUILTIN_H
#define UPSTREAM_BUILTIN_H

#include "base/target.h"
#include "mux.h"

struct builtin;

/* The servers now running on one loop. */
struct builtins {
	struct mux_loop *loop;
	struct builtin *first;
};

/* Starts one; returns the descriptor to talk to, or -1 with errno. */
int builtin_open(struct builtins *builtins, enum target_service service);

/* Ends those whose other end has not been closed yet. */
void builtins_close(struct builtins *builtins);

#endif
