/* SPDX-License-Identifier: ISC */

/* options.c - the command line, one argument a line of the input. */

#include <stdbool.h>

#include "base/units.h"
#include "config/options.h"
#include "fuzz.h"

const char fuzz_name[] = "options";

#define ARGUMENTS_MAX	100

static bool
is_duration(uint64_t ms)
{
	return (ms <= DURATION_MAX_MS || ms == DURATION_OFF);
}

static void
check_targets(const struct target *targets, size_t count)
{
	char out[TARGET_TEXT_SIZE];
	size_t i;

	MUST(count > 0);
	for (i = 0; i < count; i++)
		MUST(*target_format(out, sizeof(out), &targets[i]) != 0);
}

/* A plan to run has all that the program will take for granted. */
static void
check_route(const struct route *route)
{
	char why[TARGET_PAIRS_SIZE];
	size_t i, j;

	check_targets(route->listen, route->listen_count);
	check_targets(route->upstreams, route->upstreams_count);
	MUST(route->upstreams_count <= UPSTREAMS_MAX && *route->name != '\0');
	for (i = 0; i < route->listen_count; i++) {
		for (j = 0; j < route->upstreams_count; j++)
			MUST(target_pairs(&route->listen[i],
			    &route->upstreams[j], why, sizeof(why)));
		for (j = 0; j < i; j++)
			MUST(!target_overlaps(&route->listen[i],
			    &route->listen[j]));
	}
	MUST(is_duration(route->connect_timeout_ms) &&
	    route->connect_timeout_ms > 0 &&
	    route->connect_timeout_ms != DURATION_OFF);
	MUST(is_duration(route->idle_timeout_ms) &&
	    route->idle_timeout_ms > 0);
	MUST(is_duration(route->half_close_timeout_ms) &&
	    route->half_close_timeout_ms > 0);
	MUST(route->limits.per_source_max <= CONNECTIONS_MAX);
	MUST(route->limits.accept_rate.count <= RATE_COUNT_MAX);
}

static void
check_plan(const struct plan *plan)
{
	size_t i, j;

	MUST(plan->routes_count > 0);
	for (i = 0; i < plan->routes_count; i++) {
		check_route(&plan->routes[i]);
		for (j = 0; j < i; j++)
			MUST(strcmp(plan->routes[i].name,
			    plan->routes[j].name) != 0);
	}
	MUST(is_duration(plan->shutdown_timeout_ms));
	MUST(plan->connections_max <= CONNECTIONS_MAX);
	MUST(plan->workers <= WORKERS_MAX);
	MUST(plan->pidfile == NULL || *plan->pidfile != '\0');
	MUST(plan->user == NULL || *plan->user != '\0');
	MUST(plan->log.events.target == NULL ||
	    *plan->log.events.target != '\0');
}

static void
check_problems(const struct problems *problems)
{
	size_t i, j;
	const char *text;

	for (i = 0; i < problems->count; i++) {
		text = problems->list[i].text;
		MUST(*text != '\0');
		for (j = 0; text[j] != '\0'; j++)
			MUST((unsigned char)text[j] >= ' ' && text[j] != 0x7f);
	}
}

/* No file is read: what it names is not of this test. */
static bool
names_file(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--co", 4) == 0 || (argv[i][0] == '-' &&
		    argv[i][1] != '-' && strchr(argv[i], 'f') != NULL))
			return (true);
	}
	return (false);
}

static void
check(int argc, char **argv)
{
	struct problems problems = { .list = NULL };
	struct plan *plan = plan_create();
	enum options_action action;

	MUST(plan != NULL);
	action = options_parse(plan, argc, argv, &problems);
	check_problems(&problems);
	MUST(action != OPTIONS_FAILED && action != OPTIONS_WRONG_FILE);
	MUST((action == OPTIONS_WRONG) == (problems_count(&problems) > 0));
	if (action == OPTIONS_RUN || action == OPTIONS_CHECK ||
	    action == OPTIONS_CHECK_QUIETLY || action == OPTIONS_DUMP)
		check_plan(plan);
	problems_free(&problems);
	plan_release(plan);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "muxproxy";
	char *argv[ARGUMENTS_MAX + 2] = { name };
	char *text = fuzz_text(data, size), *at;
	int argc = 1;

	for (at = text; at != NULL && argc <= ARGUMENTS_MAX; ) {
		argv[argc++] = at;
		at = strchr(at, '\n');
		if (at != NULL)
			*at++ = '\0';
	}
	argv[argc] = NULL;
	if (!names_file(argc, argv))
		check(argc, argv);
	free(text);
	return (0);
}
