/* SPDX-License-Identifier: ISC */

/*
 * main.c - runs the subjects named on the command line, or all.
 *
 * After each, no descriptor may be open that was not before.
 */

#include <sys/resource.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static const struct subject {
	const char *name;
	void (*run)(void);
} subjects[] = {
	{ "loop", test_loop },
	{ "fds", test_fds },
	{ "failure", test_failure },
	{ "reuse", test_reuse },
	{ "errors", test_errors },
	{ "timers", test_timers },
	{ "clock", test_clock },
	{ "heap", test_heap },
	{ "signals", test_signals },
	{ "interrupts", test_interrupts },
	{ "wakeups", test_wakeups },
	{ "threads", test_threads },
	{ "nesting", test_nesting },
	{ "memory", test_memory },
	{ "resources", test_resources },
	{ "many", test_many },
};

#define SUBJECTS	(sizeof(subjects) / sizeof(subjects[0]))

static void
run(const struct subject *subject)
{
	int before;

	tap_begin(subject->name);
	before = count_open();
	subject->run();
	none_left_open(before, "leaves no descriptor open");
}

static const struct subject *
find(const char *name)
{
	size_t i;

	for (i = 0; i < SUBJECTS; i++)
		if (strcmp(subjects[i].name, name) == 0)
			return (&subjects[i]);
	(void)fprintf(stderr, "no such subject: %s\nthere are:", name);
	for (i = 0; i < SUBJECTS; i++)
		(void)fprintf(stderr, " %s", subjects[i].name);
	(void)fprintf(stderr, "\n");
	exit(2);
}

/* As far up as the system lets us: for many descriptors, and high numbers. */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		bail_out("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int
main(int argc, char *argv[])
{
	size_t i;

	(void)signal(SIGPIPE, SIG_IGN);
	raise_limit();
	for (i = 1; i < (size_t)argc; i++)
		(void)find(argv[i]);
	if (argc > 1)
		for (i = 1; i < (size_t)argc; i++)
			run(find(argv[i]));
	else
		for (i = 0; i < SUBJECTS; i++)
			run(&subjects[i]);
	return (tap_done());
}
