/* SPDX-License-Identifier: ISC */

/*
 * test-print.c - a plan that is printed and read again is the same.
 *
 * Plans are random, from a new seed each time; MUX_TEST_SEED=SEED repeats one
 * plan, and MUX_TEST_PLANS=COUNT has more of them.
 */

#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/file.h"
#include "config/print.h"
#include "plans.h"
#include "tap.h"
#include "units.h"

#ifdef HAVE_FYAML

#define PLANS	300

static void
write_file(const char *path, const struct plan *plan)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		bail_out(path);
	if (plan_write(file, plan) != NULL || fclose(file) != 0)
		bail_out("plan_write");
}

static void
show_file(const char *path)
{
	char line[1024];
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		diag("%.*s", (int)strcspn(line, "\n"), line);
	(void)fclose(file);
}

/* NULL when it is the same, else what is not. */
static const char *
read_again(const char *path, const struct plan *plan)
{
	struct problems problems = { .list = NULL };
	struct plan *again = plan_create();
	const char *what = "it can be read";

	if (again == NULL)
		bail_out("plan_create");
	(void)file_read(again, path, &problems);
	if (problems_count(&problems) == 0)
		what = plans_differ(plan, again);
	else
		problems_print(&problems, stdout, false);
	plan_release(again);
	problems_free(&problems);
	return (what);
}

static bool
round_trip(const char *path, uint64_t seed)
{
	struct plan *plan = plans_any(seed);
	const char *what;

	write_file(path, plan);
	what = read_again(path, plan);
	plan_release(plan);
	if (what == NULL)
		return (true);
	diag("MUX_TEST_SEED=%" PRIu64 ": %s", seed, what);
	show_file(path);
	return (false);
}

static void
test_trips(void)
{
	char path[] = "/tmp/muxproxy-print-XXXXXX";
	const char *one = getenv("MUX_TEST_SEED");
	const char *many = getenv("MUX_TEST_PLANS");
	uint64_t seed = one != NULL ? strtoull(one, NULL, 10) :
	    ((uint64_t)time(NULL) << 20) + (uint64_t)getpid();
	unsigned long count = one != NULL ? 1 :
	    many != NULL ? strtoul(many, NULL, 10) : PLANS, good = 0;
	const int fd = mkstemp(path);

	if (fd == -1)
		bail_out(path);
	(void)close(fd);
	diag("MUX_TEST_SEED=%" PRIu64, seed);
	while (good < count && round_trip(path, seed + good))
		good++;
	ok(good == count, "plans are read as they were printed");
	(void)unlink(path);
}

#else

static void
test_trips(void)
{
	skip("this build reads no files", "plans are read again");
}

#endif

/* A path that YAML cannot have is told, whole. */
static void
test_unfit(void)
{
	static const struct target upstream = { .kind = TARGET_BUILTIN };
	static const struct target listen = { .kind = TARGET_UNIX,
	    .path = "/\xff" };
	struct plan *plan = plan_create();
	struct route *route = plan != NULL ? plan_add_route(plan) : NULL;
	FILE *file = fopen("/dev/null", "w");
	const char *unfit;

	if (route == NULL || file == NULL)
		bail_out("plan_create");
	route->name = "a";
	route->listen = &listen;
	route->upstreams = &upstream;
	route->listen_count = route->upstreams_count = 1;
	unfit = plan_write(file, plan);
	ok(unfit != NULL && strcmp(unfit, "/\xff") == 0, "what is not UTF-8");
	(void)fclose(file);
	plan_release(plan);
}

void
test_print(void)
{
	test_trips();
	test_unfit();
}
