/* SPDX-License-Identifier: ISC */

/* quote.h - text as one scalar of a configuration file. */

#ifndef CONFIG_QUOTE_H
#define CONFIG_QUOTE_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Writes text so that every reader of YAML, of 1.1 as of 1.2, takes it for a
 * string and for this one: bare where nothing speaks against it, else in
 * double quotes, with dollars doubled as our files have them.  False, with
 * nothing written, when no file can have it: it is not UTF-8, or has a
 * control character.
 */
bool quote_write(FILE *out, const char *text);

#endif
