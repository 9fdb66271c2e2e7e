/* SPDX-License-Identifier: ISC */

/* origin.c - where in its files a plan is wrong. */

#include <string.h>

#include "config/check.h"
#include "config/files.h"
#include "config/keys.h"

/* A place of one of the files. */
struct spot {
	const struct source *source;
	const struct node *node;
};

/* Follows a way such as `limits.per-source' from a mapping; or NULL. */
static const struct node *
follow(const struct node *node, const char *way)
{
	char name[64];
	size_t length;

	while (node != NULL && *way != '\0') {
		length = strcspn(way, ".");
		if (node->kind != NODE_MAPPING || length >= sizeof(name))
			return (NULL);
		memcpy(name, way, length);
		name[length] = '\0';
		node = node_find(node, name);
		way += length + (way[length] == '.' ? 1 : 0);
	}
	return (node);
}

static bool
has_origin(const struct files *files, size_t route)
{
	return (route != CHECK_NONE && route >= files->first_route &&
	    route - files->first_route < files->routes_count);
}

/* In the route, or in the defaults that it got it from. */
static bool
find_in_route(const struct origin *origin, const char *key, struct spot *spot)
{
	const struct file *file;

	*spot = (struct spot){ origin->file->source,
	    follow(origin->route, key) };
	for (file = origin->file; file != NULL && spot->node == NULL;
	    file = file->outer) {
		if (file->defaults != NULL)
			*spot = (struct spot){ file->source,
			    follow(file->defaults, key) };
	}
	return (spot->node != NULL);
}

/* False where nobody wrote it; the spot is then what it would be in. */
static bool
find_spot(const struct files *files, const struct check_place *place,
    struct spot *spot)
{
	const struct origin *origin;

	if (!has_origin(files, place->route)) {
		*spot = (struct spot){ files->main->source,
		    files->main->source->root };
		if (place->route == CHECK_NONE && spot->node != NULL)
			spot->node = follow(spot->node, place->key);
		return (spot->node != NULL);
	}
	origin = &files->origins[place->route - files->first_route];
	if (!find_in_route(origin, place->key, spot)) {
		*spot = (struct spot){ origin->file->source, origin->route };
		return (false);
	}
	if (spot->node->kind == NODE_LIST && place->index < spot->node->count)
		spot->node = spot->node->children[place->index];
	return (true);
}

/*
 * What is missing may stand there under a wrong name, which has been told of;
 * and what is written and yet missing was wrong itself.
 */
static bool
is_known_to_lack(const struct files *files, const struct check_place *place,
    bool is_written)
{
	const struct node *route;
	size_t i;

	if (!has_origin(files, place->route))
		return (problems_count(files->problems) > 0);
	route = files->origins[place->route - files->first_route].route;
	for (i = 0; i < route->count; i += 2) {
		if (!node_is_merge(route->children[i]) &&
		    keys_find(&keys_route, route->children[i]->text) == NULL)
			return (true);
	}
	return (is_written && problems_count(files->problems) > 0);
}

/* Says where the other one is, from the view of the first. */
static void
describe(char *out, size_t size, const struct spot *spot,
    const struct spot *other)
{
	unsigned line = source_line(other->source, other->node->offset);

	if (other->source == spot->source)
		(void)snprintf(out, size, " (line %u)", line);
	else
		(void)snprintf(out, size, " (%.200s:%u)", other->source->path,
		    line);
}

static void
on_problem(void *context, const struct check_place *place,
    const struct check_place *earlier, bool is_missing, const char *text)
{
	struct files *files = context;
	struct spot spot, other;
	char where[256] = "";
	bool is_written, other_is_written = true;

	is_written = find_spot(files, place, &spot);
	if (earlier != NULL) {
		other_is_written = find_spot(files, earlier, &other);
		if (other.node != NULL && spot.node != NULL)
			describe(where, sizeof(where), &spot, &other);
	}
	if (is_missing && is_known_to_lack(files, place, is_written))
		return;
	/* two routes that are named after one listener: that is told of */
	if (!is_written && !other_is_written)
		return;
	if (spot.node == NULL)
		problems_add(files->problems, spot.source->path, 0, 0, NULL,
		    "%s", text);
	else
		source_problem(spot.source, spot.node->offset,
		    files->problems, "%s%s", text, where);
}

void
files_check(struct files *files)
{
	if (files->main == NULL)
		return;
	if (check_plan(files->plan, on_problem, files) == -1) {
		files->problems->is_out_of_memory = true;
		problems_add(files->problems, files->main->source->path, 0, 0,
		    NULL, "out of memory");
	}
}
