/* SPDX-License-Identifier: ISC */

/*
 * file.c - a configuration file, with all that it includes.
 *
 * A route begins as a copy of the defaults of its file, which begin as a copy
 * of those of the file that includes it.
 */

#include <stdlib.h>
#include <string.h>

#include "config/file.h"
#include "config/files.h"
#include "config/keys.h"

static struct reading
reading_of(const struct files *files, const struct file *file)
{
	return ((struct reading){ files->plan, files->problems,
	    file->source });
}

/* As the workers look through them, see prefixes_contain(). */
static void
sort_prefixes(struct route *route)
{
	route->allow_count = prefixes_sort((struct prefix *)(uintptr_t)
	    route->allow, route->allow_count);
	route->deny_count = prefixes_sort((struct prefix *)(uintptr_t)
	    route->deny, route->deny_count);
}

static void
read_defaults(struct files *files, struct file *file)
{
	const struct reading reading = reading_of(files, file);
	const struct key *key = keys_find(&keys_file, "defaults");
	const struct node *value = node_find(file->source->root, key->name);

	if (value == NULL)
		return;
	if (value->kind != NODE_MAPPING) {
		reading_wrong_kind(&reading, key->name, value, key->wants);
		return;
	}
	file->defaults = value;
	keys_read(&reading, key->inner, value, &file->route);
	sort_prefixes(&file->route);
}

static int
add_origin(struct files *files, const struct file *file,
    const struct node *value)
{
	const size_t count = files->routes_count;
	struct origin *larger;

	if ((count & (count - 1)) == 0) {	/* full: a power of two, or 0 */
		larger = realloc(files->origins,
		    (count == 0 ? 1 : 2 * count) * sizeof(*larger));
		if (larger == NULL)
			return (-1);
		files->origins = larger;
	}
	files->origins[files->routes_count++] = (struct origin){ file, value };
	return (0);
}

static void
read_route(struct files *files, const struct file *file,
    const struct node *value)
{
	const struct reading reading = reading_of(files, file);
	struct route *route;

	if (value->kind != NODE_MAPPING) {
		reading_wrong_kind(&reading, "a route", value,
		    "a mapping, such as {listen: 8888, upstreams: "
		    "localhost:9000}");
		return;
	}
	route = plan_add_route(files->plan);
	if (route == NULL || add_origin(files, file, value) == -1) {
		reading_out_of_memory(&reading);
		return;
	}
	*route = file->route;
	keys_read(&reading, &keys_route, value, route);
	sort_prefixes(route);
}

static void
read_routes(struct files *files, const struct file *file)
{
	const struct reading reading = reading_of(files, file);
	const struct key *key = keys_find(&keys_file, "routes");
	const struct node *value = node_find(file->source->root, key->name);
	size_t i;

	if (value == NULL)
		return;
	if (value->kind != NODE_LIST) {
		reading_wrong_kind(&reading, key->name, value, key->wants);
		return;
	}
	for (i = 0; i < value->count; i++)
		read_route(files, file, value->children[i]);
}

struct including {
	struct files *files;
	const struct file *file;
};

static void
include_one(const struct reading *reading, const struct node *value,
    void *context)
{
	struct including *including = context;

	(void)reading;
	files_include(including->files, including->file, value);
}

static void
read_includes(struct files *files, const struct file *file)
{
	const struct reading reading = reading_of(files, file);
	const struct key *key = keys_find(&keys_file, "include");
	const struct node *value = node_find(file->source->root, key->name);
	struct including including = { files, file };

	if (value != NULL)
		(void)keys_each(&reading, key, value, include_one, &including);
}

static void
read_root(struct files *files, struct file *file)
{
	const struct reading reading = reading_of(files, file);
	const struct node *root = file->source->root;

	/* that there is no route is found out later */
	if (root == NULL || reading_is_missing(root))
		return;
	if (root->kind != NODE_MAPPING) {
		reading_wrong_kind(&reading, "the file", root,
		    "a mapping of keys, such as routes: [{listen: 8888, "
		    "upstreams: localhost:9000}]");
		return;
	}
	keys_read(&reading, file->depth == 0 ? &keys_file : &keys_included,
	    root, files->plan);
	read_defaults(files, file);
	read_routes(files, file);
	read_includes(files, file);
}

void
files_enter(struct files *files, struct source *source,
    const struct file *outer)
{
	struct file *file;
	struct route *route;

	file = calloc(1, sizeof(*file));
	route = plan_add_route(files->plan);
	if (file == NULL || route == NULL) {
		files->problems->is_out_of_memory = true;
		problems_add(files->problems, source->path, 0, 0, NULL,
		    "out of memory");
		source_free(source);
		free(file);
		return;
	}
	/* it was only to see how one begins */
	file->route = outer == NULL ? *route : outer->route;
	files->plan->routes_count--;
	file->source = source;
	file->outer = outer;
	file->depth = outer == NULL ? 0 : outer->depth + 1;
	file->next = files->list;
	files->list = file;
	if (outer == NULL)
		files->main = file;
	read_root(files, file);
}

static void
files_free(struct files *files)
{
	struct file *file, *next;

	for (file = files->list; file != NULL; file = next) {
		next = file->next;
		source_free(file->source);
		free(file);
	}
	free(files->origins);
}

int
files_read(struct plan *plan, struct source *source, struct problems *problems)
{
	struct files files = { .plan = plan, .problems = problems,
	    .first_route = plan->routes_count };
	const size_t before = problems_count(problems);

	files_enter(&files, source, NULL);
	files_check(&files);
	files_free(&files);
	problems_sort(problems);
	return (problems_count(problems) == before ? 0 : -1);
}

int
file_read(struct plan *plan, const char *path, struct problems *problems)
{
	struct source *source;

	source = source_read(path, NULL, 0, problems);
	return (source == NULL ? -1 : files_read(plan, source, problems));
}
