/* SPDX-License-Identifier: ISC */

/* options.h - the command line. */

#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include "config/plan.h"
#include "config/problems.h"

enum options_action {
	OPTIONS_RUN,		/* the plan is filled */
	OPTIONS_CHECK,		/* so it is; only say so */
	OPTIONS_CHECK_QUIETLY,	/* do not even say so */
	OPTIONS_DUMP,		/* print it */
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_FACTS,		/* the version, with build facts */
	OPTIONS_WRONG,		/* the command line; see the problems */
	OPTIONS_WRONG_FILE,	/* the configuration file; likewise */
	OPTIONS_FAILED		/* for want of memory; the problems say so */
};

/*
 * Parses the command line, and the file that it names, into a new plan, whose
 * strings may be argv's.  Words of argv may change places, and no meaning.
 * Writes nothing: what is wrong is added to the problems.  May be called any
 * number of times, by one thread at a time because of getopt_long(3).
 */
enum options_action options_parse(struct plan *plan, int argc, char **argv,
    struct problems *problems);

#endif
