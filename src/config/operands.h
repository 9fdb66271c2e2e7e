/* SPDX-License-Identifier: ISC */

/* operands.h - the routes of a command line: LISTEN and UPSTREAM. */

#ifndef CONFIG_OPERANDS_H
#define CONFIG_OPERANDS_H

#include "config/settings.h"

/*
 * Adds routes to the plan, each with what the options said of all.  Either
 * one is LISTEN UPSTREAM..., in words of their own, or each word is one,
 * LISTEN=UPSTREAM,...  In both, LISTEN may be several that are joined by
 * commas, and is the name of its route.
 */
void operands_take(struct command *command, char *const *operands, int count);

#endif
