/* SPDX-License-Identifier: ISC */

/* turning.h - a loop that goes on in spite of a shortage. */

#ifndef CONTROL_TURNING_H
#define CONTROL_TURNING_H

#include "mux.h"

/* mux_loop_run(), again and again while the kernel has no memory to wait. */
int turn_until_stopped(struct mux_loop *loop);

#endif
