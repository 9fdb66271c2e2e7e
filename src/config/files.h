/* SPDX-License-Identifier: ISC */

/* files.h - the files of one configuration while they are read. */

#ifndef CONFIG_FILES_H
#define CONFIG_FILES_H

#include "config/reading.h"

#define FILES_DEPTH_MAX	16	/* of files that include each other */

/* A file that was read; all of them stay until the plan is checked. */
struct file {
	struct file *next;
	struct source *source;
	const struct file *outer;	/* that includes it; NULL: none */
	const struct node *defaults;	/* NULL: it has none */
	struct route route;		/* as a route of it begins */
	unsigned depth;			/* 0: the main file */
};

/* Where a route of the plan was written. */
struct origin {
	const struct file *file;
	const struct node *route;
};

struct files {
	struct plan *plan;
	struct problems *problems;
	struct file *list;		/* the latest first */
	struct file *main;		/* NULL: it could not be read */
	struct origin *origins;		/* of routes from first_route on */
	size_t first_route, routes_count;
};

/* file.c: as file_read(), for a source, which it takes over. */
int files_read(struct plan *plan, struct source *source,
    struct problems *problems);

/* file.c: reads what a file says, and what it includes. */
void files_enter(struct files *files, struct source *source,
    const struct file *outer);

/* include.c: reads the files that a value of `include' names. */
void files_include(struct files *files, const struct file *file,
    const struct node *value);

/* origin.c: checks the plan, and says where in the files it is wrong. */
void files_check(struct files *files);

#endif
