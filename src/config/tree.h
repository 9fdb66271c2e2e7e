/* SPDX-License-Identifier: ISC */

/*
 * tree.h - makes the tree of a source, node by node, in the text's order.
 *
 * What is too deep or too much is refused before it takes memory.  An alias is
 * a second way to the node of its anchor; how many nodes a walk through all of
 * them would meet is counted as they come, and how deep it would get, so that
 * who walks may do so by recursion.
 */

#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "config/source.h"

struct tree {
	struct source *source;
	struct problems *problems;
	struct node *open[SOURCE_DEPTH_MAX];	/* from the outermost */
	size_t depth;
	struct node *anchors[SOURCE_ANCHORS_MAX];
	size_t anchors_count;
	bool has_failed;	/* nothing more may be added */
};

/* What they return is the source's; NULL when it failed. */
struct node *tree_value(struct tree *tree, size_t offset, const char *text,
    size_t length, bool is_plain);
struct node *tree_open(struct tree *tree, size_t offset, enum node_kind kind);

void tree_close(struct tree *tree);	/* what was opened last */
void tree_anchor(struct tree *tree, struct node *node, const char *name,
    size_t length);
void tree_alias(struct tree *tree, size_t offset, const char *name,
    size_t length);

/* The place for a value that is not written, as after `key:'. */
size_t tree_next_place(const struct tree *tree);

void tree_refuse(struct tree *tree, size_t offset, const char *text);

#endif
