/* SPDX-License-Identifier: ISC */

/*
 * orders.h - what signals ask of the program while it runs.
 *
 *	STARTING ----> RUNNING ----> DRAINING ----> the loop stops
 *	               TERM, INT, QUIT    the last session has ended, the
 *	               or an upgrade      limit, or a second TERM or INT
 *
 * A signal to stop has an upgrade that is under way given up first, unless it has
 * just taken place: then only the other process goes on.
 *
 * What else is asked for while an upgrade is under way is for the process that
 * takes over, and passed on to it: it may have read the file of before.
 *
 * HUP reloads, USR1 opens log files anew, USR2 has a newer binary take over.
 */

#ifndef CONTROL_ORDERS_H
#define CONTROL_ORDERS_H

#include "control/operation.h"
#include "control/reload.h"
#include "control/upgrade.h"

struct orders {
	struct operation *operation;
	struct mux_timer *drain_timer;
	struct reload reload;
	struct upgrade upgrade;
	int waiting_signal;	/* to stop, once an upgrade is over; 0: none */
	bool has_reopened;	/* while an upgrade was under way */
	bool reopens, reloads;	/* the process that has taken over is to */
};

/* What they are carried out with. */
struct orders_means {
	struct log *log;		/* the keeper's */
	int argc;
	char **argv;			/* the command line */
	size_t workers;
	struct pidfile *pidfile;
};

/* Watches signals, once the operation has its loop and log.  -1 with errno. */
int orders_open(struct orders *orders, struct operation *operation);

/* The program serves, and its keeper is there. */
void orders_begin(struct orders *orders, const struct orders_means *means);

/* When the keeper does nothing any more. */
void orders_close(struct orders *orders);

/* What a signal is called; SIGTERM and so on. */
const char *signal_name(int signo);

#endif
