/* SPDX-License-Identifier: ISC */

/* file.h - a configuration file, with all that it includes. */

#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include "config/plan.h"
#include "config/problems.h"

/*
 * Reads the file at path, or standard input for `-', into a plan; what the
 * file does not say stays as it was.  Returns 0; or -1, with everything that
 * is wrong added to *problems, and a plan that is to be released.  The plan
 * keeps nothing of the file.  It reads files and the environment, so it is
 * not for a loop; one thread at a time may call it for a plan.
 */
int file_read(struct plan *plan, const char *path, struct problems *problems);

#endif
