/* SPDX-License-Identifier: ISC */

/* help.h - what the program says of itself. */

#ifndef CONFIG_HELP_H
#define CONFIG_HELP_H

/*
 * They write to standard output and return 0, or 1 when that failed, with
 * the error on standard error.
 */
int help_print(void);
int version_print(void);

/* The version, how it was built, and what the sandbox of the build can do. */
int facts_print(const char *sandbox);

/* Whether standard output took all that was written to it; likewise. */
int help_flush(void);

#endif
