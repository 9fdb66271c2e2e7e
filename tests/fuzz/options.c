/* SPDX-License-Identifier: ISC */

/*
 * options.c - the command line, one argument a line of the input.
 *
 * What the program would tell of an error goes to a file in place of
 * standard error, and is looked at.
 */

#include <getopt.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/units.h"
#include "config/options.h"
#include "fuzz.h"

const char fuzz_name[] = "options";

#define ARGUMENTS_MAX	100

static const char hint[] =
    "\nTry 'muxproxy --help' for more information.\n";

/* Each run begins anew, also after one that ended within a word. */
static void
reset_getopt(void)
{
#ifdef __GLIBC__
	optind = 0;
#else
	optind = 1;
#if defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || \
    defined(__APPLE__)
	optreset = 1;
#endif
#endif
}

static bool
is_duration(uint64_t ms)
{
	return (ms <= DURATION_MAX_MS || ms == DURATION_OFF);
}

/* A plan to run has all that the program will take for granted. */
static void
check_plan(const struct plan *plan)
{
	const struct route *route = &plan->routes[0];
	char out[TARGET_TEXT_SIZE];
	size_t i;

	MUST(route->listen_count > 0);
	MUST(route->upstreams_count > 0 && route->upstreams_count <= 64);
	for (i = 0; i < route->listen_count; i++)
		MUST(*target_format(out, sizeof(out), &route->listen[i]) != 0);
	for (i = 0; i < route->upstreams_count; i++)
		MUST(*target_format(out, sizeof(out),
		    &route->upstreams[i]) != 0);
	MUST(is_duration(route->connect_timeout_ms) &&
	    route->connect_timeout_ms > 0 &&
	    route->connect_timeout_ms != DURATION_OFF);
	MUST(is_duration(route->idle_timeout_ms) &&
	    route->idle_timeout_ms > 0);
	MUST(is_duration(route->half_close_timeout_ms) &&
	    route->half_close_timeout_ms > 0);
	MUST(is_duration(plan->shutdown_timeout_ms));
	MUST(plan->connections_max <= 100000000);
	MUST(plan->pidfile == NULL || *plan->pidfile != '\0');
	MUST(plan->log.events.target == NULL ||
	    *plan->log.events.target != '\0');
}

/* One line that says what is wrong, and one that says where help is. */
static void
check_error(const char *text, size_t length)
{
	const size_t tail = sizeof(hint) - 1;
	size_t i;

	MUST(length > tail && strncmp(text, "muxproxy: ", 10) == 0);
	MUST(memcmp(text + length - tail, hint, tail) == 0);
	for (i = 10; i < length - tail; i++)
		MUST((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

static FILE *file;

/* What a sanitizer finds meanwhile is to be seen all the same. */
extern void __sanitizer_set_report_fd(void *fd) __attribute__((weak));

static void
keep_reports(void)
{
	if (__sanitizer_set_report_fd != NULL)
		__sanitizer_set_report_fd((void *)(intptr_t)dup(STDERR_FILENO));
}

static enum options_action
parse_quietly(struct plan *plan, int argc, char **argv)
{
	enum options_action action;
	int saved;

	(void)fflush(stderr);
	saved = dup(STDERR_FILENO);
	MUST(saved != -1);
	MUST(dup2(fileno(file), STDERR_FILENO) != -1);
	action = options_parse(plan, argc, argv);
	(void)fflush(stderr);
	MUST(dup2(saved, STDERR_FILENO) != -1);
	(void)close(saved);
	return (action);
}

static void
close_file(void)
{
	(void)fclose(file);
}

static void
check(int argc, char **argv)
{
	static char told[8192];
	struct plan *plan = plan_create();
	enum options_action action;
	off_t end;

	if (file == NULL) {
		keep_reports();
		file = tmpfile();
		MUST(file != NULL && atexit(close_file) == 0);
	}
	reset_getopt();
	action = parse_quietly(plan, argc, argv);
	end = lseek(fileno(file), 0, SEEK_CUR);
	MUST(end >= 0 && (size_t)end <= sizeof(told));
	if (action == OPTIONS_WRONG) {
		MUST(pread(fileno(file), told, sizeof(told), 0) >= end);
		check_error(told, (size_t)end);
		MUST(lseek(fileno(file), 0, SEEK_SET) == 0);
	} else
		MUST(end == 0 && action != OPTIONS_FAILED);
	if (action == OPTIONS_RUN)
		check_plan(plan);
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
	check(argc, argv);
	free(text);
	return (0);
}
