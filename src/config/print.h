/* SPDX-License-Identifier: ISC */

/* print.h - a plan as a configuration file. */

#ifndef CONFIG_PRINT_H
#define CONFIG_PRINT_H

#include <stdio.h>

#include "config/plan.h"

/*
 * Writes all that is in effect as YAML, includes expanded; read again, it is
 * an equal plan.  What is not set and has no default is left out, and so is
 * --daemon, which no file has.  Returns NULL, or a text of the plan that no
 * file can have, see quote.h.
 */
const char *plan_write(FILE *out, const struct plan *plan);

/*
 * The same, all or nothing, to standard output.  Returns 0, or 1 when that
 * failed, with the error on standard error.
 */
int plan_print(const struct plan *plan);

#endif
