/* SPDX-License-Identifier: ISC */

/* reading.h - what the reader of a file has at hand, and how it complains. */

#ifndef CONFIG_READING_H
#define CONFIG_READING_H

#include "config/plan.h"
#include "config/source.h"

struct reading {
	struct plan *plan;		/* has the memory of what is kept */
	struct problems *problems;
	const struct source *source;	/* the file that is being read */
};

/* Adds what is wrong at a node. */
void reading_problem(const struct reading *reading, const struct node *node,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

void reading_out_of_memory(const struct reading *reading);

/*
 * The value of a key with its variables put in, to be freed; or NULL, with
 * what is wrong told: it is no value, or none is there, or the environment
 * lacks one.  `wants' is what is expected, in words.
 */
char *reading_text(const struct reading *reading, const char *name,
    const struct node *node, const char *wants);

/* Tells that a value has the wrong kind, or is missing. */
void reading_wrong_kind(const struct reading *reading, const char *name,
    const struct node *node, const char *wants);

/* A plain value without text, or that says null: there is none. */
bool reading_is_missing(const struct node *node);

#endif
