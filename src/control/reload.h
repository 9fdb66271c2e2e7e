/* SPDX-License-Identifier: ISC */

/*
 * reload.h - another plan in the place of the one that is in service.
 *
 * It is read, checked, and all that it needs opened on the keeper's thread;
 * the main thread only exchanges one set of listeners for another.  Whatever
 * fails before that leaves everything as it was.  A reload that is asked for
 * while one is under way follows it, so that the last state of the files
 * counts however many signals there were.
 */

#ifndef CONTROL_RELOAD_H
#define CONTROL_RELOAD_H

#include <stdbool.h>

#include "control/deployment.h"
#include "control/keeper.h"
#include "control/leaving.h"
#include "control/operation.h"

/* Called when a reload is over, and none follows it. */
typedef void reload_over_fn(void *arg);

struct reload {
	struct operation *operation;
	struct log *log;		/* the keeper's */
	int argc;
	char **argv;			/* the command line, to be read again */
	size_t workers;
	reload_over_fn *over;
	void *arg;
	struct plan *first;		/* of the start; held */
	struct leaving leaving;
	struct listen_sockets open;	/* a copy, while the keeper loads */
	bool is_wanted;			/* once more */
	bool is_log_ahead;		/* it is as a plan says that came to nothing */
	struct deployment *result;	/* NULL: it failed */
};

/* The operation's keeper is there.  Not before the program serves. */
void reload_open(struct reload *reload, struct operation *operation,
    struct log *log, int argc, char **argv, size_t workers,
    reload_over_fn *over, void *arg);

/* Now, or after what the keeper is doing. */
void reload_start(struct reload *reload);

/* For who used the keeper: starts what was asked for meanwhile, if it was. */
void reload_resume(struct reload *reload);

/* At the end, when the keeper does nothing any more. */
void reload_close(struct reload *reload);

#endif
