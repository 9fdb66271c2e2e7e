/* SPDX-License-Identifier: ISC */

/* review.h - what is wrong with a plan that each option alone allows. */

#ifndef CONFIG_REVIEW_H
#define CONFIG_REVIEW_H

#include "config/settings.h"

/*
 * By the same rules as a file, but in the words of the command line.  Does
 * nothing when something is wrong already: then the plan is not whole.
 */
void review_routes(struct command *command);

/* What a limit of all, which an option has put over a file's, rules out. */
void review_limits(struct command *command);

/* With --daemon, what asks for a terminal or for the current directory. */
void review_daemon(struct command *command);

#endif
