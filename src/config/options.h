/* SPDX-License-Identifier: ISC */

/* options.h - the command line. */

#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include "config/plan.h"

enum options_action {
	OPTIONS_RUN,		/* the plan is filled */
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_FACTS,		/* the version, with build facts */
	OPTIONS_WRONG,		/* the error has been written to stderr */
	OPTIONS_FAILED		/* for want of memory; so has this */
};

/* Parses the command line into a new plan, whose strings may be argv's. */
enum options_action options_parse(struct plan *plan, int argc, char **argv);

#endif
