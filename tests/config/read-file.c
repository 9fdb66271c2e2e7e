/* SPDX-License-Identifier: ISC */

/*
 * read-file.c - reads a configuration file, for tests from the outside.
 *
 *	read-file FILE		what is wrong with it, on standard output
 *	read-file --keys	the keys there are, with the way to each
 *
 * Ends with 0, or with 78 when the file is wrong.
 */

#include <stdio.h>
#include <string.h>

#include "config/file.h"
#include "config/keys.h"

#define STATUS_CONFIG	78

static void
print_key(const char *path, void *context)
{
	(void)context;
	(void)puts(path);
}

int
main(int argc, char **argv)
{
	struct problems problems = { .list = NULL };
	struct plan *plan;
	int result;

	if (argc != 2)
		return (2);
	if (strcmp(argv[1], "--keys") == 0) {
		keys_visit(&keys_file, print_key, NULL);
		return (0);
	}
	plan = plan_create();
	if (plan == NULL)
		return (71);
	result = file_read(plan, argv[1], &problems);
	problems_print(&problems, stdout, problems_wants_color(stdout));
	if (result == 0)
		(void)printf("%zu routes\n", plan->routes_count);
	problems_free(&problems);
	plan_release(plan);
	return (result == 0 ? 0 : STATUS_CONFIG);
}
