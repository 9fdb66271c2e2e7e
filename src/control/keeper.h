/* SPDX-License-Identifier: ISC */

/*
 * keeper.h - the thread for what may take long: reading files, looking names
 * up, opening listeners, starting a program.
 *
 * One job at a time: the main thread gives it one and goes on, and is called
 * on its loop when the job is done.  Jobs may use what the main thread leaves
 * alone meanwhile.
 */

#ifndef CONTROL_KEEPER_H
#define CONTROL_KEEPER_H

#include <stdbool.h>

#include "mux.h"

struct keeper;

typedef void keeper_job_fn(void *arg);		/* on the keeper's thread */
typedef void keeper_done_fn(void *arg);		/* on the main thread's loop */

/* Starts the thread.  NULL with errno. */
struct keeper *keeper_create(struct mux_loop *loop);

/*
 * Waits a second at the most for a job to end; done is not called any more.
 * False, when the job is stuck: then it is left behind, with all that it uses.
 */
bool keeper_destroy(struct keeper *keeper);	/* NULL is allowed */

bool keeper_is_busy(const struct keeper *keeper);

/* Only while it is not busy. */
void keeper_do(struct keeper *keeper, keeper_job_fn *job,
    keeper_done_fn *done, void *arg);

#endif
