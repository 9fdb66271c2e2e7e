/* SPDX-License-Identifier: ISC */

/* node.c - looking into the tree of a configuration file. */

#include <string.h>

#include "config/source.h"

bool
node_is_merge(const struct node *key)
{
	return (key->is_plain && strcmp(key->text, "<<") == 0);
}

/* From what is merged: one mapping, or a list of them. */
static const struct node *
find_merged(const struct node *merged, const char *name)
{
	const struct node *found = NULL;
	size_t i;

	if (merged->kind == NODE_MAPPING)
		return (node_find(merged, name));
	for (i = 0; i < merged->count && found == NULL; i++) {
		if (merged->kind == NODE_LIST &&
		    merged->children[i]->kind == NODE_MAPPING)
			found = node_find(merged->children[i], name);
	}
	return (found);
}

const struct node *
node_find(const struct node *mapping, const char *name)
{
	const struct node *found = NULL;
	size_t i;

	for (i = 0; i < mapping->count; i += 2) {
		if (strcmp(mapping->children[i]->text, name) == 0)
			return (mapping->children[i + 1]);
	}
	for (i = 0; i < mapping->count && found == NULL; i += 2) {
		if (node_is_merge(mapping->children[i]))
			found = find_merged(mapping->children[i + 1], name);
	}
	return (found);
}

const char *
node_kind_name(const struct node *node)
{
	switch (node->kind) {
	case NODE_LIST:
		return ("a list");
	case NODE_MAPPING:
		return ("a mapping");
	case NODE_VALUE:
		break;
	}
	return ("a single value");
}
