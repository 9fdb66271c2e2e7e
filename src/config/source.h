/* SPDX-License-Identifier: ISC */

/*
 * source.h - a configuration file in memory: its text, and the tree of it.
 *
 * The tree is of our own making, and libfyaml is known to yaml.c alone: each
 * node knows its place in the text, and nothing is copied for an alias.
 */

#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/problems.h"

#define SOURCE_BYTES_MAX	(16 * 1024 * 1024)
#define SOURCE_NODES_MAX	1000000	/* an alias counts as what it stands for */
#define SOURCE_ANCHORS_MAX	1000
#define SOURCE_DEPTH_MAX	32	/* of lists and mappings in each other */

enum node_kind { NODE_VALUE, NODE_LIST, NODE_MAPPING };

struct node {
	struct node *next;	/* in a list of all, to be freed */
	enum node_kind kind;
	bool is_plain;		/* a value that is not quoted */
	size_t offset;		/* in the text; behind the quote, if any */
	size_t weight;		/* nodes that a walk through it meets */
	size_t height;		/* lists and mappings that it goes through */
	char *anchor;		/* NULL: none */
	char *text;		/* of a value, terminated */
	size_t length;		/* of text */
	struct node **children;	/* of a list, or keys and values in turn */
	size_t count;		/* of children */
};

struct source {
	struct source *next;
	char *path;		/* as it was named; <stdin> */
	char *text;		/* terminated, and valid UTF-8 without NUL */
	size_t length;
	uint64_t device, inode;	/* 0: not of a file */
	struct node *nodes;	/* all there are */
	struct node *root;	/* NULL: there is nothing in it */
};

/*
 * Reads the main file, standard input for `-'; or one that is named at an
 * offset of another, `from'.  NULL when that failed, with what is wrong in
 * *problems, as of the place that named it if it cannot be read.
 */
struct source *source_read(const char *path, const struct source *from,
    size_t offset, struct problems *problems);

/* Takes over text of `length' bytes and a byte more; NULL as above. */
struct source *source_make(const char *path, char *text, size_t length,
    struct problems *problems);

void source_free(struct source *source);

/* Adds what is wrong at an offset of the text. */
void source_problem(const struct source *source, size_t offset,
    struct problems *problems, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The number of the line that an offset is in, from 1. */
unsigned source_line(const struct source *source, size_t offset);

/*
 * The value of a key, also by merge keys, as a mapping of its own goes
 * before one that is merged, and an earlier one before a later; or NULL.
 */
const struct node *node_find(const struct node *mapping, const char *name);

/* Whether the key is `<<', whose value is merged into its mapping. */
bool node_is_merge(const struct node *key);

/* What it is, in words: a list, a mapping, a single value. */
const char *node_kind_name(const struct node *node);

/* yaml.c: makes the tree.  -1 when that failed, with what is wrong. */
int yaml_parse(struct source *source, struct problems *problems);

#endif
