/* SPDX-License-Identifier: ISC */

/*
 * upgrade.h - another process, of a newer binary, in the place of this one.
 *
 *	RUNNING ----> STARTING ----> LEAVING: sessions end, then the process
 *	   ^  USR2       |      it serves
 *	   +-------------+
 *	     it does not start: all goes on as before
 *
 * The new process inherits the listeners with their accept queues, so that
 * nothing is refused: both accept, until this one leaves that to the other.
 * Starting it and talking to it is the keeper's job.
 */

#ifndef CONTROL_UPGRADE_H
#define CONTROL_UPGRADE_H

#include <sys/types.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/handover.h"
#include "control/keeper.h"
#include "control/operation.h"
#include "control/pidfile.h"

/* Called when an upgrade has failed, or has taken place: leaves is true. */
typedef void upgrade_over_fn(void *arg, bool leaves);

struct upgrade {
	struct operation *operation;
	struct log *log;		/* the keeper's */
	struct pidfile *pidfile;
	char *program;			/* its path; NULL: not to be found */
	char **argv;
	upgrade_over_fn *over;
	void *arg;
	bool is_wanted;
	bool is_running;		/* the keeper is at it */
	atomic_bool is_given_up;	/* the keeper is to end it */
	pid_t pid;			/* of the new process */
	struct handover_answer answer;	/* is_ready: it serves */
};

/* How long the new process may take until it serves; tests shorten it. */
extern uint64_t upgrade_start_ms;

/* argv is the command line; what the program is is found out now. */
void upgrade_open(struct upgrade *upgrade, struct operation *operation,
    struct log *log, struct pidfile *pidfile, char **argv,
    upgrade_over_fn *over, void *arg);
void upgrade_close(struct upgrade *upgrade);

/* Now, or after what the keeper is doing. */
void upgrade_start(struct upgrade *upgrade);

/*
 * Whether one is under way; then it is given up, and over() is called soon with
 * what has become of it: it may just have taken place.
 */
bool upgrade_give_up(struct upgrade *upgrade);

/* For who used the keeper: starts what was asked for meanwhile, if it was. */
void upgrade_resume(struct upgrade *upgrade);

/* The path of the program that argv[0] names, to be freed; NULL: it has none. */
char *upgrade_program(const char *argv0);

#endif
