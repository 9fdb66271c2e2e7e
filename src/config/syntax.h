/* SPDX-License-Identifier: ISC */

/* syntax.h - what is wrong with YAML, in the words of its users. */

#ifndef CONFIG_SYNTAX_H
#define CONFIG_SYNTAX_H

#include "config/source.h"

/*
 * Adds the problem that the parser reports as `message', NULL for one without
 * words, at an offset.  `open' is the list or mapping that was not complete
 * yet, or NULL.
 */
void syntax_problem(const struct source *source, size_t offset,
    const struct node *open, const char *message, struct problems *problems);

#endif
