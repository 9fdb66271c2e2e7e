/* SPDX-License-Identifier: ISC */

/* tree.c - makes the tree of a source, node by node. */

#include <stdlib.h>
#include <string.h>

#include "config/tree.h"

static const char too_deep[] = "lists and mappings are nested too deeply";

void
tree_refuse(struct tree *tree, size_t offset, const char *text)
{
	source_problem(tree->source, offset, tree->problems, "%s", text);
	tree->has_failed = true;
}

static void
out_of_memory(struct tree *tree)
{
	tree->problems->is_out_of_memory = true;
	tree->has_failed = true;
}

static char *
copy_of(const char *text, size_t length)
{
	char *copy;

	copy = malloc(length + 1);
	if (copy == NULL)
		return (NULL);
	memcpy(copy, text, length);
	copy[length] = '\0';
	return (copy);
}

static struct node *
node_create(struct tree *tree, enum node_kind kind, size_t offset)
{
	struct node *node;

	node = calloc(1, sizeof(*node));
	if (node == NULL) {
		out_of_memory(tree);
		return (NULL);
	}
	node->kind = kind;
	node->offset = offset;
	node->weight = 1;
	node->next = tree->source->nodes;
	tree->source->nodes = node;
	return (node);
}

static int
append_child(struct node *parent, struct node *child)
{
	const size_t count = parent->count;
	struct node **children;

	if ((count & (count - 1)) == 0) {	/* full: a power of two, or 0 */
		children = realloc(parent->children,
		    (count == 0 ? 1 : 2 * count) * sizeof(struct node *));
		if (children == NULL)
			return (-1);
		parent->children = children;
	}
	parent->children[parent->count++] = child;
	return (0);
}

/* Puts a node where it belongs; `offset' is where it is met. */
static void
place(struct tree *tree, struct node *node, size_t offset)
{
	struct node *parent;

	if (tree->depth == 0) {
		tree->source->root = node;
		return;
	}
	parent = tree->open[tree->depth - 1];
	if (parent->kind == NODE_MAPPING && parent->count % 2 == 0 &&
	    node->kind != NODE_VALUE)
		tree_refuse(tree, offset, "a key must be a single word; "
		    "a value that has { or [ in it has to be quoted");
	else if (append_child(parent, node) == -1)
		out_of_memory(tree);
}

/* What is complete counts for all that it is in, once that is complete. */
static void
complete(struct tree *tree, const struct node *node, size_t offset)
{
	struct node *parent;

	if (tree->depth == 0)
		return;
	parent = tree->open[tree->depth - 1];
	parent->weight += node->weight;
	if (parent->height <= node->height)
		parent->height = node->height + 1;
	if (parent->weight > SOURCE_NODES_MAX)
		tree_refuse(tree, offset, "with what its aliases stand for, "
		    "the file has more than a million values");
}

struct node *
tree_value(struct tree *tree, size_t offset, const char *text, size_t length,
    bool is_plain)
{
	struct node *node;

	if (memchr(text, '\0', length) != NULL) {
		tree_refuse(tree, offset, "there is a NUL in this text");
		return (NULL);
	}
	node = node_create(tree, NODE_VALUE, offset);
	if (node == NULL)
		return (NULL);
	node->is_plain = is_plain;
	node->length = length;
	node->text = copy_of(text, length);
	if (node->text == NULL) {
		out_of_memory(tree);
		return (NULL);
	}
	place(tree, node, offset);
	complete(tree, node, offset);
	return (node);
}

struct node *
tree_open(struct tree *tree, size_t offset, enum node_kind kind)
{
	struct node *node;

	if (tree->depth == SOURCE_DEPTH_MAX) {
		tree_refuse(tree, offset, too_deep);
		return (NULL);
	}
	node = node_create(tree, kind, offset);
	if (node == NULL)
		return (NULL);
	node->height = 1;
	place(tree, node, offset);
	tree->open[tree->depth++] = node;
	return (node);
}

void
tree_close(struct tree *tree)
{
	const struct node *node;

	if (tree->depth == 0)
		return;
	node = tree->open[--tree->depth];
	complete(tree, node, node->offset);
}

void
tree_anchor(struct tree *tree, struct node *node, const char *name,
    size_t length)
{
	if (tree->anchors_count == SOURCE_ANCHORS_MAX) {
		tree_refuse(tree, node->offset,
		    "there are more than a thousand anchors");
		return;
	}
	free(node->anchor);
	node->anchor = copy_of(name, length);
	if (node->anchor == NULL)
		out_of_memory(tree);
	else
		tree->anchors[tree->anchors_count++] = node;
}

static bool
is_open(const struct tree *tree, const struct node *node)
{
	size_t i;

	for (i = 0; i < tree->depth; i++) {
		if (tree->open[i] == node)
			return (true);
	}
	return (false);
}

/* The anchor that was set last under this name; NULL: none. */
static struct node *
find_anchor(const struct tree *tree, const char *name, size_t length)
{
	const char *anchor;
	size_t i;

	for (i = tree->anchors_count; i > 0; i--) {
		anchor = tree->anchors[i - 1]->anchor;
		if (strlen(anchor) == length &&
		    memcmp(anchor, name, length) == 0)
			return (tree->anchors[i - 1]);
	}
	return (NULL);
}

/* Who writes *:8888 means no alias. */
static void
refuse_alias(struct tree *tree, size_t offset, const char *name, size_t length)
{
	const int shown = length > 60 ? 60 : (int)length;

	source_problem(tree->source, offset, tree->problems,
	    length > 0 && name[0] == ':' ?
	    "to YAML, this is an alias; quote it: \"*%.*s\"" :
	    "there is no anchor &%.*s before this alias", shown, name);
	tree->has_failed = true;
}

void
tree_alias(struct tree *tree, size_t offset, const char *name, size_t length)
{
	struct node *node = find_anchor(tree, name, length);

	if (node == NULL) {
		refuse_alias(tree, offset, name, length);
	} else if (is_open(tree, node)) {
		tree_refuse(tree, offset,
		    "this alias is within the value that it stands for");
	} else if (tree->depth + node->height > SOURCE_DEPTH_MAX) {
		tree_refuse(tree, offset, too_deep);
	} else {
		place(tree, node, offset);
		complete(tree, node, offset);
	}
}

size_t
tree_next_place(const struct tree *tree)
{
	const struct node *parent;

	if (tree->depth == 0)
		return (0);
	parent = tree->open[tree->depth - 1];
	return (parent->count == 0 ? parent->offset :
	    parent->children[parent->count - 1]->offset);
}
