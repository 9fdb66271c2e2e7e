/* SPDX-License-Identifier: ISC */

/*
 * operation.h - what the program does while it runs, and what signals ask for.
 *
 *	STARTING ----> RUNNING ----> DRAINING ----> the loop stops
 *	                 TERM, INT, QUIT    the last session has ended, the
 *	                                    limit, or a second TERM or INT
 */

#ifndef CONTROL_OPERATION_H
#define CONTROL_OPERATION_H

#include <stdbool.h>

#include "control/crew.h"
#include "control/deployment.h"
#include "control/herald.h"
#include "control/logger.h"

struct operation {
	struct mux_loop *loop;		/* the main thread's */
	struct logger *logger;
	struct log *log;
	struct crew *crew;
	struct deployment *deployment;	/* in service; ours */
	struct herald herald;		/* to the service manager */
	struct mux_timer *drain_timer;
	bool is_serving;		/* the crew has the sockets */
	bool is_running;		/* the crew accepts, or drains */
	int stop_signal;		/* that ended the running; 0: none */
};

/* Once loop, logger and log are there.  -1 with errno. */
int operation_open(struct operation *operation);
void operation_close(struct operation *operation);

/* What a signal is called; SIGTERM and so on. */
const char *signal_name(int signo);

#endif
