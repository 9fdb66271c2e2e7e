/* SPDX-License-Identifier: ISC */

/* review.c - what is wrong with a plan that each option alone allows. */

#include <string.h>

#include "config/check.h"
#include "config/review.h"

/* What the keys of a file are on the command line. */
static const char *
option_of(const char *key)
{
	static const char *const options[][2] = {
		{ "listen", "LISTEN" },
		{ "limits.per-source", "--per-source" },
		{ "allow", "--allow" },
		{ "log.format", "--log-format" },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(options[i][0], key) == 0)
			return (options[i][1]);
	}
	return (key);
}

static void
report(void *context, const struct check_place *place,
    const struct check_place *earlier, bool is_missing, const char *text)
{
	struct command *command = context;
	const struct route *routes = command->plan->routes;
	char name[TARGET_TEXT_SIZE];

	(void)earlier;
	(void)is_missing;
	/* two of one name listen on the same, which is told */
	if (strcmp(place->key, "name") == 0)
		return;
	if (strcmp(place->key, "upstreams") == 0 &&
	    place->index < routes[place->route].upstreams_count)
		command_wrong(command, "UPSTREAM '%s': %s", target_format(name,
		    sizeof(name), &routes[place->route].upstreams[place->index]),
		    text);
	else
		command_wrong(command, "%s: %s", option_of(place->key), text);
}

void
review_routes(struct command *command)
{
	if (problems_count(command->problems) == 0 &&
	    !command->is_out_of_memory &&
	    check_plan(command->plan, report, command) == -1)
		command->is_out_of_memory = true;
}

void
review_limits(struct command *command)
{
	const struct plan *plan = command->plan;
	const struct route *route;
	size_t i;

	if (problems_count(command->problems) > 0 ||
	    plan->connections_max == 0)
		return;
	for (i = 0; i < plan->routes_count; i++) {
		route = &plan->routes[i];
		if (route->limits.connections_max > plan->connections_max)
			command_wrong(command, "--max-connections '%llu': the "
			    "limit of route '%s' is %llu, which can never be "
			    "reached then",
			    (unsigned long long)plan->connections_max,
			    route->name,
			    (unsigned long long)route->limits.connections_max);
	}
}

/* A daemon leaves the directory that relative paths are meant from. */
static void
check_path(struct command *command, const char *path)
{
	if (path != NULL && path[0] != '/')
		command_wrong(command, "'%s': with --daemon a path must begin "
		    "with a slash", path);
}

static void
check_targets(struct command *command, const struct target *targets,
    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (targets[i].kind == TARGET_UNIX)
			check_path(command, targets[i].path);
	}
}

static void
check_log(struct command *command, const char *target)
{
	if (target == NULL)
		return;
	if (strcmp(target, "stderr") == 0)
		command_wrong(command, "--log stderr: a daemon has no standard "
		    "error; write syslog or the path of a file");
	else if (strchr(target, '/') != NULL)
		check_path(command, target);
}

void
review_daemon(struct command *command)
{
	const struct plan *plan = command->plan;
	size_t i;

	if (!plan->is_daemon)
		return;
	check_path(command, plan->file);
	check_path(command, plan->pidfile);
	check_log(command, plan->log.events.target);
	check_log(command, plan->log.sessions.target);
	for (i = 0; i < plan->routes_count; i++) {
		check_targets(command, plan->routes[i].listen,
		    plan->routes[i].listen_count);
		check_targets(command, plan->routes[i].upstreams,
		    plan->routes[i].upstreams_count);
	}
}
