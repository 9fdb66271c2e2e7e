/* SPDX-License-Identifier: ISC */

/* settings.h - what the options of a command line set in a plan. */

#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>

#include "config/plan.h"
#include "config/problems.h"

/* Long options without a letter; the last ones are of a route. */
enum {
	OPT_LOG = 256, OPT_LOG_FORMAT, OPT_NO_SANDBOX, OPT_SHUTDOWN,
	OPT_CONNECTIONS, OPT_MEMORY,
	OPT_ROUTE, OPT_CONNECT = OPT_ROUTE, OPT_IDLE, OPT_HALF_CLOSE,
	OPT_PER_SOURCE, OPT_ACCEPT_RATE, OPT_ALLOW, OPT_DENY, OPT_SOURCE
};

/* A command line that is being read. */
struct command {
	struct plan *plan;
	struct problems *problems;
	const char *file;		/* that is wrong; NULL: the command line */
	struct route route;		/* what the options say of all routes */
	struct prefix *allow, *deny;	/* of it, until all are there */
	bool is_out_of_memory;
};

/* Adds a problem. */
#define command_wrong(command, ...)					\
	problems_add((command)->problems, (command)->file, 0, 0, NULL,	\
	    __VA_ARGS__)

/* The same setting twice: the last one counts, but lists have both. */
void setting_take(struct command *command, int option, const char *value);

/* Options of a route have their place in the file, if there is one. */
void setting_take_beside_file(struct command *command, int option,
    const char *value);

/* When all are taken: brings lists into their order. */
void settings_finish(struct command *command);

#endif
