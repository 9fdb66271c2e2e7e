/* SPDX-License-Identifier: ISC */

/*
 * file.c - configuration files.
 *
 * Nothing is included, since that would read whatever there is; in its place
 * the text of each pattern is looked at.
 */

#include <stdbool.h>

#include "base/units.h"
#include "config/files.h"
#include "config/utf8.h"
#include "fuzz.h"

const char fuzz_name[] = "file";

/* In the place of include.c. */
void
files_include(struct files *files, const struct file *file,
    const struct node *value)
{
	const struct reading reading = { files->plan, files->problems,
	    file->source };

	free(reading_text(&reading, "include", value, "a path"));
}

static bool
is_duration(uint64_t ms)
{
	return (ms > 0 && (ms <= DURATION_MAX_MS || ms == DURATION_OFF));
}

static void
check_sorted(const struct prefix *list, size_t count)
{
	char out[PREFIX_TEXT_SIZE];
	size_t i;

	for (i = 0; i < count; i++)
		MUST(*prefix_format(out, sizeof(out), &list[i]) != '\0');
}

static void
check_route(const struct route *route)
{
	char out[TARGET_TEXT_SIZE];
	size_t i;

	MUST(route->name != NULL && *route->name != '\0');
	MUST(route->listen_count > 0);
	MUST(route->upstreams_count > 0);
	MUST(route->upstreams_count <= UPSTREAMS_MAX);
	for (i = 0; i < route->listen_count; i++)
		MUST(*target_format(out, sizeof(out), &route->listen[i]) != 0);
	for (i = 0; i < route->upstreams_count; i++)
		MUST(*target_format(out, sizeof(out),
		    &route->upstreams[i]) != 0);
	MUST(is_duration(route->connect_timeout_ms) &&
	    route->connect_timeout_ms != DURATION_OFF);
	MUST(is_duration(route->idle_timeout_ms));
	MUST(is_duration(route->half_close_timeout_ms));
	MUST(route->limits.ipv4_bits <= 32 && route->limits.ipv6_bits <= 128);
	MUST(route->client.dscp <= 63 && route->upstream.dscp <= 63);
	check_sorted(route->allow, route->allow_count);
	check_sorted(route->deny, route->deny_count);
}

/* A plan to run has all that the program will take for granted. */
static void
check_plan_is_whole(const struct plan *plan)
{
	size_t i;

	MUST(plan->routes_count > 0);
	MUST(plan->workers <= WORKERS_MAX);
	MUST(plan->connections_max <= CONNECTIONS_MAX);
	MUST(plan->pidfile == NULL || *plan->pidfile != '\0');
	MUST(plan->user == NULL || *plan->user != '\0');
	for (i = 0; i < plan->routes_count; i++)
		check_route(&plan->routes[i]);
}

static void
check_safe(const char *text)
{
	size_t left = strlen(text), bytes;
	uint32_t code;

	for (; left > 0; text += bytes, left -= bytes) {
		bytes = utf8_decode(text, left, &code);
		MUST(utf8_columns(code) >= 0);
	}
}

static void
check_problems(const struct problems *problems, size_t size)
{
	const struct problem *problem;
	size_t i;

	MUST(!problems->is_out_of_memory);
	for (i = 0; i < problems->count; i++) {
		problem = &problems->list[i];
		MUST(*problem->text != '\0');
		check_safe(problem->text);
		check_safe(problem->file);
		MUST(problem->line <= size + 1 && problem->column <= size + 1);
		if (problem->excerpt == NULL)
			continue;
		check_safe(problem->excerpt);
		MUST(problem->caret <= 2 * 8 + 100);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems problems = { .list = NULL };
	struct plan *plan = plan_create();
	struct source *source;
	int result = -1;

	MUST(plan != NULL);
	source = source_make("muxproxy.yaml", fuzz_text(data, size), size,
	    &problems);
	if (source != NULL)
		result = files_read(plan, source, &problems);
	MUST((result == 0) == (problems_count(&problems) == 0));
	check_problems(&problems, size);
	if (result == 0)
		check_plan_is_whole(plan);
	problems_free(&problems);
	plan_release(plan);
	return (0);
}
