/* SPDX-License-Identifier: ISC */

/*
 * operation.h - the program while it runs: what is in service, and who does it.
 */

#ifndef CONTROL_OPERATION_H
#define CONTROL_OPERATION_H

#include <stdbool.h>

#include "control/crew.h"
#include "control/deployment.h"
#include "control/herald.h"
#include "control/keeper.h"
#include "control/logger.h"

struct operation {
	struct mux_loop *loop;		/* the main thread's */
	struct logger *logger;
	struct log *log;
	struct keeper *keeper;
	struct crew *crew;
	struct deployment *deployment;	/* in service; ours */
	struct herald herald;		/* to the service manager */
	bool is_serving;		/* the crew has its sockets */
	bool is_running;		/* the crew accepts, or drains */
	int stop_signal;		/* that ended the running; 0: none */
};

#endif
